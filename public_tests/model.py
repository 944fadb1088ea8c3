"""What a check knows about an exercise, as plain data: a `CaseSet`, cases with their right answers.

A case set holds inputs, expected outputs, and what each known mistake would answer; the solution is
only in notebooks for self-study. The public case sets are stored in `cases/`; the instructor's side
builds hidden ones from fresh inputs. Both go to the same judge.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

__all__ = ["Case", "CaseSet", "Check", "KnownMistake", "CallOutcome", "Problem", "Return"]
__all__ += ["Signature"]


CACHE_PARTS = {
    1: ("Z",),
    2: ("A_prev", "hparameters"),
    3: ("A_prev", "W", "b"),
    4: ("A_prev", "W", "b", "hparameters"),
}


@dataclass(frozen=True)
class Return:
    """One value that the function returns: its name and its form.

    Attributes
    ----------
    form
        "array", "number" (a Python number, a NumPy scalar or a 0-d array), "mask", "cache",
        or "arrays", a dictionary.
    parts
        For a cache, the names of the arguments it must hold, in order; for a dictionary its
        keys.
    """

    name: str
    form: str = "array"
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One named check and what it is worth.

    Attributes
    ----------
    kind
        What kind of check it is: a name in `kinds.KINDS`.
    groups
        The groups of cases it looks at; all of them if empty.
    outputs
        The names of the outputs it looks at; all of them if empty.
    """

    name: str
    points: float
    kind: str = "values"
    groups: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownMistake:
    """A known mistake: the sentence that names it and the thought that leads out of it.

    Attributes
    ----------
    section
        What to read again.
    """

    name: str
    diagnosis: str
    hint: str
    section: str = ""


@dataclass(frozen=True)
class Problem:
    """Why a call gave nothing that can be compared.

    Attributes
    ----------
    kind
        "error", "limit" (of the grader), "time", "nothing", "count" or "type".
    key
        What two problems must share to count as the same one.
    text
        The message for the student, possibly of several lines.
    step
        What to do next, where that is certain.
    passed
        What the function passed to another one in which the error was raised.
    """

    kind: str
    key: str
    text: str = ""
    step: str = ""
    passed: str = ""


@dataclass(frozen=True)
class Signature:
    """What is stored of an array that is only compared with others: see `comparing.signature`.

    Attributes
    ----------
    sums
        Weighted sums of its finite numbers, whole numbers.
    scale
        A power of two, their unit.
    dtype
        Its dtype.
    odd
        Where it holds nan and infinities; "" if it holds none.
    """

    sums: tuple[int, ...]
    shape: tuple[int, ...]
    scale: float
    dtype: np.dtype[Any] = np.dtype(float)
    odd: str = ""


@dataclass(frozen=True)
class CallOutcome:
    """What one call gave: named outputs, or a problem.

    A new field needs a default, which the stored outcomes have; `Kind.fields` says who looks at it.

    Attributes
    ----------
    values
        Arrays; of a stored mistake signatures, if they are not the expected outputs.
    cache
        "" if the cache is right or there is none, else what is wrong with it.
    changed
        Names of the arguments that the call changed.
    repeatable
        False if a second call on equal arguments gave another answer.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    cache: str = ""
    changed: tuple[str, ...] = ()
    problem: Problem | None = None
    repeatable: bool = True

    @property
    def dtypes(self) -> dict[str, Any]:
        """The dtypes of the outputs by their names."""
        return {name: value.dtype for name, value in self.values.items()}


@dataclass(frozen=True)
class Case:
    """One call: its arguments, the right outcome, and the outcome of each known mistake.

    Attributes
    ----------
    optional
        Arguments with a default, which are left out of the call, as {name: default}; they
        are given to a function that has lost its default.
    """

    group: str
    arguments: Mapping[str, Any]
    expected: CallOutcome
    mistaken: Mapping[str, CallOutcome]
    optional: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, Any]:
        """The arguments by name, with those in a cache in its place."""
        found: dict[str, Any] = {}
        for name, value in self.arguments.items():
            inside = name == "cache"
            found |= zip(CACHE_PARTS[len(value)], value, strict=True) if inside else {name: value}
        return found

    @property
    def is_transposed(self) -> bool:
        """Whether values of the input spread over the output, and not windows of it over them."""
        return "output_pad" in self.parts.get("hparameters", ())

    @property
    def sizes(self) -> dict[str, Any]:
        """The numbers that a case is about, where it has them: m, n_C_prev, n_C, f, stride, pad.

        And n_H, n_W (of dZ, dA or shape), mode, float32 and whatever else is no array.
        """
        parts = self.parts
        found: dict[str, Any] = {}
        for name, value in parts.items():
            if isinstance(value, dict):
                found |= {k: v for k, v in value.items() if not isinstance(v, np.ndarray)}
            elif not isinstance(value, np.ndarray):
                found[name] = value
        if "A_prev" in parts:
            found["m"], *_, channels = parts["A_prev"].shape
            found |= {"n_C_prev": channels} if parts["A_prev"].ndim == 4 else {}
            found["float32"] = parts["A_prev"].dtype == np.float32
        if getattr(parts.get("W"), "ndim", 0) == 4:
            found["f"], _, *channels = parts["W"].shape
            # A transposed convolution has a filter for each channel of its input, the last axis.
            found["n_C"] = channels[0 if self.is_transposed else 1]
        for name in ("dZ", "dA"):
            if name in parts and parts[name].ndim == 4:
                found["n_H"], found["n_W"] = parts[name].shape[1:3]
        if "shape" in parts:
            found["n_H"], found["n_W"] = parts["shape"]
        return found

    def fresh_arguments(self) -> dict[str, Any]:
        """A deep copy of the arguments, for one call to keep or to spoil."""
        return copy.deepcopy(dict(self.arguments))

    def other_arguments(self) -> dict[str, Any]:
        """Arguments of the same sizes and other values, for a call whose answer does not count."""
        return {name: _another(value) for name, value in self.fresh_arguments().items()}

    def with_another(self, part: str) -> "Case | None":
        """The case with another value for one of `parts`, in a cache too; None where there is none.

        A size, a mode or a dictionary of sizes has no other that fits, nor what a call leaves out.
        """
        value = self.parts.get(part)
        other = _another(value)
        if other is value:
            return None
        arguments = dict(self.arguments)
        if part in arguments:
            arguments[part] = other
        else:
            cache = arguments["cache"]
            arguments["cache"] = tuple(other if item is value else item for item in cache)
        return replace(self, arguments=arguments)


def _another(value: Any) -> Any:
    """Arrays moved by one place and doubled, but for labels; in tuples and dictionaries too."""
    if isinstance(value, np.ndarray):
        return np.roll(value * 2 if value.dtype.kind == "f" else value, 1)
    if isinstance(value, dict):
        found = {key: _another(item) for key, item in value.items()}
        return value if all(found[key] is value[key] for key in value) else found
    if isinstance(value, tuple):
        return tuple(map(_another, value))
    return 2 * value + 1 if isinstance(value, float) else value


@dataclass(frozen=True)
class CaseSet:
    """Everything the judge needs to know about one exercise.

    Attributes
    ----------
    assignment
        The notebook that holds it.
    section
        What of that to read again.
    slips
        What is said of a function whose wrong values have a key, by this key: see `slips`.
    depends
        Pairs of an output and an argument that it depends on, whatever the case.
    solution
        The text of a right function, which only notebooks for self-study carry.
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
    slips: Mapping[str, str] = field(default_factory=dict)
    depends: tuple[tuple[str, str], ...] = ()
    solution: str = field(default="", repr=False)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)
