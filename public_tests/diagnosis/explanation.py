"""Explain a verdict in sentences: the failing case, what happened, and what to do next.

`showing.text` formats the sentences as text, and `showing.report` as data.
"""

import re
from dataclasses import dataclass, field

import numpy as np

from ..judging.calling import VALUES_THERE, CaseRun, quoted_lines
from ..judging.kinds import kind_of
from ..judging.model import Case, CaseSet, KnownMistake, Problem
from ..judging.names import alike
from ..judging.verdict import CheckResult, Verdict
from ..judging.wording import WIDTH

__all__ = ["Explanation", "about_helpers", "explain", "in_short"]

PRINTED_LINES = 5
LONGEST_LINE = 300  # characters of a quoted line of code that are searched


@dataclass
class Explanation:
    """The sentences below the list of checks.

    Attributes
    ----------
    remark
        Sentence about the circumstances, such as wrong helpers.
    failed
        Failed check whose first failing case is shown; None if all passed.
    printed, wrong
        Lines that the function printed in that case, and lines about what is wrong with its answer.
    aside
        Sentences about other failed checks, such as changed arguments.
    mistakes
        Known mistakes, each with a heading.
    facts
        Facts about the answers if no known mistake explains them.
    next
        Next step; "" if the mistakes or the case contain it.
    sections
        Headings of the notebook to read again.
    """

    remark: str = ""
    failed: CheckResult | None = None
    printed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    mistakes: list[tuple[str, KnownMistake]] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    next: str = ""
    sections: list[str] = field(default_factory=list)


def explain(verdict: Verdict, graded: bool = False) -> Explanation:
    """Return the sentences to show below the list of checks.

    Parameters
    ----------
    graded
        True for a graded cell, whose cases `show` cannot draw.
    """
    said = Explanation(remark=verdict.remark or about_helpers(verdict))
    if verdict.passed:
        return said
    said.remark = " ".join(filter(None, [said.remark, _about_variables(verdict)]))
    said.failed, run = _shown(verdict)
    said.printed = _printed(run)
    said.wrong = _what_is_wrong(verdict, said.failed)
    said.aside = _aside(verdict)
    if about_helpers(verdict):
        said.next = _fix_helpers(verdict)
    elif verdict.mistakes:
        said.mistakes = list(zip(_headings(verdict), verdict.mistakes, strict=True))
        said.facts = [verdict.repair.place] if verdict.repair and verdict.repair.place else []
        said.sections = _sections(verdict)
    elif verdict.repair:
        what = "What happened" if verdict.repair.is_certain else "What may have happened"
        happened = f"{what}: {' '.join(verdict.repair.sentences)}"
        effect = verdict.repair.effect
        # The first line of a graded text says it already.
        said.facts = [*verdict.facts, " ".join([*([] if graded else [happened]), effect])]
        said.next = _certain_step(run, verdict.case_set)
    elif verdict.overwritten:
        said.facts = list(verdict.facts)
        said.next = (
            "create a new array in each call. Is one created outside the function, or as the "
            "default of an argument?"
        )
    elif not verdict.repeatable and not run.outcome.problem:
        said.facts = ["What happened: two calls on the same input gave different answers."]
        said.next = "look for np.random, np.empty, or a variable kept from an earlier call."
    else:
        said.facts = list(verdict.facts)
        said.next = _next_step(verdict, graded)
        said.sections = [] if run.outcome.problem else _sections(verdict)
    return said


def in_short(verdict: Verdict) -> str:
    """Return a one-line explanation of the failure."""
    if verdict.mistakes:
        return " ".join(mistake.diagnosis for mistake in verdict.mistakes)
    if verdict.repair:
        certain = verdict.repair.is_certain
        return " ".join([*([] if certain else ["Perhaps:"]), *verdict.repair.sentences])
    if verdict.facts:
        return verdict.facts[-1]
    failed, run = _shown(verdict)
    if run.outcome.problem:
        return f"The function {run.outcome.problem.text.splitlines()[0]}"
    for sentence in _aside(verdict):
        return sentence
    return f"{failed.check.name}: {_what_is_wrong(verdict, failed)[0]}"


def about_helpers(verdict: Verdict) -> str:
    """Return sentences about the wrong helpers that a function calls; "" if it calls none."""
    name, wrong = verdict.case_set.name, verdict.wrong_helpers
    if wrong:
        its = "its own check" if len(wrong) == 1 else "their own checks"
        said = f"your {' and '.join(wrong)}, which did not pass {its}: fix that first."
    elif verdict.changed_helpers:
        changed = " and ".join(verdict.changed_helpers)
        said = f"{changed}, which this notebook provides and a cell has changed: undo that first."
    else:
        return ""
    return (
        f"{name} calls {said} "
        f"(The graded cell judges {name} with correct helpers, so this costs you nothing there.)"
    )


def _about_variables(verdict: Verdict) -> str:
    """Return a sentence about the notebook's variables that a function reads; "" if none."""
    name, returned = verdict.case_set.name, {value.name for value in verdict.case_set.returns}
    if missing := " and ".join(n for n in verdict.variables if n in returned):
        return (
            f"No line of {name} assigns {missing}: it returns a variable that another cell of the "
            "notebook defines, so the value is the same in every call."
        )
    if verdict.variables:
        return (
            f"{name} reads {' and '.join(verdict.variables)} from the notebook, so the value is "
            f"the same in every call: no argument and no line of {name} defines "
            f"{' or '.join(verdict.variables)}."
        )
    return ""


def _fix_helpers(verdict: Verdict) -> str:
    wrong = verdict.wrong_helpers
    if not wrong:
        return (
            f"undo the changes to {' and '.join(verdict.changed_helpers)}, or copy the cell from a "
            "fresh copy of the notebook; run it, then run this check again."
        )
    its = "its cell and its check" if len(wrong) == 1 else "their cells and their checks"
    return f"fix {' and '.join(wrong)}, run {its}, then run this check again."


def _shown(verdict: Verdict) -> tuple[CheckResult, CaseRun]:
    """Return the failed check to show, and the case in which it failed."""
    assert verdict.shown and verdict.failing, "a verdict that failed has a check to show"
    return verdict.shown, verdict.failing


def _headings(verdict: Verdict) -> list[str]:
    """Return a heading for each mistake."""
    if verdict.apart:
        return ["What happened in this case", "Also in other cases"]
    return ["What happened"] * len(verdict.mistakes)


def _sections(verdict: Verdict) -> list[str]:
    """Return the headings of the notebook's sections that explain the failure."""
    named = [mistake.section for mistake in verdict.mistakes] or [verdict.case_set.section]
    return list(dict.fromkeys(named))


def _what_is_wrong(verdict: Verdict, failed: CheckResult) -> list[str]:
    """Return lines about the first failing case of a check; the first line is a full sentence."""
    run = failed.failing
    assert run, "a check that failed has a case in which it did"
    if run.outcome.problem:
        return f"{verdict.case_set.name} {run.outcome.problem.text}".splitlines()
    return [f"{failed.undecided}."] if failed.waits else _fault(verdict, failed)


def _aside(verdict: Verdict) -> list[str]:
    """Return sentences about failed checks of a kind that is reported even if not shown."""
    return [
        " ".join([f"{result.check.name}:", *_fault(verdict, result)])
        for result in verdict.results
        if kind_of(result.check).said_aside and result is not verdict.shown
        if not result.passed and not result.undecided
    ]


def _fault(verdict: Verdict, failed: CheckResult) -> list[str]:
    """Return lines about what a failed check found wrong."""
    assert failed.failing, "a check that failed has a case in which it did"
    return kind_of(failed.check).fault(failed.check, failed.failing, verdict.case_set.tolerance)


def _printed(run: CaseRun) -> list[str]:
    """Return the first lines that a function printed."""
    lines = run.printed.splitlines()
    more = ["... and more"] if len(lines) > PRINTED_LINES else []
    return [*(line[:WIDTH] for line in lines[:PRINTED_LINES]), *more]


def _next_step(verdict: Verdict, graded: bool) -> str:
    """Return the next step for an unknown mistake; "" if the problem's text contains it."""
    failed, run = _shown(verdict)
    problem = run.outcome.problem
    if problem is None and failed.check.kind == "cache" and run.outcome.changed:
        return ""  # `aside` names the changed arguments
    if problem is None:
        return kind_of(failed.check).next_step(verdict.case_set, graded)
    here = "there" if graded else "here"
    step = _certain_step(run, verdict.case_set) or _question(run, verdict.case_set, here)
    hint = f'hint("{verdict.case_set.name}") gives a hint.'
    return f"{step} {'In your notebook, ' if graded else ''}{hint}" if step else ""


# Next steps for exceptions whose messages say little to beginners, by pattern. The pattern is
# searched in the first line of the message and the last quoted line of code.
_CUT_SHORT = "If it is a slice: a slice that runs past the end of its array is cut short."
_AFTER = {
    r"(?:Cannot interpret '.*' as a data type|positional arguments? but .*)\n"
    r".*?: .*\bnp\.(zeros|ones|empty|full)\((?![([])": (
        "np.{0} takes the shape as one tuple, in its own parentheses: np.{0}((...))."
    ),
    r"NoneType|\n(?!.*\w=None).*?: .*\bNone\b": (
        "something in the last quoted line is still None: a placeholder, or a function "
        "without a return."
    ),
    r"remapped shapes.*: \((\d+),2\) +and requested shape \((\d+),2\)": (
        "np.pad takes one pair for each axis of its array, but got {0} pairs for {1} axes."
    ),
    r"broadcast .*\b0\b.*\n.*?:-(\w+)[],]": (
        "the slice that ends at -{0} is empty if {0} is 0, because -0 is 0. Compute its end from "
        "the size that it must have."
    ),
    r"array element with a sequence\.\n.*?: (\w+)\[[^=]*\] = ": (
        "one entry of {} takes one number, but got an array. Print the shape of that array."
    ),
    "inhomogeneous shape": (
        "a list or tuple whose entries have different shapes cannot become an array. Is one "
        "written in the last quoted line, or is it a result with its cache, which needs two names: "
        "A, cache = ...?"
    ),
    "only (length-1|0-dimensional) arrays|array of size 1 to a Python scalar": (
        "the last quoted line needs a single number, but got an array of several. To use all of "
        "them, call a NumPy function for whole arrays; to use one, check its index."
    ),
    "'float' object cannot be interpreted": (
        "sizes and indices are integers: / always gives a float, and // an integer."
    ),
    "shape-mismatch for sum": (
        "the arrays that the last quoted line multiplies have different shapes. Which of them is "
        f"not what you expect? {_CUT_SHORT}"
    ),
    r"broadcast.*\n.*?: .*\bd([AZ])\[[^]]*_start *: *\w+_end *, *\w+_start *: *\w+_end": (
        "the last quoted line cuts a window out of d{0}, which holds one number for each window: "
        "entry [i, h, w, c] belongs to output (h, w)."
    ),
    r"broadcast together with shapes \(\d+,(\d+)\) \(\1,\d+\) *\n(?!.*\.T\b).*\*": (
        "* multiplies element by element. The matrix product is @ or np.dot, which needs matching "
        "inner sizes: here, {0} and {0}."
    ),
    r"index \d+ is out of bounds for axis (\d+) with size ([1-9]\d*)": (
        "an index in the last quoted line is out of range: axis {0} has size {1}, and both axes "
        "and indices count from 0. Which index is it, and where do its values come from?"
    ),
    "zero-size array|of an empty sequence": (
        "an array in the last quoted line is empty. A slice is empty if it ends where it starts or "
        "lies outside its array. Print where the slice starts and ends."
    ),
    "object is not callable": (
        "parentheses call a function, but in the last quoted line they follow something else. "
        "Write X.shape without parentheses, and index an array with square brackets."
    ),
    r"truth value of an array .*\n.*?: .*\b(max|min)\(": (
        "Python's {0} compares whole arrays. np.{0} takes the {0}imum of all entries of an array, "
        "and np.{0}imum compares two arrays entry by entry."
    ),
    "truth value of an array": (
        "if, while, and, or, not need one True or False, but comparing an array gives one for each "
        "entry."
    ),
    r"for [*+/-].*'range'|type 'range'": (
        "a range is no array: np.arange(n) is one, and can be multiplied and added."
    ),
    "'bitwise_xor' not supported|for \\^:": ("in Python, the power operator is **, not ^."),
    r"NotImplementedError": (
        "delete the last quoted line, which came with the cell: your code is above it, and the "
        "function always stops there."
    ),
    r"ModuleNotFoundError: No module named '([\w.]+)'": (
        "{0} is not installed here. NumPy, as np, is all you need."
    ),
    r"\n.*?: .*\binput\(": (
        "the function gets its values as arguments: take input() out of the last quoted line."
    ),
    "'ellipsis'": ("the ... in the last quoted line stands for code that is still to be written."),
}
_TWO_SHAPES = (
    "the shapes in the message are those of two arrays, or of results, in the last quoted line. "
    "Which of them is not what you expect?"
)
# Next steps for shapes that do not match: (pattern, step, sentence to add). The step is replaced if
# the operands are known.
_SHAPES = (
    (
        "not aligned|^.*matmul: ",
        "a matrix product, @ or np.dot, needs the last size of its first factor to equal the "
        "second-to-last size of its second. Print both shapes: which is not what you expect?",
        "",
    ),
    # A failed broadcast in a line without slices, and in any line.
    (r"broadcast.*\((?:\d+,)?\d*\) \((?:\d+,)?\d*\)\s*\n(?!.*\[[^]]*:)", _TWO_SHAPES, ""),
    ("broadcast", _TWO_SHAPES, f" {_CUT_SHORT}"),
)

# Names that NumPy removed in version 1.24 or 2.0, and their replacements.
_REMOVED = {
    **{name: name for name in ("bool", "complex", "float", "int", "object", "str")},
    **{"asscalar": "array.item()", "cumproduct": "np.cumprod", "product": "np.prod"},
    **{"complex_": "np.complex128", "float_": "np.float64", "round_": "np.round"},
    **{"alltrue": "np.all", "sometrue": "np.any"},
    **{"Inf": "np.inf", "Infinity": "np.inf", "infty": "np.inf", "NaN": "np.nan"},
}


def _certain_step(run: CaseRun, case_set: CaseSet) -> str:
    """Return the next step after an exception whose cause is known; "" for other failures."""
    problem, case = run.outcome.problem, run.case
    if problem is None:
        return ""
    unknown = re.match(r"raised (?:NameError|UnboundLocalError): [^\n]*?'(\w+)'", problem.text)
    if unknown:
        return _after_unknown(unknown[1], problem, case, case_set)
    keys = {name: list(map(repr, v)) for name, v in case.parts.items() if type(v) is dict}
    if keys and problem.key.startswith("KeyError"):
        return " ".join(f"{n} has the keys {' and '.join(its)}." for n, its in keys.items())
    said = _to_search(problem)
    last = said.partition("\n")[2]
    removed = re.search(r"(?:has no attribute '|`np\.)(\w+)(?:'|` was removed)", said)
    if removed and removed[1] in _REMOVED and "np." in last:
        return f"write {_REMOVED[removed[1]]}, which replaces np.{removed[1]}."
    for pattern, step in _AFTER.items() if said else ():
        if match := re.search(pattern, said):
            return " ".join(filter(None, [step.format(*match.groups()), problem.passed]))
    return ""


def _to_search(problem: Problem) -> str:
    """Return an exception's message and its last quoted line; "" if no code is quoted."""
    last = (quoted_lines(problem) or [""])[-1]
    if problem.kind != "error" or not last:
        return ""
    return problem.text.partition("\n")[0] + "\n" + last[:LONGEST_LINE]


def _question(run: CaseRun, case_set: CaseSet, here: str) -> str:
    """Return a guiding question after an exception; "" if no code is quoted.

    here: "here" or "there", the place where printed text is shown
    """
    problem = run.outcome.problem
    said = _to_search(problem) if problem else ""
    if not problem or not said:
        return ""
    step = next((s for s in _SHAPES if re.search(s[0], said)), None)
    sentence = f"{problem.step or step[1]}{step[2]}" if step else ""
    return " ".join(filter(None, [sentence, problem.passed])) or _after_stop(
        problem, run.case, case_set, here
    )


def _after_unknown(name: str, problem: Problem, case: Case, case_set: CaseSet) -> str:
    """Return the next step if a name is not defined."""
    if name in case_set.helpers:
        return f"run the cell with {name} first."
    dotted = re.search(rf"\b{name}\.(\w+)", problem.text)
    if dotted and f"{name}_{dotted[1]}" in case.parts:
        return f"did you mean {name}_{dotted[1]}?"
    if meant := alike(name, case_set.helpers):
        return f"did you mean {meant[0]}?"
    return problem.step or (
        f"find the line that defines {name}. Is the name spelled the same there, and does that "
        "line run before this one?"
    )


def _after_stop(problem: Problem, case: Case, case_set: CaseSet, here: str) -> str:
    """Return the next step after an unknown exception."""
    name, value = next(iter(case.parts.items()))
    shown = f"print({name}.shape)" if isinstance(value, np.ndarray) else f"print({name})"
    # In a function called by the exercise's, the argument's name is undefined or a global.
    in_it, before = f"in {case_set.name}:", quoted_lines(problem)[:-1]
    whose = f" of {case_set.name}" if any(in_it in line for line in before) else ""
    stopped = f"the last line{whose} quoted above is where it stopped."
    if VALUES_THERE in problem.text:
        return f"{stopped} Are the values below it what you expect, and does it use them correctly?"
    return (
        f"{stopped} Put a print before it, e.g. "
        f"{shown}, and run the check again: the output is shown {here}."
    )
