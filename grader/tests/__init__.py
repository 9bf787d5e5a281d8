"""Tests of the grader; those marked `vm` start virtual machines."""
