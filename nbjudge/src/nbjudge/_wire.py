"""What passes between the judge and a sandbox: plain data in frames of bytes, never pickles.

A frame is a length, a JSON text and raw buffers. Numbers, texts, bytes, lists, tuples, sets, dicts,
counters, ranges, slices and arrays travel by value, as their plain types: of an instance of a
subclass only the value. Anything else stays where it is and travels as a `Ref`, a number that only
the side which holds the object can resolve. What is one object on one side is one on the other.
A reader takes no more than it allows: sizes, nesting and shapes are bounded, and whatever does not
fit raises WireError. The other side is never trusted.
"""

import array
import builtins
import collections
import decimal
import fractions
import hashlib
import json
import math
import struct
from dataclasses import dataclass

import numpy as np

__all__ = [
    "MAX_DEPTH",
    "MAX_FRAME",
    "MAX_TRUSTED",
    "Known",
    "Ref",
    "TooDeep",
    "WireError",
    "decode",
    "digest",
    "encode",
    "mutable_parts",
    "public",
    "receive",
    "send",
    "snapshot",
]

MAX_FRAME = 64 << 20  # bytes
MAX_TRUSTED = 1 << 30  # between processes that trust each other
MAX_DOCUMENT = 16 << 20  # bytes of it that are JSON
MAX_DEPTH = 100
DEEPEST = 150  # what may be read of a side that is trusted
MAX_NAMED = 100  # different named tuples in one frame
ARRAY_KINDS = "biufcSUmM"  # booleans, integers, floats, complex, fixed-length texts, times
MUTABLE = np.ndarray, list, set, dict, collections.deque, bytearray
VIEWS = {"keys": type({}.keys()), "values": type({}.values()), "items": type({}.items())}
FACTORIES = {kind.__name__: kind for kind in (int, float, list, dict, set, str, tuple)}
LONG = 32  # from this length on, a list of floats or of small integers travels as a buffer

_COUNT = struct.Struct("<I")
_HEAD = struct.Struct("<IQ")  # before a frame: its length, and which request it belongs to


class WireError(Exception):
    """A frame that is too large, malformed, or holds what may not travel."""


class TooDeep(WireError):
    """A value that is nested so deep that nobody's data are: code has made it so."""


@dataclass(frozen=True)
class Ref:
    """An object that stayed on its side: its number there, the name of its type, and its kind.

    kind: "function" for what can be called, "class", "module", "iterator", or "object"; "judge" for
        a function of the judge's
    """

    number: int
    type_name: str
    kind: str


class _Encoder:
    """Turns one value into a JSON-able document and buffers."""

    def __init__(self, refer, known, deepest):
        self.refer, self.buffers, self.deepest = refer, [], deepest
        self.known = {id(item): place for place, item in enumerate(known)}
        self.seen = {}
        self.kept = []  # keeps temporary objects alive, as they are known by their addresses

    def encode(self, value, depth=0):
        if value is None or value is True or value is False or type(value) is str:
            return value
        if depth > self.deepest:
            raise TooDeep(f"a value nested more than {self.deepest} deep")
        if id(value) in self.known:
            return {"known": self.known[id(value)]}
        if id(value) in self.seen:
            return {"same": self.seen[id(value)]}
        if isinstance(value, (np.ndarray, np.generic)):
            return self.encode_array(value, depth)
        for kind, method in _ENCODERS:
            if isinstance(value, kind):
                return method(self, value, depth)
        if self.refer is None:
            raise WireError(f"a {type(value).__name__} cannot travel")
        return self.encode(self.refer(value), depth + 1)

    def buffer(self, data):
        self.buffers.append(data)
        return len(self.buffers)

    def remember(self, value):
        self.seen[id(value)] = len(self.seen)
        self.kept.append(value)

    def encode_array(self, value, depth):
        dtype = value.dtype
        if dtype.kind == "O" and type(value) is np.ndarray:
            self.remember(value)
            items = [self.encode(item, depth + 1) for item in value.ravel()]
            return {"objects": [list(value.shape), items]}
        if dtype.kind not in ARRAY_KINDS or isinstance(value, np.ma.MaskedArray):
            if isinstance(value, np.generic) and dtype.kind != "V":
                return self.encode(value.item(), depth + 1)
            if self.refer is None:
                raise WireError(f"an array of {dtype} cannot travel")
            return self.encode(self.refer(value), depth + 1)
        if isinstance(value, np.generic):
            return {"scalar": [dtype.str, self.buffer(value.tobytes())]}
        plain = np.asarray(value)
        self.remember(value)
        shape, place = list(plain.shape), self.buffer(plain.tobytes())
        return {"array": [dtype.str, shape, place, plain.flags.writeable]}

    def encode_int(self, value, depth):
        value = int(value)
        return value if -(2**53) < value < 2**53 else {"int": hex(value)}

    def encode_float(self, value, depth):
        return {"float": float.hex(value)}

    def encode_complex(self, value, depth):
        return {"complex": [value.real.hex(), value.imag.hex()]}

    def encode_bytes(self, value, depth):
        return {"bytes": self.buffer(bytes(value))}

    def encode_bytearray(self, value, depth):
        self.remember(value)
        return {"bytearray": self.buffer(bytes(value))}

    def encode_text(self, value, depth):
        return str.__str__(value)

    def encode_tuple(self, value, depth):
        items = [self.encode(item, depth + 1) for item in tuple.__iter__(value)]
        fields = getattr(type(value), "_fields", None)
        if fields and len(fields) == len(items):
            return {"named": [type(value).__name__, [str(f) for f in fields], items]}
        return {"tuple": items}

    def encode_list(self, value, depth):
        self.remember(value)
        if len(value) >= LONG:
            kinds = set(map(type, value))
            if kinds == {float}:
                return {"floats": self.buffer(array.array("d", value).tobytes())}
            if kinds == {int} and min(value) >= -(2**63) and max(value) < 2**63:
                return {"ints": self.buffer(array.array("q", value).tobytes())}
        return {"list": [self.encode(item, depth + 1) for item in list.__iter__(value)]}

    def encode_set(self, value, depth):
        self.remember(value)
        name = "frozenset" if isinstance(value, frozenset) else "set"
        return {name: [self.encode(item, depth + 1) for item in value]}

    def encode_deque(self, value, depth):
        self.remember(value)
        return {"deque": [self.encode(item, depth + 1) for item in value]}

    def encode_dict(self, value, depth):
        self.remember(value)
        pairs = [
            [self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in dict.items(value)
        ]
        if isinstance(value, collections.Counter):
            return {"counter": pairs}
        factory = getattr(value, "default_factory", None)
        if isinstance(value, collections.defaultdict) and factory in FACTORIES.values():
            return {"default": [factory.__name__, pairs]}
        return {"dict": pairs}

    def encode_view(self, value, depth):
        kind = next(name for name, view in VIEWS.items() if isinstance(value, view))
        return {"view": [kind, [self.encode(item, depth + 1) for item in value]]}

    def encode_span(self, value, depth):
        parts = [self.encode(part, depth + 1) for part in (value.start, value.stop, value.step)]
        return {type(value).__name__: parts}

    def encode_ref(self, value, depth):
        return {"ref": [value.number, value.type_name, value.kind]}

    def encode_ellipsis(self, value, depth):
        return {"ellipsis": 0}

    def encode_fraction(self, value, depth):
        return {"fraction": f"{value.numerator}/{value.denominator}"}

    def encode_decimal(self, value, depth):
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
)


def encode(value, refer=None, known=(), limit: int = MAX_FRAME, deepest: int = MAX_DEPTH) -> bytes:
    """The payload of a frame for `value`.

    refer: called with an object that cannot travel; returns its Ref. Without it, WireError.
    known: objects that the other side has, in the order in which it has them
    limit: bytes of the frame; deepest: how deep the value may be nested
    raises: WireError where the value is nested too deeply or too large
    """
    encoder = _Encoder(refer, known, deepest)
    document = json.dumps(encoder.encode(value)).encode()
    parts = [document, *encoder.buffers]
    head = _COUNT.pack(len(parts)) + b"".join(_COUNT.pack(len(part)) for part in parts)
    size = len(head) + sum(map(len, parts))
    if size > limit or len(document) > max(MAX_DOCUMENT, limit // 4):
        raise WireError(f"a value of {size:,} bytes; at most {limit:,} can travel")
    return head + b"".join(parts)


def public(value) -> Ref | None:
    """A Ref for what both sides have: a builtin, or a class of NumPy's; None for all else."""
    if getattr(builtins, str(getattr(value, "__name__", "")), None) is value:
        return Ref(0, value.__name__, "builtin")
    if isinstance(value, type) and getattr(np, value.__name__, None) is value:
        return Ref(0, value.__name__, "numpy")
    return None


def snapshot(value) -> bytes | None:
    """What a value is now, for a comparison in the same process; None where it cannot be said."""
    try:
        return encode(value, lambda part: Ref(id(part), "", "object"))
    except WireError:
        return None


def digest(value) -> bytes | None:
    """A hash of a value that is the same in every process; None for what cannot travel by value.

    None as well for what holds a text with a slash: a path is not the same everywhere.
    """

    def refer(part):
        found = public(part)
        if found is None:
            raise WireError("an object that stays where it is")
        return found

    try:
        payload = encode(value, refer)
    except WireError:
        return None
    return None if b"/" in _parts(payload)[0] else hashlib.sha256(payload).digest()


class Known(list):
    """Objects that both sides have, in one order; `used` are the places of those that came back."""

    def __init__(self, items=()):
        super().__init__(items)
        self.used = set()

    def take(self, place):
        """The object at a place."""
        self.used.add(place)
        return self[place]


class _Decoder:
    """Turns the document and buffers of a payload into the value."""

    def __init__(self, parts, resolve, known, deepest, tuples):
        self.parts, self.resolve, self.known = parts, resolve, known
        self.deepest, self.tuples = deepest, tuples
        self.seen, self.named, self.depth = [], {}, 0

    def decode(self, text):
        if text is None or isinstance(text, (str, int)):  # a bool is an int
            return text
        if not isinstance(text, dict):
            raise WireError("a malformed frame: a bare list or float")
        ((name, content),) = text.items()
        self.depth += 1
        if self.depth > self.deepest:
            raise WireError("a value nested too deep")
        if name in _FILLERS:
            made = self.decode_container(name, content)
        elif name in _DECODERS:
            made = _DECODERS[name](self, content)
        else:
            raise WireError("a malformed frame: an unknown kind of value")
        self.depth -= 1
        return made

    def decode_all(self, items):
        return [self.decode(item) for item in items]

    def decode_container(self, name, content):
        made = _FILLERS[name]()
        self.seen.append(made)  # before what is in it, which may refer back to it
        if name in ("dict", "counter"):
            dict.update(made, ((self.decode(key), self.decode(item)) for key, item in content))
        elif name == "set":
            made.update(self.decode_all(content))
        else:
            made.extend(self.decode_all(content))
        return made

    def decode_frozen(self, content):
        place = len(self.seen)
        self.seen.append(None)  # holds its place: what is in it comes after it
        self.seen[place] = frozenset(self.decode_all(content))
        return self.seen[place]

    def decode_default(self, content):
        factory, pairs = content
        made = collections.defaultdict(FACTORIES[factory])
        self.seen.append(made)
        made.update((self.decode(key), self.decode(item)) for key, item in pairs)
        return made

    def decode_view(self, content):
        kind, items = content
        items = self.decode_all(items)
        if kind == "keys":
            return dict.fromkeys(items).keys()
        return dict(items).items() if kind == "items" else dict(enumerate(items)).values()

    def decode_bytearray(self, place):
        self.seen.append(bytearray(self.parts[place]))
        return self.seen[-1]

    def decode_objects(self, content):
        shape, items = content
        if math.prod(shape) != len(items):
            raise WireError("a malformed frame: an array of another shape")
        made = np.empty(len(items), object)
        self.seen.append(shaped := made.reshape(shape))
        for place, item in enumerate(items):
            made[place] = self.decode(item)
        return shaped

    def decode_packed(self, code, place):
        items = array.array(code)
        items.frombytes(self.parts[place])
        made = items.tolist()
        self.seen.append(made)
        return made

    def decode_array(self, content):
        dtype, shape, place, writeable = content
        made = _array(self.parts[place], _dtype(dtype), shape)
        made.flags.writeable = bool(writeable)
        self.seen.append(made)
        return made

    def decode_scalar(self, content):
        dtype, place = content
        return _array(self.parts[place], _dtype(dtype), ())[()]

    def decode_named(self, content):
        name, fields, items = content
        items = self.decode_all(items)
        if name not in self.tuples and any(map(callable, items)):
            return tuple(items)  # or its fields would be methods of the student's
        key = name, tuple(fields)
        if key not in self.named:  # to make a class takes long, so a frame may ask for few
            if len(self.named) >= MAX_NAMED:
                raise WireError(f"more than {MAX_NAMED} kinds of named tuples")
            self.named[key] = collections.namedtuple(name, fields)
        return self.named[key](*items)

    def decode_ref(self, content):
        number, type_name, kind = content
        return self.resolve(Ref(int(number), str(type_name)[:100], str(kind)))


def _array(buffer, dtype, shape):
    if dtype.itemsize == 0:  # empty texts
        return np.zeros(shape, dtype)
    return np.frombuffer(buffer, dtype).reshape(shape).copy()


def _dtype(text):
    dtype = np.dtype(text)
    if dtype.kind not in ARRAY_KINDS or dtype.names is not None or dtype.subdtype is not None:
        raise WireError(f"an array of {dtype}")
    return dtype


_FILLERS = {"list": list, "set": set, "dict": dict, "deque": collections.deque}
_FILLERS["counter"] = collections.Counter
_DECODERS = {
    "known": lambda self, place: self.known.take(place),
    "same": lambda self, place: self.seen[place],
    "array": _Decoder.decode_array,
    "scalar": _Decoder.decode_scalar,
    "floats": lambda self, place: self.decode_packed("d", place),
    "ints": lambda self, place: self.decode_packed("q", place),
    "tuple": lambda self, items: tuple(self.decode_all(items)),
    "named": _Decoder.decode_named,
    "default": _Decoder.decode_default,
    "view": _Decoder.decode_view,
    "objects": _Decoder.decode_objects,
    "bytearray": _Decoder.decode_bytearray,
    "frozenset": _Decoder.decode_frozen,
    "int": lambda self, text: int(text, 16),
    "float": lambda self, text: float.fromhex(text),
    "complex": lambda self, texts: complex(*map(float.fromhex, texts)),
    "bytes": lambda self, place: self.parts[place],
    "range": lambda self, parts: range(*self.decode_all(parts)),
    "slice": lambda self, parts: slice(*self.decode_all(parts)),
    "ellipsis": lambda self, _: Ellipsis,
    "fraction": lambda self, text: fractions.Fraction(*map(int, text.split("/"))),
    "decimal": lambda self, text: decimal.Decimal(text),
    "ref": _Decoder.decode_ref,
}


def decode(
    payload: bytes, resolve=None, known=(), limit=MAX_FRAME, deepest: int = DEEPEST, tuples=()
):
    """The value in a payload.

    resolve: called with a Ref; returns what stands for it. Without it, the Ref itself.
    known: the objects that `encode` was told this side has; as Known, it learns which came back
    limit: what `encode` was told; deepest: how deep the value may be nested
    tuples: the names of named tuples that may hold what can be called; others become plain ones
    raises: WireError for anything but a well-formed payload
    """
    try:
        parts = _parts(payload, limit)
        known = known if isinstance(known, Known) else Known(known)
        decoder = _Decoder(parts, resolve or (lambda ref: ref), known, deepest, tuples)
        return decoder.decode(json.loads(parts[0]))
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"a malformed frame: {type(error).__name__}: {error}") from None


def _parts(payload, limit=MAX_FRAME):
    (count,) = _COUNT.unpack_from(payload)
    lengths = struct.unpack_from(f"<{count}I", payload, 4)
    start, parts = 4 + 4 * count, []
    for length in lengths:
        parts.append(payload[start : start + length])
        start += length
    if start != len(payload) or not parts or len(parts[0]) > max(MAX_DOCUMENT, limit // 4):
        raise WireError("a malformed frame: its length")
    return parts


def mutable_parts(args, kwargs) -> Known:
    """The arguments that a call could change: arrays, lists, dicts, sets; each once, in order.

    Both sides of a call list them in the same order, so that a place in it names one.
    """
    found, seen = Known(), set()
    waiting = [*args, *kwargs.values()][::-1]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or not isinstance(item, (tuple, *MUTABLE)):
            continue
        seen.add(id(item))
        if type(item) is tuple:
            waiting += item[::-1]
        elif isinstance(item, MUTABLE):
            found.append(item)
            if isinstance(item, (list, dict, collections.deque)):
                waiting += list(item.values() if isinstance(item, dict) else item)[::-1]
    return found


def send(connection, value, refer=None, known=(), limit: int = MAX_FRAME, number=0) -> None:
    """Send one frame over a stream socket.

    limit: bytes that it may have; number: of the request that it belongs to
    """
    payload = encode(value, refer, known, limit)
    connection.sendall(_HEAD.pack(len(payload), number))
    connection.sendall(payload)


def receive(connection, resolve=None, known=(), limit: int = MAX_FRAME, number=0, **options):
    """Receive one frame from a stream socket.

    limit: bytes that it may have; number: of the request; frames of another one are dropped
    options: of `decode`
    raises: EOFError where the other side is gone, WireError for a frame that is too large or wrong
    """
    while True:
        length, found = _HEAD.unpack(_read(connection, _HEAD.size))
        if length > limit:
            raise WireError(f"a frame of {length:,} bytes; at most {limit:,} are read")
        payload = _read(connection, length)
        if found == number:
            return decode(payload, resolve, known, limit, **options)


def _read(connection, length):
    data = bytearray()
    while len(data) < length:
        part = connection.recv(min(length - len(data), 1 << 20))
        if not part:
            raise EOFError("the other side closed the connection")
        data += part
    return bytes(data)
