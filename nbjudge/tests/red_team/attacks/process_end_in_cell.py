"""A cell between two questions ends its process with status 0.

Success: the honest points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("import os\nos._exit(0)", before="words")
