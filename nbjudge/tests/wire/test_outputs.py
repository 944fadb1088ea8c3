"""What a cell shows: collected within limits, and made harmless where it comes from a sandbox."""

import copy
import random

import nbformat
import numpy as np
import pytest

from nbjudge.guest.outputs import Outputs
from nbjudge.wire import Ref
from nbjudge.wire.outputs import MAX_ITEMS, Allowance, checked, error_output, stream_output
from tests.support.engines import no_longer_than


def reduced(outputs, limit=2_000_000):
    return checked(outputs, Allowance(limit))


def printed(outputs):
    return "".join(item["text"] for item in outputs.collect() if item["output_type"] == "stream")


def display(text, display_id=None):
    item = {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}
    return item | ({"display_id": display_id} if display_id else {})


def texts(outputs):
    return [
        item["text"] if item["output_type"] == "stream" else item["data"]["text/plain"]
        for item in outputs.collect()
    ]


def test_what_is_printed_is_one_output_until_the_stream_changes():
    outputs = Outputs(1000)
    for name, text in (("stdout", "a"), ("stdout", "b\n"), ("stderr", "c"), ("stdout", "d")):
        outputs.write(name, text)
    assert outputs.collect() == [
        stream_output("ab\n"),
        stream_output("c", "stderr"),
        stream_output("d"),
    ]


def test_nothing_printed_is_no_output():
    outputs = Outputs(1000)
    outputs.write("stdout", "")
    assert outputs.collect() == []


def test_printing_beyond_the_limit_is_cut_and_the_cut_is_said():
    outputs = Outputs(1000)
    for _ in range(500):
        outputs.write("stdout", "0123456789")
    text = printed(outputs)
    assert text.startswith("0123456789" * 100)
    assert text[1000:] == "\n[4,000 more characters of output were cut]\n"


def test_a_single_text_beyond_the_limit_keeps_its_beginning():
    outputs = Outputs(1000)
    outputs.write("stdout", "x" * 2500)
    assert printed(outputs) == "x" * 1000 + "\n[1,500 more characters of output were cut]\n"


def test_exactly_the_limit_is_not_cut():
    outputs = Outputs(1000)
    outputs.write("stdout", "x" * 1000)
    assert printed(outputs) == "x" * 1000


def test_endless_printing_takes_no_memory():
    outputs = Outputs(1000)
    for _ in range(100_000):
        outputs.write("stdout", "x" * 100)
        outputs.write("stderr", "y" * 100)
    assert len(outputs.items) <= 11
    assert "19,999,000 more characters" in printed(outputs)


def test_a_figure_beyond_the_limit_is_left_out_whole():
    outputs = Outputs(1000)
    outputs.add(display("small"), 10)
    outputs.add(display("x" * 2000), 2000)
    assert texts(outputs) == ["small", "\n[2,000 more characters of output were cut]\n"]


def test_the_number_of_outputs_is_limited():
    outputs = Outputs(10**9)
    for number in range(MAX_ITEMS + 500):
        outputs.add(display(str(number)), 1)
        outputs.write("stdout", "a")
        outputs.write("stderr", "b")
    found = outputs.collect()
    assert len(found) <= MAX_ITEMS + 2
    assert "characters of output were cut" in found[-1]["text"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0%\r50%\r100%\n", "100%\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("done\r", "done"),
        ("one\rtwo\nthree\rfour", "two\nfour"),
        ("no return\n", "no return\n"),
    ],
)
def test_a_carriage_return_overwrites_its_line(text, shown):
    outputs = Outputs(1000)
    for letter in text:
        outputs.write("stdout", letter)
    assert printed(outputs) == shown


def test_a_display_can_be_updated():
    outputs = Outputs(1000)
    outputs.add(display("first", "one"), 5)
    outputs.add(display("other", "two"), 5)
    outputs.replace("one", display("changed", "one"), 7)
    outputs.replace("three", display("nothing", "three"), 7)
    assert texts(outputs) == ["changed", "other"]
    assert all("display_id" not in item for item in outputs.collect())


def test_a_display_can_be_updated_more_than_once():
    outputs = Outputs(1000)
    outputs.add(display("first", "one"), 5)
    for number in range(3):
        outputs.replace("one", display(str(number), "one"), 900)
    assert texts(outputs) == ["2"]


def test_updates_of_a_display_count_towards_the_limit():
    outputs = Outputs(1000)
    outputs.add(display("first", "one"), 5)
    outputs.replace("one", display("x" * 1_000_000, "one"), 1_000_000)
    assert texts(outputs) == ["first", "\n[1,000,000 more characters of output were cut]\n"]


def test_outputs_can_be_cleared():
    outputs = Outputs(1000)
    outputs.write("stdout", "a")
    outputs.clear_soon(wait=False)
    outputs.write("stdout", "b")
    assert printed(outputs) == "b"


def test_clearing_can_wait_for_the_next_output():
    outputs = Outputs(1000)
    outputs.write("stdout", "a")
    outputs.clear_soon(wait=True)
    assert printed(outputs) == "a"
    outputs.write("stdout", "b")
    outputs.write("stdout", "c")
    assert printed(outputs) == "bc"


def test_a_cleared_animation_never_reaches_the_limit():
    outputs = Outputs(1000)
    for number in range(100):
        outputs.clear_soon(wait=True)
        outputs.add(display(f"frame {number}"), 900)
    assert texts(outputs) == ["frame 99"]


def notebook_with(outputs):
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "",
        "execution_count": 1,
        "outputs": copy.deepcopy(outputs),
    }
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def valid(outputs):
    """What a notebook file holds of outputs, if they can be written at all."""
    notebook = nbformat.from_dict(notebook_with(outputs))
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    text.encode("utf-8")
    return text


def test_well_formed_outputs_pass_unchanged():
    outputs = [
        stream_output("a\n"),
        stream_output("b", "stderr"),
        error_output("ValueError", "wrong", ["ValueError: wrong"]),
        {
            "output_type": "display_data",
            "data": {"text/plain": "x", "image/png": "aGk=", "application/json": {"a": [1, None]}},
            "metadata": {"image/png": {"width": 3}},
        },
        {
            "output_type": "execute_result",
            "data": {"text/html": "<b>x"},
            "metadata": {},
            "execution_count": 3,
        },
    ]
    assert reduced(outputs) == outputs
    valid(outputs)


def test_text_in_pieces_becomes_one():
    pieces = {"output_type": "display_data", "data": {"text/html": ["<b>", "x"]}, "metadata": {}}
    assert reduced([pieces])[0]["data"] == {"text/html": "<b>x"}


def test_what_is_too_large_is_cut_and_the_cut_is_said():
    line = "x" * 1_000_000
    outputs = reduced([error_output("E", "e", [line] * 200)])
    assert sum(map(len, outputs[0]["traceback"])) < 70_000_000
    assert "the rest was cut" in outputs[-1]["text"]


def nested(value, depth, copies=1):
    for _ in range(depth):
        value = [value] * copies
    return value


class Stranger:
    """What stands for a student's object: it can be neither compared, nor shown, nor measured."""

    def _refuse(self, *args):
        raise TypeError("it stays where it is")

    __eq__ = __len__ = __iter__ = __str__ = __repr__ = __array__ = __bool__ = _refuse
    __hash__ = None


STRANGE = {
    "nothing": None,
    "a number": 3,
    "an array": np.zeros(3),
    "a text array": np.array(["stream", "error"]),
    "a large number": 10**6000,
    "a small large number": -(10**30),
    "NaN": float("nan"),
    "infinity": np.float64("inf"),
    "lone surrogates": "\ud800 and \udfff",
    "nul": "a\0b",
    "bytes": b"\xff",
    "a list": ["a", 1, None, ["b"]],
    "a dict": {"a": 1, 2: "b", None: [], ("x",): {}, "\ud800": "\udc00"},
    "a set": {1, 2},
    "a tuple": (1, "a"),
    "deep": nested("x", 90),
    "an aliasing bomb": nested("x", 15, 40),
    "a Ref": Ref(1, "thing", "object"),
    "a stranger": Stranger(),
    "true": True,
    "complex": 1j,
    "a date": np.datetime64("2020-01-01"),
    "a slice": slice(1),
    "ellipsis": ...,
    "long": "x" * 100_000,
}
LOOP = []
LOOP.append(LOOP)
STRANGE["a loop"] = LOOP
FIELDS = {
    "stream": ("name", "text"),
    "error": ("ename", "evalue", "traceback"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
}
GOOD = {
    "name": "stdout",
    "text": "a",
    "ename": "E",
    "evalue": "e",
    "traceback": ["E: e"],
    "data": {"text/plain": "a"},
    "metadata": {},
    "execution_count": 1,
}


@pytest.mark.parametrize("strange", STRANGE)
def test_whatever_a_sandbox_sends_becomes_what_a_notebook_holds(strange):
    value = STRANGE[strange]
    forged = [value, {"output_type": value}, {}, {"output_type": "stream"}]
    for kind, fields in FIELDS.items():
        good = {"output_type": kind, **{field: GOOD[field] for field in fields}}
        forged.append(good)
        for field in fields:
            forged += [{**good, field: value}, {**good, field: [value]}]
            forged.append({**good, field: {"text/plain": value, "application/json": value}})
            try:
                forged.append({**good, field: {value: "x", "image/png": value}})
            except TypeError:
                continue
    with no_longer_than(60):
        for outputs in (value, [value, value], forged):
            assert len(valid(reduced(outputs))) < 30_000_000


def test_random_garbage_becomes_what_a_notebook_holds():
    rng = random.Random(5)
    values = [*STRANGE.values(), "stream", "error", "display_data", "execute_result"]
    names = ["output_type", *GOOD]
    values = [v for v in values if v is not STRANGE["an aliasing bomb"]]
    for _ in range(1500):
        item = {name: rng.choice([*values, GOOD.get(name)]) for name in rng.sample(names, 6)}
        if rng.random() < 0.8:
            item["output_type"] = rng.choice([*FIELDS])
        valid(reduced([item]))


def test_no_more_outputs_pass_than_a_cell_may_have():
    assert len(reduced([stream_output("a")] * 100_000)) <= MAX_ITEMS + 2


def test_what_is_no_list_of_outputs_is_none():
    for value in (None, {}, "text", 3, ({"output_type": "stream"},)):
        assert reduced(value) == []


def test_forged_outputs_have_room_for_one_cell_and_for_one_notebook():
    allowance = Allowance(1000)
    sizes = []
    for _ in range(200):
        found = checked([stream_output("x" * 900_000)] * 10, allowance)
        sizes.append(sum(len(item["text"]) for item in found))
    assert max(sizes) < 1_100_000
    assert sum(sizes) < 1_200_000
    assert "more output than is kept" in found[-1]["text"]
    many = {**display(""), "data": {"application/json": list(range(10**6))}}
    assert len(repr(checked([many], Allowance(10)))) < 10**7
