"""Outputs collected while a cell runs."""

import pytest

from nbjudge.guest.outputs import Outputs
from nbjudge.wire.outputs import MAX_ITEMS, error_output, stream_output
from tests.support.outputs import display, printed, texts


def test_printed_text_is_one_output_until_the_stream_changes():
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


def test_printing_beyond_the_limit_is_truncated_with_a_note():
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


def test_the_first_error_and_the_first_value_beyond_the_limit_are_kept_in_short_form():
    outputs = Outputs(1000)
    outputs.write("stdout", "x" * 1000)
    for number in (1, 2):
        outputs.add(error_output("Error", f"{number}", ["line"] * 1000), 5000)
        value = {"text/plain": f"{number}" * 5000, "text/html": "<p>"}
        outputs.add({"output_type": "execute_result", "data": value, "metadata": {}}, 5000)
    outputs.write("stderr", "y")
    printed_text, error, value, note = outputs.collect()
    assert printed_text == stream_output("x" * 1000)
    assert error == error_output("Error", "1")
    assert value["data"] == {"text/plain": "1" * 1000}
    assert note == stream_output("\n[20,001 more characters of output were cut]\n", "stderr")


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
