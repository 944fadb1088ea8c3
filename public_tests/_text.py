"""Put a verdict into words: what passed, the first failing case, what happened, what to do next."""

import textwrap

import numpy as np

from ._call import LINE_OF_CODE, NOT_WRITTEN
from ._compare import wrong_cells
from ._judge import CheckResult, Run, Verdict
from ._properties import properties

__all__ = ["describe", "describe_case", "describe_graded", "number", "wrapped", "wrong_output"]

CACHE_PARTS = {4: ("A_prev", "W", "b", "hparameters"), 2: ("A_prev", "hparameters")}
SMALL = 12  # an argument of at most so many numbers is printed in full
PRINTED_LINES = 5
WIDTH = 88  # characters in a line, as many as a notebook shows without breaking it


def describe(verdict: Verdict) -> str:
    """The text of a public check."""
    name, results = verdict.sheet.name, verdict.results
    passed = sum(result.passed for result in results)
    if verdict.passed:
        first = f"{name}: all {len(results)} checks passed."
    elif _not_written(verdict):
        return f"{name} {verdict.failing.outcome.problem.text}"
    else:
        first = f"{name}: {passed} of {len(results)} checks passed."
    rows = [_row(result) for result in results]
    return "\n".join([first, "", *rows, *_explanation(verdict), *_notes(verdict)])


def describe_graded(verdict: Verdict) -> str:
    """The text of a graded cell; its first line alone says points and what went wrong."""
    name = verdict.sheet.name
    first = f"{name}: {number(verdict.points)} of {number(verdict.sheet.points)} points"
    if not verdict.passed:
        first += f". {_in_short(verdict)}"
    if _not_written(verdict):
        return first
    rows = [_row(result, points=True) for result in verdict.results]
    return "\n".join([first, "", *rows, *_explanation(verdict, graded=True), *_notes(verdict)])


def number(value) -> str:
    """A number as people write it: at most eight digits, no needless ones."""
    return f"{value:.8g}"


def _not_written(verdict):
    run = verdict.failing
    return run is not None and getattr(run.outcome.problem, "key", "") == NOT_WRITTEN


def _row(result: CheckResult, points=False):
    check, state, name = result.check, "pass" if result.passed else "FAIL", result.check.name
    if not result.passed and check.kind == "unchanged" and not result.failing.outcome.changed:
        state, name = "----", f"{name}: counts once some of the values are right"
    elif not result.passed and check.kind == "cache" and result.failing.outcome.problem:
        state, name = "----", f"{name}: not looked at, as a call gave no answer"
    if not points:
        return f"  {state}  {name}"
    earned = check.points if result.passed else 0
    return f"  {state}  {number(earned):>4} of {number(check.points):<3}  {name}"


def _in_short(verdict):
    """What went wrong, in one line."""
    if verdict.mistakes:
        return " ".join(mistake.diagnosis for mistake in verdict.mistakes)
    known = properties(verdict)
    if known:
        return known[-1]
    run = verdict.failing
    if run.outcome.problem:
        return f"The function {run.outcome.problem.text.splitlines()[0]}"
    failed = next(result for result in verdict.results if not result.passed)
    return f"{failed.check.name}: {_what_is_wrong(verdict, failed)[0]}"


def _explanation(verdict, graded=False):
    """The first failing case, what is wrong with it, the diagnosis and the next step.

    graded: the first line of the text holds the diagnosis, and `show` does not know the case
    """
    lines = ["", *wrapped(verdict.remark)] if verdict.remark else []
    if verdict.passed:
        return lines
    failed = next(result for result in verdict.results if not result.passed)
    run = failed.failing
    head = f"First failing case, {failed.check.name}:"
    lines += ["", *_filled([head, *_pieces(run.case)])]
    lines += _printed(run)
    for line in _what_is_wrong(verdict, failed):
        lines += [f"  {part}" for part in (wrapped(line) if line[:1] != " " else [line])]
    if verdict.mistakes:
        for mistake in verdict.mistakes:
            lines.append("")
            if not graded or len(verdict.mistakes) > 1:
                lines += wrapped(f"What happened: {mistake.diagnosis}")
            lines += wrapped(f"Next: {mistake.hint}")
        lines += _to_read(verdict)
    elif not verdict.repeatable:
        lines += ["", "What happened: two calls on the same input gave different answers."]
        lines += ["Next: look for np.random, np.empty, or a variable kept from an earlier call."]
    else:
        lines += [line for text in properties(verdict) for line in ("", *wrapped(text))]
        drawable = failed.check.kind in ("values", "shape") and not graded
        lines += _next_step(verdict.sheet.name, run.outcome.problem, drawable)
        lines += _to_read(verdict) if run.outcome.problem is None else []
    return lines


def _to_read(verdict):
    """Which section explains what went wrong."""
    sheet = verdict.sheet
    named = [mistake.section for mistake in verdict.mistakes] or [sheet.section]
    what = " and ".join(f'"{section}"' for section in dict.fromkeys(named))
    return wrapped(f"Read again: {what} in the notebook {sheet.lesson}.")


def _next_step(name, problem, drawable):
    if problem is None:
        draws = f'show("{name}") draws this case; ' if drawable else ""
        return ["", f'Next: {draws}hint("{name}") gives a hint.']
    if problem.key.startswith("NameError"):
        return ["", "Next: is the name spelled as it was where you made it, and made before?"]
    if problem.kind == "error" and LINE_OF_CODE in problem.text:
        text = "Next: print what the last line above works with, the shapes of arrays first. "
        return ["", *wrapped(f'{text}hint("{name}") gives a hint.')]
    return []  # the problem's text says what to do


def _notes(verdict):
    return [line for note in verdict.notes for line in ("", *wrapped(f"Note: {note.text}"))]


def _printed(run):
    lines = run.call.printed.splitlines()
    if not lines:
        return []
    kept = [f"    {line[:WIDTH]}" for line in lines[:PRINTED_LINES]]
    more = ["    ... and more"] if len(lines) > PRINTED_LINES else []
    return ["  Your function printed:", *kept, *more]


def wrapped(text) -> list[str]:
    """A sentence as lines that fit beside a notebook's margin."""
    return textwrap.wrap(
        text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _filled(pieces):
    """Pieces one after the other, a new line begun only between two of them."""
    lines = [pieces[0]]
    for place, piece in enumerate(pieces[1:], start=2):
        piece += "," if place < len(pieces) else ""
        if len(lines[-1]) + 1 + len(piece) <= WIDTH:
            lines[-1] += f" {piece}"
        else:
            lines.append(f"    {piece}")
    return lines


def describe_case(case) -> str:
    """The arguments of a call: shapes of arrays, values of everything else."""
    return ", ".join(_pieces(case))


def _pieces(case):
    pieces = []
    for name, value in case.arguments.items():
        if name == "cache":
            inner = zip(CACHE_PARTS[len(value)], value, strict=True)
            first, *rest = (_argument(*item) for item in inner)
            pieces += [f"cache of {first}", *rest]
        else:
            pieces.append(_argument(name, value))
    return [*pieces, *(f"{name} left out" for name in case.optional)]


def _argument(name, value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    if not isinstance(value, np.ndarray):
        return f"{name} {value!r}" if isinstance(value, str) else f"{name} {value}"
    text = f"{name} of shape {value.shape}"
    if value.dtype != np.float64:
        text += f" and dtype {value.dtype}"
    if value.size <= SMALL and value.ndim <= 2:
        text += f" = {value.tolist()}"
    return text


def _what_is_wrong(verdict, failed) -> list[str]:
    """What is wrong with the first failing run of a check; the first line stands alone."""
    run, outcome = failed.failing, failed.failing.outcome
    if outcome.problem:
        return f"{verdict.sheet.name} {outcome.problem.text}".splitlines()
    if failed.check.kind == "cache":
        return [f"{outcome.cache}."]
    if failed.check.kind == "unchanged":
        if not outcome.changed:
            return ["counted only when some of the values are right, and none are yet."]
        changed = ", ".join(outcome.changed)
        return [
            f"the call changed {changed}, which belongs to the caller.",
            "Write into a new array, or into a copy made with .copy().",
        ]
    return _wrong_values(verdict, run, failed.check.outputs)


def wrong_output(verdict: Verdict, run: Run, names=()):
    """The first wrong output of a run: (name, got, expected, wrong); None if all are right.

    wrong: a boolean array, or None where the shapes differ
    """
    for name, expected in run.case.expected.values.items():
        got = run.outcome.values[name]
        if names and name not in names:
            continue
        if got.shape != expected.shape:
            return name, got, expected, None
        wrong = wrong_cells(got, expected, verdict.sheet.tolerance, run.precision)
        if wrong.any():
            return name, got, expected, wrong
    return None


def _wrong_values(verdict, run, names):
    name, got, expected, wrong = wrong_output(verdict, run, names)
    if wrong is None:
        what = "a single number, shape ()" if expected.ndim == 0 else f"shape {expected.shape}"
        return [f"{name} has shape {got.shape}, expected {what}."]
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    text = f"{place} is {_value(got[index])}, expected {_value(expected[index])}"
    if wrong.size > 1:
        text += f" ({wrong.sum()} of {wrong.size} values are wrong)"
    return [text + "."]


def _value(value):
    return str(bool(value)) if value.dtype.kind == "b" else number(value)
