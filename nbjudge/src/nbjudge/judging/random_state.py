"""Synchronize the random numbers of a test cell and the student's process."""

import functools
import random
from typing import Any

import numpy as np

from nbjudge.notebook import static_names

RandomState = dict[str, Any]  # the states of Python's and NumPy's generators


class Seedings:
    """Counts how often the judge's random numbers have been seeded."""

    count = 0

    @classmethod
    def watch(cls, module: Any) -> None:
        """Count the calls to a module's function `seed` from now on."""
        seed = module.seed

        @functools.wraps(seed)
        def counted(*args: Any, **kwargs: Any) -> Any:
            cls.count += 1
            return seed(*args, **kwargs)

        module.seed = counted


def watch_seeding() -> None:
    """Detect from now on when test cells seed random numbers, even with the same seed."""
    for module in (random, np.random):
        Seedings.watch(module)


def seed_judge(seed: int) -> None:
    """Make the judge's random numbers reproducible, including unseeded generators."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    entropy, original = np.random.SeedSequence(seed), np.random.default_rng

    def default_rng(seed: Any = None) -> np.random.Generator:
        return original(entropy.spawn(1)[0] if seed is None else seed)

    np.random.default_rng = default_rng


class RandomSync:
    """Decides when to send the judge's random state to the student's process.

    A call carries the state if the test cell seeds random numbers, and has seeded or drawn some
    since the state was last sent.
    """

    def __init__(self) -> None:
        self.is_on, self.sent = False, _current()

    def begin_test(self, source: str) -> None:
        """Prepare for a test cell."""
        self.is_on, self.sent = static_names.calls_seed(static_names.parse(source)), _current()

    def new_state(self) -> RandomState | None:
        """Return the test's random state if it seeds and the state has changed since the last call.

        Otherwise return None.
        """
        if not self.is_on:
            return None
        current = _current()
        if current[0] == self.sent[0] and _same_state(current[1], self.sent[1]):
            return None
        self.sent = current
        return current[1]


def _current() -> tuple[int, RandomState]:
    """Return the number of seedings so far, and the state."""
    version, numbers, gauss = random.getstate()
    state = {"random": [version, list(numbers), gauss], "numpy": np.random.get_state()}
    return Seedings.count, state


def _same_state(state: RandomState, other: RandomState) -> bool:
    """True if both states are equal."""
    left, right = state["numpy"], other["numpy"]
    same = np.array_equal(left[1], right[1]) and left[2:] == right[2:]
    return bool(same and state["random"] == other["random"])
