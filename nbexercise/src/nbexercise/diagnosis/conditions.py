"""Find the condition that separates the cases in which a function is right from the others."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..judging.calling import CaseRun
from ..judging.subject import subject

__all__ = ["Condition", "right_where"]

FEWEST_CASES = 2  # right cases, and wrong cases, that a condition needs
BY_CHANCE = 1e-2  # largest probability that cases meet a condition by chance, and of a rival
PAIRED_BY_CHANCE = 1e-3  # the same for two conditions together, of which there are many


class Condition(NamedTuple):
    """A condition on a case's sizes."""

    text: str  # end of a sentence
    sizes: tuple[str, ...]  # that it is about
    holds: Callable[[Any], bool]

    def of(self, sizes: Mapping[str, Any]) -> bool | None:
        """True if a case's sizes meet the condition; None if it lacks one, or one is no number."""
        try:
            return bool(self.holds(sizes))
        except (KeyError, TypeError):
            return None


def right_where(runs: Sequence[CaseRun], right: Sequence[bool], group: str) -> list[str]:
    """Return a sentence about the condition that explains in which cases a function is right.

    It holds in all right cases and in no others, or two conditions do so together, of all cases or
    of those in a group; or it holds in right cases only. If anything else separates the cases, such
    as the length of an axis, that may be the reason, and nothing is returned.
    """
    pairs = list(zip(runs, right, strict=True))
    every = _Cases(pairs, "")
    mine = _Cases([pair for pair in pairs if pair[0].case.group == group], f' of "{group}"')
    return every.exactly_where() or mine.exactly_where() or every.always_where()


class _Cases:
    """Cases, and a mask of those in which a function is right.

    Parameters
    ----------
    of
        Suffix of a sentence that names the cases.
    """

    def __init__(self, pairs: Sequence[tuple[CaseRun, bool]], of: str) -> None:
        self.of, self.right = of, [is_right for _, is_right in pairs]
        self.wrong = self.right.count(False)
        self.sizes = [run.case.sizes for run, _ in pairs]
        numbers = [dict(_numbers(run.case.parts)) for run, _ in pairs]  # by name, for each case
        shared = set(numbers[0]).intersection(*numbers)
        self.numbers = [[of_case[name] for of_case in numbers] for name in sorted(shared, key=str)]
        known = [(c, [c.of(sizes) for sizes in self.sizes]) for c in subject().conditions]
        self.known = [(c, [h is True for h in holds]) for c, holds in known if None not in holds]
        self.is_enough = min(self.wrong, len(pairs) - self.wrong) >= FEWEST_CASES

    def exactly_where(self) -> list[str]:
        """Return a sentence about a condition, or two, that hold in all right cases and no others.

        There must be only one such condition, or one such pair.
        """
        single = [(c,) for c, holds in self.known if holds == self.right]
        double = [
            (c, d)
            for (c, one), (d, other) in itertools.combinations(self.known, 2)
            if [a and b for a, b in zip(one, other, strict=True)] == self.right
        ]
        reasons = single or (double if self._chance(self.right) <= PAIRED_BY_CHANCE else [])
        if not self.is_enough or len(reasons) != 1:
            return []
        (reason,) = reasons
        if any(_separates(values, self.right) for values in self._others(reason)):
            return []
        where = f"where {' and '.join(condition.text for condition in reason)}"
        where = where.replace("where there is", "with") if len(reason) == 1 else where
        return [f"Only the cases{self.of} {where} are right."]

    def always_where(self) -> list[str]:
        """Return a sentence about a condition that holds in right cases only.

        It must hold in all cases that meet any other condition of this kind.
        """
        likely = [pair for pair in self.known if self._chance(pair[1]) <= BY_CHANCE]
        likely.sort(key=lambda pair: -sum(pair[1]))
        if not self.is_enough or not likely:
            return []
        reason, holds = likely[0]
        if holds == self.right or holds in [its for _, its in likely[1:]]:
            return []  # `exactly_where` has found another explanation, or there is one here
        rivals = [its for _, its in likely]
        rivals += [its for values in self._others((reason,)) for its in _thresholds(values)]
        if not all(_within(its, holds) for its in rivals if self._chance(its) <= BY_CHANCE):
            return []
        number, met = len(holds), sum(holds)
        return [
            f"It is right in all {met} cases where {reason.text}, and wrong in {self.wrong} of the "
            f"other {number - met}."
        ]

    def _others(self, reason: Sequence[Condition]) -> list[list[Any]]:
        """Return the numbers that a reason is not about."""
        its = [[size.get(key) for size in self.sizes] for c in reason for key in c.sizes]
        return [values for values in self.numbers if values not in its]

    def _chance(self, holds: Sequence[bool]) -> float:
        """Return the probability that as many random cases are all right; 1 if one is wrong."""
        if not _within(holds, self.right) or not any(holds):
            return 1
        met, right, number = sum(holds), sum(self.right), len(holds)
        return math.comb(right, met) / math.comb(number, met)


def _within(holds: Sequence[bool], others: Sequence[bool]) -> bool:
    """True if others holds in every case in which holds does."""
    return all(other or not one for one, other in zip(holds, others, strict=True))


def _thresholds(numbers: Sequence[Any]) -> Iterator[list[bool]]:
    """Yield the cases with a number up to, and from, each of its values."""
    for limit in {*numbers}:
        yield [number <= limit for number in numbers]
        yield [number >= limit for number in numbers]


def _numbers(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of numeric arguments, and the lengths of arrays."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            yield from ((f"{name}.shape[{axis}]", n) for axis, n in enumerate(value.shape))
        elif isinstance(value, dict):
            yield from _numbers(value)
        elif isinstance(value, int | float):
            yield name, value


def _separates(numbers: Sequence[Any], right: Sequence[bool]) -> bool:
    """True if a number is smaller, or larger, in all right cases than in all others."""
    in_right = [number for number, is_right in zip(numbers, right, strict=True) if is_right]
    in_wrong = [number for number, is_right in zip(numbers, right, strict=True) if not is_right]
    return bool(max(in_right) < min(in_wrong) or max(in_wrong) < min(in_right))
