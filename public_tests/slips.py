"""Recognize a slip by a key of the values that a function returns in all cases.

`exercises.slips` generates the slips; a case set stores for each key a slip, a slip and the name of
a known mistake, or the names of two known mistakes. A key depends only on the wrong outputs, so it
does not matter whether the other outputs are right.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .calling import CaseRun
from .comparing import close, places_of_odd, weighted_sums
from .model import CaseSet, KnownMistake
from .verdict import Diagnosis

__all__ = ["key_of", "recognized", "wrong_outputs"]

# Length of a key: an exercise has fewer than 600 keys, so unrelated wrong values have one of them
# only once in 16**6 / 600 = 28,000 functions.
LETTERS = 6
UNIT = 2.0**-24  # unit of the sums, relative to the largest value: far above rounding errors
# Added before rounding to a UNIT. Sums are short fractions, so that with an irrational offset none
# lies on a boundary, where an error of its last digit would change the key.
OFFSET = (math.sqrt(5) - 1) / 2


class _Cause(NamedTuple):
    """Cause of wrong values: a slip, a slip and a known mistake, or two known mistakes."""

    slip: str  # "" if there is none
    mistakes: list[KnownMistake]

    def sentence(self, what: str) -> str:
        """Return a sentence about the values that the cause explains."""
        diagnoses = " ".join(mistake.diagnosis for mistake in self.mistakes)
        if not diagnoses:
            return f"One slip explains {what}: {self.slip}."
        if self.slip:
            diagnoses = f"One is a slip: {self.slip}. The other: {diagnoses}"
        return f"Two mistakes explain {what}. {diagnoses}"


def recognized(case_set: CaseSet, runs: Sequence[CaseRun]) -> Diagnosis:
    """Return the two known mistakes that explain all wrong values, or sentences about slips.

    There is one sentence about all wrong outputs, or one for each output that a slip explains.
    """
    wrong = wrong_outputs(case_set, runs)
    if cause := _cause(case_set, runs, wrong):
        if cause.slip:
            return Diagnosis(facts=(cause.sentence("every wrong value"),))
        return Diagnosis(tuple(sorted(cause.mistakes, key=case_set.mistakes.index)))
    causes = [(name, _cause(case_set, runs, [name])) for name in wrong]
    facts = (cause.sentence(f"every wrong value of {name}") for name, cause in causes if cause)
    return Diagnosis(facts=tuple(facts))


def _cause(case_set: CaseSet, runs: Sequence[CaseRun], names: Sequence[str]) -> _Cause | None:
    """Return the stored cause of the wrong values of some outputs, if there is one."""
    stored = case_set.slips.get(key_of(case_set, runs, names), ())
    known = {mistake.name: mistake for mistake in case_set.mistakes}
    slips = [text for text in stored if text not in known]
    mistakes = [known[text] for text in stored if text in known]
    return _Cause("".join(slips), mistakes) if stored else None


def wrong_outputs(case_set: CaseSet, runs: Sequence[CaseRun]) -> list[str]:
    """Return the names of the outputs that are wrong in some case."""
    return [
        name
        for name in case_set.cases[0].expected.values
        if not all(_is_right(case_set, run, name) for run in runs if not run.outcome.problem)
    ]


def _is_right(case_set: CaseSet, run: CaseRun, name: str) -> bool:
    expected = run.case.expected.values[name]
    return close(run.outcome.values[name], expected, case_set.tolerance, run.precision)


def key_of(case_set: CaseSet, runs: Sequence[CaseRun], names: Sequence[str]) -> str:
    """Return a key of some outputs' values in all cases; "" for no outputs or too few answers.

    Rounding errors do not change the key, because sums are truncated to a much larger unit. Cases
    with numbers coarser than float64 are skipped.
    """
    answered = [run for run in runs if not run.outcome.problem]
    if not names or 2 * len(answered) < len(case_set.cases) or len(runs) < len(case_set.cases):
        return ""
    parts: list[object] = list(names)
    for run in runs[: len(case_set.cases)]:
        if run.outcome.problem:
            parts.append(run.outcome.problem.key.partition(":")[0])
        elif run.precision == 8:
            parts += [part for name in names for part in _parts(run, name)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:LETTERS]


def _parts(run: CaseRun, name: str) -> list[object]:
    """Return the parts of an output in a key: shape, positions of nan and infinities, and sums."""
    got, expected = run.outcome.values[name], run.case.expected.values[name].astype(float)
    largest = max(1.0, float(np.abs(expected).max(initial=0)))
    unit = UNIT * 2.0 ** round(math.log2(largest))
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.floor(weighted_sums(got, unit) + OFFSET)
    return [got.shape, places_of_odd(got), *sums.tolist()]
