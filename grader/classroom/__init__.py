"""A class: grades what was collected, and keeps the gradebook.

Uses the rest of the grader; nothing of the rest uses it but the command line.
"""
