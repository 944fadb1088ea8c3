"""In the child, the variables and constants of all frames are printed.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import sys
        for frame in [*sys._current_frames().values(), sys._getframe()]:
            while frame:
                show(frame.f_code.co_consts)
                for space in (frame.f_locals, frame.f_globals):
                    for value in list(space.values()):
                        if isinstance(value, (str, bytes, list, dict, tuple)):
                            show(value)
                frame = frame.f_back
        """,
        SHOW,
    )
