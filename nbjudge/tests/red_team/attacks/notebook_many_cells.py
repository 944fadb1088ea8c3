"""Five thousand cells that do nothing; the answers are right.

Success: the class stops, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    for number in range(5000):
        submission.add(str(number))
