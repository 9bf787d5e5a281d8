"""Handing in and collecting: series of patches by mail, from `make submit` to a
stored version that a class grader takes up.

Uses the grader's stage, build and grade; nothing there knows of this package.
"""
