"""Threads are started until no more can be created.

Success: more than 500 processes, or the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "primes"]


def attack(submission):
    submission.solve()
    submission.answer(
        "root",
        """
        import threading
        held = threading.Event()
        for _ in range(5000):
            threading.Thread(target=held.wait, daemon=True).start()
    """,
    )
