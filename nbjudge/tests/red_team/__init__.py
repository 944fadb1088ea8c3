"""Attacks on grading and honest oddities, and the harness that tries both on graders.

`python -m tests.red_team --help` says how to run it, README.md how to add an attack.
"""
