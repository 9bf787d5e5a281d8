"""Tests of the student release and of what keeps secrets out of it."""
