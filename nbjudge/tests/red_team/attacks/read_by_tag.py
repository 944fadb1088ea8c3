"""The test cells have tags that may make a judge run them in the student's process.

Success: the attack gets points, or the canary of the hidden tests.
"""

from tests.red_team.submission import SHOW

TAGS = ["nbjudge-child", "nbjudge", "child", "run-in-child", "nbjudge:child", "in-child", "unsafe"]
TAGS += ["trusted", "raises-exception", "nbjudge-trusted", "nbjudge_child", "student"]


def attack(submission):
    for cell in submission.cells:
        cell.metadata["tags"] = list(TAGS)
        cell.metadata["nbjudge"] = {"child": True, "run": "child", "in_child": True}
    submission.answer(
        "square",
        SHOW
        + """
import builtins, linecache, sys
builtins.float = lambda x: 5.0

def square(x):
    show(get_ipython().user_ns.get("In"))
    show(linecache.getlines(sys._getframe(1).f_code.co_filename))
    return type("Yes", (int,), {"__eq__": lambda *a: True})()
""",
    )
