"""Decode the payload of a frame, which is never trusted, into plain data.

Sizes, nesting and shapes are bounded. A payload that exceeds a bound or is malformed raises
WireError.
"""

import array
import collections
import datetime
import decimal
import fractions
import json
import math
import struct
from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np

from nbjudge.errors import WireError
from nbjudge.wire import tables
from nbjudge.wire.format import (
    ARRAY_KINDS,
    BUFFERS,
    COUNT,
    DEEPEST,
    FACTORIES,
    MAX_DOCUMENT,
    MAX_FRAME,
    MAX_NAMED,
    Ref,
)

EMPTY = 4  # bytes that NumPy takes for an empty string in an array
# Returns the stand-in for an object of the other process. Also called, before a value of which only
# the plain value has been sent, with a Ref of kind "plain".
Resolve = Callable[[Ref], Any]


class Known(list[Any]):
    """Objects that both processes hold, in the same order.

    Attributes
    ----------
    used
        Indices of the objects that a decoded payload refers to.
    """

    def __init__(self, items: Iterable[Any] = ()):
        super().__init__(items)
        self.used: set[int] = set()

    def take(self, index: int) -> Any:
        """Return the object at an index, and record that it was used."""
        self.used.add(index)
        return self[index]


class _Decoder:
    """Builds the value of one payload from its JSON document and buffers."""

    def __init__(
        self,
        parts: list[bytes],
        resolve: Resolve,
        known: "Known",
        deepest: int,
        tuples: Collection[str],
    ):
        self.parts, self.resolve, self.known = parts, resolve, known
        self.deepest, self.tuples = deepest, tuples
        self.seen: list[Any] = []
        self.named: dict[tuple[str, tuple[str, ...]], Any] = {}
        self.depth = 0

    def decode(self, text: Any) -> Any:
        if text is None or isinstance(text, (str, int)):  # a bool is an int
            return text
        if not isinstance(text, dict):
            raise WireError("a malformed frame: a bare list or float")
        ((name, content),) = text.items()
        self.depth += 1
        if self.depth > self.deepest:
            raise WireError("a value nested too deeply")
        if name in FILLERS:
            made = self.decode_container(name, content)
        elif name in DECODERS:
            made = DECODERS[name](self, content)
        else:
            raise WireError("a malformed frame: an unknown kind of value")
        self.depth -= 1
        return made

    def decode_all(self, items: Any) -> list[Any]:
        return [self.decode(item) for item in items]

    def decode_container(self, name: str, content: Any) -> Any:
        made = FILLERS[name]()
        self.seen.append(made)  # before its items, which may refer back to it
        if name in ("dict", "counter"):
            dict.update(made, ((self.decode(key), self.decode(item)) for key, item in content))
        elif name == "set":
            made.update(self.decode_all(content))
        else:
            made.extend(self.decode_all(content))
        return made

    def decode_after(self, content: Any, build: Callable[[list[Any]], Any]) -> Any:
        """Decode an object that cannot exist before its items."""
        index = len(self.seen)
        self.seen.append(None)  # reserves the index
        self.seen[index] = build(self.decode_all(content))
        return self.seen[index]

    def decode_same(self, index: int) -> Any:
        if self.seen[index] is None:  # NumPy crashes on an array that contains itself
            raise WireError("a malformed frame: an object that contains itself")
        return self.seen[index]

    def decode_pandas(self, content: Any) -> Any:
        kind, parts = content
        return self.decode_after(parts, lambda made: tables.put_together(kind, made))

    def decode_default(self, content: Any) -> Any:
        factory, pairs = content
        made: collections.defaultdict[Any, Any] = collections.defaultdict(FACTORIES[factory])
        self.seen.append(made)
        made.update((self.decode(key), self.decode(item)) for key, item in pairs)
        return made

    def decode_view(self, content: Any) -> Any:
        kind, items = content
        items = self.decode_all(items)
        if kind == "keys":
            return dict.fromkeys(items).keys()
        return dict(items).items() if kind == "items" else dict(enumerate(items)).values()

    def decode_bytearray(self, index: int) -> bytearray:
        made = bytearray(self.parts[index])
        self.seen.append(made)
        return made

    def decode_objects(self, content: Any) -> Any:
        shape, items = content
        if math.prod(shape) != len(items):
            raise WireError("a malformed frame: the shape of an array does not fit its items")
        made: np.ndarray[Any, Any] = np.empty(len(items), object)

        def fill(decoded: list[Any]) -> Any:
            for index, item in enumerate(decoded):
                made[index] = item
            return made.reshape(shape)

        return self.decode_after(items, fill)

    def decode_packed(self, code: str, index: int) -> list[Any]:
        items: array.array[Any] = array.array(code)
        items.frombytes(self.parts[index])
        made = items.tolist()
        self.seen.append(made)
        return made

    def decode_array(self, content: Any) -> Any:
        dtype, shape, index, writeable = content
        made = _array(self.parts[index], _dtype(dtype), shape)
        made.flags.writeable = bool(writeable)
        self.seen.append(made)
        return made

    def decode_part(self, content: Any) -> Any:
        """Decode a view of another array; return a copy if that has another order here."""
        reference, offset, strides, array = content
        whole, index = self.decode(reference), len(self.seen)
        copied = self.decode_array(array)
        if not isinstance(whole, np.ndarray) or {whole.dtype.kind, copied.dtype.kind} - set(
            BUFFERS
        ):
            raise WireError("a malformed frame: a view of something else than an array of numbers")
        if not whole.flags.c_contiguous:
            return copied
        # NumPy checks no bounds for an empty buffer, and overlooks those that overflow.
        ends = [(n - 1) * stride for n, stride in zip(copied.shape, strides, strict=True)]
        first = offset + sum(min(end, 0) for end in ends)
        last = offset + sum(max(end, 0) for end in ends) + copied.itemsize
        if not copied.size or first < 0 or last > whole.nbytes:
            raise WireError("a malformed frame: a view beyond its array")
        view = np.ndarray(copied.shape, copied.dtype, whole, offset, strides)
        view.flags.writeable &= copied.flags.writeable
        self.seen[index] = view
        return view

    def decode_scalar(self, content: Any) -> Any:
        dtype, index = content
        return _array(self.parts[index], _dtype(dtype), ())[()]

    def decode_named(self, content: Any) -> Any:
        name, fields, items = content
        items = self.decode_all(items)
        if name not in self.tuples and any(map(callable, items)):
            return tuple(items)  # otherwise the fields would act as methods
        key = name, tuple(fields)
        if key not in self.named:  # creating a class is slow, so their number is limited
            if len(self.named) >= MAX_NAMED:
                raise WireError(f"more than {MAX_NAMED} named tuple classes")
            self.named[key] = collections.namedtuple(name, fields)
        return self.named[key](*items)

    def decode_plain(self, content: Any) -> Any:
        type_name, value = content
        self.resolve(Ref(0, str(type_name)[:100], "plain"))
        self.depth -= 1  # the encoder does not count it as a level
        made = self.decode(value)
        self.depth += 1
        return made

    def decode_ref(self, content: Any) -> Any:
        number, type_name, kind = content
        return self.resolve(Ref(int(number), str(type_name)[:100], str(kind)))


def _array(buffer: bytes, dtype: np.dtype[Any], shape: Any) -> np.ndarray[Any, Any]:
    if dtype.itemsize == 0:  # an array of empty strings, for which NumPy takes memory
        if math.prod(shape) > MAX_FRAME // EMPTY:
            raise WireError("an array of too many empty strings")
        return np.zeros(shape, dtype)
    return np.frombuffer(buffer, dtype).reshape(shape).copy()


def _dtype(text: Any) -> np.dtype[Any]:
    if not isinstance(text, str):
        raise WireError("a malformed frame: a dtype that is no text")
    dtype: np.dtype[Any] = np.dtype(text)
    if dtype.kind not in ARRAY_KINDS or dtype.names is not None or dtype.subdtype is not None:
        raise WireError(f"an array with dtype {dtype}")
    return dtype


FILLERS: dict[str, Callable[[], Any]] = {
    "list": list,
    "set": set,
    "dict": dict,
    "counter": collections.Counter,
    "deque": collections.deque,
}
DECODERS: dict[str, Callable[[_Decoder, Any], Any]] = {
    "known": lambda self, index: self.known.take(index),
    "same": _Decoder.decode_same,
    "array": _Decoder.decode_array,
    "part": _Decoder.decode_part,
    "scalar": _Decoder.decode_scalar,
    "floats": lambda self, index: self.decode_packed("d", index),
    "ints": lambda self, index: self.decode_packed("q", index),
    "tuple": lambda self, items: tuple(self.decode_all(items)),
    "named": _Decoder.decode_named,
    "default": _Decoder.decode_default,
    "view": _Decoder.decode_view,
    "objects": _Decoder.decode_objects,
    "bytearray": _Decoder.decode_bytearray,
    "frozenset": lambda self, items: self.decode_after(items, frozenset),
    "pandas": _Decoder.decode_pandas,
    "plain": _Decoder.decode_plain,
    "int": lambda self, text: int(text, 16),
    "float": lambda self, text: float.fromhex(text),
    "complex": lambda self, texts: complex(*map(float.fromhex, texts)),
    "bytes": lambda self, index: self.parts[index],
    "range": lambda self, parts: range(*self.decode_all(parts)),
    "slice": lambda self, parts: slice(*self.decode_all(parts)),
    "ellipsis": lambda self, _: Ellipsis,
    "fraction": lambda self, texts: fractions.Fraction(*(int(text, 16) for text in texts)),
    "decimal": lambda self, text: decimal.Decimal(text),
    "timedelta": lambda self, parts: datetime.timedelta(*map(int, parts)),
    "datetime": lambda self, text: datetime.datetime.fromisoformat(text),
    "date": lambda self, text: datetime.date.fromisoformat(text),
    "time": lambda self, text: datetime.time.fromisoformat(text),
    "ref": _Decoder.decode_ref,
}


def decode(
    payload: bytes,
    resolve: Resolve | None = None,
    known: Iterable[Any] = (),
    limit: int = MAX_FRAME,
    deepest: int = DEEPEST,
    tuples: Collection[str] = (),
) -> Any:
    """Decode the value in a payload.

    Parameters
    ----------
    payload
        Bytes produced by `encode`.
    resolve
        Function that maps a Ref to its stand-in. If omitted, the Ref itself is returned.
    known
        The objects passed to `encode` as `known`, in the same order. A `Known` records which of
        them the payload refers to.
    limit
        The size limit passed to `encode`, in bytes.
    deepest
        Maximum nesting depth of the value.
    tuples
        Names of the named tuple classes that may hold callables. Named tuples of other classes that
        hold callables are decoded as plain tuples.

    Raises
    ------
    WireError
        If the payload is malformed.
    """
    try:
        parts = split_payload(payload, limit)
        known = known if isinstance(known, Known) else Known(known)
        decoder = _Decoder(parts, resolve or (lambda ref: ref), known, deepest, tuples)
        return decoder.decode(json.loads(parts[0]))
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"a malformed frame: {type(error).__name__}: {error}") from None


def split_payload(payload: bytes, limit: int = MAX_FRAME) -> list[bytes]:
    """Return the JSON document and the buffers of a payload."""
    (count,) = COUNT.unpack_from(payload)
    lengths = struct.unpack_from(f"<{count}I", payload, 4)
    start, parts = 4 + 4 * count, []
    for length in lengths:
        parts.append(payload[start : start + length])
        start += length
    if start != len(payload) or not parts or len(parts[0]) > max(MAX_DOCUMENT, limit // 4):
        raise WireError("a malformed frame: wrong length")
    return parts
