"""Values of every kind that can be sent, handmade frames, and strict equality of values."""

import collections
import datetime
import decimal
import enum
import fractions
import json
import math
import struct

import numpy as np

from nbjudge.wire.decoding import decode
from nbjudge.wire.encoding import encode

Point = collections.namedtuple("Point", "x y")


class Color(enum.IntEnum):
    RED = 7


class Text(str):
    """A string that claims to equal everything."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return True


class Number(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Real(float):
    def __lt__(self, other):
        return True


class Items(list):
    def __eq__(self, other):
        return True


class Mapping(dict):
    def __missing__(self, key):
        return "anything"


class Numbers(np.ndarray):
    def __eq__(self, other):
        return np.ones(3, bool)


class Forged:
    """An object whose attributes have arbitrary forged values."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


def trip(value, **more):
    return decode(encode(value, **more))


def same(one, other, pairs=None):
    """True if two values are equal in type, content and sharing; NaN equals NaN, 0.0 not -0.0."""
    pairs = {} if pairs is None else pairs
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, dict, set, collections.deque, np.ndarray)):
        if id(one) in pairs:
            return pairs[id(one)] == id(other)
        pairs[id(one)] = id(other)
    if isinstance(one, np.ndarray):
        layout = (one.dtype, one.shape, one.flags.writeable)
        return layout == (other.dtype, other.shape, other.flags.writeable) and (
            one.tobytes() == other.tobytes()
        )
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other) or (one != one and other != other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, dict):
        pairs_of_items = zip(one.items(), other.items(), strict=True)
        return len(one) == len(other) and all(
            same(k, m, pairs) and same(v, w, pairs) for (k, v), (m, w) in pairs_of_items
        )
    if isinstance(one, (list, tuple, collections.deque)):
        return len(one) == len(other) and all(
            same(a, b, pairs) for a, b in zip(one, other, strict=True)
        )
    return one == other


BIG = np.arange(12, dtype=">f8").reshape(3, 4)


VALUES = {
    "nothing": None,
    "booleans": [True, False],
    "small integers": [0, -1, 2**53 - 1, -(2**53) + 1],
    "large integers": [2**53, -(2**53), 2**63, 2**64, 10**400, -(10**400)],
    "floats": [0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 0.1],
    "dates and times": [
        datetime.datetime(2024, 2, 29, 23, 59, 59, 999999),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-3))),
        datetime.date(1, 1, 1),
        datetime.time(3, 4, 5),
        datetime.timedelta(-1, 5, 6),
    ],
    "complex": [1 + 2j, complex(-0.0, math.inf), complex(math.nan, -0.0)],
    "texts": ["", "a", "\0", "ä€\U0001f600", "\ud800", "\udfff tail", '"\\\n\r', "x" * 10_000],
    "bytes": [b"", b"\0\xff", bytes(range(256))],
    "list of lists": [[], [[]], [[1], [2, [3]]]],
    "tuples": ((), (1,), ((), (1, (2,)))),
    "sets": [set(), {1, "a", (2, 3)}, frozenset(), frozenset({1, frozenset({2})})],
    "dicts": [{}, {1: "a", "b": 2, (1, 2): [3], None: {}, 1.5: 0, True and "t": 1}],
    "order of a dict": {"z": 1, "a": 2, "m": 3},
    "ranges": [range(0), range(3, 10, 2), range(10**30)],
    "slices": (slice(None), slice(1, 2, -1), slice("a", None, 1.5)),
    "deque": collections.deque([1, [2], 3]),
    "ellipsis": ...,
    "fractions": [fractions.Fraction(-3, 7), fractions.Fraction(10**5000, 3)],
    "decimal": [decimal.Decimal("-0.10"), decimal.Decimal("Infinity"), decimal.Decimal("1E+9")],
    "long list of floats": [0.5 * i for i in range(1000)] + [math.nan, math.inf, -0.0],
    "long list of integers": [*range(-500, 500), 2**63 - 1, -(2**63)],
    "long list of large integers": [*range(100), 2**63],
    "long list of booleans": [True, False] * 100,
    "long list, mixed": [1, 2.0] * 100,
    "float scalar": np.float64(-0.0),
    "scalars": [np.int8(-3), np.float32(0.1), np.bool_(True), np.complex64(1j), np.str_("né")],
    "half": np.float16(0.1),
    "long double": np.longdouble(1) / 3,
    "times": [np.datetime64("2024-02-29T12:00"), np.datetime64("NaT"), np.timedelta64(3, "D")],
    "array": np.arange(6.0).reshape(2, 3),
    "empty array": np.zeros((0,)),
    "array of size zero": np.zeros((3, 0, 2), np.int16),
    "array without dimensions": np.array(3.5),
    "boolean array": np.array([[True, False]]),
    "fixed-length texts": np.array(["a", "bcd", ""]),
    "empty texts of NumPy": [np.str_(""), np.bytes_(b""), np.array(["", ""])[:0]],
    "fixed-length bytes": np.array([b"a", b"bc"]),
    "array of times": np.array(["2020-01-01", "NaT"], "datetime64[s]"),
    "big-endian array": BIG,
    "array of NaN": np.array([np.nan, np.inf, -0.0]),
}


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def frame(document, *buffers) -> bytes:
    """Return a well-formed payload that contains any document."""
    parts = [json.dumps(document).encode(), *buffers]
    head = struct.pack("<I", len(parts)) + b"".join(struct.pack("<I", len(part)) for part in parts)
    return head + b"".join(parts)


def with_failing_methods(value, names):
    """Return an instance of a subclass with the same value, whose named methods raise KeyError."""

    def fails(*_):
        raise KeyError("called")

    kind = type("Hostile", (type(value),), {})
    instance = kind(value)
    for name in names.split():
        setattr(kind, name, fails)
    return instance
