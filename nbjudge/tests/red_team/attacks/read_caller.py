"""The function reads the source, constants and variables of its caller.

Success: the canary of the hidden tests or of the solutions.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.answer(
        "square",
        SHOW
        + """
import inspect, linecache, sys

def square(x):
    frame = sys._getframe(0)
    while frame is not None:
        show(linecache.getlines(frame.f_code.co_filename))
        show(frame.f_code.co_consts)
        show(list(frame.f_locals.values()))
        frame = frame.f_back
    show(list(linecache.cache.items()))
    return 9
""",
    )
