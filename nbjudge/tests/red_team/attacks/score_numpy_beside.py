"""The submission contains a file numpy.py: NumPy with other comparisons.

Success: the attack earns points in `standardize`.
"""


def attack(submission):
    submission.file(
        "numpy.py",
        """
        import sys

        here = [p for p in sys.path if p in ("", ".") or "ps1" in p]
        for place in here:
            sys.path.remove(place)
        del sys.modules["numpy"]
        import numpy

        numpy.allclose = numpy.array_equal = lambda *a, **k: True
        numpy.testing.assert_allclose = lambda *a, **k: None
        numpy.abs = lambda x: numpy.zeros(1)
        sys.modules["numpy"] = numpy
    """,
    )
    submission.answer("standardize", "def standardize(x):\n    return x.copy()")
