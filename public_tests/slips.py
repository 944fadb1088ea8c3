"""Recognize a slip by its values: one key for what a function gives in all cases.

`exercises.slips` makes the slips; a case set holds what is said of each by its key. A key is made
of the wrong outputs alone, so that what else is wrong does not matter.
"""

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from .calling import CaseRun
from .comparing import close, places_of_odd, weighted_sums
from .model import CaseSet, KnownMistake

__all__ = ["BESIDE", "key_of", "recognized", "wrong_outputs"]

BESIDE = " & "  # before the name of a known mistake beside a slip, or beside another one
LETTERS = 6  # of a key
UNIT = 2.0**-24  # of the sums, relative to the largest expected value: far above roundings
OFFSET = (math.sqrt(5) - 1) / 2  # no short fraction, and such are the sums, lies where this cuts


def recognized(
    case_set: CaseSet, runs: Sequence[CaseRun]
) -> tuple[tuple[KnownMistake, ...], list[str]]:
    """Two known mistakes that give the wrong values together, or sentences on slips that do.

    A sentence is on all wrong outputs, or there is one for each that a slip explains.
    """
    wrong = wrong_outputs(case_set, runs)
    stored = case_set.slips.get(key_of(case_set, runs, wrong), "")
    if stored:
        names = stored.split(BESIDE)
        mistakes = tuple(mistake for mistake in case_set.mistakes if mistake.name in names)
        both = len(mistakes) == 2
        return (mistakes, []) if both else ((), [_sentence(case_set, stored, "every wrong value")])
    ones = {name: case_set.slips.get(key_of(case_set, runs, [name]), "") for name in wrong}
    return (), [
        _sentence(case_set, stored, f"every wrong value of {name}")
        for name, stored in ones.items()
        if stored
    ]


def _sentence(case_set: CaseSet, stored: str, what: str) -> str:
    """A sentence on what is stored of slips and mistakes."""
    one, _, beside = stored.partition(BESIDE)
    if not beside:
        return f"One slip explains {what}: {one}."
    diagnoses = {mistake.name: mistake.diagnosis for mistake in case_set.mistakes}
    if one in diagnoses:
        return f"Two things explain {what}. {diagnoses[one]} {diagnoses[beside]}"
    return f"Two things explain {what}. One is a slip: {one}. The other: {diagnoses[beside]}"


def wrong_outputs(case_set: CaseSet, runs: Sequence[CaseRun]) -> list[str]:
    """The names of the outputs that are wrong in some case."""
    return [
        name
        for name in case_set.cases[0].expected.values
        if not all(_is_right(case_set, run, name) for run in runs if not run.outcome.problem)
    ]


def _is_right(case_set: CaseSet, run: CaseRun, name: str) -> bool:
    expected = run.case.expected.values[name]
    return close(run.outcome.values[name], expected, case_set.tolerance, run.precision)


def key_of(case_set: CaseSet, runs: Sequence[CaseRun], names: Sequence[str]) -> str:
    """A key for what some outputs hold in all cases; "" for none, or if few calls gave any.

    Roundings do not change it: sums are cut to a unit far above them. Cases with coarser numbers
    than float64 do not count.
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
    """What is kept of an output: shape, places of nan and infinities, and sums."""
    got, expected = run.outcome.values[name], run.case.expected.values[name].astype(float)
    largest = max(1.0, float(np.abs(expected).max(initial=0)))
    unit = UNIT * 2.0 ** round(math.log2(largest))
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.floor(weighted_sums(got, unit) + OFFSET)
    return [got.shape, places_of_odd(got), *sums.tolist()]
