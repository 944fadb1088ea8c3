"""A cell between two questions exits its process with status 0.

Success: deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("import os\nos._exit(0)", before="words")
