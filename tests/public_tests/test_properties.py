"""What is said of wrong answers that no known mistake explains: facts, and the telling ones."""

import numpy as np
import pytest

from exercises import EXERCISES, vectorised
from public_tests.judging import judge
from public_tests.properties import properties
from public_tests.text import describe, describe_graded
from tests.exercises.case_sets import NAMES, case_set
from tests.exercises.solutions.wrong import WRONG
from tests.public_tests.cells import written

ZERO_PAD, CONV, POOL = vectorised.zero_pad, vectorised.conv_forward, vectorised.pool_forward
BACKWARD, single_step = vectorised.conv_backward, vectorised.conv_single_step


def changed(function, change, output=0):
    """The function with one of its outputs changed: by the value and the arguments of the call."""

    def wrong(*arguments):
        answer = function(*arguments)
        if not isinstance(answer, tuple):
            return change(answer, *arguments)
        parts = list(answer)
        parts[output] = change(parts[output], *arguments)
        return tuple(parts)

    return wrong


def only(condition, function, wrong):
    """Right in some cases, wrong in others."""
    return lambda *arguments: (function if condition(*arguments) else wrong)(*arguments)


def first_image_only(Z, *_):
    return np.concatenate([Z[:1], Z[1:] + 7])


def wrong_border(Z, *_):
    wrong = Z + 3
    wrong[:, 1:-1, 1:-1] = Z[:, 1:-1, 1:-1]
    return wrong


def offset(Z, *_):
    return Z + np.arange(1, Z.shape[3] + 1)


def padded_more(X_pad, *_):
    return np.pad(X_pad, ((0, 0), (0, 0), (1, 1), (0, 0)))


NOISE = changed(CONV, lambda Z, *_: Z + np.sin(np.arange(Z.size)).reshape(Z.shape))
POOL_NOISE = changed(POOL, lambda A, *_: A + np.sin(np.arange(A.size)).reshape(A.shape))


@pytest.mark.parametrize(
    ("name", "function", "sentence"),
    [
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: 3 * Z), "every value of X_pad is 3 times"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: -Z), "X_pad has the wrong sign and is right"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: 0 * Z + 2), "X_pad holds 2 everywhere"),
        ("conv_backward", changed(BACKWARD, lambda A, *_: np.trunc(A)), "fractions of dA_prev are"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: Z[:, :, ::-1]), "the order of its columns"),
        ("zero_pad", changed(ZERO_PAD, padded_more), "X_pad has 2 columns too many"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: Z[0]), "X_pad has 3 axes; 4 are expected"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: Z.transpose(0, 2, 1, 3)), "rows and columns"),
        ("zero_pad", changed(ZERO_PAD, lambda Z, *_: np.roll(Z, 1, axis=1)), "1 row too late"),
        ("conv_forward", changed(CONV, lambda Z, *_: np.log(0 * Z - 1)), "Z holds nan"),
        ("conv_forward", changed(CONV, offset), "off by one number in each channel, as by a bias"),
        (
            "conv_forward",
            changed(CONV, lambda Z, A, *_: Z / len(A)),
            "m, the number of images, tim",
        ),
        ("conv_forward", only(lambda A, W, b, h: h["stride"] == 1, CONV, NOISE), "the stride is 1"),
        (
            "conv_forward",
            only(lambda A, W, b, h: h["pad"] == 0, CONV, NOISE),
            "where pad is 0, and",
        ),
        ("conv_forward", only(lambda A, W, b, h: len(A) == 1, CONV, NOISE), "there is one image"),
        ("conv_forward", only(lambda A, W, b, h: W.shape[3] == 1, CONV, NOISE), "one filter"),
        (
            "conv_forward",
            only(lambda A, W, b, h: len(A) == 1, CONV, changed(CONV, first_image_only)),
            "only the first image is right in Z",
        ),
        (
            "conv_forward",
            only(
                lambda A, W, b, h: h["stride"] > 1 or h["pad"] < 1,
                CONV,
                changed(CONV, wrong_border),
            ),
            "only the border of Z is wrong",
        ),
        ("pool_forward", only(lambda A, h, m="max": m == "max", POOL, POOL_NOISE), 'mode is "max"'),
        (
            "conv_backward",
            changed(BACKWARD, lambda db, dZ, *_: db / dZ[..., 0].size, output=2),
            "db is m * n_H * n_W times too small",
        ),
        (
            "conv_backward",
            changed(BACKWARD, lambda dW, *_: dW.transpose(1, 0, 2, 3), output=1),
            "dW holds the right numbers in the wrong places",
        ),
        (
            "pool_forward",
            changed(POOL, lambda A, *_: 0 * A),
            "A holds 0 everywhere, in all 15 cases: nothing else was stored in it.",
        ),
        (
            "conv_backward",
            lambda dZ, cache: tuple(0 * array for array in BACKWARD(dZ, cache)),
            "dA_prev, dW and db hold 0 everywhere, in all 9 cases: nothing else was stored in them",
        ),
        ("create_mask_from_window", lambda x: x != x, "mask holds False everywhere, in all 10"),
        ("conv_single_step", lambda a, W, b: 99.5, "In all 6 cases Z is 99.5."),
        ("conv_forward", changed(CONV, lambda Z, *_: Z * np.nan), "In all 10 cases Z holds nan."),
        (
            "conv_forward",
            changed(CONV, lambda Z, A, *_: Z * np.nan if len(A) == 1 else Z),
            "In 2 of 10 cases Z holds nan.",
        ),
        (
            "conv_forward",
            changed(CONV, lambda Z, *_: Z.round(2)),
            "In all 10 cases Z is what is expected, rounded to 2 decimals.",
        ),
        ("conv_single_step", changed(single_step, lambda Z, *_: round(Z, 1)), "to 1 decimal."),
        (
            "conv_forward",
            changed(CONV, lambda Z, A, W, b, h: Z + b if h["stride"] == 1 else np.sin(Z)),
            'In all 3 cases of "stride 1" the values of Z are all off by one number in each',
        ),
    ],
)
def test_a_fact_is_said(name, function, sentence):
    for seed in (1, 2, 3):
        verdict = judge(case_set(name, seed), function)
        assert not verdict.mistakes
        said = " ".join(properties(verdict))
        assert sentence in said
        for text in (describe(verdict), describe_graded(verdict)):
            assert sentence in " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_of_a_right_function(name):
    verdict = judge(case_set(name, 1), getattr(vectorised, name))
    assert properties(verdict) == []
    assert verdict.mistakes == ()


@pytest.mark.parametrize(("name", "label"), [(n, label) for n in NAMES for label in WRONG[n]])
def test_what_is_said_of_any_wrong_function_can_be_said(name, label):
    """At most two sentences, neither where a call gave no values."""
    verdict = judge(case_set(name, 1), WRONG[name][label].make())
    said = properties(verdict)
    assert len(said) <= 2
    assert not (said and verdict.failing.outcome.problem)
    assert all(text.endswith(".") and "  " not in text for text in said)


def test_of_a_single_number_zero_is_not_said_to_be_everywhere():
    assert properties(judge(case_set("conv_single_step"), lambda *_: 0.0)) == [
        "Z is 0 in all 6 cases."
    ]


def test_several_conditions_are_not_listed_where_the_answers_show_the_reason():
    wrong = only(lambda A, *_: len(A) == 1, CONV, changed(CONV, first_image_only))
    assert properties(judge(case_set("conv_forward", 1), wrong)) == [
        "In all 8 cases where Z is wrong, only the first image is right in Z."
    ]
    wrong = only(lambda A, *_: len(A) == 1, CONV, changed(CONV, lambda Z, *_: Z + 1))
    where, _ = properties(judge(case_set("conv_forward", 1), wrong))
    assert "each of these may be the reason" in where


def test_of_cases_that_have_nothing_in_common_one_group_may():
    """An error in the cases of another group does not hide it."""
    text = EXERCISES["conv_forward"].solution_text()
    text = text.replace("b[:, :, :, c]", "0 * b[:, :, :, c]").replace(
        "] = conv", "] = 1 / (stride < 2) * conv"
    )
    wrong = written(
        text, **{name: getattr(vectorised, name) for name in ("zero_pad", "conv_single_step")}
    )
    verdict = judge(case_set("conv_forward", 1), wrong)
    assert any(run.outcome.problem for run in verdict.runs)
    (said,) = properties(verdict)
    assert said.startswith('In all 3 cases of "stride 1" the values of Z are all off by one number')


def test_a_function_that_is_right_in_no_simple_class_of_cases_gets_no_condition():
    calls = []

    def now_and_then(*arguments):
        calls.append(1)
        return (NOISE if len(calls) % 3 == 0 else CONV)(*arguments)

    verdict = judge(EXERCISES["conv_forward"].case_set(1), now_and_then)
    assert not verdict.passed
    assert not any("right in those" in text for text in properties(verdict))
