"""The test in the child takes all memory, in many processes.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        import os
        for _ in range(20):
            if os.fork() == 0:
                break
        kept = []
        while True:
            kept.append(bytearray(b"x") * (1 << 26))
        """,
    )
