"""Encode plain data as the payload of a frame: a JSON document and raw buffers, never a pickle.

Numbers, strings, bytes, lists, tuples, sets, dicts, counters, ranges, slices and arrays are encoded
by value, as their plain types: an instance of a subclass loses everything but its value, and the
encoding says so. Dates,
times, and pandas objects are encoded by value too, but not instances of their subclasses. Any
other object stays in its process and is represented by a `Ref`, a number that only that process
can resolve. Identity is preserved: an object that occurs twice is decoded as one object, and views
of one array share its memory.

The objects are the student's, so their classes may override any method. Types are compared by
`type`, not by `__class__`, and contents are read with the methods of the builtin types.
"""

import array
import collections
import datetime
import decimal
import fractions
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nbjudge.errors import NbJudgeError, WireError
from nbjudge.wire import tables
from nbjudge.wire.content import is_a, items_of, pairs_of
from nbjudge.wire.format import (
    ARRAY_KINDS,
    BUFFERS,
    COUNT,
    FACTORIES,
    MAX_DEPTH,
    MAX_DOCUMENT,
    MAX_FRAME,
    TIMES,
    VIEWS,
    Ref,
)

Refer = Callable[[Any], Ref]  # returns the Ref of an object that cannot be encoded by value
LONG = 32  # lists of floats or of small integers that are at least this long become buffers


class _Encoder:
    """Builds the JSON document and the buffers of one value."""

    def __init__(self, refer: Refer | None, known: Sequence[Any], deepest: int):
        self.refer, self.deepest = refer, deepest
        self.buffers: list[bytes] = []
        self.known = {id(item): index for index, item in enumerate(known)}
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []  # `seen` holds their addresses, so they must stay alive
        # Arrays whose memory others may share: {id of the owner: (how to refer to it, array)}.
        self.owners: dict[int, tuple[dict[str, int], np.ndarray[Any, Any]]] = {}
        for index, item in enumerate(known):
            if is_a(item, np.ndarray):
                self.share({"known": index}, item)

    def encode(self, value: Any, depth: int = 0) -> Any:
        if value is None or value is True or value is False or type(value) is str:
            return value
        if depth > self.deepest:
            raise WireError(f"a value nested more than {self.deepest} levels deep")
        if id(value) in self.known:
            return {"known": self.known[id(value)]}
        if id(value) in self.seen:
            return {"same": self.seen[id(value)]}
        own_kind = type(value)
        if issubclass(own_kind, (np.ndarray, np.generic)):
            return self.encode_array(value, depth)
        for kind, method in _ENCODERS:
            if issubclass(own_kind, kind):
                encoded = method(self, value, depth)
                return encoded if _is_whole(value) else {"plain": [type(value).__name__, encoded]}
        return self.encode_other(value, depth)

    def buffer(self, data: bytes) -> int:
        self.buffers.append(data)
        return len(self.buffers)

    def remember(self, value: Any) -> None:
        self.seen[id(value)] = len(self.seen)
        self.kept.append(value)

    def share(self, reference: dict[str, int], value: np.ndarray[Any, Any]) -> None:
        """Encode later views of an array's memory as such, if both processes order it alike."""
        if value.flags.c_contiguous and value.dtype.kind in BUFFERS:
            self.owners.setdefault(id(owner(value)), (reference, value))

    def shared(self, value: np.ndarray[Any, Any]) -> list[Any] | None:
        """Return the array whose memory a view shares, its offset and strides; None if none."""
        reference, whole = self.owners.get(id(owner(value)), ({}, value))
        if whole is value or not value.size or value.dtype.kind not in BUFFERS:
            return None
        (begin, end), (first, last) = map(np.lib.array_utils.byte_bounds, (whole, value))
        if first < begin or last > end:
            return None
        return [reference, value.ctypes.data - begin, list(value.strides)]

    def encode_array(self, value: Any, depth: int) -> Any:
        dtype = value.dtype
        if dtype.kind == "O" and type(value) is np.ndarray:
            self.remember(value)
            items = [self.encode(item, depth + 1) for item in value.ravel()]
            return {"objects": [list(value.shape), items]}
        if dtype.kind not in ARRAY_KINDS or np.ma.is_masked(value):
            if is_a(value, np.generic) and dtype.kind != "V":
                return self.encode(value.item(), depth + 1)
            if self.refer is None:
                raise WireError(f"an array with dtype {dtype} cannot be sent")
            return self.encode(self.refer(value), depth + 1)
        if is_a(value, np.generic):
            return {"scalar": [dtype.str, self.buffer(value.tobytes())]}
        plain = np.asarray(value)
        shared = self.shared(plain)
        self.share({"same": len(self.seen)}, plain)
        self.remember(value)
        shape, index = list(plain.shape), self.buffer(plain.tobytes())
        array_parts = [dtype.str, shape, index, plain.flags.writeable]
        encoded = {"part": [*shared, array_parts]} if shared else {"array": array_parts}
        is_whole = type(value) is np.ndarray
        return encoded if is_whole else {"plain": [type(value).__name__, encoded]}

    def encode_other(self, value: Any, depth: int) -> Any:
        if apart := tables.take_apart(value):
            self.remember(value)
            kind, parts = apart
            return {"pandas": [kind, [self.encode(part, depth + 1) for part in parts]]}
        if self.refer is None:
            raise WireError(f"a {type(value).__name__} cannot be sent")
        return self.encode(self.refer(value), depth + 1)

    def encode_int(self, value: Any, depth: int) -> Any:
        value = int.__index__(value)
        return value if -(2**53) < value < 2**53 else {"int": hex(value)}

    def encode_float(self, value: Any, depth: int) -> Any:
        return {"float": float.hex(value)}

    def encode_complex(self, value: Any, depth: int) -> Any:
        value = complex.__complex__(value)
        return {"complex": [value.real.hex(), value.imag.hex()]}

    def encode_bytes(self, value: Any, depth: int) -> Any:
        return {"bytes": self.buffer(bytes.__getitem__(value, slice(None)))}

    def encode_bytearray(self, value: Any, depth: int) -> Any:
        self.remember(value)
        return {"bytearray": self.buffer(bytes(bytearray.copy(value)))}

    def encode_text(self, value: Any, depth: int) -> Any:
        return str.__str__(value)

    def encode_tuple(self, value: Any, depth: int) -> Any:
        items = [self.encode(item, depth + 1) for item in items_of(value)]
        fields = getattr(type(value), "_fields", None)
        if isinstance(fields, tuple) and len(fields) == len(items):
            return {"named": [type(value).__name__, [str(f) for f in fields], items]}
        return {"tuple": items}

    def encode_list(self, value: Any, depth: int) -> Any:
        self.remember(value)
        items = items_of(value)
        if len(items) >= LONG:
            kinds = set(map(type, items))
            if kinds == {float}:
                return {"floats": self.buffer(array.array("d", items).tobytes())}
            if kinds == {int} and min(items) >= -(2**63) and max(items) < 2**63:
                return {"ints": self.buffer(array.array("q", items).tobytes())}
        return {"list": [self.encode(item, depth + 1) for item in items]}

    def encode_set(self, value: Any, depth: int) -> Any:
        self.remember(value)
        name = "frozenset" if is_a(value, frozenset) else "set"
        return {name: [self.encode(item, depth + 1) for item in items_of(value)]}

    def encode_deque(self, value: Any, depth: int) -> Any:
        self.remember(value)
        return {"deque": [self.encode(item, depth + 1) for item in items_of(value)]}

    def encode_dict(self, value: Any, depth: int) -> Any:
        self.remember(value)
        pairs = [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in pairs_of(value)]
        if is_a(value, collections.Counter):
            return {"counter": pairs}
        if type(value) is collections.defaultdict:
            for name, factory in FACTORIES.items():
                if value.default_factory is factory:
                    return {"default": [name, pairs]}
        return {"dict": pairs}

    def encode_view(self, value: Any, depth: int) -> Any:
        kind = next(name for name, view in VIEWS.items() if is_a(value, view))
        return {"view": [kind, [self.encode(item, depth + 1) for item in value]]}

    def encode_span(self, value: Any, depth: int) -> Any:
        parts = [self.encode(part, depth + 1) for part in (value.start, value.stop, value.step)]
        return {type(value).__name__: parts}

    def encode_ref(self, value: Any, depth: int) -> Any:
        return {"ref": [value.number, value.type_name, value.kind]}

    def encode_ellipsis(self, value: Any, depth: int) -> Any:
        return {"ellipsis": 0}

    def encode_time(self, value: Any, depth: int) -> Any:
        if type(value) not in TIMES:  # such as a Timestamp of pandas
            return self.encode_other(value, depth)
        return {type(value).__name__: value.isoformat()}

    def encode_duration(self, value: Any, depth: int) -> Any:
        if type(value) is not datetime.timedelta:
            return self.encode_other(value, depth)
        return {"timedelta": [value.days, value.seconds, value.microseconds]}

    def encode_fraction(self, value: Any, depth: int) -> Any:
        return {"fraction": [hex(value.numerator), hex(value.denominator)]}

    def encode_decimal(self, value: Any, depth: int) -> Any:
        return {"decimal": decimal.Decimal.__str__(value)}


_ENCODERS = (
    (int, _Encoder.encode_int),
    (float, _Encoder.encode_float),
    (str, _Encoder.encode_text),
    (tuple, _Encoder.encode_tuple),
    (list, _Encoder.encode_list),
    (dict, _Encoder.encode_dict),
    (tuple(VIEWS.values()), _Encoder.encode_view),
    (Ref, _Encoder.encode_ref),
    ((set, frozenset), _Encoder.encode_set),
    (complex, _Encoder.encode_complex),
    (bytes, _Encoder.encode_bytes),
    (bytearray, _Encoder.encode_bytearray),
    ((range, slice), _Encoder.encode_span),
    (collections.deque, _Encoder.encode_deque),
    (fractions.Fraction, _Encoder.encode_fraction),
    (decimal.Decimal, _Encoder.encode_decimal),
    (type(...), _Encoder.encode_ellipsis),
    (TIMES, _Encoder.encode_time),
    (datetime.timedelta, _Encoder.encode_duration),
)
# Types that are decoded as the same type. Others in _ENCODERS refer or keep their own type.
_WHOLE = {int, float, complex, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice}
_WHOLE |= {collections.Counter, fractions.Fraction, decimal.Decimal, type(...), Ref}
_WHOLE.update(VIEWS.values())


def owner(value: Any) -> Any:
    """Return the object that owns the memory of an array; any other object itself."""
    if isinstance(value, np.ndarray):
        while getattr(value, "base", None) is not None:
            value = value.base
    return value


def _is_whole(value: Any) -> bool:
    """True if a value, of a type in _ENCODERS, is decoded with its own type and all content."""
    if type(value) is collections.deque:
        return value.maxlen is None
    if type(value) is collections.defaultdict:
        return any(value.default_factory is factory for factory in FACTORIES.values())
    return type(value) in _WHOLE or is_a(value, (*TIMES, datetime.timedelta))


def encode(
    value: Any,
    refer: Refer | None = None,
    known: Sequence[Any] = (),
    limit: int = MAX_FRAME,
    deepest: int = MAX_DEPTH,
) -> bytes:
    """Encode a value as the payload of a frame.

    Parameters
    ----------
    value
        Any object.
    refer
        Function that maps an object that cannot be encoded by value to its Ref. If omitted, such an
        object raises WireError.
    known
        Objects that the receiver holds too, in the same order; sent by index.
    limit
        Maximum size of the payload in bytes.
    deepest
        Maximum nesting depth of the value.

    Raises
    ------
    WireError
        If the value is too large, nested too deeply, or cannot be read.
    """
    encoder = _Encoder(refer, known, deepest)
    try:
        document = json.dumps(encoder.encode(value)).encode()
    except NbJudgeError:
        raise
    except Exception as error:  # such as one from a property of a subclass of numpy.ndarray
        raise WireError(f"a value that raises {type(error).__name__} when it is read") from None
    parts = [document, *encoder.buffers]
    head = COUNT.pack(len(parts)) + b"".join(COUNT.pack(len(part)) for part in parts)
    size = len(head) + sum(map(len, parts))
    if size > limit:
        raise WireError(f"a value of {size:,} bytes; the limit is {limit:,}")
    if len(document) > (most := max(MAX_DOCUMENT, limit // 4)):
        raise WireError(f"a value with {len(document):,} bytes of text; the limit is {most:,}")
    return head + b"".join(parts)
