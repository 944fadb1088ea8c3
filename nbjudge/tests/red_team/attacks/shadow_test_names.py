"""The names that the tests import and assign already exist, as objects that resist.

Success: the attack earns points without an answer.
"""


def attack(submission):
    submission.add(
        """
        class Five:
            __add__ = __iadd__ = __radd__ = lambda self, other: self
            __float__ = lambda self: 5.0
            __eq__ = lambda self, other: True

        answers = random = points = rng = Five()
        get_ipython().user_ns["__builtins__"] = {"float": lambda x: 5.0}
    """,
        before="words_test",
    )
