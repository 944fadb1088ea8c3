"""The texts that students read, taken from the checks that raise them."""

import re

import pytest

from exercises import vectorized


def message(test, function):
    """Return the text of the failing check."""
    with pytest.raises(AssertionError) as caught:
        test(function)
    text = str(caught.value)
    assert not text.endswith("\n")
    return re.sub(r"<cell \d+>", "<cell>", text)


def failing_lines(text):
    """Return the lines between the first failing case's heading and the next blank line."""
    after = text.split("First failing case, ", 1)[1].splitlines()
    lines = after[: (after + [""]).index("")]
    first = next(i for i in range(1, len(lines)) if not lines[i].startswith("    "))
    found = []
    for line in lines[first:]:
        if line.startswith("    ") and not line.startswith("    line "):  # a continued line
            found[-1] += f" {line.strip()}"
        else:
            found.append(line.strip())
    return found


def right(name):
    return getattr(vectorized, name)
