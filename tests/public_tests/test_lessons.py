"""The checks of the lessons' exercises: accepted answers, and messages."""

from fractions import Fraction

import numpy as np
import pytest

from nbexercise.errors import CheckFailedError
from nbexercise.showing.report import MIME_TYPE, NOT_WRITTEN
from public_tests import check_answer, check_function
from public_tests.course import lessons

RIGHT = [
    (3, 3),
    (np.float32(0.1), 0.1),
    ((4, 5), (4, 5)),
    ([4, 5], (4, 5)),
    (np.ones((2, 3)), np.ones((2, 3), dtype=int)),
    (Fraction(1, 8), 0.125),
    (np.array([1, 0.5], object), np.array([1, 0.5])),
    (" Same", "same"),
    ("b, D A", "BDA"),
    (["B", "D", "A"], "BDA"),
    (1e9 + 1, 1e9),
    (14_719_818.0, 14_719_818),
    (0.1 + 0.2 + 2.7, 3),
    (np.array([np.inf, -np.inf, np.nan, 1]), np.array([np.inf, -np.inf, np.nan, 1])),
]
WRONG = [
    (4, 3, "it is 4"),
    (float("nan"), 3, "it is nan"),
    (np.inf, -np.inf, "it is inf"),
    (3, np.nan, "it is 3"),
    ("3", 3, "it is '3', a string: write the number without quotes."),
    ("1,024", 1024, "it is '1,024', a string: write the number without quotes."),
    ("4", 3, "it is '4'."),
    ("three", 3, "it is 'three'."),
    (14_719_808, 14_719_818, "it is 14719808."),
    (14_719_817.9, 14_719_818, "it is 14719817.9."),
    (1 / 3, 0.25, "it is 0.33333333."),
    ((4, 6), (4, 5), "value 2 of 2 is wrong: it is 6."),
    ((3, 5, 7), (4, 5, 6), "values 1 and 3 of 3 are wrong: they are 3 and 7."),
    ((1_000_001, 0.5), (1_000_000, 0.5), "value 1 of 2 is wrong: it is 1000001."),
    (3, "same", "it is 3"),
    (["B", "A", "D"], "BDA", "it is ['B', 'A', 'D']"),
    (["B", 3], "BDA", "it is ['B', 3]"),
    ((4, 5, 1), (4, 5), "it is [4, 5, 1]"),
    ([1, [2]], 3, "it is [1, [2]]"),
    (max, 3, "but a number or an array of numbers was expected"),
    (np.ones((4, 4)), np.ones((4, 5)), "its shape is (4, 4), expected (4, 5)"),
    (np.arange(20), np.r_[:9, 10, 10:20], "1 of 20 numbers is wrong, the one at [9]"),
    (np.arange(20), np.r_[:9, 10:21], "11 of 20 numbers are wrong, the first at [9]"),
]


@pytest.mark.parametrize(("given", "right"), RIGHT)
def test_a_right_answer_is_taken(given, right, capsys):
    check_answer("Exercise 1", given, right)
    assert capsys.readouterr().out == "Exercise 1: right.\n"


@pytest.mark.parametrize(("given", "right", "text"), WRONG)
def test_a_wrong_answer_is_refused_with_what_it_is(given, right, text):
    with pytest.raises(AssertionError) as error:
        check_answer("Exercise 1", given, right, "Think of the padding.")
    said = " ".join(str(error.value).split())
    assert said.startswith("Exercise 1: not yet. ") and said.endswith("Think of the padding.")
    assert text in said


def test_a_known_wrong_answer_is_explained_instead_of_the_hint():
    with pytest.raises(AssertionError, match="padded on one side") as error:
        check_answer("Exercise 1", 6, 7, "Think.", [(5, "not padded"), (6, "padded on one side")])
    assert "Think." not in str(error.value) and "not padded" not in str(error.value)


@pytest.mark.parametrize("given", [None, ..., (None, None)])
def test_no_answer_is_no_error(given, capsys):
    check_answer("Exercise 1", given, 3)
    assert "not answered yet" in capsys.readouterr().out


def size(n, f):
    return n - f + 1


def test_a_function_is_compared_on_every_call(capsys):
    check_function("Exercise 2", lambda n, f: 1 + n - f, size, [(4, 2), (5, 5)])
    assert capsys.readouterr().out == "Exercise 2: right, in 2 of 2 calls.\n"


def test_a_wrong_function_is_shown_its_first_wrong_call():
    def mine(n, f):
        return n - 1

    with pytest.raises(AssertionError) as error:
        check_function("Exercise 2", mine, size, [(4, 2), (5, 3)], "Count the positions.")
    said = " ".join(str(error.value).split())
    assert said == "Exercise 2: not yet. mine(5, 3) should be 3: it is 4. Count the positions."


def test_a_known_wrong_function_must_agree_on_every_call():
    known = [(lambda n, f: n, "That is the size of the image.")]
    calls = [(4, 2), (5, 3)]
    with pytest.raises(AssertionError, match="the size of the image"):
        check_function("Exercise 2", lambda n, f: n, size, calls, "Think.", known)
    with pytest.raises(AssertionError, match="Think"):
        check_function("Exercise 2", lambda n, f: min(n, 4), size, calls, "Think.", known)


def test_a_function_that_is_not_written_is_no_error_but_one_that_gives_up_is(capsys):
    for nothing in (None, (None, ...)):
        check_function("Exercise 2", lambda n, f, nothing=nothing: nothing, size, [(4, 2)])
        assert "not written yet" in capsys.readouterr().out
    with pytest.raises(AssertionError, match=r"\(5, 3\) should be 3"):
        check_function(
            "Exercise 2", lambda n, f: size(n, f) if n < 5 else None, size, [(4, 2), (5, 3)]
        )


def test_an_exception_is_reported_with_the_call_and_the_line_that_raised_it():
    def mine(n, f):
        positions = n // (3 - f)
        return positions + size(n, f) - positions

    with pytest.raises(CheckFailedError) as error:
        check_function("Exercise 2", mine, size, [(4, 2), (5, 3)], "Count the positions.")
    first, called, line, values, hint = str(error.value).splitlines()
    assert first == "Exercise 2: not yet."
    with pytest.raises(ZeroDivisionError) as zero:
        mine(5, 3)  # each Python has its own words
    assert called == f"  mine(5, 3) raised ZeroDivisionError: {zero.value}"
    assert line.endswith("in mine: positions = n // (3 - f)")
    assert values.strip() == "with n = 5, f = 3"
    assert hint == "  Count the positions."
    assert error.value.__cause__ is None and error.value.__context__ is None


def test_a_known_wrong_function_may_raise_the_same_exception():
    known = [
        (lambda n, f: n // (3 - f) if n > 4 else 3, "Do not divide by 3 - f."),
        (lambda n, f: {4: 3}[n], "That is a table."),
    ]
    calls = [(4, 2), (5, 3)]
    with pytest.raises(CheckFailedError, match=r"Do not divide by 3 - f\.$"):
        check_function("Exercise 2", lambda n, f: 3 // (3 - f), size, calls, "Count.", known)
    with pytest.raises(CheckFailedError, match=r"Count\.$"):
        check_function(
            "Exercise 2", lambda n, f: int(f"{n}?"[f - 2 :]), size, calls, "Count.", known
        )


def test_a_call_with_other_arguments_names_those_of_the_task():
    with pytest.raises(CheckFailedError, match="It was called with n, f: leave its `def` line"):
        check_function("Exercise 2", lambda n: n, lambda n, f, s=1: n - f + s, [(4, 2)])


def test_a_function_cannot_change_what_the_right_one_gets():
    def mine(x):
        x += 1
        return x

    check_function("Exercise 3", mine, lambda x: x + 1, [(np.zeros(3),), (np.zeros(3),)])


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_answer("Exercise 1", None, 3),
        lambda: check_function("Exercise 1", lambda n: None, lambda n: n, [(3,)]),
    ],
)
def test_in_a_notebook_a_missing_answer_is_data_too(check, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(lessons, "publish", lambda data: shown.append(data) or True)
    check()
    (data,) = shown
    assert data["text/plain"].startswith("Exercise 1: not ")
    assert data[MIME_TYPE]["kind"] == NOT_WRITTEN
    assert capsys.readouterr().out == ""
