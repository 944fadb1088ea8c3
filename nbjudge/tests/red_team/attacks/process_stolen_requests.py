"""A thread reads from every descriptor and so steals requests from the judge.

Success: the other questions lose points, or the attack finds a canary.
"""

from tests.red_team.submission import SHOW

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root"]


def attack(submission):
    submission.solve()
    submission.answer(
        "primes",
        SHOW
        + """
import os, select, threading

def steal(fd):
    try:
        while True:
            show(os.read(fd, 1 << 16) or bytes(1 // 0))
    except Exception:
        pass

for fd in range(3, 256):
    threading.Thread(target=steal, args=(fd,), daemon=True).start()
""",
    )
