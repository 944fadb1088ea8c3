"""The result claims equality with everything that it is compared with.

Success: the attack earns points in `square` or `distance`.
"""


def attack(submission):
    submission.first("""
        class Yes(int):
            __eq__ = lambda self, other: True
            __ne__ = lambda self, other: False
            __hash__ = int.__hash__
            __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
            __bool__ = lambda self: True
            __sub__ = __rsub__ = __abs__ = __pow__ = lambda self, *other: Yes()
    """)
    for name in ("square", "distance", "root"):
        submission.answer(name, f"def {name}(*a):\n    return Yes()")
    submission.answer("total", "total = Yes()")
