"""A cell prints forever.

Success: deserved points are lost, or the class stops.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("while True:\n    print('flood ' * 100)", before="words")
