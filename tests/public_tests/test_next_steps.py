"""The suggested next step if the cause is certain, in place of "put a print before it"."""

import numpy as np
import pytest
from tests.cells import written

from exercises import EXERCISES, loops, vectorized
from exercises.windows import height_and_width_swapped
from nbexercise.checks import make_test
from nbexercise.defining.exercise import as_plain
from public_tests import (
    conv_backward_test,
    conv_forward_test_2,
    conv_single_step_test,
    create_mask_from_window_test,
    dense_forward_test,
    lenet_forward_test,
    pool_backward_test,
    sigmoid_backward_test,
    sigmoid_test,
    zero_pad_test,
)
from tests.public_tests.messages import message, right

STEP = "def conv_single_step(a_slice_prev, W, b):\n    "
PAD = "def zero_pad(X, pad):\n    "
SWAPPED_WINDOW = as_plain(height_and_width_swapped("").diagnosis)


@pytest.fixture(autouse=True)
def without_repairs(monkeypatch):
    """The steps are for code that no single change repairs (test_repairs.py tests those)."""
    monkeypatch.setattr("nbexercise.diagnosis.mistakes.repair", lambda *_: None)


def said(test, code):
    return " ".join(message(test, written(code)).split())


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("float", "float"),
        ("int", "int"),
        ("bool", "bool"),
        ("asscalar", "array.item()"),
        ("float_", "np.float64"),
        ("product", "np.prod"),
        ("Inf", "np.inf"),
        ("NaN", "np.nan"),
    ],
)
def test_a_name_that_numpy_removed_is_answered_with_its_replacement(name, instead):
    if hasattr(np, name):
        assert name == "bool"  # which NumPy 2.0 restored
        return
    text = said(
        conv_single_step_test, f"{STEP}return np.{name}(np.sum(a_slice_prev * W) + b.item())"
    )
    assert f"Next: write {instead}, which replaces np.{name}. " in text
    assert "put a print" not in text


def test_a_name_that_numpy_never_had_is_not_answered_so():
    text = said(conv_single_step_test, f"{STEP}return np.adding(a_slice_prev * W) + b.item()")
    assert "takes the place" not in text


def test_a_long_message_of_numpy_is_cut_between_words():
    text = said(conv_single_step_test, f"{STEP}return np.int(np.sum(a_slice_prev * W) + b)")
    message_of_numpy = text.partition("raised AttributeError: ")[2].partition(" line 2, in")[0]
    assert message_of_numpy.endswith(" ...")
    with pytest.raises(AttributeError) as whole:
        np.int  # noqa: B018
    assert " ".join(str(whole.value).split()).startswith(message_of_numpy[:-4])


@pytest.mark.parametrize(
    "made",
    [
        "np.zeros(len(X), 9, 9, 3)",
        "np.zeros(len(X), 9)",
        "np.empty(9, 9, 9)",
        "np.ones(9, 9, 9, 9)",
    ],
)
def test_a_shape_that_is_not_a_tuple_is_answered_with_the_parentheses(made):
    text = said(zero_pad_test, f"{PAD}X_pad = {made}\n    return X_pad")
    maker = made.partition("(")[0]
    assert f"Next: {maker} takes the shape as one tuple" in text
    assert f"{maker}((...))" in text


def test_a_shape_that_is_a_tuple_is_not_answered_so():
    text = said(zero_pad_test, f'{PAD}X_pad = np.zeros((9, 9), "5")\n    return X_pad')
    assert "as one tuple" not in text


@pytest.mark.parametrize(
    "line",
    [
        "X_pad = X + None",
        "X_pad = X[None:None]\n    X_pad[9, None] = 1",
        "X_pad = None\n    X_pad[0] = 1",
    ],
)
def test_a_placeholder_that_is_left_is_said(line):
    text = said(zero_pad_test, f"{PAD}{line}\n    return X_pad")
    assert "Next: something in the last quoted line is still None" in text


def test_none_as_an_option_is_no_placeholder():
    text = said(zero_pad_test, f"{PAD}return np.sum(X, axis=None)[9]")
    assert "still None" not in text


def test_an_object_array_made_of_none_is_said():
    text = said(zero_pad_test, f"{PAD}X_pad = np.full(X.shape, None)\n    return X_pad")
    assert "an array of dtype object for X_pad" in text
    assert "Something that it is computed from is still None." in text


def test_a_number_in_the_place_of_a_mask_is_answered():
    text = said(
        create_mask_from_window_test, "def create_mask_from_window(x):\n    return np.max(x)"
    )
    assert "mask must be an array of shape (2, 3): a comparison of an array with a number" in text


def test_a_slice_that_ends_at_minus_zero_is_explained_in_every_form():
    code = (
        f"{PAD}X_pad = np.zeros((len(X), X.shape[1] + 2 * pad, X.shape[2] + 2 * pad, X.shape[3]))\n"
        "    for i, image in enumerate(X):\n        for c in range(X.shape[3]):\n"
        "            X_pad[i, pad:-pad, pad:-pad, c] = image[:, :, c]\n    return X_pad"
    )
    text = said(zero_pad_test, code)
    assert "FAIL no padding" in text
    assert "the slice that ends at -pad is empty if pad is 0, because -0 is 0." in text


@pytest.mark.parametrize("window", ["vert_start:vert_end, horiz_start:horiz_end", "h:h+2, w:w+2"])
def test_a_gradient_of_the_output_that_is_cut_like_the_input_is_said(window):
    """The function is wrong in several places: a single mistake would have a name."""
    text = EXERCISES["pool_backward"].solution_text()
    text = text.replace("da = dA[i, h, w, c]", f"da = np.ones(5) + dA[i, {window}, c]")
    text = said(pool_backward_test, text)
    assert "could not be broadcast" in text
    step = (
        "Next: the last quoted line cuts a window out of dA, which holds one number for each "
        "window: entry [i, h, w, c] belongs to output (h, w)."
    )
    assert (step in text) == ("start" in window)


@pytest.mark.parametrize("product", ["mask * {}", "{} * mask", "np.multiply(mask, {})"])
def test_an_error_is_known_in_whatever_order_the_factors_stand(product):
    exercise = EXERCISES["pool_backward"]
    window = "dA[i, vert_start:vert_end, horiz_start:horiz_end, c]"
    masked = product.format(window).replace("mask", "create_mask_from_window(window)")
    text = exercise.solution_text().replace("create_mask_from_window(window) * da", masked)
    function = written(text, **{name: getattr(loops, name) for name in exercise.helpers})
    assert "In max mode dA is sliced with the corners" in message(pool_backward_test, function)


def test_a_wrong_shape_is_shown_of_the_output_that_has_it():
    def conv_backward(dZ, cache):
        dA_prev, dW, db = right("conv_backward")(dZ, cache)
        return dA_prev + 1, dW, db[0]

    text = message(conv_backward_test, conv_backward)
    assert "  db has shape (1, 1, 2), expected shape (1, 1, 1, 2)." in text
    assert "dA_prev[" not in text


def test_the_picture_of_a_wrong_shape_is_of_the_same_output():
    from nbexercise import checks
    from nbexercise.showing import picture

    def conv_backward(dZ, cache):
        dA_prev, dW, db = right("conv_backward")(dZ, cache)
        return dA_prev + 1, dW, db[0]

    message(conv_backward_test, conv_backward)
    assert (
        picture.picture_of(checks._latest["conv_backward"].diagnosis).title[1]
        == "db has the wrong shape"
    )


def test_loops_over_each_others_range_are_not_taken_for_a_swapped_window():
    def conv_forward(A_prev, W, b, hparameters):
        (m, n_H_prev, n_W_prev, _), (f, _, _, n_C) = A_prev.shape, W.shape
        stride, pad = hparameters["stride"], hparameters["pad"]
        n_H, n_W = ((n - f + 2 * pad) // stride + 1 for n in (n_H_prev, n_W_prev))
        Z, A_prev_pad = np.zeros((m, n_H, n_W, n_C)), right("zero_pad")(A_prev, pad)
        for i, h, w, c in np.ndindex(m, n_W, n_H, n_C):
            top, left = h * stride, w * stride
            window = A_prev_pad[i, top : top + f, left : left + f]
            Z[i, h, w, c] = loops.conv_single_step(window, W[..., c], b[..., c])
        return Z, (A_prev, W, b, hparameters)

    text = " ".join(message(conv_forward_test_2, conv_forward).split())
    assert "Height and width of the output are swapped" in text
    assert SWAPPED_WINDOW not in text


@pytest.mark.parametrize("pad_0_is_right", [True, False])
def test_a_swapped_window_of_the_gradient_is_not_taken_for_loops_over_each_others_range(
    pad_0_is_right,
):
    """With dZ indexed by column and row, swapped loop ranges equal the swapped window.

    Found in a real notebook, with the slice that is empty at pad 0.
    """
    exercise = EXERCISES["conv_backward"]
    text = exercise.solution_text()
    changes = {
        "            vert_start = h * stride\n            vert_end = vert_start + f\n": "",
        "horiz_start = w * stride": "vert_start, horiz_start = w * stride, h * stride",
        "horiz_end = horiz_start + f": "vert_end, horiz_end = vert_start + f, horiz_start + f",
    }
    if not pad_0_is_right:
        changes["[pad : pad + n_H_prev, pad : pad + n_W_prev, :]"] = "[pad:-pad, pad:-pad, :]"
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    function = written(text, zero_pad=loops.zero_pad)
    for seed in (1, 2, 3):
        mistake = exercise.judge(function, seed).mistake
        assert mistake and mistake.name == "height and width swapped in the window"


def test_an_error_that_fits_many_causes_is_no_evidence_for_a_second_mistake():
    """Found in a real notebook: the mask comes first, and an empty window has no maximum."""
    exercise = EXERCISES["pool_backward"]
    text = exercise.solution_text()
    for old, new in {
        "for h in range(n_H)": "for h in range(n_W)",
        "for w in range(n_W)": "for w in range(n_H)",
        "da = dA[i, h, w, c]": "pass",
        "create_mask_from_window(window) * da": "create_mask_from_window(window) * dA[i, h, w, c]",
        "distribute_value(da,": "distribute_value(dA[i, h, w, c],",
    }.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    helpers = {name: getattr(loops, name) for name in exercise.helpers}
    said_of_it = " ".join(message(pool_backward_test, written(text, **helpers)).split())
    assert "Also in other cases" not in said_of_it
    assert SWAPPED_WINDOW not in said_of_it


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("W ^ 2", "in Python, the power operator is **, not ^."),
        ("W if W > 0 else 0", "if, while, and, or, not need one True or False"),
        ("max(W, a_slice_prev)", "Python's max compares whole arrays. np.max takes the maximum"),
    ],
)
def test_an_operation_that_arrays_do_not_have_is_answered_with_the_one_they_have(line, step):
    text = said(conv_single_step_test, f"{STEP}return {line}")
    assert f"Next: {step}" in text


@pytest.mark.parametrize(
    ("line", "step"),
    [
        (
            "A_prev * W + b",
            "* multiplies element by element. The matrix product is @ or np.dot, which",
        ),
        (
            "A_prev @ W + b.T",
            "in A_prev @ W + b.T, A_prev @ W has shape (3, 2) and b.T has shape (2, 1). Axis by",
        ),
        (
            "np.add(A_prev.dot(W), b.T)",
            "the shapes in the message are those of two arrays, or of results, in",
        ),
    ],
)
def test_no_slice_is_blamed_where_there_is_none(line, step):
    text = said(
        dense_forward_test, f"def dense_forward(A_prev, W, b):\n    return {line}, (A_prev, W, b)"
    )
    assert f"Next: {step}" in text
    assert "slice" not in text


def test_no_matrix_product_is_advised_where_an_operand_was_transposed():
    text = said(
        sigmoid_backward_test,
        "def sigmoid_backward(dA, cache):\n    A = 1 / (1 + np.exp(-cache[0]))\n"
        "    return dA * A.T * (1 - A)",
    )
    assert "dA * A.T" in text and "@" not in text.partition("Next:")[2]


DENSE = EXERCISES["dense_forward"].solution_text()


@pytest.mark.parametrize(
    ("name", "product", "operands"),
    [
        ("dense_forward", ("A_prev @ W", "W @ A_prev"), "W has shape (4, 2) and A_prev has"),
        ("dense_forward", ("A_prev @ W", "A_prev @ W.T"), "W.T has shape (2, 4). A matrix product"),
        ("dense_forward", ("A_prev @ W", "W.dot(A_prev)"), "W has shape (4, 2) and A_prev has"),
        ("dense_backward", ("dZ @ W.T", "dZ @ W"), "dZ has shape (3, 2) and W has shape (4, 2)."),
        ("dense_backward", ("A_prev.T @ dZ", "np.matmul(dZ, A_prev)"), "dZ has shape (3, 2) and"),
    ],
)
def test_a_matrix_product_that_does_not_fit_names_its_factors_and_nothing_else(
    name, product, operands
):
    text = EXERCISES[name].solution_text()
    assert product[0] in text
    step = said(make_test(name, f"{name}_test"), text.replace(*product)).partition("Next: ")[2]
    assert step.startswith(f"in {product[1]}, ") and operands in step
    assert "Must one of them be transposed or reshaped, or come first? hint" in step
    assert "element-wise" not in step


@pytest.mark.parametrize("product", ["a_slice_prev @ W", "np.dot(a_slice_prev, W)"])
def test_a_matrix_product_of_two_arrays_of_one_shape_is_answered_with_the_element_wise_one(product):
    text = said(conv_single_step_test, f"{STEP}return np.sum({product}) + b.item()")
    assert (
        f"Next: in {product}, a_slice_prev has shape (3, 3, 4) and W has shape (3, 3, 4). A matrix "
        "product needs the last size of the first, 4, to equal the second-to-last size of the "
        "second, 3. The element-wise product of two arrays of the same shape is written *."
    ) in text


@pytest.mark.parametrize(
    ("change", "given"),
    [
        (("dense_forward(flat,", "dense_forward(P2,"), "A_prev of shape (1, 1, 2, 3), W of"),
        (('parameters["W4"]', 'parameters["W3"]'), "A_prev of shape (1, 6), W of shape (6, 6)"),
    ],
)
def test_an_error_in_a_given_function_says_what_was_passed_to_it(change, given):
    text = EXERCISES["lenet_forward"].solution_text()
    assert change[0] in text
    helpers = {name: getattr(vectorized, name) for name in ("conv_forward", "pool_forward")}
    function = written(f"{DENSE}\n\n{text.replace(*change)}", **helpers)
    step = " ".join(message(lenet_forward_test, function).split()).partition("Next: ")[2]
    assert f"lenet_forward calls dense_forward with {given}" in step
    assert "is that what dense_forward needs? hint" in step
    assert "transposed" not in step and "element-wise" not in step


def test_pairs_that_are_missing_in_np_pad_are_counted():
    text = said(zero_pad_test, f"{PAD}return np.pad(X, ((pad, pad), (pad, pad)))")
    assert (
        "Next: np.pad takes one pair for each axis of its array, but got 2 pairs for 4 axes. hint"
    ) in text


@pytest.mark.parametrize("pairs", ["(0, pad, pad, 0)", "((0, 0), pad, pad, (0, 0))"])
def test_numbers_in_place_of_pairs_in_np_pad_are_named(pairs):
    text = said(zero_pad_test, f"{PAD}return np.pad(X, {pairs})")
    assert "Next: np.pad takes a pair of numbers for each axis of its array: how much" in text


def test_operands_are_not_computed_anew_by_calling_something():
    calls = []

    def noted(X):
        calls.append(X)
        return X

    for line in ("return noted(X) @ X", "noted(X)\n    return X[9999]"):
        message(zero_pad_test, written(f"{PAD}{line}", noted=noted))
    assert calls and len(calls) % 2 == 0, "as often for the one as for the other"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("a_prev_slice", "unknown: did you mean a_slice_prev?"),
        ("a_slice_prve", "unknown: did you mean a_slice_prev?"),
        ("A_slice_prev", "unknown: did you mean a_slice_prev?"),
        ("math", "math is not imported here. NumPy, as np, is all you need."),
        ("numpy", "NumPy is imported as np: write np instead of numpy."),
        ("result", "unknown. Which name did you mean?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_one_that_is_meant(name, step):
    step = step.replace("unknown", f"no line of conv_single_step assigns {name}")
    assert f"Next: {step}" in said(conv_single_step_test, f"{STEP}return np.sum({name} * W)")


def test_an_exception_of_another_library_is_not_the_stub():
    """Without a terminal, input() raises a subclass of NotImplementedError in a kernel."""

    class StdinNotImplementedError(NotImplementedError):
        pass

    code = f"{STEP}raise NoInput('no input here')"
    text = " ".join(
        message(conv_single_step_test, written(code, NoInput=StdinNotImplementedError)).split()
    )
    assert "raised StdinNotImplementedError: no input here" in text
    assert "not been written" not in text


@pytest.mark.parametrize(
    ("test", "code", "fact"),
    [
        (
            zero_pad_test,
            f"{PAD}padded = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))\n"
            "    X_pad = X\n    return X_pad",
            "zero_pad returned X, unchanged.",
        ),
        (
            conv_backward_test,
            EXERCISES["conv_backward"]
            .solution_text()
            .replace("return dA_prev, dW, db", "return dA_prev, W, db"),
            "dW is W, unchanged.",
        ),
    ],
)
def test_an_argument_that_is_handed_back_is_said(test, code, fact):
    text = " ".join(message(test, written(code, zero_pad=loops.zero_pad)).split())
    assert f"What happened: {fact}" in text


def test_a_sum_that_does_not_fit_is_no_matrix_product():
    code = f"{PAD}Z = np.zeros((3, 3))\n    Z += 2 * X[0, :3, :2, 0]\n    return X"
    assert "matrix product" not in said(zero_pad_test, code)


def test_the_cache_is_not_blamed_where_its_part_was_changed():
    text = said(
        sigmoid_test,
        "def sigmoid(Z):\n    A = 1 / (1 + np.exp(-Z))\n    Z += 1\n    return A, (Z,)",
    )
    assert "the call changed Z" in text
    assert "store the arguments unchanged" not in text


def test_a_dot_in_place_of_an_underscore_is_seen():
    text = said(conv_single_step_test, f"{STEP}return np.sum(a.slice_prev * W) + b.item()")
    assert "assigns a: did you mean a_slice_prev?" in text
