"""A cell writes to file descriptors 1 and 2 forever, and so does a process that it starts.

Success: the other questions lose points, the class stops, or a process survives.
"""

from tests.red_team.submission import FLOOD

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("import subprocess\nsubprocess.Popen(['yes', 'flood'])", before="words")
    submission.add(FLOOD.format(1), before="total")
