"""The exercises on activations: other correct methods, and inputs that overflow naive formulas."""

import numpy as np
import pytest

from convnet.gradient_check import numeric_gradient
from exercises import EXERCISES
from nbexercise.defining.exercise import PUBLIC_SEED
from nbexercise.diagnosis.diagnose import judge

FORWARD = {"sigmoid": lambda Z: 1 / (1 + np.exp(-Z)), "relu": lambda Z: (np.abs(Z) + Z) / 2}
BACKWARD = {
    "sigmoid_backward": FORWARD["sigmoid"],
    "tanh_backward": np.tanh,
    "relu_backward": FORWARD["relu"],
}
WITH_EXP = ("sigmoid", "sigmoid_backward", "tanh_backward", "softmax", "softmax_cross_entropy")
SEEDS = (PUBLIC_SEED, *range(100, 105))

each_seed = pytest.mark.parametrize("seed", SEEDS)


def arguments(name, seed, group=""):
    found = EXERCISES[name].cases(np.random.default_rng(seed))
    return [given for kind, given in found if group in kind]


@pytest.mark.parametrize("name", FORWARD)
def test_an_activation_is_the_formula(name):
    for given in arguments(name, 1, "values"):
        A, (Z,) = EXERCISES[name].loops(given["Z"])
        assert Z is given["Z"]
        np.testing.assert_allclose(A, FORWARD[name](Z), rtol=1e-6)


@pytest.mark.parametrize("name", BACKWARD)
def test_a_backward_function_is_the_gradient_of_its_activation(name):
    for given in arguments(name, 1, "values"):
        dA, (Z,) = given["dA"], given["cache"]
        Z = Z.astype(np.float64)

        def cost(z, dA=dA, activation=BACKWARD[name]):
            return np.sum(dA * activation(z))

        expected = numeric_gradient(cost, Z)
        dZ = EXERCISES[name].loops(dA, (Z,))
        np.testing.assert_allclose(dZ, expected, atol=1e-5 * np.abs(dA).max())


def test_the_gradient_of_the_loss_is_that_of_finite_differences():
    loss_and_gradient = EXERCISES["softmax_cross_entropy"].loops
    for given in arguments("softmax_cross_entropy", 1, "loss"):
        Z, labels = given["Z"].astype(np.float64), given["labels"]
        expected = numeric_gradient(lambda z, y=labels: loss_and_gradient(z, y)[0], Z)
        np.testing.assert_allclose(loss_and_gradient(Z, labels)[1], expected, atol=1e-6)


@each_seed
@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_backward", "tanh_backward"])
def test_far_from_zero_exp_overflows_on_both_sides(name, seed):
    for given in arguments(name, seed, "far"):
        Z = given["Z"] if "Z" in given else given["cache"][0]
        with np.errstate(over="ignore"):
            assert np.isinf(np.exp(Z)).any() and np.isinf(np.exp(-Z)).any()
        assert (np.abs(Z) < 5).any()


@each_seed
def test_scores_overflow_and_rows_lie_far_apart(seed):
    for given in arguments("softmax", seed, "large"):
        with np.errstate(over="ignore"):
            assert np.isinf(np.exp(given["Z"])).any()
    for given in arguments("softmax", seed, "apart"):
        Z = given["Z"]
        assert (np.exp(Z - Z.max()).sum(axis=1) == 0).any()
    unlikely = []
    for given in arguments("softmax_cross_entropy", seed, "far"):
        A = EXERCISES["softmax"].loops(given["Z"])
        unlikely += [A[np.arange(len(A)), given["labels"]].min()]
    assert 0 in unlikely


@each_seed
def test_activations_are_tried_on_every_side_of_0_and_of_1(seed):
    for name in ("relu", "relu_backward"):
        for given in arguments(name, seed):
            Z = given["Z"] if "Z" in given else given["cache"][0]
            assert (Z < 0).any() and (Z > 0).any()
            assert Z.all() or name == "relu"  # 0 has no derivative
    Zs = [given["cache"][0] for given in arguments("relu_backward", seed)]
    assert any(((Z > 0) & (Z < 1)).any() for Z in Zs)
    assert {Z.ndim for Z in Zs} == {1, 2, 4}
    assert {Z.dtype.str for Z in Zs} == {"<f8", "<f4", "<i8"}


@each_seed
def test_scores_are_tried_with_more_and_fewer_rows_than_columns(seed):
    for name in ("softmax", "softmax_cross_entropy"):
        shapes = [given["Z"].shape for given in arguments(name, seed)]
        assert {np.sign(m - n) for m, n in shapes} >= {-1, 0}
        assert any(m == 1 for m, _ in shapes) and any(m > 1 for m, _ in shapes)
        assert {given["Z"].dtype.str for given in arguments(name, seed)} == {"<f8", "<f4", "<i8"}


@each_seed
def test_labels_repeat_and_classes_occur_without_examples(seed):
    cases = arguments("softmax_cross_entropy", seed, "loss")
    assert any(len(set(case["labels"])) < len(case["labels"]) for case in cases)
    assert any(case["labels"].max() + 1 < case["Z"].shape[1] for case in cases)
    assert any(case["labels"].max() + 1 == case["Z"].shape[1] for case in cases)


@pytest.mark.parametrize("name", WITH_EXP)
def test_an_error_in_the_eighth_decimal_is_seen(name):
    def nearly(*given):
        answer = EXERCISES[name].vectorized(*given)
        first, *rest = answer if isinstance(answer, tuple) else (answer,)
        return (first + 1e-8, *rest) if rest else first + 1e-8

    assert not judge(EXERCISES[name].case_set(1), nearly).passed
