"""Store the public case sets in files, which `nbexercise.judging.storage` loads.

A file is rewritten only if the definition of its exercise has changed. The last digits of np.exp,
np.mean and matrix products differ between processors and versions of NumPy, and a file must not
depend on the machine that built it.
"""

import itertools
import json
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.calling import call
from ..judging.comparing import COMPARED, close, signature
from ..judging.kinds import looked_at
from ..judging.model import CallOutcome, Case, CaseSet, Problem, Signature
from ..judging.storage import (
    ARRAY,
    EXPECTED,
    NESTED,
    SIGNATURE,
    STORED_AS,
    VALUE,
    taken_apart,
)
from .exercise import Exercise
from .key import Sources, definition_key

__all__ = ["dump_case_set", "is_of", "public_case_set", "to_store"]

Array = NDArray[Any]

# Version of the code that turns definitions into files. Increase it when a change to `Exercise`, to
# the judge's `call` or to the file format must reach the stored cases; a course's test should
# compare these with its definitions. The key already contains the fields of outcomes that the kinds
# of checks compare.
FORMAT = "24"

# Expected outputs are often fractions, such as means over 9 numbers. Storing them as fractions
# takes half the space, and changes them by at most this many rounding errors.
ROUNDINGS = 4
LARGEST_ODD = 50  # bound of the odd factor of a denominator
BITS = 24  # largest exponent of the power of two in a denominator


def to_store(exercise: Exercise, sources: Sources, stored: bytes = b"") -> bytes:
    """Return the contents of an exercise's file: `stored` if the definition is unchanged."""
    if stored and is_of(exercise, sources, stored):
        return stored
    return dump_case_set(public_case_set(exercise), _key(exercise, sources))


def public_case_set(exercise: Exercise) -> CaseSet:
    """Return the public case set of an exercise, with what its outputs depend on."""
    case_set = exercise.case_set()
    return replace(case_set, depends=_depends(exercise, case_set))


def _depends(exercise: Exercise, case_set: CaseSet) -> tuple[tuple[str, str], ...]:
    """Return pairs of an output and an argument that it depends on in every case."""
    first, pairs = case_set.cases[0], []
    for output, part in itertools.product(first.expected.values, first.parts):
        if not all(output in case.expected.values for case in case_set.cases):
            continue  # a call of a class, which the other cases do not make
        others = [case.with_another(part) for case in case_set.cases]
        differ = [
            _differs(exercise, other, output, case.expected.values[output])
            for case, other in zip(case_set.cases, others, strict=True)
            if other is not None
        ]
        if differ and all(differ):
            pairs.append((output, part))
    return tuple(pairs)


def _differs(exercise: Exercise, case: Case, output: str, expected: Any) -> bool:
    """True if a correct function returns an output that differs from the expected one."""
    values = call(exercise.returns, case, exercise.vectorized).outcome.values
    return output in values and not close(values[output], expected, 1e-6)


def is_of(exercise: Exercise, sources: Sources, stored: bytes) -> bool:
    """True if a file's contents belong to the current definition of the exercise."""
    return stored.startswith(_beginning(_key(exercise, sources)))


def _key(exercise: Exercise, sources: Sources) -> str:
    fields = sorted(looked_at(exercise.checks))
    return definition_key(exercise.name, ".".join([FORMAT, *fields]), sources)


def _beginning(key: str) -> bytes:
    return f'{{"key":"{key}"'.encode()


def dump_case_set(case_set: CaseSet, key: str = "") -> bytes:
    """Return the contents of a case set's file, for `load_case_set`.

    Parameters
    ----------
    key
        Key of the definition from which the case set was made.
    """
    packer = _Packer({"values", *COMPARED, *looked_at(case_set.checks)})
    text = {field.name: getattr(case_set, field.name) for field in fields(CaseSet)}
    if not case_set.solution:  # tools/solutions.py adds solutions only to the notebooks' copies
        del text["solution"]
    for name in NESTED:
        text[name] = [_not_by_default(item) for item in text[name]]
    for name in ("cases", "fresh"):
        text[name] = [
            {
                "group": case.group,
                "arguments": packer.pack(case.arguments),
                "expected": packer.pack(case.expected),
                "mistaken": [
                    packer.mistaken(case.mistaken[mistake.name], case.expected)
                    for mistake in (case_set.mistakes if case.mistaken else ())
                ],
                **({"optional": packer.pack(case.optional)} if case.optional else {}),
            }
            for case in text[name]
        ]
    sums = [packer.pack(np.array(column, "<i8")) for column in packer.sums]
    flat = [
        np.concatenate([np.zeros(0, dtype), *packer.flat.get(dtype.str, [])]).astype(dtype)
        for dtype in STORED_AS
    ]
    counts = [len(numbers) for numbers in flat]
    document = {"key": key, "numbers": counts, "sums": sums, "case_set": text}
    line = json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode()
    assert line.startswith(_beginning(key))
    planes = [numbers.view(np.uint8).reshape(-1, numbers.itemsize).T for numbers in flat]
    return b"\n".join([line, b"".join(plane.tobytes() for plane in planes)])


class _Packer:
    """Converter of values to JSON; the numbers of arrays are collected in `flat`, by stored dtype.

    Parameters
    ----------
    fields
        Fields of an outcome to store: only those that are compared.
    """

    def __init__(self, fields: Collection[str]) -> None:
        self.fields = fields
        self.flat: dict[str, list[Array]] = {}
        self.length: dict[str, int] = {}
        self.seen: dict[tuple[Any, ...], list[Any]] = {}
        self.sums: tuple[list[int], list[int]] = ([], [])

    def pack(self, value: Any, roundings: int = 0) -> Any:
        """Return a value as JSON; numbers of arrays may change by `roundings` rounding errors."""
        if isinstance(value, np.ndarray):
            return {ARRAY: self._place(value, roundings)}
        if isinstance(value, Signature):
            for column, one in zip(self.sums, value.sums, strict=True):
                column.append(one)
            usual = value.dtype == float and not value.odd
            rest = [] if usual else [value.dtype.str, value.odd]
            return {SIGNATURE: [value.shape, value.scale, *rest]}
        if isinstance(value, list):
            return [self.pack(item, roundings) for item in value]
        if parts := taken_apart(value):
            return {parts[0]: self.pack(parts[1], roundings)}
        if isinstance(value, Mapping):
            return {key: self.pack(item, roundings) for key, item in value.items()}
        if isinstance(value, CallOutcome):
            fields = _not_by_default(value).items()
            return self.pack({k: v for k, v in fields if k in self.fields}, ROUNDINGS)
        if isinstance(value, Problem):
            return _not_by_default(value)
        return value

    def mistaken(self, outcome: CallOutcome, expected: CallOutcome) -> dict[str, Any]:
        """Return a mistake's outcome as JSON, with signatures of the outputs that are wrong."""
        text = self.pack(replace(outcome, values={}))
        for name, value in outcome.values.items():
            if isinstance(value, np.ndarray):
                right = expected.values.get(name)
                same = isinstance(right, np.ndarray) and _identity(value) == _identity(right)
                value = EXPECTED if same else signature(value)
            elif not isinstance(value, Signature):
                text["values"][name] = {VALUE: self.pack(value)}
                continue
            text["values"][name] = self.pack(value)
        return text

    def _place(self, array: Array, roundings: int) -> list[Any]:
        """Store an array and return [dtype, stored dtype, scale, start, shape].

        Equal arrays are stored once.
        """
        key = _identity(array)
        if key not in self.seen:
            kept, scale = _shortest(array, roundings)
            stored = kept.dtype.str
            start = self.length.get(stored, 0)
            self.flat.setdefault(stored, []).append(kept.ravel())
            self.length[stored] = start + kept.size
            self.seen[key] = [array.dtype.str, stored, scale, start, list(array.shape)]
        return self.seen[key]


def _not_by_default(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by name, without those that equal their default."""
    values = {field.name: getattr(value, field.name) for field in fields(value)}
    defaults = {field.name: field.default for field in fields(value)}
    return {name: value for name, value in values.items() if value != defaults[name]}


def _identity(array: Array) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, array.tobytes()


def _shortest(array: Array, roundings: int) -> tuple[Array, float]:
    """Return an array in its shortest stored form, and its scale (0 if it has none).

    The loaded array is the stored one divided by the scale.

    Parameters
    ----------
    roundings
        Number of rounding errors of the array's dtype by which a number may change.
    """
    if array.dtype.kind in "biu":
        fitting = (array.astype(dtype) for dtype in (*STORED_AS[:3], STORED_AS[-1]))
        return next(one for one in fitting if np.array_equal(one, array)), 0
    if np.all(np.abs(array) < 2.0**32):  # larger numbers and nan fit into no integer type
        for odd in range(1, LARGEST_ODD, 2) if roundings else (1,):
            whole, scale = _as_fractions(array.astype(float), odd)
            off = np.abs((whole / scale).astype(array.dtype) - array)
            if np.any(off > roundings * np.finfo(array.dtype).eps * np.abs(array)):
                continue
            for dtype in STORED_AS[:3]:
                with np.errstate(invalid="ignore"):  # raised by numbers that do not fit
                    kept = whole.astype(dtype)
                if np.array_equal(kept, whole) and dtype.itemsize < array.itemsize:
                    return kept, scale
    with np.errstate(over="ignore"):
        short = array.astype("<f4")
    exact = np.array_equal(short.astype(array.dtype), array, equal_nan=True)
    return (short if exact else array.astype("<f8")), 0


def _as_fractions(array: Array, odd: int) -> tuple[Array, int]:
    """Return an array as integers and a denominator, `odd` times a power of two."""
    whole, bits = np.rint(array * odd * 2.0**BITS), BITS
    while whole.any() and not np.any(whole % 2):
        whole, bits = whole / 2, bits - 1
    return whole, odd * 2**bits
