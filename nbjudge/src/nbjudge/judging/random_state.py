"""Random numbers of a test cell: the student's process draws on from where the judge's is."""

import functools
import random
from typing import Any

import numpy as np

RandomState = dict[str, Any]  # of Python's generator and of NumPy's, as they give it


class Seedings:
    """Counts how often the judge's random numbers have been seeded."""

    count = 0

    @classmethod
    def watch(cls, module: Any) -> None:
        """Count the calls of a module's function `seed` from now on."""
        seed = module.seed

        @functools.wraps(seed)
        def counted(*args: Any, **kwargs: Any) -> Any:
            cls.count += 1
            return seed(*args, **kwargs)

        module.seed = counted


def watch_seeding() -> None:
    """Notice from now on when test cells seed random numbers, be it the same way again."""
    for module in (random, np.random):
        Seedings.watch(module)


def same_state(one: RandomState, other: RandomState) -> bool:
    left, right = one["numpy"], other["numpy"]
    same = np.array_equal(left[1], right[1]) and left[2:] == right[2:]
    return bool(same and one["random"] == other["random"])
