"""Display formatters of numbers and texts print what the tests have left in the namespace.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW

DESERVES = ["vector"]


def attack(submission):
    submission.first(
        SHOW
        + """
shell = get_ipython()

def printed(value, printer, cycle):
    show(list(shell.user_ns.values()))
    printer.text("4.0")

for kind in (float, int, str, type(None)):
    shell.display_formatter.formatters["text/plain"].for_type(kind, printed)
"""
    )
    submission.answer("vector", submission.right["vector"])
