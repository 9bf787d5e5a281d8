"""Tests of grader/synthetic/."""
