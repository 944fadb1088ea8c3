"""In the child, every object that the garbage collector knows is searched.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import gc, types
        seen = set()
        for one in gc.get_objects():
            parts = [one]
            if isinstance(one, dict):
                parts = list(one.values())
            elif isinstance(one, (list, tuple)):
                parts = list(one)
            elif isinstance(one, types.FunctionType):
                parts = list(one.__code__.co_consts)
            for part in parts:
                if type(part) in (str, bytes) and len(part) > 20 and id(part) not in seen:
                    seen.add(id(part))
                    show(part)
        """,
        SHOW,
    )
