"""The next step after an exception: a table of messages that say little to beginners."""

import re

import numpy as np

from ..judging.calling import VALUES_THERE, CaseRun
from ..judging.model import Case, CaseSet, Problem
from ..judging.names import alike, not_assigned
from ..judging.subject import subject
from ..judging.values import Raised
from ..judging.wording import listed, with_article

__all__ = ["certain_step", "next_step"]

LONGEST_LINE = 300  # characters of a quoted line of code that are searched

# Next steps for exceptions whose messages say little to beginners, by pattern. The pattern is
# searched in the first line of the message and the last quoted line of code.
_AFTER = {
    r"^.*maximum recursion depth": (
        "the function calls itself without end. For which arguments must it return without calling "
        "itself, and does every call come closer to them?"
    ),
    r"NoneType.*\n.*?(\w[\w.\[\]]*)\.(sort|append|extend|insert|reverse|update)\(": (
        "{0}.{1}(...) changes {0} itself and returns None: call it in a line of its own."
    ),
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
    r"(?:remapped|inhomogeneous) shape.*\n.*?: .*\bnp\.pad\(": (
        "np.pad takes a pair of numbers for each axis of its array: how much to add before it, and "
        "how much after it."
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
        "not what you expect?"
    ),
    r"index \d+ is out of bounds for axis (\d+) with size ([1-9]\d*)": (
        "an index in the last quoted line is out of range: axis {0} has size {1}, and both axes "
        "and indices count from 0. Which index is it, and where do its values come from?"
    ),
    "zero-size array|of an empty sequence": (
        "an array in the last quoted line is empty. A slice is empty if it ends where it starts or "
        "lies outside its array. Print where the slice starts and ends."
    ),
    "'tuple' object is not callable": (
        "a comma is missing between two pairs of parentheses in the last quoted line."
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
    r"object has no attribute '(\w+)'\n.*?: .*\bself\.\1\b(?!\()": (
        "nothing has been assigned to self.{0} yet. Does __init__ assign it, under the same name?"
    ),
    "'ellipsis'": ("the ... in the last quoted line stands for code that is still to be written."),
}
# The same, for messages about which a subject may know more.
_OF_SHAPES = {
    r"broadcast together with shapes \(\d+,(\d+)\) \(\1,\d+\) *\n(?!.*\.T\b).*\*": (
        "* multiplies element by element. The matrix product is @ or np.dot, which needs matching "
        "inner sizes: here, {0} and {0}."
    ),
}
# Next steps for shapes that do not match, by pattern. They are replaced if the operands are known.
_SHAPES = {
    "not aligned|^.*matmul: ": (
        "a matrix product, @ or np.dot, needs the last size of its first factor to equal the "
        "second-to-last size of its second. Print both shapes: which is not what you expect?"
    ),
    "broadcast": (
        "the shapes in the message are those of two arrays, or of results, in the last quoted "
        "line. Which of them is not what you expect?"
    ),
}

# Names that NumPy removed in version 1.24 or 2.0, and their replacements.
_REMOVED = {
    **{name: name for name in ("bool", "complex", "float", "int", "object", "str")},
    **{"asscalar": "array.item()", "cumproduct": "np.cumprod", "product": "np.prod"},
    **{"complex_": "np.complex128", "float_": "np.float64", "round_": "np.round"},
    **{"alltrue": "np.all", "sometrue": "np.any"},
    **{"Inf": "np.inf", "Infinity": "np.inf", "infty": "np.inf", "NaN": "np.nan"},
}


def next_step(run: CaseRun, case_set: CaseSet, here: str) -> str:
    """Return the next step after an exception, or a guiding question; "" if no code is quoted.

    Parameters
    ----------
    here
        "here" or "there", the place where printed text is shown.
    """
    return certain_step(run, case_set) or _question(run, case_set, here)


def certain_step(run: CaseRun, case_set: CaseSet) -> str:
    """Return the next step after an exception whose cause is known; "" for other failures."""
    problem, case = run.outcome.problem, run.case
    if problem is None or problem.own:
        return problem.own if problem else ""
    unknown = re.match(r"raised (?:NameError|UnboundLocalError): ([^\n]*?)'(\w+)'", problem.text)
    if unknown:
        step = _after_unknown(unknown[2], problem, case, case_set)
        if unknown[1] == "name ":
            return _unassigned(unknown[2], step, problem, case_set)
        return _skipped(unknown[2], problem, case, case_set) if step.startswith("find") else step
    keys = {name: list(map(repr, v)) for name, v in case.parts.items() if type(v) is dict}
    if keys and problem.key.startswith("KeyError"):
        return " ".join(f"{n} has the keys {' and '.join(its)}." for n, its in keys.items())
    error_text = _to_search(problem)
    last = error_text.partition("\n")[2]
    values = case.expected.values
    right = values.get(problem.call) if problem.call else next(iter(values.values()), None)
    must_raise = isinstance(right, Raised) and right.name and problem.kind in ("error", "time")
    if must_raise or ": raise " in last and problem.call:
        error = right if isinstance(right, Raised) else Raised("")
        named = error.name and problem.kind == "error"
        other = f", not {with_article(problem.key.partition(':')[0])}" if named else ""
        return f"here, {problem.call or case_set.name} must raise {error!r}{other}."
    removed = re.search(r"(?:has no attribute '|`np\.)(\w+)(?:'|` was removed)", error_text)
    if removed and removed[1] in _REMOVED and "np." in last:
        return f"write {_REMOVED[removed[1]]}, which replaces np.{removed[1]}."
    steps = {**_AFTER, **subject().next_steps, **_OF_SHAPES}
    for pattern, step in steps.items() if error_text else ():
        if match := re.search(pattern, error_text):
            parts = step.format(*match.groups()), problem.cut, problem.passed
            return " ".join(filter(None, parts))
    return ""


def _to_search(problem: Problem) -> str:
    """Return an exception's message and its last quoted line; "" if no code is quoted."""
    last = (problem.quoted or [""])[-1]
    if problem.kind != "error" or not last:
        return ""
    return problem.text.partition("\n")[0] + "\n" + last[:LONGEST_LINE]


def _question(run: CaseRun, case_set: CaseSet, here: str) -> str:
    """Return a guiding question after an exception; "" if no code is quoted."""
    problem = run.outcome.problem
    error_text = _to_search(problem) if problem else ""
    if not problem or not error_text:
        return ""
    step = next((s for pattern, s in _SHAPES.items() if re.search(pattern, error_text)), "")
    sentence = step and (problem.step or step)
    asked = " ".join(filter(None, [sentence, problem.cut, problem.passed]))
    return asked or _after_stop(problem, run.case, case_set, here)


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


def _unassigned(name: str, step: str, problem: Problem, case_set: CaseSet) -> str:
    """Return the next step if no line of a function assigns a name, after that sentence."""
    function = _function_quoted(problem)
    is_called = re.search(rf"\b{name}\(", problem.text)
    if name in case_set.helpers or is_called or not function:
        return step
    sentence = f"no line of {function} assigns {name}"
    for line in case_set.handed_out.splitlines():
        if name in re.findall(r"\w+", line.partition(" = ")[0]) and " = " in line:
            return f"{sentence}: the line {line}, which came with the cell, is missing or changed."
    if step.startswith("did you mean"):
        return f"{sentence}: {step}"
    if name in [value.name for value in case_set.returns]:
        return f"{sentence}. Which line computes it, and what does it do with the result?"
    return f"{sentence}. Which name did you mean?" if step.startswith("find") else step


def _skipped(name: str, problem: Problem, case: Case, case_set: CaseSet) -> str:
    """Return the next step if no line that assigns a local variable ran before it was read."""
    modes = [f"{n} {v!r}" for n, v in case.parts.items() if isinstance(v, str) and v.isidentifier()]
    sentence = not_assigned(name, _function_quoted(problem) or case_set.name)
    with_modes = f"with {listed(modes)}, " if modes else ""
    return f"{with_modes}{sentence} Is it in a branch that was skipped, or further down?"


def _function_quoted(problem: Problem) -> str:
    """Return the name of the function whose line is quoted last; "" if there is none."""
    function = re.search(r", in (\w+): ", (problem.quoted or [""])[-1])
    return function[1] if function else ""


def _after_stop(problem: Problem, case: Case, case_set: CaseSet, here: str) -> str:
    """Return the next step after an unknown exception."""
    name, value = next(iter(case.parts.items()))
    name = "vars(self)" if case_set.returns[0].form == "class" else name
    shown = f"print({name}.shape)" if isinstance(value, np.ndarray) else f"print({name})"
    # In a function called by the exercise's, the argument's name is undefined or a global.
    in_it, before = f"in {case_set.name}:", problem.quoted[:-1]
    whose = f" of {case_set.name}" if any(in_it in line for line in before) else ""
    stopped = f"the error was raised in the last line{whose} quoted above."
    if VALUES_THERE in problem.text:
        return f"{stopped} Are the values below it what you expect, and does it use them correctly?"
    step = f"Put a print before it, e.g. {shown}, and run the check again"
    return f"{stopped} {step}: the output is shown {here}."
