"""Forged, damaged and endless frames are rejected."""

import base64
import contextlib
import math
import pickle
import random
import struct
import tracemalloc

import numpy as np
import pytest

from nbjudge.errors import WireError
from nbjudge.wire.decoding import DECODERS, FILLERS, decode
from nbjudge.wire.encoding import encode
from nbjudge.wire.format import Ref
from tests.support.engines import no_longer_than
from tests.support.values import VALUES, Point, frame


def _view(reference, offset, strides, size=2, viewed=2):
    """Return a frame with an array of `size` numbers and a view of `viewed` numbers."""
    whole, copied = ["<i8", [size], 1, True], ["<i8", [viewed], 2, True]
    parts = [{"array": whole}, {"part": [reference, offset, strides, copied]}]
    return frame({"list": parts}, b"\0" * 8 * size, b"\0" * 8 * viewed)


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
    "an array in itself": frame({"objects": [[2], [{"same": 0}, 1]]}),
    "an array in an array in itself": frame(
        {"objects": [[1], [{"objects": [[1], [{"same": 0}]]}]]}
    ),
    "a frozen set in itself": frame({"frozenset": [{"same": 0}]}),
    "an array of objects": frame({"array": ["|O", [1], 1, True]}, b"\0" * 8),
    "a record": frame({"array": ["f8,O", [1], 1, True]}, b"\0" * 16),
    "a record of numbers": frame({"array": ["f8,f8", [1], 1, True]}, b"\0" * 16),
    "a sub-array": frame({"array": ["(2,)f8", [1], 1, True]}, b"\0" * 16),
    "raw memory": frame({"array": ["V8", [1], 1, True]}, b"\0" * 8),
    "a dtype that is a dict": frame({"array": [{"names": []}, [1], 1, True]}, b"\0" * 8),
    "a dtype that is missing": frame({"array": [None, [1], 1, True]}, b"\0" * 8),
    "a dtype that is no dtype": frame({"array": ["nonsense", [1], 1, True]}, b"\0" * 8),
    "a shape that does not fit": frame({"array": ["<f8", [1 << 40], 1, True]}, b"\0" * 8),
    "a shape of too many dimensions": frame({"array": ["<f8", [1] * 200, 1, True]}, b"\0" * 8),
    "a shape of texts": frame({"array": ["<f8", ["1"], 1, True]}, b"\0" * 8),
    "an array of many empty strings": frame({"array": ["<U0", [1 << 25], 1, True]}, b""),
    "an array of many empty rows": frame({"array": ["|S0", [1 << 20, 1 << 20], 1, True]}, b""),
    "a view beyond its array": _view({"same": 1}, 8, [8]),
    "a view before its array": _view({"same": 1}, -8, [8]),
    "a view with steps out of its array": _view({"same": 1}, 0, [16]),
    "a view with steps that overflow": _view({"same": 1}, 0, [1 << 62], viewed=5),
    "a view of an empty array": _view({"same": 1}, 0, [8], size=0),
    "an empty view beyond its array": _view({"same": 1}, 1 << 40, [8], viewed=0),
    "a view at a place that is NaN": _view({"same": 1}, math.nan, [8]),
    "a view at a place that is a text": _view({"same": 1}, "0", [8]),
    "a view of itself": _view({"same": 2}, 0, [8]),
    "a view of a list": _view({"same": 0}, 0, [8]),
    "a view of addresses": _view({"objects": [[2], [1, 2]]}, 0, [8]),
    "a view without strides": _view({"same": 1}, 0, []),
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
    "a fraction by zero": frame({"fraction": ["0x1", "0x0"]}),
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


def try_to_decode(payload):
    with contextlib.suppress(WireError):
        decode(payload)


def is_accepted(payload):
    """True if decode accepts a payload, False if it rejects it; other errors propagate.

    An accepted value must survive a round trip: the judge may have to send it back.
    """
    try:
        value = decode(payload)
    except WireError:
        return False
    assert type(decode(encode(value))).__name__ == type(value).__name__
    return True


def test_random_bytes_only_ever_raise_wire_error():
    rng = random.Random(1)
    for _ in range(5000):
        assert not is_accepted(rng.randbytes(rng.choice([0, 1, 3, 4, 7, 8, 9, 50, 400])))


def test_random_documents_only_ever_raise_wire_error():
    rng = random.Random(2)
    kinds = [*DECODERS, *FILLERS, "nonsense"]
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
        read += is_accepted(payload)
    assert read > 100  # the payloads get past the first check


def valid_payloads():
    values = [v for v in VALUES.values() if len(encode(v)) < 3000]
    payloads = [encode(value) for value in values]
    big = {"cell": values[:12], "arrays": [np.arange(9.0), Point(1, 2)], "ref": 3}
    return [*payloads, encode(big), encode([object()], lambda _: Ref(1, "object", "object"))]


def test_a_truncated_frame_is_refused():
    for payload in valid_payloads():
        for length in {*range(min(40, len(payload))), *range(0, len(payload), 17)}:
            assert not is_accepted(payload[:length])


def test_flipped_bits_only_ever_raise_wire_error():
    rng = random.Random(3)
    payloads = valid_payloads()
    for _ in range(15_000):
        payload = bytearray(rng.choice(payloads))
        for _ in range(rng.choice([1, 1, 2, 8])):
            payload[rng.randrange(len(payload))] ^= 1 << rng.randrange(8)
        is_accepted(bytes(payload))


def peak_memory(action):
    """Return the peak memory of an action, in bytes."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


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
        frame({"fraction": ["0x" + "1" * 200_000, "0x3"]}),
        frame({"range": [0, {"int": "0x" + "f" * 1000}, 1]}),
        frame({"floats": 1}, b"\0" * 13),
        frame({"list": [{"list": []}] * 100_000}),
        frame({"named": ["P", [f"a{n}" for n in range(3000)], list(range(3000))]}),
    ],
    ids=range(14),
)
def test_no_frame_hangs_or_takes_much_memory(payload):
    with no_longer_than(60):
        is_accepted(payload)
    most = 60 * len(payload) + 4_000_000
    # Python's table of interned strings grows now and then, but not in each of three attempts.
    assert any(peak_memory(lambda: try_to_decode(payload)) < most for _ in range(3))
