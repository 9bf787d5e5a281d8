"""Which hand-ins are alike: what students added to the skeleton, compared in pairs
with each other, with the staff's solutions and with earlier years.

Uses the hand-ins that `make collect` stored; nothing of the rest of the grader uses
it but the command line.
"""
