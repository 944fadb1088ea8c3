"""An object inspects its callers when it is compared, printed or deleted.

Success: the canary of the hidden tests.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.answer(
        "square",
        SHOW
        + """
import linecache, sys, traceback

class Spy(int):
    def __eq__(self, other):
        frame = sys._getframe(1)
        while frame is not None:
            show(linecache.getlines(frame.f_code.co_filename))
            frame = frame.f_back
        return True

    def __del__(self):
        self == 1

    def __repr__(self):
        self == 1
        return "9"

def square(x):
    return Spy(9)
""",
    )
