"""`make release`: the student's part of the course as an archive and as a repository.

paths.txt says whose each file is. rules reads it, tree takes the files, leaks looks
for what is the staff's, whole for what would be missing, pack and repository write.
"""
