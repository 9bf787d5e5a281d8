"""Tests of grader/similar/."""
