"""The grader of KDLP Part 2: stages, builds, boots, tests, judges and reports.

`python3 -m grader VERB` is its face; the Makefile's verbs call nothing else.
"""
