"""What a check knows about an exercise, as plain data: a `Sheet` of cases with their right answers.

A sheet holds no solution: inputs, expected outputs, and what each known mistake would answer. The
public sheets are stored in `cases.npz`; the instructor's side builds hidden ones from fresh inputs.
Both go to the same judge.
"""

import copy
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

import numpy as np

__all__ = ["Case", "Check", "Mistake", "Note", "Outcome", "Problem", "Return", "Sheet"]
__all__ += ["dump_sheets", "load_sheets"]


CACHE_PARTS = {
    1: ("Z",),
    2: ("A_prev", "hparameters"),
    3: ("A_prev", "W", "b"),
    4: ("A_prev", "W", "b", "hparameters"),
}


@dataclass(frozen=True)
class Return:
    """One value that the function returns: its name and its form.

    form: "array", "number" (a Python number, a NumPy scalar or a 0-d array), "mask", "cache", or
        "arrays", a dictionary
    parts: for a cache, the names of the arguments it must hold, in order; for a dictionary its keys
    """

    name: str
    form: str = "array"
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One named check and what it is worth.

    kind: "shape" (the outputs' shapes), "values", "cache", or "unchanged" (arguments left alone)
    groups: the groups of cases it looks at; all of them where empty
    outputs: the names of the outputs it looks at; all of them where empty
    """

    name: str
    points: float
    kind: str = "values"
    groups: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """A known mistake: the sentence that names it and the thought that leads out of it.

    section: what to read again
    """

    name: str
    diagnosis: str
    hint: str
    section: str = ""


@dataclass(frozen=True)
class Note:
    """Something worth saying that costs no points, unless the NumPy in use makes it an error.

    patterns: pieces of the texts of the warning or exception by which it shows itself
    """

    name: str
    text: str
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """Why a call gave nothing that can be compared.

    kind: "error", "time", "nothing", "count" or "type"
    key: what two problems must share to count as the same one
    text: the message for the student, possibly of several lines
    """

    kind: str
    key: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What one call gave: named outputs, or a problem.

    cache: "" where the cache is right or there is none, else what is wrong with it
    changed: names of the arguments that the call changed
    repeatable: False where a second call on equal arguments gave another answer
    """

    values: Mapping[str, np.ndarray] = field(default_factory=dict)
    cache: str = ""
    changed: tuple[str, ...] = ()
    problem: Problem | None = None
    repeatable: bool = True


@dataclass(frozen=True)
class Case:
    """One call: its arguments, the right outcome, and the outcome of each known mistake.

    optional: arguments with a default, which are left out of the call, as {name: default}; they are
        given to a function that has lost its default
    """

    group: str
    arguments: Mapping[str, object]
    expected: Outcome
    mistaken: Mapping[str, Outcome]
    optional: Mapping[str, object] = field(default_factory=dict)

    @property
    def parts(self) -> dict:
        """The arguments by name, with those in a cache in its place."""
        found = {}
        for name, value in self.arguments.items():
            inside = name == "cache"
            found |= zip(CACHE_PARTS[len(value)], value, strict=True) if inside else {name: value}
        return found

    @property
    def is_transposed(self) -> bool:
        """Whether values of the input spread over the output, and not windows of it over them."""
        return "output_pad" in self.parts.get("hparameters", ())

    @property
    def sizes(self) -> dict:
        """The numbers that a case is about, where it has them: m, n_C_prev, n_C, f, stride, pad.

        And n_H, n_W (of dZ, dA or shape), mode, float32 and whatever else is no array.
        """
        parts, found = self.parts, {}
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

    def fresh_arguments(self) -> dict:
        """A deep copy of the arguments, for one call to keep or to spoil."""
        return copy.deepcopy(dict(self.arguments))


@dataclass(frozen=True)
class Sheet:
    """Everything the judge needs to know about one exercise.

    lesson: the notebook that teaches it; section: what of that to read again
    """

    name: str
    title: str
    returns: tuple[Return, ...]
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    notes: tuple[Note, ...]
    hints: tuple[str, ...]
    helpers: tuple[str, ...]
    tolerance: float
    cases: tuple[Case, ...]
    lesson: str = ""
    section: str = ""

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)


# Storage. One flat array per dtype, and one JSON text that says where in it each array lies: quick
# to load, no pickles, and the same bytes from the same sheets on every machine.

_TUPLE, _ARRAY, _TEXT = "()", "[]", "json"  # no argument has such a name
_NESTED = {"returns": Return, "checks": Check, "mistakes": Mistake, "notes": Note}


class _Packer:
    def __init__(self):
        self.flat, self.length, self.seen = {}, {}, {}

    def pack(self, value):
        """JSON for `value`; arrays go to the flat storage, equal ones only once."""
        if isinstance(value, np.ndarray):
            return {_ARRAY: self._place(value)}
        if isinstance(value, tuple):
            return {_TUPLE: [self.pack(item) for item in value]}
        if isinstance(value, Mapping):
            return {key: self.pack(item) for key, item in value.items()}
        if isinstance(value, Outcome):
            changes = {f.name: getattr(value, f.name) for f in fields(Outcome)}
            default = Outcome()
            return {
                key: self.pack(asdict(item) if isinstance(item, Problem) else item)
                for key, item in changes.items()
                if key == "values" or item != getattr(default, key)
            }
        return value

    def _place(self, array):
        """[dtype, stored dtype, start, shape] of an array; as float32 where that is exact."""
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.seen:
            kept = _shorter(array)
            stored = kept.dtype.str
            start = self.length.get(stored, 0)
            self.flat.setdefault(stored, []).append(kept.ravel())
            self.length[stored] = start + kept.size
            self.seen[key] = [array.dtype.str, stored, start, list(array.shape)]
        return self.seen[key]


def _shorter(array):
    if array.dtype.str != "<f8":
        return array
    with np.errstate(over="ignore"):
        short = array.astype("<f4")
    return short if np.array_equal(short, array, equal_nan=True) else array


def dump_sheets(sheets) -> bytes:
    """The bytes of an `.npz` file that holds `sheets`, for `load_sheets`."""
    packer = _Packer()
    texts = {}
    for sheet in sheets:
        text = {f.name: getattr(sheet, f.name) for f in fields(Sheet) if f.name != "cases"}
        for name in _NESTED:
            text[name] = tuple(asdict(item) for item in text[name])
        text["cases"] = [
            {
                "group": case.group,
                "arguments": packer.pack(case.arguments),
                "expected": packer.pack(case.expected),
                "mistaken": packer.pack(case.mistaken),
                **({"optional": packer.pack(case.optional)} if case.optional else {}),
            }
            for case in sheet.cases
        ]
        texts[sheet.name] = text
    document = json.dumps(texts, ensure_ascii=True, separators=(",", ":")).encode()
    arrays = {dtype: np.concatenate(parts) for dtype, parts in packer.flat.items()}
    arrays[_TEXT] = np.frombuffer(document, np.uint8)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, array in sorted(arrays.items()):
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())
    return out.getvalue()


def load_sheets(data: bytes) -> dict[str, Sheet]:
    """The sheets in the bytes of an `.npz` file made by `dump_sheets`, by exercise name."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    texts = json.loads(arrays.pop(_TEXT).tobytes())
    return {name: _load_sheet(text, arrays) for name, text in texts.items()}


def _load_sheet(text, arrays):
    for name, kind in _NESTED.items():
        text[name] = tuple(
            kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in item.items()})
            for item in text[name]
        )
    text["cases"] = tuple(
        Case(
            group=case["group"],
            arguments=_unpack(case["arguments"], arrays),
            expected=_load_outcome(case["expected"], arrays),
            mistaken={
                name: _load_outcome(outcome, arrays) for name, outcome in case["mistaken"].items()
            },
            optional=_unpack(case.get("optional", {}), arrays),
        )
        for case in text["cases"]
    )
    text["hints"], text["helpers"] = tuple(text["hints"]), tuple(text["helpers"])
    return Sheet(**text)


def _load_outcome(text, arrays):
    values = _unpack(text, arrays)
    if values.get("problem"):
        values["problem"] = Problem(**values["problem"])
    return Outcome(**values)


def _unpack(value, arrays):
    if isinstance(value, dict):
        if _ARRAY in value:
            dtype, stored, start, shape = value[_ARRAY]
            size = int(np.prod(shape, dtype=int))
            return arrays[stored][start : start + size].reshape(shape).astype(dtype)
        if _TUPLE in value:
            return tuple(_unpack(item, arrays) for item in value[_TUPLE])
        return {key: _unpack(item, arrays) for key, item in value.items()}
    return value
