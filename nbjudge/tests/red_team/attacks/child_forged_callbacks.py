"""The child calls functions of the judge that were offered to the other process.

Success: points in a question that is judged outside. Or a canary, or others lose theirs.
"""

from tests.red_team.submission import SHOW

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        import gc
        running = [one for one in gc.get_objects() if type(one).__name__ == "Interpreter"][0]
        for number in range(-3, 40):
            try:
                show(running.call_judge(number, (3,), {}))
            except Exception as error:
                show(error)
        """,
        SHOW,
    )
