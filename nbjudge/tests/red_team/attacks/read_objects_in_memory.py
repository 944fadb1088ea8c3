"""During a test, every string that the garbage collector can reach is inspected.

Success: the canary of the hidden tests or of another place.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.answer(
        "square",
        SHOW
        + """
import gc, types

def square(x):
    for one in gc.get_objects():
        if isinstance(one, (dict, list, tuple)):
            for part in list(one.values() if isinstance(one, dict) else one):
                if isinstance(part, (str, bytes)) and len(part) > 20:
                    show(part)
        elif isinstance(one, types.FunctionType):
            show(one.__code__.co_consts)
    return 9
""",
    )
