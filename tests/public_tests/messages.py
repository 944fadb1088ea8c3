"""The texts that students read, taken from the checks that raise them."""

import re

import pytest

from exercises import vectorized


def message(test, function):
    """Return the text of the failing check, without line breaks inside paragraphs."""
    with pytest.raises(AssertionError) as caught:
        test(function)
    text = caught.value.text
    assert not text.endswith("\n")
    return re.sub(r"<cell \d+>", "<cell>", text)


def failing_lines(text):
    """Return the lines between the first failing case's heading and the next blank line."""
    after = text.split("First failing case, ", 1)[1].splitlines()
    return [line.strip() for line in after[1 : (after + [""]).index("")]]


def right(name):
    return getattr(vectorized, name)
