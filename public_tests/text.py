"""Put a verdict into words: what passed, the first failing case, what happened, what to do next."""

import re
import textwrap

import numpy as np

from .calling import LINE_OF_CODE, NOT_WRITTEN
from .comparing import wrong_cells
from .judging import CheckResult, Run, Verdict
from .model import CACHE_PARTS

__all__ = [
    "about_helpers",
    "describe",
    "describe_case",
    "describe_graded",
    "explain",
]
__all__ += [
    "in_short",
    "not_written",
    "number",
    "sections",
    "why_undecided",
    "with_case",
    "wrapped",
]
__all__ += ["wrong_output"]

SMALL = 12  # an argument of at most so many numbers is printed in full
PRINTED_LINES = 5
LONGEST_LINE = 300  # characters of a quoted line of code that are looked at
WIDTH = 88  # characters in a line, as many as a notebook shows without breaking it


def describe(verdict: Verdict) -> str:
    """The text of a public check."""
    name, results = verdict.case_set.name, verdict.results
    passed = sum(result.passed for result in results)
    if verdict.passed:
        first = f"{name}: all {len(results)} checks passed."
    elif not_written(verdict):
        return f"{name} {verdict.failing.outcome.problem.text}"
    else:
        first = f"{name}: {passed} of {len(results)} checks passed."
    rows = [_row(result) for result in results]
    return "\n".join([first, "", *rows, *_explanation(verdict), *_notes(verdict)])


def describe_graded(verdict: Verdict) -> str:
    """The text of a graded cell; its first line alone says points and what went wrong."""
    name = verdict.case_set.name
    first = f"{name}: {number(verdict.points)} of {number(verdict.case_set.points)} points"
    if not verdict.passed:
        first += f". {in_short(verdict)}"
    if not_written(verdict):
        return first
    rows = [_row(result, points=True) for result in verdict.results]
    return "\n".join([first, "", *rows, *_explanation(verdict, graded=True), *_notes(verdict)])


def number(value) -> str:
    """A number as people write it: at most eight digits, no needless ones."""
    return f"{value:.8g}"


def not_written(verdict: Verdict) -> bool:
    """Whether the function is as it was handed out."""
    run = verdict.failing
    return run is not None and getattr(run.outcome.problem, "key", "") == NOT_WRITTEN


def _row(result: CheckResult, points=False):
    check, name = result.check, result.check.name
    undecided = "" if result.passed else why_undecided(result)
    state = "pass" if result.passed else "----" if undecided else "FAIL"
    name += f": {undecided}" if undecided else ""
    if not points:
        return f"  {state}  {name}"
    earned = check.points if result.passed else 0
    return f"  {state}  {number(earned):>4} of {number(check.points):<3}  {name}"


_WITHOUT_ANSWER = {"error": "ended in an error", "time": "did not end", "nothing": "returned None"}


def why_undecided(result: CheckResult) -> str:
    """Why a failed check found nothing wrong with what it is about; "" where it did."""
    kind, outcome = result.check.kind, result.failing.outcome
    if kind == "values" or (kind == "unchanged" and outcome.changed):
        return ""
    if outcome.problem:
        where = " in every case" if kind == "shape" else ""
        what = _WITHOUT_ANSWER.get(outcome.problem.kind, "returned something else")
        return f"not looked at{where}, as a call {what}"
    return "counts once some of the values are right" if kind == "unchanged" else ""


def in_short(verdict: Verdict) -> str:
    """What went wrong, in one line."""
    if verdict.mistakes:
        return " ".join(mistake.diagnosis for mistake in verdict.mistakes)
    if verdict.facts:
        return verdict.facts[-1]
    run = verdict.failing
    if run.outcome.problem:
        return f"The function {run.outcome.problem.text.splitlines()[0]}"
    return f"{verdict.shown.check.name}: {_what_is_wrong(verdict, verdict.shown)[0]}"


def explain(verdict: Verdict, graded=False) -> list[tuple[str, list[str]]]:
    """What is said below the checks: groups of lines, each with the name of what it is.

    The names are "remark", "case" (the first failing one, and what is wrong with it), "changed",
    "mistake", "fact", "next" and "read".

    graded: the first line of the text holds the diagnosis, and `show` does not know the case
    """
    remark = verdict.remark or about_helpers(verdict)
    groups = [("remark", ["", *wrapped(remark)])] if remark else []
    if verdict.passed:
        return groups
    failed, run = verdict.shown, verdict.failing
    case = ["", *with_case(f"First failing case, {failed.check.name}:", run.case), *_printed(run)]
    for line in _what_is_wrong(verdict, failed):
        case += [f"  {part}" for part in (wrapped(line) if line[:1] != " " else [line])]
    groups += [("case", case), ("changed", _about_changed_input(verdict))]
    if verdict.wrong_helpers:
        groups.append(("next", ["", *wrapped(_mend_helpers(verdict.wrong_helpers))]))
    elif verdict.mistakes:
        groups.append(("mistake", _about_mistakes(verdict, graded)))
        groups.append(("read", _to_read(verdict)))
    elif not verdict.repeatable:
        fact = "What happened: two calls on the same input gave different answers."
        step = "Next: look for np.random, np.empty, or a variable kept from an earlier call."
        groups += [("fact", ["", fact]), ("next", [step])]
    else:
        groups += [("fact", ["", *wrapped(text)]) for text in verdict.facts]
        groups.append(("next", _next_step(verdict, graded)))
        groups.append(("read", _to_read(verdict) if run.outcome.problem is None else []))
    return groups


def _explanation(verdict, graded=False):
    return [line for _, lines in explain(verdict, graded) for line in lines]


def about_helpers(verdict: Verdict) -> str:
    """A sentence that names the wrong helpers that a function calls; "" where it calls none."""
    name, wrong = verdict.case_set.name, verdict.wrong_helpers
    if not wrong:
        return ""
    its = "its own check" if len(wrong) == 1 else "their own checks"
    return (
        f"{name} calls your {' and '.join(wrong)}, which did not pass {its}: mend that first. "
        f"(The graded cell judges {name} with right helpers, so this costs you nothing there.)"
    )


def _mend_helpers(wrong):
    its = "its cell and its check" if len(wrong) == 1 else "their cells and their checks"
    return f"Next: mend {' and '.join(wrong)}, run {its}, then run this check again."


def _about_changed_input(verdict):
    """What was changed that belongs to the caller, where that is not the failing check itself."""
    return [
        line
        for result in verdict.results
        if result.check.kind == "unchanged" and result is not verdict.shown
        if result.failing is not None and result.failing.outcome.changed
        for line in ("", *wrapped(" ".join([f"{result.check.name}:", *_changed(result.failing)])))
    ]


def _about_mistakes(verdict, graded):
    """What happened and what to do next, for each mistake; of a single graded one the latter."""
    two = len(verdict.mistakes) > 1
    heads = ["What happened"] * len(verdict.mistakes)
    if two and [verdict.explains_failing(mistake) for mistake in verdict.mistakes] == [True, False]:
        heads = ["What happened in this case", "In other cases also"]
    lines = []
    for head, mistake in zip(heads, verdict.mistakes, strict=True):
        lines.append("")
        if two or not graded:
            lines += wrapped(f"{head}: {mistake.diagnosis}")
        lines += wrapped(f"Next: {mistake.hint}")
    return lines


def sections(verdict: Verdict) -> list[str]:
    """Which sections of the exercise's notebook explain what went wrong."""
    named = [mistake.section for mistake in verdict.mistakes] or [verdict.case_set.section]
    return list(dict.fromkeys(named))


def _to_read(verdict):
    what = " and ".join(f'"{section}"' for section in sections(verdict))
    return wrapped(f"Read again: {what} in the notebook {verdict.case_set.assignment}.")


def _next_step(verdict, graded):
    """What to do where the mistake has no name; nothing where the problem's text says so."""
    case_set, failed, problem = verdict.case_set, verdict.shown, verdict.failing.outcome.problem
    hint = f'hint("{case_set.name}") gives a hint.'
    if problem is not None:
        step = _after_error(verdict, "there" if graded else "here")
        step += f" {'In your notebook, ' if graded else ''}{hint}" if step else ""
    elif failed.check.kind == "cache":
        parts = next(one.parts for one in case_set.returns if one.form == "cache")
        step = f"make it of these, in this order: cache = ({', '.join(parts)})."
    elif graded:
        step = f"in your notebook, {hint}"
    elif failed.check.kind == "unchanged":
        step = hint
    else:
        step = f'show("{case_set.name}") draws this case; {hint}'
    return ["", *wrapped(f"Next: {step}")] if step else []


# What exceptions mean that say little to beginners: (a pattern in the first line and the last line
# of code that is quoted, what to do).
_AFTER = (
    (
        "NoneType",
        "something in the last line above is still None: a placeholder, or a function "
        "without a return.",
    ),
    (
        r"array element with a sequence\.\n.*?: (\w+)\[[^=]*\] = ",
        "one entry of {} takes one number, and got an array. Print its shape.",
    ),
    (
        "not aligned|^.*matmul: ",
        "np.dot multiplies matrices; here numbers are multiplied in pairs, with *.",
    ),
)


def _after_error(verdict, here):
    """What to do about an exception; "" where its text says so or no line of code is known.

    here: where what the function prints is shown
    """
    problem, parts = verdict.failing.outcome.problem, verdict.failing.case.parts
    unknown = re.match(r"raised (?:NameError|UnboundLocalError): [^\n]*?'(\w+)'", problem.text)
    if unknown and unknown[1] in verdict.case_set.helpers:
        return f"run the cell with your {unknown[1]} first."
    if unknown:
        return (
            f"find the line that makes {unknown[1]}. Is the name spelled the same there, and does "
            "that line run before this one?"
        )
    keys = {name: list(map(repr, value)) for name, value in parts.items() if type(value) is dict}
    if keys and problem.key.startswith("KeyError"):
        return " ".join(f"{n} has the keys {' and '.join(found)}." for n, found in keys.items())
    if problem.kind != "error" or LINE_OF_CODE not in problem.text:
        return ""
    said = problem.text.partition("\n")[0]
    said += "\n" + problem.text.rpartition(LINE_OF_CODE)[2][:LONGEST_LINE]
    for pattern, step in _AFTER:
        found = re.search(pattern, said)
        if found:
            return step.format(*found.groups())
    name, value = next(iter(parts.items()))
    shown = f"print({name}.shape)" if isinstance(value, np.ndarray) else f"print({name})"
    return (
        f"the last line quoted above is where it stopped. Put a print before it, e.g. {shown}, and "
        f"run the check again: what it prints is shown {here}."
    )


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


def with_case(head, case) -> list[str]:
    """A heading and the arguments of a call, as lines that break between two arguments."""
    return _filled([head, *_pieces(case)])


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
    if isinstance(value, dict) and any(isinstance(item, np.ndarray) for item in value.values()):
        return f"{name} of {len(value)} arrays"
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
        return f"{verdict.case_set.name} {outcome.problem.text}".splitlines()
    if failed.check.kind == "cache":
        return [f"{outcome.cache}."]
    if failed.check.kind == "unchanged":
        if not outcome.changed:
            return ["counted only when some of the values are right, and none are yet."]
        return _changed(run)
    return _wrong_values(verdict, run, failed.check.outputs)


def _changed(run):
    changed = ", ".join(run.outcome.changed)
    return [
        f"the call changed {changed}, which belongs to the caller.",
        "Write into a new array, or into a copy made with .copy().",
    ]


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
        wrong = wrong_cells(got, expected, verdict.case_set.tolerance, run.precision)
        if wrong.any():
            return name, got, expected, wrong
    return None


def _wrong_values(verdict, run, names):
    name, got, expected, wrong = wrong_output(verdict, run, names)
    if wrong is None:
        if name.endswith("]") and got.shape == (0,):
            return [f"{name} is missing: it is not computed yet."]
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
