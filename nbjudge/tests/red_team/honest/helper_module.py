"""A module written by the student is next to the notebook and is imported."""


def oddity(submission):
    submission.file("my_helpers.py", "def times(a, b):\n    return a * b\n")
    submission.file("package/__init__.py", "from .inner import ONE\n")
    submission.file("package/inner.py", "ONE = 1\n")
    submission.answer(
        "square",
        """
        from my_helpers import times
        from package import ONE

        def square(x):
            return times(x, x) * ONE
    """,
    )
