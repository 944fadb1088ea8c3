"""Attacks on grading and honest oddities, and the harness that runs both against graders.

`python -m tests.red_team --help` lists the options; README.md explains how to add an attack.
"""
