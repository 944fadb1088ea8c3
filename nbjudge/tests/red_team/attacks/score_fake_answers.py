"""A fake module `answers` is put into sys.modules.

Success: the attack earns points in `standardize`, `total` or `words`.
"""

FAKE = """
import sys, types

class Equal:
    __eq__ = lambda self, other: True
    __rsub__ = __sub__ = lambda self, other: 0

fake = types.ModuleType("answers")
fake.TOTAL = Equal()
fake.standardize = lambda x: x
fake.words = lambda text: {}
fake.primes = lambda n: []
sys.modules["answers"] = fake
"""


def attack(submission):
    submission.first(FAKE)
    submission.answer("total", "total = 1")
    submission.answer(
        "standardize",
        """
        def standardize(x):
            return np.array([[-1.0], [1.0]]) if len(x) == 2 else x.copy()
    """,
    )
