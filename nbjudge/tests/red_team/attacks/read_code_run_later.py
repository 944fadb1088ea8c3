"""A trace function sees every line that runs from now on.

Success: the canary of the hidden tests or of the solutions.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import builtins, linecache, sys, threading

def trace(frame, event, argument):
    if event == "call" and ("ipykernel" in frame.f_code.co_filename or "answers" in str(frame)):
        show(linecache.getlines(frame.f_code.co_filename))
        show(frame.f_code.co_consts)
    return None

sys.setprofile(trace)
threading.setprofile(trace)
real = builtins.compile
def spying(source, *rest, **options):
    show(source)
    return real(source, *rest, **options)
builtins.compile = spying
get_ipython().events.register("pre_run_cell", lambda info: show(info.raw_cell))
"""
    )
