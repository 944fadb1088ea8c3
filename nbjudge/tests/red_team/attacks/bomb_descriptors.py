"""A cell writes to the descriptors 1 and 2 for ever, and so does a process that it leaves.

Success: the other questions lose points, the class stops, or something is alive.
"""

from tests.red_team.submission import FLOOD

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("import subprocess\nsubprocess.Popen(['yes', 'flood'])", before="words")
    submission.add(FLOOD.format(1), before="total")
