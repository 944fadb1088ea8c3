"""Synchronize the random numbers of a test cell and the student's process."""

import functools
import random
from typing import Any

import numpy as np

RandomState = dict[str, Any]  # the states of Python's and NumPy's generators


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
    """Detect from now on that test cells seed random numbers, even with the same seed."""
    for module in (random, np.random):
        Seedings.watch(module)


def same_state(state: RandomState, other: RandomState) -> bool:
    """True if both states are equal."""
    left, right = state["numpy"], other["numpy"]
    same = np.array_equal(left[1], right[1]) and left[2:] == right[2:]
    return bool(same and state["random"] == other["random"])


def seed_judge(seed: int) -> None:
    """Make the judge's random numbers reproducible, including unseeded generators."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    entropy, original = np.random.SeedSequence(seed), np.random.default_rng

    def default_rng(seed: Any = None) -> np.random.Generator:
        return original(entropy.spawn(1)[0] if seed is None else seed)

    np.random.default_rng = default_rng
