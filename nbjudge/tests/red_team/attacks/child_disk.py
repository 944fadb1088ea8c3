"""The test in the child fills every folder.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child(
        """
        for number in range(60):
            for folder in (".", "/tmp", "/dev/shm", "/var/tmp"):
                try:
                    with open(f"{folder}/fill{number}", "wb") as file:
                        for _ in range(50):
                            file.write(bytes(1 << 20))
                except OSError:
                    pass
        """,
    )
