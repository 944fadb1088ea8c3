"""Facts about wrong answers without a known mistake, and the choice of the most telling ones."""

from dataclasses import replace

import numpy as np
import pytest
from tests.cells import written

from exercises import EXERCISES, vectorized
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.diagnosis.properties import properties
from nbexercise.showing.text import describe
from tests.exercises.case_sets import NAMES, case_set
from tests.exercises.solutions import WRONG

ZERO_PAD, CONV, POOL = vectorized.zero_pad, vectorized.conv_forward, vectorized.pool_forward
BACKWARD, single_step = vectorized.conv_backward, vectorized.conv_single_step


def changed(function, change, output=0):
    """Return the function with one output changed, given the value and the call's arguments."""

    def wrong(*arguments):
        answer = function(*arguments)
        if not isinstance(answer, tuple):
            return change(answer, *arguments)
        parts = list(answer)
        parts[output] = change(parts[output], *arguments)
        return tuple(parts)

    return wrong


def only(condition, function, wrong):
    """Return a function that is correct in some cases and wrong in others."""
    return lambda *arguments: (function if condition(*arguments) else wrong)(*arguments)


def first_image_only(Z, *_):
    return np.concatenate([Z[:1], Z[1:] + 7])


def offset(Z, *_):
    return Z + np.arange(1, Z.shape[3] + 1)


def unequal(a, *_):
    weights = np.arange(1.0, a.size + 1).reshape(a.shape)
    return a * weights / weights.mean()


def at_output_padding(Z, A, W, b, h):
    """Change the rows and columns of the output padding, if there are any."""
    out = h.get("output_pad", 0)
    rows, columns = (np.arange(n) >= n - out for n in Z.shape[1:3])
    return Z + (rows[:, None] | columns)[..., None]


NEW = (None, None, None)
NOISE = changed(CONV, lambda Z, *_: Z + np.sin(np.arange(Z.size)).reshape(Z.shape))
POOL_NOISE = changed(POOL, lambda A, *_: A + np.sin(np.arange(A.size)).reshape(A.shape))


@pytest.mark.parametrize(
    ("name", "function", "sentence"),
    [
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: 3 * Z), "every value of X_pad is 3 times"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: -Z), "X_pad has the wrong sign and is right"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: 0 * Z + 2), "X_pad holds 2 everywhere"),
        ("conv_backward", changed(BACKWARD, lambda A, *_: np.trunc(A)), "dA_prev are truncated"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: Z[:, :, ::-1]), "columns are in reversed"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: Z.transpose(0, 2, 1, 3)), "rows and columns"),
        ("conv_forward", changed(CONV, lambda Z, *_: np.log(0 * Z - 1)), "Z holds nan"),
        ("conv_forward", changed(CONV, offset), "is off by a constant, as if by a wrong bias"),
        (
            "conv_forward",
            changed(CONV, lambda Z, A, *_: Z / len(A)),
            "m, the number of images, tim",
        ),
        ("conv_forward", only(lambda A, W, b, h: h["stride"] == 1, CONV, NOISE), "the stride is 1"),
        (
            "conv_forward",
            only(lambda A, W, b, h: h["pad"] == 0, CONV, NOISE),
            "Only the cases where pad is 0 are right.",
        ),
        (
            "conv_forward",
            only(lambda A, W, b, h: len(A) == 1, CONV, NOISE),
            "cases with one image are",
        ),
        ("conv_forward", only(lambda A, W, b, h: W.shape[3] == 1, CONV, NOISE), "one filter"),
        (
            "conv_forward",
            only(lambda A, W, b, h: len(A) == 1, CONV, changed(CONV, first_image_only)),
            "only the first image is right in Z",
        ),
        ("pool_forward", only(lambda A, h, m="max": m == "max", POOL, POOL_NOISE), 'mode is "max"'),
        (
            "conv_backward",
            changed(BACKWARD, lambda db, dZ, *_: db / len(dZ), output=2),
            "db is m, the number of images, times too small",
        ),
        (
            "conv_backward",
            changed(BACKWARD, lambda dW, *_: dW.transpose(1, 0, 2, 3), output=1),
            "dW is right except that the rows and columns of each filter are swapped",
        ),
        (
            "conv_forward",
            changed(CONV, lambda Z, *_: Z.transpose(0, 3, 1, 2)),
            "of Z are right, but its axes are in the order (image, channel, row, column)",
        ),
        (
            "conv_forward",
            changed(CONV, lambda Z, *_: Z.transpose(0, 3, 1, 2).reshape(Z.shape)),
            "they are stored in the order (image, channel, row, column), and reshape moves no axis",
        ),
        (
            "zero_pad",
            changed(ZERO_PAD, lambda Z, X, pad: np.roll(Z, (-pad, 1), (1, 2))),
            "of X_pad are right, but pad rows too far up and 1 column too far to the right.",
        ),
        (
            "zero_pad",
            changed(ZERO_PAD, lambda Z, X, pad: np.pad(Z, ((0, 0), (0, 0), (0, 1), (pad, pad)))),
            "X_pad has 1 column and 2 * pad channels too many.",
        ),
        (
            "output_size",
            changed(vectorized.output_size, lambda n, *a: n - a[1]),
            "size is too small by f.",
        ),
        (
            "dense_forward",
            changed(vectorized.dense_forward, lambda Z, *_: 0 * Z + Z.sum(0)),
            "all examples of Z are equal",
        ),
        (
            "softmax",
            changed(vectorized.softmax, lambda A, *_: A**2 / (A**2).sum()),
            "A adds up to 1 as a whole, but each row should",
        ),
        (
            "distribute_value",
            changed(vectorized.distribute_value, unequal),
            "the values of a have the right sum, but they should be equal",
        ),
        (
            "create_mask_from_window",
            only(lambda x: x.size % 2, vectorized.create_mask_from_window, lambda x: x != x),
            "mask is False everywhere",
        ),
        (
            "relu",
            changed(vectorized.relu, lambda A, *_: np.minimum(A, 1.5)),
            "No value of A is above 1.5: values above it are cut off.",
        ),
        (
            "sigmoid_backward",
            changed(vectorized.sigmoid_backward, lambda dZ, *_: 2 * dZ + 1e-3 * np.abs(dZ).max()),
            "every value of dZ is about 2 times the expected value",
        ),
        (
            "pool_forward",
            changed(POOL, lambda A, *_: 0 * A),
            "A is 0 everywhere in all 19 cases; nothing was added to it.",
        ),
        (
            "conv_backward",
            lambda dZ, cache: tuple(0 * array for array in BACKWARD(dZ, cache)),
            "dA_prev, dW and db are 0 everywhere in all 10 cases; nothing was added",
        ),
        ("create_mask_from_window", lambda x: x != x, "mask is False everywhere in all 10 cases."),
        ("conv_single_step", lambda a, W, b: 99.5, "In all 7 cases Z is 99.5."),
        ("conv_forward", changed(CONV, lambda Z, *_: Z * np.nan), "In all 12 cases Z holds nan."),
        (
            "conv_forward",
            changed(CONV, lambda Z, A, *_: Z * np.nan if len(A) == 1 else Z),
            "In 4 of 12 cases Z holds nan.",
        ),
        (
            "conv_forward",
            changed(CONV, lambda Z, A, W, b, h: Z + b if h["stride"] == 1 else np.sin(Z)),
            'In all 3 cases of "stride 1" each channel of Z is off by a constant',
        ),
        (
            "conv_forward",
            changed(CONV, lambda Z, *_: np.maximum(Z, 0)),
            "In all cases Z is wrong where the right value is negative, and right everywhere else.",
        ),
        (
            "conv_backward",
            lambda *arguments: (BACKWARD(*arguments)[1], *BACKWARD(*arguments)[1:]),
            "dA_prev holds the right values of dW.",
        ),
        (
            "zero_pad",
            changed(ZERO_PAD, lambda Z, X, pad: np.resize(X, Z.shape)),
            "X_pad begins with the numbers of X in the same order, as after a reshape or",
        ),
        (
            "dense_forward",
            changed(vectorized.dense_forward, lambda Z, *_: vectorized.softmax(Z)),
            "each row of Z adds up to 1, as after softmax, and should not.",
        ),
        (
            "conv_transpose_forward",
            changed(vectorized.conv_transpose_forward, at_output_padding),
            "only the last output_pad rows and columns of Z are wrong.",
        ),
        (
            "zero_pad",
            changed(ZERO_PAD, lambda Z, X, pad: Z * (np.arange(len(Z)) < len(Z) - 1)[:, *NEW]),
            "the last image of X_pad holds nothing but 0.",
        ),
        (
            "pool_forward",
            changed(POOL, lambda Z, A, h, mode="max": np.repeat(Z[..., :1], h["f"], 3)),
            "A has f channels.",
        ),
        (
            "tanh_backward",
            changed(vectorized.tanh_backward, lambda dZ, *_: np.abs(dZ) ** 1.5),
            "no value of dZ is negative, but some should be.",
        ),
        (
            "momentum_step",
            changed(vectorized.momentum_step, lambda v, *a: v / (1 + a[4]), output=1),
            "velocity is 1 + momentum times too small.",
        ),
        (
            "pool_forward",
            only(lambda A, h, m="max": m == "average" or A.shape[0] % 2, POOL, POOL_NOISE),
            'It is right in all 9 cases where mode is "average", and wrong in ',
        ),
        (
            "transposed_size",
            lambda n, f, s, pad, out: (
                len({s * k + r for k in range(n) for r in range(f)}) - 2 * pad + out
            ),
            "cases where the stride is at most f, and wrong in",
        ),
        (
            "padding_amounts",
            only(
                lambda n, f, s, mode: mode != "SAME" or (n % s == 0 and s <= f),
                vectorized.padding_amounts,
                lambda n, *_: (-n, n % 3),
            ),
            'Only the cases of "SAME, larger strides" where the stride is at most f and the stride '
            "divides n are right.",
        ),
    ],
)
def test_a_fact_is_said(name, function, sentence):
    for seed in (1, 2, 3):
        verdict = judge(case_set(name, seed), function)
        assert not verdict.mistakes
        said = " ".join(properties(verdict))
        assert sentence in said
        for text in (describe(explain(verdict)), describe(explain(verdict, graded=True))):
            assert sentence in " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_of_a_right_function(name):
    verdict = judge(case_set(name, 1), EXERCISES[name].vectorized)
    assert properties(verdict) == []
    assert verdict.mistakes == ()


def mask_in_place(x):
    """Only the last row is wrong: the largest number found first changes the maximum."""
    for place in np.ndindex(x.shape):
        x[place] = x[place] == np.max(x)
    return x


def test_no_pattern_is_said_where_the_input_was_changed():
    verdict = judge(case_set("create_mask_from_window"), mask_in_place)
    assert any(run.outcome.changed for run in verdict.runs)
    assert properties(verdict) == []
    assert "input left alone: the call changed x" in describe(explain(verdict))
    answers = {
        case.arguments["x"].tobytes(): mask_in_place(case.arguments["x"].copy())
        for case in verdict.case_set.cases
    }
    verdict = judge(case_set("create_mask_from_window"), lambda x: answers[x.tobytes()])
    assert "only the last row is wrong in mask" in " ".join(properties(verdict))


def test_of_a_single_number_zero_is_not_said_to_be_everywhere():
    assert properties(judge(case_set("conv_single_step"), lambda *_: 0.0)) == [
        "Z is 0 in all 7 cases."
    ]


def test_of_several_conditions_none_is_named():
    every = case_set("conv_forward", 1)
    alike = [case for case in every.cases if len({case.sizes[n] == 1 for n in ("m", "n_C")}) == 1]
    cases = replace(every, cases=tuple(alike))
    wrong = only(lambda A, *_: len(A) == 1, CONV, changed(CONV, first_image_only))
    assert properties(judge(cases, wrong)) == [
        "In all 7 cases where Z is wrong, only the first image is right in Z."
    ]
    wrong = only(lambda A, *_: len(A) == 1, CONV, changed(CONV, lambda Z, *_: Z + 1))
    (said,) = properties(judge(cases, wrong))
    assert "is right" not in said


def test_of_cases_that_have_nothing_in_common_one_group_may():
    """An error in the cases of another group does not hide the fact."""
    text = EXERCISES["conv_forward"].solution_text()
    text = text.replace("b[:, :, :, c]", "0 * b[:, :, :, c]").replace(
        "] = conv", "] = 1 / (stride < 2) * conv"
    )
    wrong = written(
        text, **{name: getattr(vectorized, name) for name in ("zero_pad", "conv_single_step")}
    )
    verdict = judge(case_set("conv_forward", 1), wrong)
    assert any(run.outcome.problem for run in verdict.runs)
    (said,) = properties(verdict)
    assert said.startswith('In all 3 cases of "stride 1" each channel of Z is off by a constant')


def test_a_function_that_is_right_in_no_simple_class_of_cases_gets_no_condition():
    calls = []

    def now_and_then(*arguments):
        calls.append(1)
        return (NOISE if len(calls) % 3 == 0 else CONV)(*arguments)

    verdict = judge(EXERCISES["conv_forward"].case_set(1), now_and_then)
    assert not verdict.passed
    assert not any("right in those" in text for text in properties(verdict))


def rounded_filters(A_prev, W, b, hparameters):
    """Correct if the filters have few digits, which happens only with few filters."""
    return CONV(A_prev, W.round(3), b, hparameters)[0], CONV(A_prev, W, b, hparameters)[1]


def two_images(A_prev, W, b, hparameters):
    """Correct for two images; no case has more than three."""
    Z, cache = CONV(A_prev, W, b, hparameters)
    return np.where(np.arange(len(Z)).reshape(-1, 1, 1, 1) < 2, Z, 0), cache


def large_ones(A_prev, W, b, hparameters):
    """Correct for small images, which have small strides in some case sets."""
    Z, cache = CONV(A_prev, W, b, hparameters)
    large = A_prev.shape[1] > min(7, 4 + hparameters["stride"])
    return Z * 2 + np.sin(Z) if large else Z, cache


def one_wrong_number(n, f, stride=1, pad=0):
    return 13 if (n, f) == (FIRST["n"], FIRST["f"]) else vectorized.output_size(n, f, stride, pad)


FIRST = case_set("output_size", 1).cases[0].arguments


@pytest.mark.parametrize(
    ("name", "function", "untold"),
    [
        ("conv_forward", rounded_filters, "one image"),
        ("conv_forward", two_images, "the last image"),
        ("conv_forward", large_ones, "Only the cases where the stride"),
        ("output_size", one_wrong_number, "size is 13"),
        ("zero_pad", lambda X, pad: ZERO_PAD(X, pad) + (pad > 0), "pad is 0"),
    ],
)
def test_a_coincidence_is_not_said(name, function, untold):
    for seed in (1, 2, 3):
        said = properties(judge(case_set(name, seed), function))
        assert not any(untold in text for text in said), said


def test_no_condition_is_named_where_the_length_of_an_axis_may_be_the_reason():
    whole = case_set("conv_forward", 1)
    small = tuple(
        c for c in whole.cases if c.sizes["stride"] == 1 or c.arguments["A_prev"].shape[1] > 6
    )
    wrong = only(lambda A, W, b, h: h["stride"] == 1, CONV, NOISE)
    said = properties(judge(replace(whole, cases=small), wrong))
    rows = [(c.arguments["A_prev"].shape[1], c.sizes["stride"] == 1) for c in small]
    assert max(n for n, is_1 in rows if is_1) < min(n for n, is_1 in rows if not is_1)
    assert not any("right in those" in text for text in said)
    assert any("the stride is 1" in text for text in properties(judge(whole, wrong)))


@pytest.mark.parametrize("small", [1e-3, 1e-5, 1e-7, 1e-8])
def test_a_small_number_within_a_formula_is_recognized(small):
    def softmax(Z):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        return E / (E.sum(axis=1, keepdims=True) + small)

    (said,) = properties(judge(case_set("softmax", 1), softmax))
    assert "times its largest value, and all wrong values are a little too small" in said
    text = describe(explain(judge(case_set("softmax", 1), softmax)))
    actual, expected = text.split("A[0, 0] is ")[1].split(" (")[0].split(", expected ")
    assert actual != expected


def test_small_differences_to_both_sides_are_given_no_cause():
    half = changed(vectorized.softmax, lambda A, *_: A.astype("float16").astype(float))
    (said,) = properties(judge(case_set("softmax", 1), half))
    assert "A is nearly right: the largest difference is" in said and said.count(",") == 1


def test_a_count_that_is_off_by_one_is_not_nearly_right():
    off = changed(vectorized.conv_parameters, lambda count, *_: count + (count > 50))
    assert "nearly" not in " ".join(properties(judge(case_set("conv_parameters", 1), off)))


@pytest.mark.parametrize(
    ("name", "label", "sentence"),
    [
        ("relu", "a fifth kept", "A is wrong where Z is negative, and right everywhere else."),
        ("relu", "ReLU6", "No value of A is above 6: values above it are cut off."),
        ("sigmoid", "0 at 0", "A is wrong where Z is 0, and right everywhere else."),
        ("sigmoid", "input clipped at 15", "wrong where the absolute value of Z is 16 or more,"),
        ("sigmoid_backward", "gradient clipped at 5", "wrong where the absolute value of dA is"),
    ],
)
def test_the_entries_that_are_wrong_are_named(name, label, sentence):
    for seed in (1, 2, 3):
        assert sentence in properties(judge(case_set(name, seed), WRONG[name][label].make()))[0]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("sigmoid_backward", "ReLU, backward"),  # right far below zero, where all gradients are 0
        ("sigmoid_backward", "square"),
        ("relu_backward", "sign of the gradient alone"),  # right where 0 is expected
        ("sigmoid", "small number below the bar"),  # a small fault gets smaller far below zero
    ],
)
def test_entries_that_are_right_by_chance_are_not_named(name, label):
    verdict = judge(case_set(name, 1), WRONG[name][label].make())
    assert not any("wrong where" in text for text in properties(verdict))
