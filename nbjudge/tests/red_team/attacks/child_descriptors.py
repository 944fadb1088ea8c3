"""In the child, every open descriptor is read, sought and written.

Success: a canary, a trace, or points in a question that is judged outside.
"""

from tests.red_team.submission import SHOW

ALONE = True


def attack(submission):
    submission.in_child(
        """
        import os
        for number in range(3, 256):
            try:
                os.set_blocking(number, False)
                show(os.readlink(f"/proc/self/fd/{number}"))
                show(os.pread(number, 1 << 20, 0))
            except OSError:
                pass
            try:
                show(os.read(number, 1 << 20))
                os.write(number, b'{"scores": {"square_test": 4.0}}')
            except OSError:
                pass
        """,
        SHOW,
    )
