"""Outputs from a sandbox: any value becomes valid notebook content."""

import copy
import random

import nbformat
import numpy as np
import pytest

from nbjudge.wire.format import Ref
from nbjudge.wire.outputs import MAX_ITEMS, Allowance, checked, error_output, stream_output
from tests.support.engines import no_longer_than
from tests.support.outputs import display


def reduced(outputs, limit=2_000_000):
    return checked(outputs, Allowance(limit))


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
    """Return the text of a notebook file with these outputs; raise an error if they are invalid."""
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


def test_too_large_outputs_are_truncated_with_a_note():
    line = "x" * 1_000_000
    outputs = reduced([error_output("E", "e", [line] * 200)])
    assert sum(map(len, outputs[0]["traceback"])) < 70_000_000
    assert "the rest was cut" in outputs[-1]["text"]


def nested(value, depth, copies=1):
    for _ in range(depth):
        value = [value] * copies
    return value


class Stranger:
    """Placeholder of a student's object: comparing, displaying or measuring it raises an error."""

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
def test_any_output_of_a_sandbox_becomes_valid_notebook_content(strange):
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


def test_outputs_above_a_cells_limit_are_dropped():
    assert len(reduced([stream_output("a")] * 100_000)) <= MAX_ITEMS + 2


def test_an_invalid_list_of_outputs_is_empty():
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
    assert "too much output" in found[-1]["text"]
    many = {**display(""), "data": {"application/json": list(range(10**6))}}
    assert len(repr(checked([many], Allowance(10)))) < 10**7
