"""Five thousand cells that do nothing; the work is right.

Success: the class stops, or the honest points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    for number in range(5000):
        submission.add(str(number))
