"""What travels between judge and sandbox: it arrives as it was, and nothing else gets through."""

import array
import base64
import collections
import decimal
import enum
import fractions
import json
import math
import pickle
import random
import socket
import struct
import threading
import tracemalloc

import numpy as np
import pytest

from nbjudge import wire
from nbjudge.errors import WireError
from nbjudge.wire import MAX_DEPTH, MAX_FRAME, Ref, decode, encode, mutable_parts
from nbjudge.wire.decoding import _DECODERS, _FILLERS
from nbjudge.wire.format import MAX_DOCUMENT
from tests.support.engines import no_longer_than

Point = collections.namedtuple("Point", "x y")


class Colour(enum.IntEnum):
    RED = 7


class Text(str):
    """A text that claims to equal everything."""

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
    """An object whose attributes say whatever is asked."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self


def trip(value, **more):
    return decode(encode(value, **more))


def same(one, other, pairs=None):
    """Whether two values are equal in type, content and sharing, NaN and -0.0 told apart."""
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
    "fraction": fractions.Fraction(-3, 7),
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
    "fixed-length bytes": np.array([b"a", b"bc"]),
    "array of times": np.array(["2020-01-01", "NaT"], "datetime64[s]"),
    "big-endian array": BIG,
    "array of NaN": np.array([np.nan, np.inf, -0.0]),
}


@pytest.mark.parametrize("name", VALUES)
def test_plain_data_arrives_as_it_was(name):
    assert same(VALUES[name], trip(VALUES[name]))


def test_values_made_at_random_arrive_as_they_were():
    rng = random.Random(2024)
    for _ in range(1500):
        value = some_value(rng, 4)
        assert same(value, trip(value)), value


def some_value(rng, depth):
    makers = [
        lambda: rng.choice([None, True, False, "", "é\ud801", b"", b"xyz", ..., range(3)]),
        lambda: rng.randint(-(10 ** rng.randint(0, 40)), 10 ** rng.randint(0, 40)),
        lambda: rng.choice([rng.gauss(0, 1e6), math.inf, -math.inf, -0.0, math.nan]),
        lambda: complex(rng.random(), -0.0),
        lambda: "".join(map(chr, rng.choices(range(0x11000), k=rng.randint(0, 8)))),
        lambda: some_array(rng),
    ]
    if depth:
        many = rng.choice([0, 1, 2, 3, 40])
        depth = 0 if many == 40 else depth - 1

        def inner():
            return [some_value(rng, depth) for _ in range(many)]

        makers += [
            inner,
            lambda: tuple(inner()),
            lambda: collections.deque(inner()),
            lambda: {rng.choice([k, str(k), (k,), k + 0.5]): v for k, v in enumerate(inner())},
            lambda: shared(inner()),
            lambda: [rng.random()] * many,
            lambda: [rng.randint(0, 2**70) for _ in range(many)],
            lambda: {rng.randint(0, 99) for _ in range(many)},
            lambda: frozenset(str(rng.random()) for _ in range(many)),
        ]
    return rng.choice(makers)()


def shared(items):
    """One list in two places, and itself inside."""
    items.append(items)
    return [items, {"again": items}]


def some_array(rng):
    shape = tuple(rng.randint(0, 3) for _ in range(rng.randint(0, 4)))
    kind = rng.choice(["?", "i1", "<u2", ">i4", "i8", "f2", ">f4", "f8", "c8", "U3", "S2", "M8[s]"])
    raw = np.frombuffer(rng.randbytes(int(np.prod(shape, dtype=int)) * 12), np.uint8) % 120
    made = raw[: np.dtype(kind).itemsize * int(np.prod(shape, dtype=int))] // (
        60 if kind == "?" else 1
    )
    if kind == "U3":
        made = made.view(np.uint8).astype(np.uint32)[: made.size // 4].astype("<u4").view(np.uint8)
    return np.frombuffer(made.tobytes(), kind).reshape(shape).copy()


def test_what_is_one_object_stays_one():
    inner, numbers = [1], np.zeros(2)
    value = [inner, inner, {"a": inner, "n": numbers}, (numbers, inner)]
    got = trip(value)
    assert got[0] is got[1] is got[2]["a"] is got[3][1]
    assert got[2]["n"] is got[3][0]


def test_equal_objects_do_not_become_one():
    got = trip([[1], [1], np.zeros(1), np.zeros(1)])
    assert got[0] is not got[1]
    assert got[2] is not got[3]


def test_a_list_may_hold_itself():
    loop = [1]
    loop.append(loop)
    got = trip(loop)
    assert got[1] is got and got[0] == 1


def test_dicts_sets_and_deques_may_be_part_of_themselves():
    loop = {}
    loop["deque"] = collections.deque([loop])
    loop["tuple"] = ([loop],)
    got = trip(loop)
    assert got["deque"][0] is got
    assert got["tuple"][0][0] is got


def test_temporary_objects_are_not_taken_for_one_another():
    class Lazy(collections.deque):
        def __iter__(self):
            return (np.array([n]) for n in range(50))

    assert [array.tolist() for array in trip(Lazy())] == [[n] for n in range(50)]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Text("a"), "a"),
        (Number(3), 3),
        (Colour.RED, 7),
        (Real(1.5), 1.5),
        (Items([1, 2]), [1, 2]),
        (Mapping(a=1), {"a": 1}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (collections.defaultdict(lambda: 3, a=[]), {"a": []}),
        (np.zeros(3).view(Numbers), np.zeros(3)),
        (np.array([[1, 2]]).view(Numbers), np.array([[1, 2]])),
    ],
    ids=lambda value: type(value).__name__,
)
def test_of_a_subclass_only_the_value_arrives(value, plain):
    assert same(trip(value), plain)
    assert same(trip([value])[0], plain)


@pytest.mark.parametrize(
    "value",
    [
        collections.Counter("aab"),
        collections.defaultdict(list, a=[]),
        bytearray(b"ab"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_some_containers_keep_their_type(value):
    assert same(trip(value), value)
    (first, second) = trip([value, value])
    assert first is second
    assert type(first) is type(value)


def test_an_array_of_objects_arrives():
    one = np.array([[1, None], ["a", [2.5]]], object)
    got = trip(one)
    assert (got.dtype, got.shape, got.tolist()) == (one.dtype, one.shape, one.tolist())
    assert trip(np.zeros((2, 0), object)).shape == (2, 0)


def test_what_a_container_does_beyond_holding_arrives():
    assert trip(collections.Counter("aab")).most_common(1) == [("a", 2)]
    assert trip(collections.Counter({"a": "no number"})) == {"a": "no number"}
    counts = trip(collections.defaultdict(int))
    assert counts["x"] == 0


@pytest.mark.parametrize("name", ["keys", "values", "items"])
def test_a_view_of_a_dict_is_one_of_a_dict_there(name):
    one = {"b": 1, "a": 2} if name != "values" else {"b": [1], "a": {}}
    got = trip(getattr(one, name)())
    assert type(got) is type(getattr(one, name)())
    assert list(got) == list(getattr(one, name)())


def test_an_object_in_an_array_stays_where_it_is():
    with pytest.raises(WireError):
        encode(np.array([object()]))
    got = decode(encode(np.array([object(), 1]), lambda one: Ref(3, "thing", "object")))
    assert got.tolist() == [Ref(3, "thing", "object"), 1]
    document = json.dumps({"objects": [[3], [1]]}).encode()
    with pytest.raises(WireError, match="shape"):
        decode(struct.pack("<II", 1, len(document)) + document)


def test_a_named_tuple_of_functions_arrives_as_a_plain_one():
    """Unless the assignment has one of this name: else its fields would be methods."""
    payload = encode(Point(1, len), lambda one: Ref(0, "len", "builtin"))
    assert type(decode(payload, lambda ref: len)) is tuple
    assert decode(payload, lambda ref: len, tuples={"Point"}).y is len


def test_a_digest_is_of_what_travels_by_value():
    one = {"x": np.arange(3), "n": [1, 2.5], "f": abs, "kind": np.float32}
    same_again = {"x": np.arange(3), "n": [1, 2.5], "f": abs, "kind": np.float32}
    assert wire.digest(one) == wire.digest(same_again) is not None
    assert wire.digest(one) != wire.digest({**one, "n": [1, 2.6]})
    assert wire.digest({"f": lambda: 1}) is None
    assert wire.digest(["/tmp/a"]) is None


def test_a_matrix_and_a_record_do_not_arrive_as_such():
    with pytest.raises(WireError):
        encode(np.zeros(2, [("a", "f8")]))
    with pytest.raises(WireError):
        encode(np.ma.array([1, 2], mask=[0, 1]))


def test_a_named_tuple_keeps_its_fields():
    got = trip(Point(1, [2]))
    assert (got.x, got.y, type(got).__name__, got._fields) == (1, [2], "Point", ("x", "y"))
    assert isinstance(got, tuple) and got == (1, [2])


def test_named_tuples_of_one_kind_arrive_as_one_kind():
    got = trip([Point(n, 0) for n in range(20_000)])
    assert len({type(point) for point in got}) == 1 and got[-1] == (19_999, 0)


def test_kinds_of_named_tuples_are_limited():
    kinds = [{"named": [f"P{n}", ["a"], [1]]} for n in range(1000)]
    with pytest.raises(WireError, match="kinds of named tuples"):
        decode(frame({"list": kinds}))


def test_arrays_of_any_layout_arrive_with_their_values():
    base = np.arange(24.0).reshape(2, 3, 4)
    wide = np.broadcast_to(base[0], (5, 3, 4))
    for view in (np.asfortranarray(base), base[::-1, ::2], base.T, wide):
        got = trip(view)
        assert np.array_equal(got, view) and got.dtype == view.dtype and got.flags.owndata


def test_an_array_can_be_written_to_exactly_if_the_original_can():
    locked = np.zeros(3)
    locked.flags.writeable = False
    free = np.zeros(3)
    got = trip([locked, free, np.broadcast_to(1.0, 3)])
    assert [a.flags.writeable for a in got] == [False, True, False]


def test_an_array_that_arrives_shares_no_memory_with_the_frame():
    payload = encode(np.zeros(4))
    one, other = decode(payload), decode(payload)
    one[0] = 5
    assert other[0] == 0 and decode(payload)[0] == 0


@pytest.mark.parametrize(
    "value",
    [
        object(),
        lambda: 1,
        int,
        np,
        Forged(),
        (n for n in range(3)),
        iter([]),
        memoryview(b"ab"),
        array.array("d", [1.0]),
        ValueError("x"),
        np.void(b"ab"),
        np.random.default_rng(0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_data_stays_where_it_is(value):
    with pytest.raises(WireError):
        encode(value)
    seen = []
    ref = Ref(3, "thing", "object")
    payload = encode([value, {"a": value}], lambda one: seen.append(one) or ref)
    assert decode(payload) == [ref, {"a": ref}]
    assert all(one is value for one in seen) and len(seen) == 2
    assert decode(payload, lambda got: ("found", got.number))[0] == ("found", 3)


def test_known_objects_arrive_as_those_of_the_other_side():
    ours, theirs = [np.zeros(2), [1], {"a": 1}], [np.ones(2), [5], {"b": 1}]
    payload = encode({"value": (ours[1], [ours[0], ours[2]]), "more": ours[1]}, known=ours)
    got = decode(payload, known=theirs)
    assert got["value"][0] is theirs[1] is got["more"]
    assert got["value"][1][0] is theirs[0] and got["value"][1][1] is theirs[2]
    with pytest.raises(WireError):
        decode(payload, known=theirs[:1])


def test_what_equals_a_known_object_is_not_taken_for_it():
    known = [[1]]
    assert decode(encode([1], known=known), known=known) is not known[0]


def test_the_arguments_that_can_change_are_listed_alike_on_both_sides():
    inner, numbers = [1], np.zeros(3)
    args = [numbers, (inner, {"k": [inner, 2]}), 5, "x", {3}]
    kwargs = {"more": {"deep": (np.ones(1),)}, "again": numbers}
    here = mutable_parts(args, kwargs)
    arrived = trip({"args": args, "kwargs": kwargs})
    there = mutable_parts(arrived["args"], arrived["kwargs"])
    assert [type(part) for part in here] == [type(part) for part in there]
    assert all(same(a, b) for a, b in zip(here, there, strict=True))
    assert len({id(part) for part in here}) == len(here)
    assert any(part is inner for part in here) and any(part is numbers for part in here)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_is_limited():
    assert trip(nested(MAX_DEPTH - 1)) == nested(MAX_DEPTH - 1)
    for depth in (MAX_DEPTH + 1, 10_000):
        with pytest.raises(WireError, match="nested more than 100 deep"):
            encode(nested(depth))


def test_a_frame_is_limited():
    with pytest.raises(WireError, match="at most 67,108,864 can travel"):
        encode(np.zeros(MAX_FRAME // 8))
    assert decode(encode(np.zeros(MAX_FRAME // 8 - 100, ">f8"))).nbytes == MAX_FRAME - 800


def test_the_document_of_a_frame_is_limited():
    with pytest.raises(WireError):
        encode("x" * (MAX_DOCUMENT + 1))


def frame(document, *buffers) -> bytes:
    """A well-formed payload with any document in it."""
    parts = [json.dumps(document).encode(), *buffers]
    head = struct.pack("<I", len(parts)) + b"".join(struct.pack("<I", len(part)) for part in parts)
    return head + b"".join(parts)


FORGED = {
    "nothing": b"",
    "a part of a count": b"\1\0",
    "no parts": struct.pack("<I", 0),
    "more parts than there are": struct.pack("<I", 3) + b"\0" * 8,
    "four thousand million parts": b"\xff" * 64,
    "a part longer than the payload": struct.pack("<II", 1, 1 << 31) + b"{}",
    "bytes left over": frame(1) + b"x",
    "not JSON": struct.pack("<II", 1, 2) + b"{]",
    "not UTF-8": struct.pack("<II", 1, 2) + b'"\xff',
    "a bare list": frame([1, 2]),
    "a bare float": frame(1.5),
    "NaN": frame(math.nan),
    "an empty kind": frame({}),
    "two kinds": frame({"list": [], "tuple": []}),
    "an unknown kind": frame({"pickle": "gAWVBQ=="}),
    "a kind that is an attribute": frame({"__class__": []}),
    "a place before the first": frame({"list": [{"same": -2}]}),
    "a place after the last": frame({"same": 7}),
    "a place that is a text": frame({"same": "0"}),
    "a place that is a list": frame({"same": [0]}),
    "unknown known": frame({"known": 0}),
    "a buffer that is not there": frame({"bytes": 4}),
    "the document as a buffer of floats": frame({"floats": 0}),
    "an array of objects": frame({"array": ["|O", [1], 1, True]}, b"\0" * 8),
    "a record": frame({"array": ["f8,O", [1], 1, True]}, b"\0" * 16),
    "a record of numbers": frame({"array": ["f8,f8", [1], 1, True]}, b"\0" * 16),
    "a sub-array": frame({"array": ["(2,)f8", [1], 1, True]}, b"\0" * 16),
    "raw memory": frame({"array": ["V8", [1], 1, True]}, b"\0" * 8),
    "a dtype that is a dict": frame({"array": [{"names": []}, [1], 1, True]}, b"\0" * 8),
    "a dtype that is no dtype": frame({"array": ["nonsense", [1], 1, True]}, b"\0" * 8),
    "a shape that does not fit": frame({"array": ["<f8", [1 << 40], 1, True]}, b"\0" * 8),
    "a shape of too many dimensions": frame({"array": ["<f8", [1] * 200, 1, True]}, b"\0" * 8),
    "a shape of texts": frame({"array": ["<f8", ["1"], 1, True]}, b"\0" * 8),
    "a scalar of objects": frame({"scalar": ["|O", 1]}, b"\0" * 8),
    "a scalar without data": frame({"scalar": ["<f8", 1]}, b""),
    "an unhashable item of a set": frame({"set": [{"list": []}]}),
    "an unhashable key": frame({"dict": [[{"list": []}, 1]]}),
    "a key without a value": frame({"dict": [[1]]}),
    "a class statement in a name": frame({"named": ["x: pass\nimport os", ["a"], [1]]}),
    "a field that is code": frame({"named": ["P", ["a=__import__('os')"], [1]]}),
    "fields that do not fit": frame({"named": ["P", ["a", "b"], [1]]}),
    "an integer that is none": frame({"int": "0x"}),
    "a float that is none": frame({"float": "1; 2"}),
    "a fraction by zero": frame({"fraction": "1/0"}),
    "a decimal that is none": frame({"decimal": "one"}),
    "a range of texts": frame({"range": ["a", "b", "c"]}),
    "a range without a step": frame({"range": [0, 1, 0]}),
    "a Ref without a kind": frame({"ref": [1, "x"]}),
    "a Ref whose number is a text": frame({"ref": ["one", "x", "object"]}),
    "nested without end": b"".join(
        [struct.pack("<II", 1, 200_000), b'{"list":[' * 22_222, b" " * 2]
    ),
    "brackets without end": struct.pack("<II", 1, 1_000_000) + b"[" * 1_000_000,
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_frame_is_refused(name):
    with pytest.raises(WireError) as raised:
        decode(FORGED[name])
    assert len(str(raised.value)) < 1000


def test_a_pickle_is_never_loaded():
    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was loaded",))

    evil = pickle.dumps(Evil())
    for payload in (
        evil,
        struct.pack("<II", 1, len(evil)) + evil,
        frame({"array": ["|O", [1], 1, True]}, evil),
        frame({"bytes": base64.b64encode(evil).decode()}),
    ):
        with pytest.raises(WireError):
            decode(payload)


def refused_or_read(payload):
    """True for what decode reads, False for what it refuses; any other error is a failure."""
    try:
        decode(payload)
    except WireError:
        return False
    return True


def test_random_bytes_only_ever_raise_wire_error():
    rng = random.Random(1)
    for _ in range(5000):
        assert not refused_or_read(rng.randbytes(rng.choice([0, 1, 3, 4, 7, 8, 9, 50, 400])))


def test_random_documents_only_ever_raise_wire_error():
    rng = random.Random(2)
    kinds = [*_DECODERS, *_FILLERS, "nonsense"]
    types = ["<f8", "|O", "U3", "S0", "U0", "f8,O", "V4", "M8[s]", "M8", "(0,)f8", "", "<i4", "?"]

    def some_document(depth):
        choices = [
            lambda: rng.choice([None, True, 0, 1, 2, -1, 10**30, 1.5, "", "0x1f", "1/2", *types]),
            lambda: rng.choice(types),
        ]
        if depth:
            choices += [
                lambda: [some_document(depth - 1) for _ in range(rng.randint(0, 4))],
                lambda: {rng.choice(kinds): some_document(depth - 1)},
                lambda: {rng.choice(kinds): some_document(depth - 1)},
            ]
        return rng.choice(choices)()

    read = 0
    for _ in range(6000):
        payload = frame({rng.choice(kinds): some_document(4)}, b"\0" * 8, b"", rng.randbytes(24))
        read += refused_or_read(payload)
    assert read > 100  # the test reaches what is behind the first check


def valid_payloads():
    values = [v for v in VALUES.values() if len(encode(v)) < 3000]
    payloads = [encode(value) for value in values]
    big = {"cell": values[:12], "arrays": [np.arange(9.0), Point(1, 2)], "ref": 3}
    return [*payloads, encode(big), encode([object()], lambda _: Ref(1, "object", "object"))]


def test_a_truncated_frame_is_refused():
    for payload in valid_payloads():
        for length in {*range(min(40, len(payload))), *range(0, len(payload), 17)}:
            assert not refused_or_read(payload[:length])


def test_flipped_bits_only_ever_raise_wire_error():
    rng = random.Random(3)
    payloads = valid_payloads()
    for _ in range(15_000):
        payload = bytearray(rng.choice(payloads))
        for _ in range(rng.choice([1, 1, 2, 8])):
            payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
        refused_or_read(bytes(payload))


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff" * 1000,
        struct.pack("<I", 1 << 28) + b"\0" * 1000,
        frame({"array": ["<f8", [1 << 30, 1 << 30], 1, True]}, b"\0" * 8),
        frame({"array": ["U99999999", [1], 1, True]}, b"\0" * 8),
        frame({"array": ["U99999999", [0, 1 << 40], 1, True]}, b""),
        frame({"array": ["V2147483647", [1], 1, True]}, b""),
        frame({"scalar": ["S2147483647", 1]}, b""),
        frame({"int": "0x" + "f" * 200_000}),
        frame({"decimal": "1E+999999999999"}),
        frame({"fraction": "1" * 200_000 + "/3"}),
        frame({"range": [0, {"int": "0x" + "f" * 1000}, 1]}),
        frame({"floats": 1}, b"\0" * 13),
        frame({"list": [{"list": []}] * 100_000}),
        frame({"named": ["P", [f"a{n}" for n in range(3000)], list(range(3000))]}),
    ],
    ids=range(14),
)
def test_no_frame_hangs_or_takes_much_memory(payload):
    with no_longer_than(60):
        refused_or_read(payload)  # the table of Python's interned names may grow, once
    tracemalloc.start()
    try:
        refused_or_read(payload)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 60 * len(payload) + 4_000_000


def test_frames_pass_a_socket_whole_and_in_order():
    here, there = socket.socketpair()
    values = [np.random.default_rng(0).normal(size=200_000), {"a": [1]}, None, "x" * 300_000]

    def send():
        for value in values:
            wire.send(here, value)
        here.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        for value in values:
            assert same(wire.receive(there), value)
        with pytest.raises(EOFError):
            wire.receive(there)
    finally:
        sender.join()
        there.close()


def test_frames_of_other_requests_are_dropped():
    here, there = socket.socketpair()
    with here, there:
        for number in (1, 3, 2, 1):
            wire.send(here, f"answer {number}", number=number)
        here.sendall(struct.pack("<IQ", 4, 9) + b"junk")
        wire.send(here, "the last", number=2)
        assert wire.receive(there, number=2) == "answer 2"
        assert wire.receive(there, number=2) == "the last"


def test_a_reader_takes_no_more_than_a_frame_may_have():
    here, there = socket.socketpair()
    with here, there:
        here.sendall(struct.pack("<IQ", MAX_FRAME + 1, 0))
        with pytest.raises(WireError, match="a frame of 67,108,865 bytes"):
            wire.receive(there)


def test_a_frame_that_breaks_off_is_an_end():
    for sent in (b"", b"\5", b"\5" + b"\0" * 11, b"\5" + b"\0" * 11 + b"abc"):
        here, there = socket.socketpair()
        with there:
            here.sendall(sent)
            here.close()
            with pytest.raises(EOFError):
                wire.receive(there)


def test_a_forged_depth_is_refused():
    document = '{"list": [' * 110 + "1" + "]}" * 110
    payload = struct.pack("<II", 1, len(document)) + document.encode()
    assert decode(payload)
    with pytest.raises(WireError, match="deep"):
        decode(payload, deepest=109)
    deepest = 1
    for _ in range(100):
        deepest = [deepest]
    assert decode(encode(deepest)) == deepest
