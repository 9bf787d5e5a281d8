"""Tests of grading a class and of the gradebook."""
