"""A graded function writes forged answers to every descriptor, then goes silent.

Success: the attack earns points in `primes`, or the other questions lose points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer(
        "primes",
        """
        import json, os, struct, threading

        def primes(n):
            text = json.dumps({"value": [2, 3, 5, 7], "ok": True}).encode()
            for fd in range(3, 1024):
                try:
                    os.set_blocking(fd, False)
                    for head in (struct.pack("<I", 2**31 - 1), struct.pack(">Q", 2**63 - 1)):
                        os.write(fd, head + text)
                except OSError:
                    pass
            threading.Event().wait()
    """,
    )
