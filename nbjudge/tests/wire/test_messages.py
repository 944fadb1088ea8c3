"""Messages: one side unpacks what the other packed, and rejects everything else."""

import random
from dataclasses import dataclass, fields

import pytest

from nbjudge.errors import WireError
from nbjudge.wire import requests
from nbjudge.wire.decoding import decode
from nbjudge.wire.encoding import encode
from nbjudge.wire.messages import Message, from_plain, pack, to_plain, unpack
from nbjudge.wire.requests import (
    CallBack,
    CellRan,
    Done,
    ErrorReport,
    Found,
    NotFound,
    NotWritten,
    Raised,
    Returned,
)

REPORT = ErrorReport([("builtins", "ValueError")], "no", [("<cell>", 3, "f", "raise")], None)
ANSWERS = {
    "done": Done(),
    "not written": NotWritten("no room"),
    "cell": CellRan(True, [{"output_type": "stream", "text": "x"}], ["x"], False),
    "value": Found([1, 2], None),
    "class": Found(3, [("m", "Broke"), ("builtins", "Exception")]),
    "nothing": NotFound(),
    "returned": Returned({"a": 1}, [], [(0, [5])]),
    "overwriting": Returned({"a": 1}, [], [], earlier=[(1, [0], ((), [5]))]),
    "raised": Raised(REPORT, [], []),
    "call back": CallBack(2, [1], {"key": 3}),
}
KINDS = (Done, NotWritten, CellRan, Found, NotFound, Returned, Raised, CallBack)


def received(plain):
    """Return the message that the judge reads from a session's frame."""
    return unpack(decode(encode(plain)), *KINDS)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_message_arrives_unchanged(name):
    assert received(pack(ANSWERS[name])) == ANSWERS[name]


def test_mutable_arguments_are_the_same_object_in_the_message():
    args = [[1], {"a": 2}]
    call = requests.Call("f", args, {"k": args[0]}, {}, [], None, 0.0, 1, [])
    plain = to_plain(call)
    assert plain["args"] is args and plain["kwargs"]["k"] is args[0]
    assert from_plain(requests.Call, plain).args is args


FORGED = {
    "no message": [None, 5, "Done", [], [1], {"is": 5}, {"is": None}, {"is": ["Done"]}, {}],
    "an unknown one": [{"is": "Nonsense"}, {"is": "Message"}, {"is": "Request", "number": 0}],
    "one not expected": [pack(requests.LookUp("x")), pack(requests.Begin(1, True))],
    "too many fields": [{"is": "Done", "x": 1}, {**pack(NotWritten("a")), "number": 3}],
    "fields of other names": [{"is": "NotWritten", 5: "x"}, {"is": "NotWritten", None: 1}],
    "too few fields": [{"is": "NotWritten"}, {"is": "CellRan", "success": True}],
    "a text that is none": [{"is": "NotWritten", "why": w} for w in (None, 5, b"x", ["x"], {})],
    "a truth that is none": [
        {"is": "CellRan", "success": s, "outputs": [], "others": [], "too_long": False}
        for s in (1, 0, None, "True", [True])
    ],
    "names that are none": [
        {"is": "CellRan", "success": True, "outputs": [], "others": o, "too_long": False}
        for o in (None, "x", [5], [None], {"x": 1}, ("x",))
    ],
    "outputs that are none": [
        {"is": "Returned", "value": 1, "outputs": o, "changed": []} for o in (None, {}, "x", 5)
    ],
    "changes that are none": [
        {"is": "Returned", "value": 1, "outputs": [], "changed": c}
        for c in (None, [5], [[0]], [[0, 1, 2]], [["0", 1]], [[True, 1]], [[1.0, 1]])
    ],
    "a report that is none": [
        {"is": "Raised", "error": e, "outputs": [], "changed": []}
        for e in (
            None,
            [],
            {},
            {"classes": [], "text": "x"},
            to_plain(REPORT) | {"classes": [["a"]]},
            to_plain(REPORT) | {"frames": [["f", "3", "g", "x"]]},
            to_plain(REPORT) | {"text": None},
            to_plain(REPORT) | {"more": 1},
        )
    ],
    "a call back of no number": [
        {"is": "CallBack", "function": f, "args": [], "kwargs": {}} for f in (None, "0", True, 1.0)
    ],
    "a call back with no arguments": [
        {"is": "CallBack", "function": 0, "args": a, "kwargs": k}
        for a, k in ((None, {}), ({}, {}), ((1,), {}), ([], None), ([], {5: 1}), ([], []))
    ],
}


@pytest.mark.parametrize("name", FORGED)
def test_unexpected_messages_are_rejected(name):
    for forged in FORGED[name]:
        with pytest.raises(WireError):
            received(forged)


def test_random_documents_are_refused_or_messages():
    rng = random.Random(14)
    parts = [None, True, 0, 2**70, 1.5, "x", b"x", [], {}, [[0, 1]], {"a": 1}, (1, 2)]
    names = [kind.__name__ for kind in KINDS]
    keys = sorted({field.name for kind in KINDS for field in fields(kind)} | {"is", "x"})
    for _ in range(3000):
        document = {rng.choice(keys): rng.choice(parts) for _ in range(rng.randrange(5))}
        document["is"] = rng.choice(names)
        try:
            message = received(document)
        except WireError:
            continue
        assert isinstance(message, Message)


def test_a_number_may_stand_for_seconds_and_none_for_what_may_be_missing():
    @dataclass(frozen=True)
    class Timed(Message):
        seconds: float
        note: str | None

    assert from_plain(Timed, {"seconds": 3, "note": None}) == Timed(3.0, None)
    for seconds, note in ((True, None), ("3", None), (3, 5)):
        with pytest.raises(WireError):
            from_plain(Timed, {"seconds": seconds, "note": note})
