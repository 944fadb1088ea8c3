"""Load the stored cases: one file for each exercise, written by `defining.stored`.

A file is one line of JSON followed by the numbers of all arrays. An array in the JSON holds the
offset of its numbers. This format loads quickly, needs no pickles and compresses well. The sums of
all signatures are stored together, in the order in which the signatures appear in the JSON.
"""

import importlib.resources
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .given import Made
from .model import CallOutcome, Case, CaseSet, Check, KnownMistake, Problem, Return, Signature, Step
from .values import Raised, Within

__all__ = ["ARRAY", "EXPECTED", "NESTED", "SIGNATURE", "STORED_AS", "SUFFIX", "VALUE"]
__all__ += ["StoredCaseSets", "load_case_set", "stored_beside", "taken_apart"]

SUFFIX = ".cases"

# Keys and values that mark types which JSON lacks; no argument has such a name. A dictionary with
# such a key, or with keys that are no strings, is stored as its ITEMS. VALUE holds a plain value of
# a mistake, which may be the string EXPECTED.
TUPLE, ARRAY, SIGNATURE, EXPECTED = "()", "[]", "~", "="
SET, ITEMS, MADE, WITHIN, RAISED, VALUE, STEP = "{}", ":", "()()", "<>", "!", "==", ".()"
_MARKS = (TUPLE, ARRAY, SIGNATURE, SET, ITEMS, MADE, WITHIN, RAISED, VALUE, STEP)
NESTED = {"returns": Return, "checks": Check, "mistakes": KnownMistake}
HELPER = b'{"key":""'  # beginning of the file of an exercise of another notebook

# Dtypes of stored numbers: the smallest integer type that fits, to be divided by a scale, or else a
# floating-point type.
STORED_AS = tuple(map(np.dtype, ("<i1", "<i2", "<i4", "<f4", "<f8")))


class StoredCaseSets(Mapping[str, CaseSet]):
    """Case sets by exercise name, each loaded on first access."""

    def __init__(self) -> None:
        self._stored: dict[str, bytes] = {}
        self._loaded: dict[str, CaseSet] = {}

    def add(self, stored: Mapping[str, bytes]) -> None:
        """Add the contents of files by name, replacing earlier ones.

        A file without a key belongs to a helper and has no mistakes, so it replaces none.
        """
        for name, data in stored.items():
            if name not in self._stored or not data.startswith(HELPER):
                if self._stored.get(name) != data:
                    self._loaded.pop(name, None)
                self._stored[name] = data

    @property
    def own(self) -> list[str]:
        """Names of the exercises, without the helpers from other notebooks."""
        return [name for name, data in self._stored.items() if not data.startswith(HELPER)]

    def __getitem__(self, name: str) -> CaseSet:
        if name not in self._loaded:
            self._loaded[name] = load_case_set(self._stored[name])
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


def stored_beside(spec: Any) -> Mapping[str, bytes]:
    """Return the contents of the stored case files, by exercise name.

    Parameters
    ----------
    spec
        Spec of the package; if a notebook carries the package, its loader holds the files.
    """
    if hasattr(spec.loader, "cases"):
        return dict(spec.loader.cases)
    folder = importlib.resources.files(spec.name).joinpath("cases")
    paths = {path.name.removesuffix(SUFFIX): path for path in folder.iterdir()}
    return {name: paths[name].read_bytes() for name in sorted(paths)}


def load_case_set(data: bytes) -> CaseSet:
    """Load a case set from the contents of a file."""
    line, _, numbers = data.partition(b"\n")
    text = json.loads(line)
    case_set, flat = text["case_set"], _flat(text["numbers"], numbers)
    flat[SIGNATURE] = zip(*(_unpacked(sums, flat).tolist() for sums in text["sums"]), strict=True)
    for name, kind in NESTED.items():
        case_set[name] = tuple(
            kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in item.items()})
            for item in case_set[name]
        )
    case_set["cases"] = tuple(
        _case(case, [mistake.name for mistake in case_set["mistakes"]], flat)
        for case in case_set["cases"]
    )
    case_set["fresh"] = tuple(_case(case, [], flat) for case in case_set["fresh"])
    case_set["hints"], case_set["helpers"] = tuple(case_set["hints"]), tuple(case_set["helpers"])
    case_set["depends"] = tuple(map(tuple, case_set["depends"]))
    return CaseSet(**case_set)


def _flat(counts: Sequence[int], numbers: bytes) -> dict[str, Any]:
    """Return the numbers as one array per dtype.

    For each dtype, the file holds the first bytes of all numbers, then their second bytes, and so
    on. Bytes of the same significance resemble each other, so they compress better.
    """
    arrays: dict[str, Any] = {}
    start = 0
    for dtype, count in zip(STORED_AS, counts, strict=True):
        end = start + count * dtype.itemsize
        planes = np.frombuffer(numbers[start:end], np.uint8).reshape(dtype.itemsize, count)
        arrays[dtype.str], start = planes.T.copy().view(dtype).ravel(), end
    return arrays


def _case(text: dict[str, Any], mistakes: Sequence[str], flat: dict[str, Any]) -> Case:
    expected = _outcome(text["expected"], flat)
    mistaken = [_outcome(one, flat, expected.values) for one in text["mistaken"]]
    return Case(
        group=text["group"],
        arguments=_unpacked(text["arguments"], flat),
        expected=expected,
        mistaken=dict(zip(mistakes, mistaken, strict=True)),
        optional=_unpacked(text.get("optional", {}), flat),
    )


def _outcome(text: dict[str, Any], flat: dict[str, Any], expected: Any = ()) -> CallOutcome:
    """Return an outcome from its JSON.

    Parameters
    ----------
    expected
        The right outputs, which EXPECTED refers to in a mistake's outcome.
    """
    fields = {
        name: value if name == "values" else _unpacked(value, flat) for name, value in text.items()
    }
    fields["values"] = {
        name: expected[name] if expected and value == EXPECTED else _unpacked(value, flat)
        for name, value in text["values"].items()
    }
    if fields.get("problem"):
        fields["problem"] = Problem(**fields["problem"])
    return CallOutcome(**fields)


def _unpacked(value: Any, flat: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, flat) for item in value]
    if not isinstance(value, dict):
        return value
    for mark, make in _MAKERS.items():
        if mark in value:
            return make(_unpacked(value[mark], flat))
    if ARRAY in value:
        dtype, stored, scale, start, shape = value[ARRAY]
        numbers = flat[stored][start : start + math.prod(shape)].reshape(shape)
        return np.asarray(numbers / scale if scale else numbers).astype(dtype)
    if SIGNATURE in value:
        shape, scale, *rest = value[SIGNATURE]
        dtype = map(np.dtype, rest[:1])
        return Signature(next(flat[SIGNATURE]), tuple(shape), scale, *dtype, *rest[1:])
    return {key: _unpacked(item, flat) for key, item in value.items()}


def taken_apart(value: Any) -> tuple[str, Any] | None:
    """Return the mark of a value's type, and its parts; None for arrays and types of JSON."""
    if isinstance(value, tuple):
        return STEP if isinstance(value, Step) else TUPLE, list(value)
    if isinstance(value, set):
        return SET, sorted(value, key=repr)
    if isinstance(value, Made):
        return MADE, value.source
    if isinstance(value, Within):
        return WITHIN, [value.expected, value.deviation]
    if isinstance(value, Raised):
        return RAISED, value.name
    if isinstance(value, dict) and not all(
        isinstance(key, str) and key not in _MARKS for key in value
    ):
        return ITEMS, [list(item) for item in value.items()]
    return None


_MAKERS: dict[str, Callable[[Any], Any]] = {
    TUPLE: tuple,
    SET: set,
    ITEMS: dict,
    MADE: Made,
    RAISED: Raised,
    STEP: lambda parts: Step(*parts),
    WITHIN: lambda numbers: Within(*numbers),
    VALUE: lambda value: value,
}
