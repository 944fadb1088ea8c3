"""Plain data about an exercise for its checks: a `CaseSet` holds cases and expected outputs.

A case set holds inputs, expected outputs and the outputs of each known mistake; only notebooks for
self-study contain the solution. The public case sets are stored in `cases/`; the instructor's side
builds hidden ones from fresh inputs. The same judge uses both.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .given import Made
from .subject import subject

__all__ = ["Case", "CaseSet", "Check", "KnownMistake", "CallOutcome", "Problem", "Return"]
__all__ += [
    "PLAIN_FORMS",
    "Signature",
    "Step",
    "has_only_arrays",
    "leaves",
    "size_of",
]


# Forms of outputs.
PLAIN_FORMS = ("value", "typed", "function", "generator", "class", "table", "figure")
FORMS = ("array", "number", "mask", "cache", "arrays", *PLAIN_FORMS)
# What a form needs, by the field that holds it.
NEEDED = {"arrays": "parts", "function": "calls", "generator": "items"}
LARGE = 100  # results above it cannot be computed by hand
LINE_OF_CODE = "  line "  # prefix of a quoted line of the student's code in a problem's text
STUB = "NotImplementedError"  # key of the problem of a function that is still a stub
STUB_IN = f"{STUB} in "  # the same, before the name of a called function


@dataclass(frozen=True)
class Return:
    """One value that the function returns: its name and its form.

    Attributes
    ----------
    form
        "array", "number" (a Python number, a NumPy scalar or a 0-d array), "mask", "cache",
        "arrays" (a dictionary with fixed keys), "value" (any plain value, in which lists, tuples
        and arrays with equal items are the same), or "typed" (a plain value in which they are not).
        What is not plain is made plain by `adapters`: a "function" becomes the list of what it
        returns in `calls`, a "generator" the list of its first `items`. A "class" is driven by its
        case's only argument, a list of each `Step`, and becomes what they returned or raised. A
        "table" of pandas becomes its columns, index, kinds of data and values, and a
        "figure" of Matplotlib (what the function returns, or the current one) its labels, scales
        and drawn data.
    parts
        For a cache, the names of its arguments, in order; for a dictionary, its keys; for a class,
        its methods that return nothing, whose results are not compared.
    calls
        For a function, the argument of each call, or a tuple of arguments.
    items
        For a generator, how many items are compared.
    raises
        Names of the exceptions that the function, or the methods of the class, should raise.
    """

    name: str
    form: str = "array"
    parts: tuple[str, ...] = ()
    calls: tuple[Any, ...] = ()
    items: int = 0
    raises: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            forms = ", ".join(map(repr, FORMS))
            raise ValueError(f"output {self.name!r}: expected a form of {forms}, got {self.form!r}")
        needed = NEEDED.get(self.form)
        if needed and not getattr(self, needed):
            keys = '; if the keys depend on the case, use "value"' if needed == "parts" else ""
            raise ValueError(
                f"output {self.name!r} of the form {self.form!r}: expected {needed}, got none{keys}"
            )

    @property
    def keeps_state(self) -> bool:
        """True for a function or an object, which may keep a state of its own."""
        return self.form in ("function", "class")


class Step(NamedTuple):
    """A step of the script of a class: a call of a method, or an attribute that is read.

    The first step of a script calls the class.

    Attributes
    ----------
    arguments
        Arguments of the call; None for an attribute.
    """

    name: str
    arguments: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Check:
    """One named check and its points.

    Attributes
    ----------
    kind
        Name in `kinds.KINDS`.
    groups
        Groups of cases to check; all groups if empty.
    outputs
        Names of the outputs to check; all outputs if empty.
    """

    name: str
    points: float
    kind: str = "values"
    groups: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownMistake:
    """A known mistake: a sentence that names it and a hint on how to fix it.

    Attributes
    ----------
    section
        Heading of the section to read again.
    """

    name: str
    diagnosis: str
    hint: str
    section: str = ""


@dataclass(frozen=True)
class Problem:
    """Reason why a call returned nothing that can be compared.

    Attributes
    ----------
    kind
        "error", "limit" (of the grader), "time", "nothing", "count" or "type".
    key
        Key that is equal for problems of the same kind and cause.
    text
        Message for the student, of one or more lines.
    step
        Next step, if it is certain.
    cut
        Sentence about a slice that its array cuts short, if shapes do not match.
    passed
        Sentence about the arguments passed to the function that raised the error.
    call
        Step of a script that the problem is about; "" for a function.
    own
        Next step that follows from the problem alone, such as a missing `self` or `return`.
    """

    kind: str
    key: str
    text: str = ""
    step: str = ""
    passed: str = ""
    cut: str = ""
    call: str = ""
    own: str = ""

    def about(self, function: str) -> str:
        """Return the message as a sentence about the step, or about a function."""
        return f"{self.call or function} {self.text}"

    @property
    def quoted(self) -> list[str]:
        """Quoted lines of the student's traceback, as in "line 3, in name: code"."""
        lines = self.text.splitlines()
        return [line.strip() for line in lines if line.startswith(LINE_OF_CODE)]

    @property
    def is_not_written(self) -> bool:
        """True if the call reached the stub of the original notebook."""
        return self.key == STUB

    @property
    def waits_for(self) -> str:
        """Name of a called function whose stub the call reached; "" if it reached none."""
        return self.key.removeprefix(STUB_IN) if self.key.startswith(STUB_IN) else ""

    @property
    def is_stop(self) -> bool:
        """True if a limit of time, memory or processes has stopped the call."""
        stops = self.kind == "limit" and self.key.endswith((" time", " limit"))
        return self.kind == "time" or stops


@dataclass(frozen=True)
class Signature:
    """A short form of an array, enough to compare it with others: see `comparing.signature`.

    Attributes
    ----------
    sums
        Weighted sums of the array's finite numbers, as integers.
    scale
        Power of two by which the numbers are divided.
    dtype
        Dtype of the array.
    odd
        Hash of the positions of nan and infinities; "" if there are none.
    """

    sums: tuple[int, ...]
    shape: tuple[int, ...]
    scale: float
    dtype: np.dtype[Any] = np.dtype(float)
    odd: str = ""


@dataclass(frozen=True)
class CallOutcome:
    """Outcome of one call: named outputs, or a problem.

    A new field needs a default, which stored outcomes get; `Kind.fields` lists the fields that a
    check compares.

    Attributes
    ----------
    values
        Arrays and plain values by name; for a stored mistake, signatures of the arrays that do not
        equal the expected outputs.
    cache
        Description of the fault in the cache; "" if it is right or there is none.
    changed
        Names of the arguments that the call changed.
    repeatable
        False if a second call with equal arguments gave a different answer.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    cache: str = ""
    changed: tuple[str, ...] = ()
    problem: Problem | None = None
    repeatable: bool = True

    @property
    def size(self) -> int:
        """Number of all output values."""
        return sum(map(size_of, self.values.values()))

    @property
    def dtypes(self) -> dict[str, Any]:
        """Dtypes of the outputs by name."""
        return {name: getattr(value, "dtype", None) for name, value in self.values.items()}


def has_only_arrays(outcome: CallOutcome) -> bool:
    """True if no output is a plain value: most facts about wrong outputs are about arrays."""
    return all(isinstance(value, np.ndarray) for value in outcome.values.values())


@dataclass(frozen=True)
class Case:
    """One call: its arguments, the right outcome, and the outcome of each known mistake.

    Attributes
    ----------
    optional
        Arguments with a default that are left out of the call, as {name: default}. They are passed
        to a function that has lost its defaults.
    """

    group: str
    arguments: Mapping[str, Any]
    expected: CallOutcome
    mistaken: Mapping[str, CallOutcome]
    optional: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, Any]:
        """Arguments by name, with a cache replaced by its contents."""
        parts: dict[str, Any] = {}
        for name, value in self.arguments.items():
            names = subject().parts(name, value)
            parts |= zip(names, value, strict=True) if names else {name: value}
        return parts

    @property
    def sizes(self) -> dict[str, Any]:
        """The values that are not arrays, also in dictionaries, and the sizes of the arrays."""
        parts = self.parts
        sizes: dict[str, Any] = {}
        for name, value in parts.items():
            if isinstance(value, dict):
                sizes |= {k: v for k, v in value.items() if not isinstance(v, np.ndarray)}
            elif not isinstance(value, np.ndarray):
                sizes[name] = value
        return sizes | subject().sizes(parts)

    @property
    def is_large(self) -> bool:
        """True if the case has results above LARGE, which are shown only if no other case fails."""
        parts = (part for value in self.expected.values.values() for part in leaves(value))
        return any(isinstance(part, int | float) and abs(part) > LARGE for part in parts)

    @cached_property
    def precision(self) -> int:
        """Bytes per number of the coarsest floating-point argument."""
        values = self.arguments.values()
        items = (item for v in values for item in (v if isinstance(v, tuple) else (v,)))
        floats = (item for item in items if isinstance(item, np.ndarray) and item.dtype.kind == "f")
        return min((array.itemsize for array in floats), default=8)

    @property
    def has_matrices(self) -> bool:
        """True if an argument is an array of two or more axes."""
        values = self.parts.values()
        return any(isinstance(value, np.ndarray) and value.ndim > 1 for value in values)

    def fresh_arguments(self) -> dict[str, Any]:
        """Return a deep copy of the arguments, which a call may keep or change."""
        return copy.deepcopy(dict(self.arguments))

    def other_arguments(self) -> dict[str, Any]:
        """Return arguments of the same sizes with other values."""
        return {name: _another(value) for name, value in self.fresh_arguments().items()}

    def variations(self) -> "Iterator[Case]":
        """Yield the case with other values, and with longer lists; both have larger integers.

        The case must have no matrices, whose sizes depend on each other. A string after the first
        argument stays, as it may be the name of a mode.
        """
        given = self.fresh_arguments()
        kept = {name: value for name, value in [*given.items()][1:] if isinstance(value, str)}
        longer = {name: _longer(value) for name, value in given.items()}
        next_ = {n: v + 1 for n, v in given.items() if type(v) is int}
        for arguments in ({**self.other_arguments(), **next_}, longer):
            yield replace(self, group="", arguments={**arguments, **kept}, mistaken={})

    def with_another(self, part: str) -> "Case | None":
        """Return the case with another value for one of `parts`, or None if no other value fits.

        Sizes, strings, dictionaries of sizes and optional arguments have no other value that fits.
        """
        value = self.parts.get(part)
        other = value if isinstance(value, str) else _another(value)
        return None if other is value else self.with_values({part: other})

    def with_values(self, values: Mapping[str, Any]) -> "Case":
        """Return the case with other values for some of `parts`."""
        parts = {**self.parts, **values}
        arguments = {
            name: tuple(parts[item] for item in items) if items else parts.get(name, value)
            for name, value in self.arguments.items()
            for items in [subject().parts(name, value)]
        }
        return replace(self, arguments=arguments)


def leaves(value: Any) -> Iterator[Any]:
    """Yield the numbers, strings and other parts of a value that have no parts themselves."""
    if isinstance(value, np.ndarray):
        yield from value.ravel().tolist()
    elif isinstance(value, Mapping):
        yield from value
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def size_of(value: Any) -> int:
    """Return how many numbers and strings a value holds."""
    if isinstance(value, np.ndarray):
        return value.size
    return sum(1 for _ in leaves(value))


def _another(value: Any) -> Any:
    """Shift arrays and lists by one position and enlarge floats, also within containers.

    Numbers grow by little, so that what converges may still converge. Arrays of integers, such as
    indices, are only shifted. Values that cannot change are returned
    unchanged.
    """
    if isinstance(value, np.ndarray):
        return np.roll(value * 2 if value.dtype.kind == "f" else value, 1)
    if isinstance(value, Made):
        return value.another()
    if isinstance(value, dict):
        changed = {key: _another(item) for key, item in value.items()}
        return value if all(changed[key] is value[key] for key in value) else changed
    if isinstance(value, tuple):
        return tuple(map(_another, value))
    if isinstance(value, list) and value and not isinstance(value[0], Step):
        return [_another(item) for item in (*value[1:], value[0])]
    if isinstance(value, str):
        return value[::-1]
    return (1.5 * value or 0.5) if isinstance(value, float) else value


def _longer(value: Any) -> Any:
    """Append the reverse to a list, a string or a vector; double an integer and add 1."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return np.concatenate([value, value[::-1]])
    if isinstance(value, list):
        return [*value, *value[::-1]]
    if isinstance(value, str):
        return value + value[::-1]
    return 2 * value + 1 if type(value) is int else value


@dataclass(frozen=True)
class CaseSet:
    """All data that the judge needs about one exercise.

    Attributes
    ----------
    assignment
        Name of the notebook that contains the exercise.
    section
        Heading of the section to read again.
    fresh
        More cases, on which no check depends: a change that corrects a function is right in these,
        too.
    depends
        Pairs of an output and an argument that it depends on in every case.
    handed_out
        Statements of the function that come with its cell.
    solution
        Source of a correct function; only notebooks for self-study carry it.
    """

    name: str
    title: str
    returns: tuple[Return, ...]
    checks: tuple[Check, ...]
    mistakes: tuple[KnownMistake, ...]
    hints: tuple[str, ...]
    helpers: tuple[str, ...]
    tolerance: float
    cases: tuple[Case, ...]
    assignment: str = ""
    section: str = ""
    fresh: tuple[Case, ...] = ()
    depends: tuple[tuple[str, str], ...] = ()
    handed_out: str = ""
    solution: str = field(default="", repr=False)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def keeps_state(self) -> bool:
        """True if what a call makes may keep a state of its own."""
        return any(spec.keeps_state for spec in self.returns)

    @property
    def is_given(self) -> bool:
        """True if the notebook provides the function: its case set has no known mistakes."""
        return not self.mistakes
