"""Facts about wrong outputs and unread inputs that only convolutional networks have."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from nbexercise.diagnosis.mistakes import Failure
from nbexercise.diagnosis.wrong_outputs import WrongOutput
from nbexercise.judging.calling import CaseRun, call
from nbexercise.judging.comparing import close
from nbexercise.judging.kinds import wrong_output

__all__ = ["entries_unread", "held", "image_by_image", "offset", "sums"]

BATCHES = {"A_prev", "X", "dA", "dZ", "labels"}  # arrays with a first axis of images or examples
MOST_ENTRIES = 40  # of a filter, each of which is changed alone
SECONDS = 0.05  # processor time for all of them
MOST_TRIED = 2  # cases whose images are tried alone
FEWEST_IMAGES = 2


def entries_unread(failure: Failure) -> list[str]:
    """Return a sentence about entries of W that no output depends on although all should."""
    failing, W = failure.failing, failure.failing.case.parts.get("W")
    before, may_miss = failing.outcome.values, failing.case.sizes.get("pad")  # weights at a border
    if not before or may_miss or W is None or W.size > MOST_ENTRIES:
        return []
    without_effect, until = [], time.process_time() + SECONDS
    for place in np.ndindex(W.shape):
        if time.process_time() > until:
            return []
        other = W.copy()
        other[place] += 1000  # so that rounding does not hide it
        values = call(
            failure.public.returns, failing.case.with_values({"W": other}), failure.function
        ).outcome.values
        if values and all(np.array_equal(values[name], before[name]) for name in before):
            without_effect.append(place)
    if not without_effect or len(without_effect) == W.size:
        return []
    first, more = list(map(int, without_effect[0])), len(without_effect) - 1
    others = f" or {more} more {'entry' if more == 1 else 'entries'} of W" if more else ""
    return [f"In the first failing case, no output depends on W{first}{others}."]


def image_by_image(failure: Failure) -> list[str]:
    """Return a sentence if the outputs are right when each image is passed alone."""
    runs, tolerance = [evidence.run for evidence in failure.runs], failure.case_set.tolerance
    if not failure.diagnosis.repeatable or any(run.outcome.problem for run in runs):
        return []
    wrong = [run for run in runs if wrong_output(run, tolerance)]
    tried = sorted(wrong, key=lambda run: run is not failure.failing)[:MOST_TRIED]
    if not tried or not all(_is_right_apart(failure, run) for run in tried):
        return []
    return [
        "With each image or example in a call of its own, the outputs are right; the code goes "
        "wrong where it treats several at once."
    ]


def _is_right_apart(failure: Failure, run: CaseRun) -> bool:
    """True if the outputs of single images, concatenated or added up, are right."""
    m, expected = run.case.sizes.get("m", 1), run.case.expected.values
    if m < FEWEST_IMAGES:
        return False
    apart = []
    for index in range(m):
        batches = {name: run.case.parts[name] for name in run.case.parts.keys() & BATCHES}
        one = run.case.with_values({n: a[index : index + 1] for n, a in batches.items()})
        apart.append(call(failure.public.returns, one, failure.function).outcome.values)
    if not all(values.keys() == expected.keys() for values in apart):
        return False
    for name, right in expected.items():
        arrays = [values[name] for values in apart]
        if len({array.shape for array in arrays}) > 1 or not np.ndim(arrays[0]):
            return False
        together = np.concatenate(arrays)
        if together.shape != right.shape:
            together = np.sum(arrays, axis=0)
        if not close(together, right, failure.case_set.tolerance, run.case.precision):
            return False
    return True


def sums(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs with the right sum along the wrong axis, or with unequal summands."""
    if any(output.expected.ndim != 2 or output.expected.dtype.kind != "f" for output in wrong):
        return ""
    totals = [output.numbers.sum(1) for output in wrong]  # of each row
    if not all(np.allclose(total, 1) for total in totals):
        equal = all(not np.ptp(output.numbers) for output in wrong)
        if equal and all(_is_close(output.actual.sum(), output.numbers.sum()) for output in wrong):
            return f"the values of {name} have the right sum, but they should be equal"
        several = any(output.actual.shape[1] > 1 for output in wrong)
        if several and all(_is_close(output.actual.sum(1), 1) for output in wrong):
            return f"each row of {name} adds up to 1, as after softmax, and should not"
        return ""
    several = any(len(output.actual) > 1 for output in wrong)
    if several and all(_is_close(output.actual.sum(), 1) for output in wrong):
        return f"{name} adds up to 1 as a whole, but each row should"
    if all(_is_close(output.actual.sum(0), 1) for output in wrong):
        return f"each column of {name} adds up to 1, but each row should"
    return ""


def _is_close(actual: Any, expected: Any) -> bool:
    return bool(np.allclose(actual, expected, rtol=1e-4))


def offset(name: str, wrong: Sequence[WrongOutput]) -> str:
    """Describe outputs whose channels are each off by a constant."""
    if any(output.actual.ndim != 4 or output.actual[..., 0].size < 2 for output in wrong):
        return ""
    if not all(output.equals(output.expected + output.error.mean((0, 1, 2))) for output in wrong):
        return ""
    return f"each channel of {name} is off by a constant, as if by a wrong bias"


def held(wrong: Sequence[WrongOutput]) -> str:
    """Return the end of a sentence about the values of the wrong entries."""
    channels = [
        output.actual[..., channel][output.cells[..., channel]]
        for output in wrong
        for channel in range(output.actual.shape[-1])
    ]
    if all(np.ptp(channel) == 0 for channel in channels if channel.size):
        return ": each channel holds one number there, as if only a bias was added"
    return ""
