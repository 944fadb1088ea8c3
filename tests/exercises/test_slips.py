"""Slips are reported in notebooks and when graded, despite rounding, and only if certain."""

from dataclasses import replace

import numpy as np
import pytest

from exercises import EXERCISES, loops
from exercises.exercise import PUBLIC_SEED
from exercises.mistakes import compiled
from exercises.slips import MOST_PLACES, slips
from exercises.source import function_source
from public_tests.calling import call
from public_tests.judging import judge
from public_tests.slips import key_of, recognized, wrong_outputs
from public_tests.verdict import Diagnosis
from tests.exercises.case_sets import case_set

JUDGED = 8  # slips per exercise, of up to 500
SEED = 7


def function_of(name, text):
    exercise = EXERCISES[name]
    texts = tuple(map(function_source, exercise.called.values()))
    return compiled(texts, tuple(exercise.given), text)[name]


def changed(name, *changes):
    """Return a loop implementation with parts of its source replaced."""
    text = function_source(EXERCISES[name].loops)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return function_of(name, text)


def facts(name, function, seed=PUBLIC_SEED):
    if seed == PUBLIC_SEED:
        return judge(case_set(name), function).facts
    return EXERCISES[name].judge_on(case_set(name, seed), function).facts


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_stored_is_what_slips_give(name):
    found = list(slips(EXERCISES[name]))
    for slip in found[:: -(-len(found) // JUDGED)]:
        function = function_of(name, slip.text)
        public = facts(name, function)
        stored = case_set(name).slips.get(key(name, function))
        if stored:
            (stored,) = stored
            if not public[0].endswith(", unchanged."):  # certain, and reported before any slip
                assert public == (f"One slip explains every wrong value: {stored}.",)
            assert facts(name, function, SEED) == public
            place = slip.where.partition(",")[0]
            assert place in (*stored.partition(place)[1:2], "throughout")
        else:
            assert not any("slip" in said for said in public)


def key(name, function):
    cases = case_set(name)
    runs = [call(cases.returns, case, function) for case in cases.cases]
    return key_of(cases, runs, wrong_outputs(cases, runs))


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        (
            "zero_pad",
            [("(pad, pad), (0, 0)", "(0, 0), (pad, pad)")],
            "One slip explains every wrong value: (pad, pad) and (0, 0) exchanged where X_pad is "
            "computed.",
        ),
        (
            "pool_forward",
            [("horiz_start = w * stride", "horiz_start = h * stride")],
            "One slip explains every wrong value: h in place of w where the window's first column "
            "(horiz_start) is computed.",
        ),
        (
            "sigmoid_backward",
            [("dA * A * (1 - A)", "dA * A / (1 - A)")],
            "One slip explains every wrong value: / in place of * before 1 - A where dZ is "
            "computed.",
        ),
        (  # the same code in another form, with other names
            "pool_backward",
            [
                ("dA[i, h, w, c]", "dA[0, h, w, c]"),
                ("vert_start", "top"),
                ("horiz_end", "right"),
            ],
            "One slip explains every wrong value: 0 in place of i in the index of dA.",
        ),
    ],
)
def test_a_slip_is_told(name, changes, said):
    function = changed(name, *changes)
    assert facts(name, function) == facts(name, function, SEED) == (said,)


def test_a_slip_is_told_beside_a_mistake_that_many_make():
    function = changed(
        "conv_backward",
        ("pad : pad + n_H_prev, pad : pad + n_W_prev", "pad:-pad, pad:-pad"),
        ("a_slice * dZ[i, h, w, c]", "a_slice * dZ[0, h, w, c]"),
    )
    (said,) = facts("conv_backward", function)
    assert said.startswith("Two mistakes explain every wrong value") and said.endswith(
        "One is a slip: 0 in place of i in the index of dZ. The other: "
        "At pad 0 the slice [pad:-pad] is empty, so there is nothing to store in dA_prev."
    )
    assert facts("conv_backward", function, SEED) == (said,)


@pytest.mark.parametrize("name", EXERCISES)
def test_no_stored_pair_has_random_values(name):
    random = {mistake.name for mistake in EXERCISES[name].mistakes if mistake.is_random}
    stored = case_set(name).slips.values()
    assert not any(random & {*names} for names in stored)


@pytest.mark.parametrize("seed", [PUBLIC_SEED, SEED])
def test_two_known_mistakes_of_which_one_is_common_are_named_at_home_as_well(seed):
    exercise = EXERCISES["conv_forward"]
    pair = {"stride ignored", "n_W from the height"}
    function = exercise.doubly_wrong(*(m for m in exercise.mistakes if m.name in pair))
    if seed == PUBLIC_SEED:
        verdict = judge(case_set("conv_forward"), function)
    else:
        verdict = exercise.judge_on(case_set("conv_forward", seed), function)
    assert {mistake.name for mistake in verdict.mistakes} == pair
    assert verdict.facts == ()


def test_outputs_that_slips_explain_one_by_one_are_named():
    function = changed(
        "conv_backward",
        ("a_slice * dZ[i, h, w, c]", "a_slice * dZ[0, h, w, c]"),
        ("db[:, :, :, c] += dZ[i, h, w, c]", "db[:, :, :, c] += 3.7 * dZ[i, h, w, c] ** 2"),
    )
    (said,) = facts("conv_backward", function)
    assert said == (
        "One slip explains every wrong value of dW: 0 in place of i in the index of dZ."
    )


def test_roundings_do_not_hide_a_slip_and_another_value_does():
    wrong = changed("conv_forward", ("W[:, :, :, c]", "W[:, :, :, i % n_C]"))

    def off(by):
        def function(*arguments):
            Z, cache = wrong(*arguments)
            return Z * (1 + by), cache

        return function

    assert key("conv_forward", off(0)) == key("conv_forward", off(1e-14))
    assert key("conv_forward", off(0)) != key("conv_forward", off(1e-6))


def test_nothing_is_told_of_right_values_and_of_one_number_everywhere():
    right = loops.pool_forward
    assert key("pool_forward", right) == ""
    for cases in (case_set("pool_forward"), case_set("conv_backward")):
        assert key_of(cases, [], []) == ""
    nothing_stored = changed("conv_backward", ("dA_prev[i] = da_prev_pad", "_ = da_prev_pad"))
    (said,) = facts("conv_backward", nothing_stored)
    assert "One slip" not in said and "holds 0 everywhere" in said


def test_all_places_are_told_where_slips_in_several_give_the_same():
    function = changed("conv_backward", ("+= a_slice * dZ", "+= da_slice * dZ"))
    assert facts("conv_backward", function) == (
        "One slip explains every wrong value: dA_prev_pad in place of A_prev_pad where the padded "
        "image (a_prev_pad) is computed, or da_prev_pad in place of a_prev_pad where the window "
        "(a_slice) is computed, or da_slice in place of a_slice where dW is added to.",
    )
    for name in EXERCISES:
        assert all(said[0].count(", or ") < MOST_PLACES for said in case_set(name).slips.values())


def test_a_known_mistake_is_no_slip():
    for name in ("conv_forward", "softmax"):
        for mistake in EXERCISES[name].mistakes:
            assert key(name, EXERCISES[name].wrong_function(mistake)) not in case_set(name).slips


def test_a_call_that_raises_tells_a_slip_if_half_of_them_answer():
    def raises(number):
        calls = iter(range(100))

        def function(*arguments):
            if next(calls) % number_of_cases < number:
                raise ValueError("no")
            return loops.pool_forward(*arguments)

        return function

    cases = case_set("pool_forward")
    number_of_cases = len(cases.cases)
    for number, told in (
        (2, True),
        (number_of_cases // 2 + 1, False),
    ):  # all that return a result are correct
        runs = [call(cases.returns, case, f) for f in [raises(number)] for case in cases.cases]
        assert bool(key_of(cases, runs, ["A"])) is told
        mine = replace(cases, slips={key_of(cases, runs, ["A"]): ["x"]})
        assert not told or recognized(mine, runs) == Diagnosis()


def test_every_slip_is_another_program_and_runs_apart_from_the_marked_lines():
    for name in ("zero_pad", "relu", "conv_forward"):
        header = function_source(EXERCISES[name].loops).splitlines()[0]
        texts = [slip.text for slip in slips(EXERCISES[name])]
        assert len(texts) == len(set(texts)) > 0
        assert all(text.splitlines()[0] == header for text in texts)
        assert function_source(EXERCISES[name].loops) not in texts


def test_numbers_that_are_coarser_than_float64_do_not_count():
    cases = case_set("conv_forward")
    coarse = [case for case in cases.cases if case.sizes["float32"]]
    assert coarse

    def function(A_prev, *rest):
        Z, cache = loops.conv_forward(A_prev, *rest)
        return Z + (0.5 if A_prev.dtype == np.float32 else 1), cache

    assert key("conv_forward", function) == key(
        "conv_forward", lambda *a: (loops.conv_forward(*a)[0] + 1, loops.conv_forward(*a)[1])
    )


def without(name, part, output):
    """Return a correct function with noise in one output that does not depend on an argument."""
    right, parts = EXERCISES[name].vectorized, case_set(name).cases[0].parts

    def function(*arguments):
        if part in parts and "cache" in case_set(name).cases[0].arguments:
            place = list(parts).index(part) - 1
            cache = list(arguments[1])
            if part == "dA":
                arguments = (np.ones_like(arguments[0]), *arguments[1:])
            else:
                cache[place] = np.ones_like(cache[place])
                arguments = (arguments[0], tuple(cache), *arguments[2:])
        else:
            place = list(parts).index(part)
            arguments = tuple(np.ones_like(a) if i == place else a for i, a in enumerate(arguments))
        returned = right(*arguments)
        noise = np.sin(np.arange(np.size(returned[output]))).reshape(np.shape(returned[output]))
        return tuple(v + noise if i == output else v for i, v in enumerate(returned))

    return function


@pytest.mark.parametrize(
    ("name", "part", "output", "said"),
    [
        ("conv_forward", "W", 0, "Z does not depend on W: with another W it is the same."),
        ("conv_backward", "A_prev", 1, "dW does not depend on A_prev: with another A_prev it is"),
    ],
)
def test_an_argument_that_has_no_part_is_named(name, part, output, said):
    function = without(name, part, output)
    assert facts(name, function)[0].startswith(said)
    assert facts(name, function, SEED)[0].startswith(said)


def test_what_right_functions_depend_on_is_stored_for_every_exercise_of_arrays():
    without = {
        *("output_size", "padding_amounts", "conv_parameters", "transposed_size"),  # only sizes
        "create_mask_from_window",  # for a single entry, the mask is the same for every x
    }
    assert {name for name in EXERCISES if not case_set(name).depends} == without
    assert ("dA_prev", "A_prev") not in case_set("pool_backward").depends  # averages do not
    assert ("dW", "W") not in case_set("conv_backward").depends


def test_a_function_that_uses_all_is_not_told_of_any():
    wrong = changed(
        "conv_forward",
        ("np.zeros((m", "0.1 + np.zeros((m"),
        ("Z[i, h, w, c] =", "Z[i, h, w, c] +="),
    )
    assert not any("depend" in said for said in facts("conv_forward", wrong))
