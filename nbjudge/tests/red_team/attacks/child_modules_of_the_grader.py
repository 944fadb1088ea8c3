"""In the child, the modules of the grader are searched for the notebook's tests and the solutions.

Success: the canary of hidden lines, answers or source.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import sys
        modules = list(sys.modules.items())
        waiting = [module for name, module in modules if "nbjudge" in name or name == "__main__"]
        seen = set()
        while waiting and len(seen) < 200_000:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, (str, bytes)):
                show(one)
            elif isinstance(one, dict):
                waiting += [*one.keys(), *one.values()]
            elif isinstance(one, (list, tuple, set, frozenset)):
                waiting += one
            else:
                waiting += list(getattr(one, "__dict__", {}).values())
                slots = getattr(type(one), "__slots__", ())
                waiting += [getattr(one, name, None) for name in slots]
        """,
        SHOW,
    )
