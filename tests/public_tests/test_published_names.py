"""The calls in the published assignment's editions work unchanged, including one alias."""

import numpy as np
import pytest
from tests.cells import cell

import public_tests
from exercises import EXERCISES
from nbexercise.defining.exercise import as_plain
from tests.exercises.case_sets import NAMES
from tests.exercises.solutions import RIGHT

PUBLISHED = {
    "zero_pad_test",
    "conv_single_step_test",
    "conv_forward_test_1",
    "conv_forward_test_2",
    "pool_forward_test",
    "pool_forward_test_1",
    "pool_forward_test_2",
    "conv_backward_test",
    "create_mask_from_window_test",
    "distribute_value_test",
    "pool_backward_test",
}

ALIAS = "conv_forward_test"  # every other exercise NAME has a NAME_test
OTHERS = {f"{name}_test" for name in EXERCISES} - PUBLISHED - {ALIAS}  # in no published assignment

NOTEBOOK = """
from public_tests import *

zero_pad_test(zero_pad)
conv_single_step_test(conv_single_step)
{published_inputs}
z_mean = np.mean(Z)
z_0_2_1 = Z[0, 2, 1]
cache_0_1_2_3 = cache_conv[0][1][2][3]
conv_forward_test_1(z_mean, z_0_2_1, cache_0_1_2_3)
conv_forward_test_2(conv_forward)
pool_forward_test(pool_forward)
pool_forward_test_1(pool_forward)
pool_forward_test_2(pool_forward)
conv_backward_test(conv_backward)
create_mask_from_window_test(create_mask_from_window)
distribute_value_test(distribute_value)
pool_backward_test(pool_backward)
"""
PUBLISHED_INPUTS = """
np.random.seed(1)
A_prev = np.random.randn({m}, 5, 7, 4)
W = np.random.randn(3, 3, 4, 8)
b = np.random.randn(1, 1, 1, 8)
Z, cache_conv = conv_forward(A_prev, W, b, {{"pad": 1, "stride": 2}})
"""


def functions():
    return {name: EXERCISES[name].vectorized for name in NAMES}


def published(m):
    """Return z_mean, Z[0, 2, 1] or Z[3, 2, 1], and cache[0][1][2][3] for the published inputs."""
    names = cell(PUBLISHED_INPUTS.format(m=m), **functions())
    Z, cache = names["Z"], names["cache_conv"]
    return np.mean(Z), Z[0 if m == 2 else 3, 2, 1], cache[0][1][2][3]


def test_the_published_notebook_passes_with_right_solutions(capsys):
    cell(NOTEBOOK.format(published_inputs=PUBLISHED_INPUTS.format(m=2)), **functions())
    out = capsys.readouterr().out
    assert out.count("checks passed.") == 10
    assert "conv_forward: the published values are right." in out
    assert "FAIL" not in out


@pytest.mark.parametrize("test", sorted(PUBLISHED - {"conv_forward_test_1"} | {ALIAS} | OTHERS))
def test_a_published_call_fails_with_a_catalogued_mistake(test):
    name = test.partition("_test")[0]
    for mistake in (EXERCISES[name].mistakes[0], EXERCISES[name].mistakes[-1]):
        names = {name: EXERCISES[name].wrong_function(mistake)}
        with pytest.raises(AssertionError, match="checks passed") as caught:
            cell(f"from public_tests import *\n{test}({name})", **names)
        assert as_plain(mistake.diagnosis) in " ".join(str(caught.value).split())


@pytest.mark.parametrize("m", [2, 10])
def test_the_three_published_numbers_are_right_for_both_batch_sizes(m, capsys):
    public_tests.conv_forward_test_1(*published(m))
    assert capsys.readouterr().out == "conv_forward: the published values are right.\n"


@pytest.mark.parametrize("m", [2, 10])
@pytest.mark.parametrize("kind", [np.float32, float, list], ids=["float32", "float", "list"])
def test_the_three_published_numbers_may_be_of_any_real_type(m, kind):
    def turned(value):
        return np.asarray(value).tolist() if kind is not np.float32 else np.float32(value)

    public_tests.conv_forward_test_1(*map(turned, published(m)))
    z_mean, z, cache = (
        np.array(["0.551127", "0.69236088"][m == 10], float),
        *(np.round(value, 6) for value in published(m)[1:]),
    )
    with pytest.raises(AssertionError):
        public_tests.conv_forward_test_1(z_mean + 1e-3, z, cache)
    public_tests.conv_forward_test_1(*published(m)[:2])  # as in one edition


@pytest.mark.parametrize("m", [2, 10])
@pytest.mark.parametrize(
    ("position", "named"),
    [
        (0, "the mean of Z is"),
        (1, {2: "Z[0,2,1] is", 10: "Z[3,2,1] is"}),
        (2, "cache[0][1][2][3] is"),
    ],
)
def test_a_wrong_published_number_is_named_alone(m, position, named):
    values = list(published(m))
    values[position] = values[position] + 0.01
    with pytest.raises(AssertionError) as caught:
        public_tests.conv_forward_test_1(*values)
    text = str(caught.value)
    assert (named[m] if isinstance(named, dict) else named) in text
    assert text.count("expected") == 1


def test_numbers_of_the_two_batches_may_not_be_mixed():
    with pytest.raises(AssertionError):
        public_tests.conv_forward_test_1(published(2)[0], *published(10)[1:])


@pytest.mark.parametrize(
    "bad", [None, "text", np.nan, [1, [2, 3]], 1j, np.zeros((2, 8)), lambda: 0, True, {}]
)
def test_values_of_no_use_fail_and_do_not_crash(bad):
    for position in range(3):
        values = list(published(2))
        values[position] = bad
        with pytest.raises(AssertionError, match="on the published inputs"):
            public_tests.conv_forward_test_1(*values)


def test_a_star_import_brings_the_checks_and_the_calls_for_help_and_no_others():
    before = set(cell(""))
    brought = set(cell("from public_tests import *")) - before
    lessons = {"check_answer", "check_function"}
    help_texts = {"show", "hint", "summary", "validate", "solution", "progress"}
    help_texts |= {"ask", "keep_in_drive"}
    assert brought == PUBLISHED | OTHERS | lessons | help_texts | {ALIAS}
    assert sorted(public_tests.__all__) == sorted(brought)
    assert len(public_tests.__all__) == len(set(public_tests.__all__))


def test_the_package_has_no_other_public_names_of_its_own():
    own = {
        name
        for name, value in vars(public_tests).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "").startswith(("public_tests", "nbexercise"))
    }
    assert own == set(public_tests.__all__) | {
        "CASE_SETS",
        "begin_lesson",
        "make_test",
        "stored_beside",
    }


@pytest.mark.parametrize("name", public_tests.__all__)
def test_every_name_has_a_docstring_and_its_own_name(name):
    function = getattr(public_tests, name)
    assert function.__name__ == name
    assert function.__doc__


def test_every_style_of_a_right_solution_passes_the_published_calls(capsys):
    for name, styles in RIGHT.items():
        test = "conv_forward_test_2" if name == "conv_forward" else f"{name}_test"
        for function in styles.values():
            getattr(public_tests, test)(function)
    assert "FAIL" not in capsys.readouterr().out
