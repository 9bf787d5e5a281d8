"""Tests of handing in and collecting."""
