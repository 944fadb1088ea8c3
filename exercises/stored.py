"""What is stored of the public case sets, for `public_tests.storage` to load.

A file stays as it is while the definition of its exercise does: np.exp, np.mean and matrix products
end in other digits on other processors and in other versions of NumPy, and no file may depend on
the machine that built it.
"""

import itertools
import json
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from convnet.types import Array
from exercises.exercise import Exercise
from exercises.key import definition_key
from exercises.slips import stored_slips
from public_tests.calling import call
from public_tests.comparing import COMPARED, close, signature
from public_tests.kinds import looked_at
from public_tests.model import CallOutcome, Case, CaseSet, Problem, Signature
from public_tests.storage import ARRAY, EXPECTED, NESTED, SIGNATURE, STORED_AS, TUPLE

__all__ = ["dump_case_set", "is_of", "to_store"]

# Of what is made of a definition. Raise it when a change of `Exercise`, of the judge's `call` or of
# the files' form is to reach the stored cases; `tests/public_tests/test_storage.py` says when. A
# field of outcomes that a kind names for the first time reaches them without: it is in the key.
FORMAT = "16"

# Expected outputs are often fractions, such as means over 9 numbers: those are stored as fractions,
# which takes half the place, and differ then by some roundings from what was computed.
ROUNDINGS = 4
LARGEST_ODD = 50  # that a denominator may be divisible by
BITS = 24  # of the power of two in a denominator


def to_store(exercise: Exercise, stored: bytes = b"") -> bytes:
    """The bytes of an exercise's file: those stored, where they are of the same definition."""
    if is_of(exercise, stored):
        return stored
    case_set = exercise.case_set()
    slips, depends = stored_slips(exercise, case_set), _depends(exercise, case_set)
    return dump_case_set(replace(case_set, slips=slips, depends=depends), _key(exercise))


def _depends(exercise: Exercise, case_set: CaseSet) -> tuple[tuple[str, str], ...]:
    """The outputs with the arguments that they depend on, in every case that has another value."""
    first, found = case_set.cases[0], []
    for output, part in itertools.product(first.expected.values, first.parts):
        others = [case.with_another(part) for case in case_set.cases]
        differ = [
            not close(_value(exercise, other, output), case.expected.values[output], 1e-6)
            for case, other in zip(case_set.cases, others, strict=True)
            if other is not None
        ]
        if differ and all(differ):
            found.append((output, part))
    return tuple(found)


def _value(exercise: Exercise, case: Case, output: str) -> Array:
    value: Array = call(exercise.returns, case, exercise.vectorized).outcome.values[output]
    return value


def is_of(exercise: Exercise, stored: bytes) -> bool:
    """Whether the bytes of a file are of an exercise's definition as it is now."""
    return stored.startswith(_beginning(_key(exercise)))


def _key(exercise: Exercise) -> str:
    fields = sorted(looked_at(exercise.checks))
    return definition_key(exercise.name, ".".join([FORMAT, *fields]))


def _beginning(key: str) -> bytes:
    return f'{{"key":"{key}"'.encode()


def dump_case_set(case_set: CaseSet, key: str = "") -> bytes:
    """The bytes of a file that holds a case set, for `load_case_set`.

    Parameters
    ----------
    key
        The key of the definition that it was made from.
    """
    packer = _Packer({"values", *COMPARED, *looked_at(case_set.checks)})
    text = {field.name: getattr(case_set, field.name) for field in fields(CaseSet)}
    if not case_set.solution:  # as in every file; tools/solutions.py adds it to what is carried
        del text["solution"]
    for name in NESTED:
        text[name] = [_not_by_default(item) for item in text[name]]
    text["cases"] = [
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
        for case in case_set.cases
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
    """Makes JSON of a value; numbers of its arrays go to `flat`, by what they are stored as.

    Parameters
    ----------
    fields
        What is stored of an outcome: no more than what is compared.
    """

    def __init__(self, fields: Collection[str]) -> None:
        self.fields = fields
        self.flat: dict[str, list[Array]] = {}
        self.length: dict[str, int] = {}
        self.seen: dict[tuple[Any, ...], list[Any]] = {}
        self.sums: tuple[list[int], list[int]] = ([], [])

    def pack(self, value: Any, roundings: int = 0) -> Any:
        """JSON for a value; roundings: by how many of them its arrays' numbers may differ."""
        if isinstance(value, np.ndarray):
            return {ARRAY: self._place(value, roundings)}
        if isinstance(value, Signature):
            for column, one in zip(self.sums, value.sums, strict=True):
                column.append(one)
            usual = value.dtype == float and not value.odd
            rest = [] if usual else [value.dtype.str, value.odd]
            return {SIGNATURE: [value.shape, value.scale, *rest]}
        if isinstance(value, tuple):
            return {TUPLE: [self.pack(item, roundings) for item in value]}
        if isinstance(value, Mapping):
            return {key: self.pack(item, roundings) for key, item in value.items()}
        if isinstance(value, CallOutcome):
            found = _not_by_default(value).items()
            return self.pack({k: v for k, v in found if k in self.fields}, ROUNDINGS)
        if isinstance(value, Problem):
            return _not_by_default(value)
        return value

    def mistaken(self, outcome: CallOutcome, expected: CallOutcome) -> dict[str, Any]:
        """JSON for a mistake's outcome: of its outputs signatures, where they are not right."""
        text = self.pack(replace(outcome, values={}))
        for name, value in outcome.values.items():
            if isinstance(value, np.ndarray):
                right = expected.values.get(name)
                same = right is not None and _identity(value) == _identity(right)
                value = EXPECTED if same else signature(value)
            text["values"][name] = self.pack(value)
        return text

    def _place(self, array: Array, roundings: int) -> list[Any]:
        """[dtype, what it is stored as, scale, start, shape] of an array; equal ones only once."""
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
    """The fields of a dataclass by name, without those that have their default."""
    values = {field.name: getattr(value, field.name) for field in fields(value)}
    defaults = {field.name: field.default for field in fields(value)}
    return {name: value for name, value in values.items() if value != defaults[name]}


def _identity(array: Array) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, array.tobytes()


def _shortest(array: Array, roundings: int) -> tuple[Array, float]:
    """An array as it is stored, and what to divide it by (0: it is not divided).

    roundings: by how many of its dtype's a number may differ then
    """
    if array.dtype.kind in "biu":
        fitting = (array.astype(dtype) for dtype in (*STORED_AS[:3], STORED_AS[-1]))
        return next(one for one in fitting if np.array_equal(one, array)), 0
    if np.all(np.abs(array) < 2.0**32):  # what is larger, or no number, fits into none of them
        for odd in range(1, LARGEST_ODD, 2) if roundings else (1,):
            whole, scale = _as_fractions(array.astype(float), odd)
            off = np.abs((whole / scale).astype(array.dtype) - array)
            if np.any(off > roundings * np.finfo(array.dtype).eps * np.abs(array)):
                continue
            for dtype in STORED_AS[:3]:
                with np.errstate(invalid="ignore"):  # of what does not fit
                    kept = whole.astype(dtype)
                if np.array_equal(kept, whole) and dtype.itemsize < array.itemsize:
                    return kept, scale
    with np.errstate(over="ignore"):
        short = array.astype("<f4")
    exact = np.array_equal(short.astype(array.dtype), array, equal_nan=True)
    return (short if exact else array.astype("<f8")), 0


def _as_fractions(array: Array, odd: int) -> tuple[Array, int]:
    """Whole numbers, and what they are to be divided by: `odd` times a power of two."""
    whole, bits = np.rint(array * odd * 2.0**BITS), BITS
    while whole.any() and not np.any(whole % 2):
        whole, bits = whole / 2, bits - 1
    return whole, odd * 2**bits
