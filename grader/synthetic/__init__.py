"""A class that nobody is in: hand-ins whose true grade is known, made from a seed.

`make check` grades a few of them from their mails on, `make bench` a whole class.
"""
