"""The part of the input that an output value depends on, for functions that slide a window."""

from collections.abc import Sequence

import numpy as np

from ..judging.kinds import wrong_output
from ..judging.model import Case
from ..judging.verdict import Verdict
from ..judging.wording import describe_case, number

__all__ = ["spans", "steps"]

STEPS = 6  # windows to list before the first wrong one


def steps(verdict: Verdict) -> str:
    """List the windows of a small failing case up to the first wrong value.

    For a transposed convolution, the outputs are listed with the inputs that contribute to them.

    Returns "" for exercises without windows, and if no failing call returned the right shape.
    """
    failures = []
    for run in verdict.runs:
        if run.outcome.problem is None and "hparameters" in run.case.arguments:
            output = wrong_output(run, verdict.case_set.tolerance)
            if output and output[3] is not None:
                failures.append((run, *output))
    if not failures:
        return ""
    run, name, got, expected, wrong = min(
        failures, key=lambda failure: (failure[0].is_large, failure[3].size)
    )
    shape, transposed = expected.shape, run.case.is_transposed
    padded = run.case.sizes.get("pad", 0) and not transposed
    i, _, _, c = first = tuple(int(n) for n in np.argwhere(wrong)[0])
    case = "This case" if run is verdict.failing else "A smaller case that fails too"
    order = "output by output" if transposed else "window by window"
    made = "a sum of copies of the kernel, scaled by" if transposed else "computed from"
    lines = [
        f"{case}, {order}: {describe_case(run.case)}",
        f"{name}[{i}, h, w, {c}] is {made} these rows and columns of A_prev[{i}]"
        + (" (those outside it are padding):" if padded else ":"),
    ]
    places = list(np.ndindex(shape[1:3]))
    departs = places.index(first[1:3])
    for h, w in places[max(0, departs - STEPS) : departs + 3]:
        rows, columns = spans(run.case, (h, w))
        where = f"rows {rows[0]} to {rows[1] - 1}, columns {columns[0]} to {columns[1] - 1}"
        if min(rows[1] - rows[0], columns[1] - columns[0]) < 1:
            where = "none, so it is just the bias"
        wanted, came = _told_apart(expected[i, h, w, c], got[i, h, w, c], wrong[i, h, w, c])
        lines.append(
            f"  h {h}, w {w}: {where}: "
            f"expected {wanted}, got {came}{'  <- wrong' if wrong[i, h, w, c] else ''}"
        )
    return "\n".join(lines)


def spans(case: Case, place: Sequence[int]) -> list[tuple[int, int]]:
    """Return the rows and columns of A_prev that an output depends on, as two pairs (start, end).

    They may extend beyond A_prev into its padding. For a transposed convolution they do not, and
    they are empty if no input contributes to the output.
    """
    sizes = case.sizes
    f, stride, pad = sizes["f"], sizes["stride"], sizes.get("pad", 0)
    if not case.is_transposed:
        return [(n * stride - pad, n * stride - pad + f) for n in place]
    lengths = case.parts["A_prev"].shape[1:3]
    return [
        (max(0, -((f - 1 - n - pad) // stride)), min(length, (n + pad) // stride + 1))
        for n, length in zip(place, lengths, strict=True)
    ]


def _told_apart(wanted: float, came: float, wrong: bool) -> tuple[str, str]:
    """Format two numbers with five digits, or with more if they would look equal."""
    short = f"{wanted:.5g}", f"{came:.5g}"
    return (number(wanted), number(came)) if wrong and len(set(short)) == 1 else short
