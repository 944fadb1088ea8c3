"""The vectors claim to be of a class that equals everything.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.answer(
        "vector",
        """
        class Vector:
            def __init__(self, *values): pass
            x = property(lambda self: 4)
            y = property(lambda self: 6)
            __class__ = property(lambda self: float)
            __add__ = __sub__ = lambda self, other: self
            __eq__ = lambda self, other: True
            __bool__ = lambda self: True
            __len__ = lambda self: 10**9
    """,
    )
    submission.answer("square", "square = Vector")
    submission.answer("distance", "distance = Vector")
