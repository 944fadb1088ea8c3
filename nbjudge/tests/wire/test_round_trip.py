"""Values survive a round trip unchanged: all kinds, shared parts, nesting, sizes."""

import array
import collections
import json
import math
import random
import struct

import numpy as np
import pytest

from nbjudge.errors import WireError
from nbjudge.wire.decoding import decode
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import MAX_DEPTH, MAX_DOCUMENT, MAX_FRAME, Ref
from nbjudge.wire.values import digest, mutable_parts
from tests.support.values import (
    VALUES,
    Color,
    Forged,
    Items,
    Mapping,
    Number,
    Numbers,
    Point,
    Real,
    Text,
    frame,
    nested,
    same,
    trip,
    with_failing_methods,
)


@pytest.mark.parametrize("name", VALUES)
def test_plain_data_arrives_unchanged(name):
    assert same(VALUES[name], trip(VALUES[name]))


def test_random_values_arrive_unchanged():
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
    """Return a list that contains another list twice, which contains itself."""
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


def test_identity_of_objects_is_kept():
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


def test_temporary_objects_are_not_mistaken_for_each_other():
    objects = [object() for _ in range(50)]
    payload = encode(objects, lambda part: [objects.index(part)])
    assert decode(payload) == [[n] for n in range(50)]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Text("a"), "a"),
        (Number(3), 3),
        (Color.RED, 7),
        (Real(1.5), 1.5),
        (Items([1, 2]), [1, 2]),
        (Mapping(a=1), {"a": 1}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (collections.defaultdict(lambda: 3, a=[]), {"a": []}),
        (np.zeros(3).view(Numbers), np.zeros(3)),
        (np.array([[1, 2]]).view(Numbers), np.array([[1, 2]])),
        (np.ma.array([1.0, 2.0]), np.array([1.0, 2.0])),
        (np.ma.array([1.0, 2.0], mask=[False, False]), np.array([1.0, 2.0])),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_the_value_of_a_subclass_arrives(value, plain):
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


def test_no_method_of_a_subclass_runs():
    """Not even one that Python looks up or calls itself, such as __class__ or __len__."""
    names = "__getattribute__ __iter__ __len__ __getitem__ __reversed__ __array__ __eq__ __hash__"
    names += " __int__ __index__ __float__ __complex__ __bytes__ __str__ items values keys copy"
    for value in (
        *(5, 1.5, 2j, "text", b"ab", bytearray(b"ab"), (1, 2), {1, 2}, frozenset({3})),
        *([1, "a"], [1.5] * 50, {"a": [1]}, collections.deque([1, 2]), collections.Counter("aab")),
    ):
        hostile = with_failing_methods(value, names)
        assert same(trip(hostile), value)
        assert len(mutable_parts([hostile], {})) == len(mutable_parts([value], {}))
    pretends = type("Pretends", (), {"__class__": dict})()
    assert b"Pretends" in encode(pretends, lambda part: Ref(1, type(part).__name__, "object"))


def test_an_ordered_dict_keeps_its_order():
    ordered = collections.OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    assert list(trip(ordered)) == ["b", "a"]


def test_a_value_that_cannot_be_read_is_reported():
    class Array(np.ndarray):
        dtype = property(lambda self: 1 / 0)

    with pytest.raises(WireError, match="a value that raises ZeroDivisionError when it is read"):
        encode(np.zeros(2).view(Array))


def test_an_array_of_objects_arrives():
    one = np.array([[1, None], ["a", [2.5]]], object)
    got = trip(one)
    assert (got.dtype, got.shape, got.tolist()) == (one.dtype, one.shape, one.tolist())
    assert trip(np.zeros((2, 0), object)).shape == (2, 0)


def test_subclasses_of_containers_keep_their_behavior():
    assert trip(collections.Counter("aab")).most_common(1) == [("a", 2)]
    assert trip(collections.Counter({"a": "no number"})) == {"a": "no number"}
    counts = trip(collections.defaultdict(int))
    assert counts["x"] == 0


@pytest.mark.parametrize("name", ["keys", "values", "items"])
def test_a_dict_view_arrives_as_a_dict_view(name):
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
    """Its fields would be methods. A named tuple that the assignment defines keeps its type."""
    payload = encode(Point(1, len), lambda one: Ref(0, "len", "builtin"))
    assert type(decode(payload, lambda ref: len)) is tuple
    assert decode(payload, lambda ref: len, tuples={"Point"}).y is len


def test_a_digest_is_of_what_travels_by_value():
    one = {"x": np.arange(3), "n": [1, 2.5], "f": abs, "kind": np.float32}
    same_again = {"x": np.arange(3), "n": [1, 2.5], "f": abs, "kind": np.float32}
    assert digest(one) == digest(same_again) is not None
    assert digest(one) != digest({**one, "n": [1, 2.6]})
    assert digest({"f": lambda: 1}) is None
    assert digest(["/tmp/a"]) is None


def test_matrices_and_records_are_rejected():
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
    with pytest.raises(WireError, match="named tuple classes"):
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
def test_objects_that_are_not_data_stay_where_they_are(value):
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


def test_an_equal_object_is_not_mistaken_for_a_known_one():
    known = [[1]]
    assert decode(encode([1], known=known), known=known) is not known[0]


def test_both_sides_list_the_same_mutable_arguments():
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


def test_nesting_is_limited():
    assert trip(nested(MAX_DEPTH - 1)) == nested(MAX_DEPTH - 1)
    for depth in (MAX_DEPTH + 1, 10_000):
        with pytest.raises(WireError, match="nested more than 100 levels deep"):
            encode(nested(depth))


def test_a_frame_is_limited():
    with pytest.raises(WireError, match="the limit is 67,108,864"):
        encode(np.zeros(MAX_FRAME // 8))
    assert decode(encode(np.zeros(MAX_FRAME // 8 - 100, ">f8"))).nbytes == MAX_FRAME - 800


def test_the_document_of_a_frame_is_limited():
    with pytest.raises(WireError, match="bytes of text; the limit is 16,777,216"):
        encode("x" * (MAX_DOCUMENT + 1))


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[1:],
        lambda a: a.T,
        lambda a: a[::-1, ::2],
        lambda a: a.reshape(-1)[5:9],
        lambda a: a.view("u1"),
        lambda a: np.broadcast_to(a[0], (3, 4)),
        lambda a: np.lib.stride_tricks.sliding_window_view(a, 2, axis=1, writeable=True)[1],
    ],
)
@pytest.mark.parametrize("is_known", [False, True])
def test_views_share_the_memory_of_their_array(view, is_known):
    whole = np.arange(12.0).reshape(3, 4)
    if is_known:
        here = whole.copy()
        part = decode(encode(view(whole), known=[whole]), known=[here])
    else:
        here, part = decode(encode([whole, view(whole)]))
    assert np.shares_memory(here, part)
    here[:] = 7
    np.testing.assert_array_equal(part, view(here))
    assert part.strides == view(whole).strides


def test_a_copy_shares_nothing():
    whole = np.arange(3.0)
    here, part = decode(encode([whole, whole.copy()]))
    assert not np.shares_memory(here, part)


def test_a_view_of_an_array_in_another_order_is_a_copy():
    whole = np.arange(6.0).reshape(2, 3)
    there = np.asfortranarray(whole)
    part = decode(encode(whole[1], known=[whole]), known=[there])
    assert not np.shares_memory(there, part)
    assert part.tolist() == [3, 4, 5]
