"""A message for each kind of failure."""

import re
import warnings

import numpy as np
import pytest
from tests.cells import written

import nbexercise
from exercises import EXERCISES, grade
from nbexercise.judging import calling
from nbexercise.judging.notes import REFUSED_FOR_A_NUMBER, instead_of
from nbexercise.judging.wording import with_article
from nbexercise.showing.overview import about_long_run
from public_tests import (
    conv_backward_test,
    conv_forward_test_2,
    conv_single_step_test,
    create_mask_from_window_test,
    distribute_value_test,
    lenet_gradients_test,
    momentum_step_test,
    pool_forward_test,
    zero_pad_test,
)
from tests.public_tests.messages import failing_lines, message, right


def test_a_missing_return():
    text = message(zero_pad_test, written("def zero_pad(X, pad):\n    X_pad = np.pad(X, 1)"))
    assert failing_lines(text) == ["zero_pad returned None."]
    assert "\nWhat happened: zero_pad has no return statement, so it returns None.\n" in text
    assert "\nNext: end the function with `return X_pad`.\n" in text


def test_a_returned_name_that_is_none():
    text = message(zero_pad_test, written("def zero_pad(X, pad):\n    Y = None\n    return Y"))
    assert "\nWhat happened: Y is None when line 3 returns it.\n" in text
    assert "\nNext: which line should assign the result to Y?\n" in text


def test_a_call_that_may_have_ended_without_its_return():
    source = "def zero_pad(X, pad):\n    if pad > 9:\n        return X"
    either = "Either zero_pad ended without a return statement, or the value it returns is None."
    assert f"\n{either}\n" in message(zero_pad_test, written(source))


def test_a_missing_return_of_several_values():
    text = message(conv_forward_test_2, lambda *arguments: None)
    assert failing_lines(text) == ["conv_forward returned None."]
    assert "\nNext: end the function with `return Z, cache`.\n" in text


def test_a_value_that_is_still_none():
    text = message(conv_backward_test, lambda dZ, cache: (cache[0] * 0, None, None))
    assert failing_lines(text) == [
        "conv_backward returned None for dW: it has not been computed yet."
    ]


@pytest.mark.parametrize(
    ("test", "function", "said"),
    [
        (
            zero_pad_test,
            lambda X, pad: [right("zero_pad")(X, pad), None],
            [
                "zero_pad returned a list for X_pad; expected a NumPy array.",
                "This list cannot become an array of numbers: its entries differ in shape or are "
                "not numbers.",
            ],
        ),
        (
            zero_pad_test,
            lambda X, pad: (right("zero_pad")(X, pad),),
            [
                "zero_pad returned a tuple for X_pad; expected a NumPy array.",
                "A tuple comes from a comma after `return X_pad`, from two values, "
                "or from np.where with only a condition.",
            ],
        ),
        (
            conv_single_step_test,
            lambda a, W, b: [1.0],
            ["conv_single_step returned a list for Z; expected a single number."],
        ),
        (
            conv_single_step_test,
            lambda a, W, b: True,
            ["conv_single_step returned a bool for Z; expected a single number."],
        ),
        (
            conv_single_step_test,
            lambda a, W, b: "12",
            ["conv_single_step returned a str for Z; expected a single number."],
        ),
        (
            distribute_value_test,
            lambda dz, shape: 0.5,
            [
                "distribute_value returned a float for a; expected a NumPy array.",
                "a must be an array of shape (2, 3): np.zeros(shape), np.ones(shape) or "
                "np.full(shape, value) makes one.",
            ],
        ),
        (
            create_mask_from_window_test,
            lambda x: x.max(),
            [
                "create_mask_from_window returned a float64 for mask; expected a NumPy array.",
                "mask must be an array of shape (2, 3): a comparison of an array with a number, "
                "such as a > 2, makes one.",
            ],
        ),
        (
            distribute_value_test,
            lambda dz, shape: np.ma.masked_all(shape),
            ["distribute_value returned an array with masked entries for a; expected all of them."],
        ),
        (
            distribute_value_test,
            lambda dz, shape: np.ones(shape) * 1j,
            [
                "distribute_value returned complex numbers with imaginary parts up to 1 for a; "
                "expected real numbers."
            ],
        ),
        (
            distribute_value_test,
            lambda dz, shape: np.full(shape, None),
            [
                "distribute_value returned an array of dtype object for a; expected real numbers.",
                "Something that it is computed from is still None.",
            ],
        ),
        (
            conv_forward_test_2,
            lambda *arguments: right("conv_forward")(*arguments)[::-1],
            [
                "conv_forward returned a tuple for Z; expected a NumPy array.",
                "Are the values in this order: Z, cache?",
            ],
        ),
        (
            conv_forward_test_2,
            lambda *arguments: right("conv_forward")(*arguments)[0],
            [
                "conv_forward returned a NumPy array alone; expected 2 values: Z, cache.",
                "End the function with: return Z, cache",
            ],
        ),
        (
            conv_backward_test,
            lambda dZ, cache: right("conv_backward")(dZ, cache)[:2],
            ["conv_backward returned 2 values; expected 3: dA_prev, dW, db."],
        ),
    ],
)
def test_a_wrong_type_or_number_of_values(test, function, said):
    assert failing_lines(message(test, function)) == said


def test_an_exception_keeps_the_students_own_traceback_and_none_of_our_frames():
    text = message(
        conv_forward_test_2,
        written(
            """
            def corner(h, stride):
                return hparameter["stride"] * h

            def conv_forward(A_prev, W, b, hparameters):
                return corner(1, 2)
            """
        ),
    )
    lines = [line for line in failing_lines(text) if set(line) - set("^~ ")]
    assert lines == [
        "conv_forward raised NameError: name 'hparameter' is not defined",
        "line 5, in conv_forward: return corner(1, 2)",
        'line 2, in corner: return hparameter["stride"] * h',
        "with h = 1",
    ]
    assert "public_tests" not in text


def test_the_values_of_the_variables_stand_below_the_line():
    text = message(
        zero_pad_test,
        written(
            """
            def zero_pad(X, pad):
                rows, name, sizes, nothing, many = 2.5, "X", X.shape, None, [X, X]
                one, image = np.float64(1) / 3, X[0, ..., :2]
                return X[rows, name, sizes, nothing, many, one, image, pad, "X"]
            """
        ),
    )
    below = text.partition('image, pad, "X"]\n')[2].partition("\n\n")[0]
    assert below.splitlines() == [
        "      with X of shape (2, 3, 5, 3), rows = 2.5, name = 'X', sizes = (2, 3, 5, 3),",
        "           nothing = None, many a list of 2, one = 0.33333333, image of shape (3, 5, 2)",
    ]
    assert "Are the values below it what you expect, and does it use them correctly?" in " ".join(
        text.split()
    )


def test_an_exception_inside_a_library_shows_the_students_line_alone():
    text = message(zero_pad_test, written("def zero_pad(X, pad):\n    return np.pad(X, 'one')"))
    assert text.count("    line ") == 1
    assert "    line 2, in zero_pad: return np.pad(X, 'one')\n" in text
    assert "site-packages" not in text


def test_a_long_recursion_and_a_long_message_are_cut():
    text = message(zero_pad_test, written("def again(X, pad):\n    return again(X, pad)"))
    assert "RecursionError" in text
    assert len(text.splitlines()) < 28
    text = message(zero_pad_test, written("def f(X, pad):\n    raise ValueError('x' * 100_000)"))
    assert len(text) < 1500


def test_an_exception_with_a_cause_names_it():
    text = message(
        zero_pad_test,
        written(
            """
            def zero_pad(X, pad):
                try:
                    X["a"]
                except IndexError as error:
                    raise ValueError("no such image") from error
            """
        ),
    )
    assert failing_lines(text)[:2] == [
        "zero_pad raised ValueError: no such image",
        "because of IndexError: only integers, slices (`:`), ellipsis (`...`), "
        "numpy.newaxis (`None`) and integer or boolean arrays are valid indices",
    ]


def test_the_stub_of_the_released_notebook():
    stub = 'raise NotImplementedError("write your code here, then delete this line")'
    text = message(zero_pad_test, written(f"def zero_pad(X, pad):\n    {stub}"))
    assert text == (
        "zero_pad has not been written yet: it still holds a `raise NotImplementedError` line.\n"
        "Write your code in its place, run the cell, then run this one again.\n\n"
        'Next: hint("zero_pad") gives a hint. See "Exercise: zero_pad".'
    )


STUB = 'raise NotImplementedError("write your code here, then delete this line")'


@pytest.mark.parametrize(
    ("test", "code"),
    [
        (zero_pad_test, f"def zero_pad(X, pad):\n    X_pad = X\n    {STUB}"),
        (
            conv_forward_test_2,
            "def conv_forward(A_prev, W, b, hparameters):\n    for i in range(2):\n        Z = W\n"
            f"    # YOUR CODE HERE\n    {STUB}",
        ),
    ],
)
def test_a_stub_that_is_left_below_the_code_is_to_be_deleted(test, code):
    text = " ".join(message(test, written(code)).split())
    assert "not been written" not in text
    assert "Next: delete the last quoted line, which came with the cell: your code is above" in text


@pytest.mark.parametrize(
    ("test", "code"),
    [
        (conv_forward_test_2, f"def f(A_prev, W, b, hparameters):\n    m = 1\n    {STUB}"),
        (momentum_step_test, f"def f(w, dw, velocity, learning_rate, momentum):\n    {STUB}"),
        (lenet_gradients_test, f"def f(X, labels, parameters):\n    gradients = {{}}\n    {STUB}"),
    ],
)
def test_a_stub_is_not_written_below_what_the_cell_gives(test, code):
    assert "has not been written yet" in message(test, written(code))


@pytest.mark.parametrize("wrong", [np.ones((2, 3)), None, 3, "zero_pad"])
def test_something_that_cannot_be_called(wrong):
    assert message(zero_pad_test, wrong) == (
        f"zero_pad: expected a function, got {type(wrong).__name__}. "
        "Pass the function itself, without parentheses: zero_pad, not zero_pad(...)."
    )
    with pytest.raises(TypeError, match="expected a function"):
        grade("zero_pad", wrong)


def test_other_parameters_than_were_given():
    text = message(zero_pad_test, written("def zero_pad(X):\n    return X"))
    assert failing_lines(text) == [
        "zero_pad raised TypeError: zero_pad() takes 1 positional argument but 2 were given",
        "It was called with X, pad: leave its `def` line as it was.",
    ]


def test_an_array_of_shape_1_1_1_is_not_a_number():
    text = message(conv_single_step_test, lambda a, W, b: np.sum(a * W) + b)
    assert "Z has shape (1, 1, 1), expected a single number, shape ()." in text
    assert "What happened: Z is an array of shape (1, 1, 1), not a number" in " ".join(text.split())


def test_a_shape_mismatch_states_both_shapes():
    text = message(pool_forward_test, lambda A, hp, mode: (A[:, :-1], (A, hp)))
    (line,) = failing_lines(text)
    assert re.fullmatch(r"A has shape \(2, \d, \d, 3\), expected shape \(2, \d, \d, 3\)\.", line)


def test_the_first_wrong_index_is_given_with_both_values_and_how_many_are_wrong():
    def nearly(X, pad):
        X_pad = right("zero_pad")(X, pad).astype(float)
        X_pad[1:2, 2, 3, 1:] += 1.5
        X_pad[2:, -1, -1, -1] = np.nan
        return X_pad

    (line,) = failing_lines(message(zero_pad_test, nearly))
    case = next(c for c in nbexercise.checks.CASE_SETS["zero_pad"].cases)
    value = case.expected.values["X_pad"][1, 2, 3, 1]
    wrong = (case.arguments["X"].shape[3] - 1) + max(0, len(case.arguments["X"]) - 2)
    size = case.expected.values["X_pad"].size
    assert line == (
        f"X_pad[1, 2, 3, 1] is {value + 1.5:.8g}, expected {value:.8g} "
        f"({wrong} of {size} values are wrong)."
    )


def test_of_one_wrong_value_it_is_said_in_the_singular():
    def nearly(X, pad):
        X_pad = right("zero_pad")(X, pad).astype(float)
        X_pad[0, 0, 0, 0] += 1
        return X_pad

    (line,) = failing_lines(message(zero_pad_test, nearly))
    assert line.endswith("(1 of 210 values is wrong).")


@pytest.mark.parametrize(
    "name", ["an IndentationError", "a TypeError", "a uint8", "a UnicodeError"]
)
def test_a_name_stands_behind_its_article(name):
    assert with_article(name.split()[1]) == name


def test_a_mask_is_compared_in_words():
    (line,) = failing_lines(message(create_mask_from_window_test, lambda x: x == x.min()))
    assert re.fullmatch(
        r"mask\[0, \d\] is (True|False), expected (True|False) \(2 of 6 values are wrong\)\.", line
    )


def test_an_endless_loop_is_stopped_and_the_rest_not_asked(monkeypatch):
    monkeypatch.setattr(calling, "TIME_LIMIT", 0.2)
    calls = []

    def endless(X, pad):
        calls.append(pad)
        while True:
            pass

    text = message(zero_pad_test, endless)
    assert failing_lines(text) == [
        "zero_pad was still running after 0.2 seconds of computing and was stopped.",
        "Is there a loop that never ends, such as a `while` whose condition stays true?",
    ]
    assert text.startswith("zero_pad: 0 of 4 checks passed.")
    assert len(calls) == 1


def test_an_endless_loop_costs_the_checks_whose_cases_it_meets(monkeypatch):
    monkeypatch.setattr(calling, "TIME_LIMIT", 0.2)

    def conv_backward(dZ, cache):
        while cache[3]["pad"] == 0:
            pass
        return right("conv_backward")(dZ, cache)

    verdict = EXERCISES["conv_backward"].judge(conv_backward, seed=1)
    assert [r.check.name for r in verdict.results if not r.passed] == ["no padding"]
    assert verdict.points == 18


def test_an_endless_loop_that_catches_everything_is_stopped_as_well(monkeypatch):
    monkeypatch.setattr(calling, "TIME_LIMIT", 0.2)

    def stubborn(X, pad):
        while True:
            try:
                while True:
                    X + 1
            except BaseException:
                break
        while True:
            pass

    assert "was still running" in message(zero_pad_test, stubborn)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise SystemExit('bye')", "zero_pad raised SystemExit: bye"),
        ("exit()", "zero_pad raised SystemExit: None"),
        ("raise GeneratorExit", "zero_pad raised GeneratorExit"),
        ("1 / 0", "zero_pad raised ZeroDivisionError: division by zero"),
        ("assert pad > 9", "zero_pad raised AssertionError"),
    ],
)
def test_leaving_the_function_by_any_door_is_an_exception_of_the_student(line, said):
    text = message(zero_pad_test, written(f"def zero_pad(X, pad):\n    {line}\n    return X"))
    raised, where = failing_lines(text)[:2]
    assert (raised, where.partition(" with ")[0]) == (said, f"line 2, in zero_pad: {line}")


def test_an_interrupt_from_the_keyboard_is_the_persons_own():
    def interrupted(X, pad):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        zero_pad_test(interrupted)


def test_a_flood_of_output_is_cut(monkeypatch):
    def flooding(X, pad):
        for _ in range(10_000):
            print("x" * 1000)
        return X

    text = message(zero_pad_test, flooding)
    assert text.count("\n    x") == 5
    assert "\n    ... and more\n" in text
    assert len(text) < 2000


def test_what_a_failing_function_printed_is_shown():
    text = message(
        zero_pad_test, written("def f(X, pad):\n    print('shape', X.shape)\n    return X")
    )
    assert "  Your function printed:\n    shape (" in text


def test_changing_the_input_is_named_with_the_argument():
    def spoiling(dZ, cache):
        answer = right("conv_backward")(dZ, cache)
        cache[0][...] = 0
        return answer

    assert failing_lines(message(conv_backward_test, spoiling)) == [
        "the call changed A_prev in the cache, which belongs to the caller.",
        "Write into a new array, or into a copy made with .copy().",
    ]


@pytest.mark.parametrize(
    ("cache", "said"),
    [
        (None, "cache is None; expected the tuple (A_prev, hparameters)."),
        ("A", "cache is a str; expected the tuple (A_prev, hparameters)."),
        ((1,), "cache has 1 item; expected the tuple (A_prev, hparameters)."),
        (
            ([[1], [1, 2]], {}),
            "cache[0] is not A_prev as it was passed to the function; "
            "expected the tuple (A_prev, hparameters).",
        ),
    ],
)
def test_a_wrong_cache_says_what_is_wrong_with_it(cache, said):
    def pool_forward(*arguments):
        return right("pool_forward")(*arguments)[0], cache

    assert failing_lines(message(pool_forward_test, pool_forward)) == [said]


@pytest.mark.parametrize("missing", [0, 1, 2, 3])
def test_a_cache_names_the_one_part_that_is_missing(missing):
    def conv_forward(*arguments):
        Z, cache = right("conv_forward")(*arguments)
        return Z, cache[:missing] + cache[missing + 1 :]

    name = ("A_prev", "W", "b", "hparameters")[missing]
    text = " ".join(message(conv_forward_test_2, conv_forward).split())
    assert f"cache has 3 items, and {name} is not among them; expected the tuple" in text


def test_an_answer_that_changes_from_call_to_call_is_named():
    text = message(distribute_value_test, lambda dz, shape: np.random.rand(*shape))
    assert "What happened: two calls on the same input gave different answers.\n\n" in text
    assert "\n\nNext: look for np.random" in text


FLOAT = """
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + float(b)
"""


def newest_float(array):
    """Convert like float() in NumPy 2.4 and newer, which rejects arrays with axes."""
    __tracebackhide__ = True
    if type(array) is np.ndarray and array.ndim:
        raise TypeError(REFUSED_FOR_A_NUMBER)
    return float(array.item())


def older_float(array):
    """Convert like float() in NumPy up to 2.3, which warns."""
    warnings.warn("Conversion of an array with ndim > 0 to a scalar is deprecated", stacklevel=2)
    return float(array.item())


def test_float_of_b_passes_with_a_note_where_numpy_accepts_it(capsys):
    conv_single_step = written(FLOAT, float=older_float)
    conv_single_step_test(conv_single_step)
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("conv_single_step: all 3 checks passed.")
    assert grade("conv_single_step", conv_single_step, seed=1) == 5
    assert "float(b) accepts an array that has axes, such as b of shape (1, 1, 1)" in text
    assert "Up to NumPy 2.3, float(b)" in text
    assert "b.item() gives the number in every version." in text


def test_float_of_b_is_the_headline_where_numpy_refuses_it(capsys):
    conv_single_step = written(FLOAT, float=newest_float)
    conv_single_step_test(conv_single_step)
    text = capsys.readouterr().out
    assert text.startswith("conv_single_step: write b.item() in place of float(b).\n")
    both = "Z = float(s) + float(b)"  # either may be the array
    assert instead_of(both) == "take the number out of its array with .item()"
    text = " ".join(text.split())
    assert (
        f"NumPy {np.__version__}, which is installed here, does not accept an array with axes as a "
        "number" in text
    )
    assert "line 2, in conv_single_step: return np.sum(a_slice_prev * W) + float(b)" in text
    assert "NumPy accepts it up to version 2.3: there all 3 checks pass." in text
    assert "Note:" not in text
    assert grade("conv_single_step", conv_single_step, seed=1) == 5


def test_float_of_b_as_this_numpy_has_it_earns_all_points(capsys):
    conv_single_step = written(FLOAT)
    conv_single_step_test(conv_single_step)
    assert "b.item()" in capsys.readouterr().out
    assert grade("conv_single_step", conv_single_step, seed=1) == 5


def test_float_of_b_in_a_wrong_function_is_no_excuse():
    def conv_single_step(a_slice_prev, W, b):
        return np.sum(a_slice_prev + W) + float(b)

    text = message(conv_single_step_test, conv_single_step)
    assert "  Z is " in text
    assert "Note: Up to NumPy 2.3, float(b)" in text


def test_float_of_many_numbers_is_an_error_in_every_numpy():
    def conv_single_step(a_slice_prev, W, b):
        return np.sum(a_slice_prev * W) + float(W)

    text = message(conv_single_step_test, conv_single_step)
    assert "raised TypeError: only " in text


def test_arguments_that_are_changed_are_named_where_they_are_taken_for_numbers():
    def conv_single_step(a_slice_prev, W, b):
        W *= 1
        b += 1
        return np.sum(a_slice_prev * W) + float(b) - 1

    assert "changed b" in message(conv_single_step_test, conv_single_step)


def test_a_bias_with_axes_stored_in_one_entry_of_z_is_treated_alike(capsys):
    def conv_forward(A_prev, W, b, hparameters):
        Z, cache = right("conv_forward")(A_prev, W, b, hparameters)
        for i, h, w, c in np.ndindex(Z.shape):
            Z[i, h, w, c] = Z[i, h, w, c] + 0 * b[:, :, :, c]
        return Z, cache

    conv_forward_test_2(conv_forward)
    text = capsys.readouterr().out
    note, headline = "b.item() gives the number in every version.", ".item().\n\nNumPy"
    assert text.count("Note: ") == text.count(note) == 1 - text.count(headline)


def test_how_to_interrupt_is_said_in_the_words_of_the_menu():
    assert "stop it with Kernel > Interrupt Kernel, and" in about_long_run(10, colab=False)
    assert "stop it with Runtime > Interrupt execution, and" in about_long_run(10, colab=True)
