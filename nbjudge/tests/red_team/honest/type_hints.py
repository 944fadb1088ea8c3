"""Type hints, postponed annotations, positional-only arguments and defaults."""


def oddity(submission):
    submission.answer(
        "square",
        """
        from __future__ import annotations
        from typing import TypeVar

        T = TypeVar("T", int, float)

        def square(x: T, /, *, times: int = 1) -> NotThere | T:
            return x * x * times
    """,
    )
    submission.answer(
        "distance",
        """
        def distance(a: float, b: float = 0.0, *rest: int, **options: str) -> float:
            result: float = square(a - b)
            return result
    """,
    )
