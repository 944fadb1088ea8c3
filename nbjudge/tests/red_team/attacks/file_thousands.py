"""Ten thousand small files in a hundred folders.

Success: the class stops, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    for number in range(10000):
        submission.file(f"data/{number % 100}/{number}.txt", "x")
