"""The lesson "After 2020": its attention layers, its counts, and its stored results."""

import numpy as np
import pytest

from lesson_tools.after_2020.figures import EDITS
from lesson_tools.after_2020.questions import check
from lesson_tools.stored import stored_results
from nbexercise import CheckFailedError
from tools.course import ROOT


@pytest.fixture(scope="module")
def lesson():
    """Return the functions that the cells for NumPy define."""
    text = (ROOT / "course" / "29_after_2020.py").read_text()
    names = {"np": np}
    exec("from numpy.lib.stride_tricks import sliding_window_view", names)
    exec("from convnet.functional import *", names)
    for name in ("windows", "scores", "cut", "self_attention"):
        rest = text.partition(f"def {name}(")[2]
        lines = rest.split("\n")
        size = next(i for i, line in enumerate(lines[1:], 1) if line and line[0] != " ")
        exec(f"def {name}(" + "\n".join(lines[:size]), names)
    return names


def test_scores_are_squared_distances_up_to_a_constant_per_query(lesson):
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    distances = ((A[:, None] - B) ** 2).sum(axis=2)
    constants = lesson["scores"](A, B, 2) + 2 * distances
    np.testing.assert_allclose(constants, constants[:, :1].repeat(6, axis=1))


@pytest.mark.parametrize(("shape", "channels"), [((5, 7), 2), ((9, 6), 3)])
def test_nine_heads_equal_a_convolution_with_a_repeated_border(lesson, shape, channels):
    rng = np.random.default_rng(0)
    image, filters = rng.normal(size=(*shape, channels)), rng.normal(size=(3, 3, channels, 4))
    P, softmax = np.argwhere(np.ones(shape)), lesson["softmax"]
    by_heads = sum(
        softmax(lesson["scores"](P + (r - 1, q - 1), P, 50))
        @ image.reshape(-1, channels)
        @ filters[r, q]
        for r, q in np.ndindex(3, 3)
    )
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
    expected = lesson["conv2d"](padded[None], filters)[0]
    np.testing.assert_allclose(by_heads.reshape(*shape, 4), expected, atol=1e-12)


def test_self_attention_with_one_head_is_that_of_the_exercise(lesson):
    rng = np.random.default_rng(0)
    X, matrices = rng.normal(size=(5, 4)), rng.normal(size=(4, 4, 4))
    Q, K, V = X @ matrices[:3]
    expected = check.exercises["attend"].right(Q, K, V) @ matrices[3]
    np.testing.assert_allclose(lesson["self_attention"](X, *matrices, 1), expected)


def test_the_edits_end_at_convnext():
    assert len(EDITS) == 14
    assert EDITS[-1][1:] == (81.97, 4.46)  # torchvision's documentation: 4.46 billion MACs


def test_the_answers_of_exercise_2():
    right = {name: exercise.right for name, exercise in check.exercises.items()}
    assert right["n_tokens"] == (384 // 16) ** 2
    assert 2 * right["n_equal"] ** 2 * 768 == 12 * right["n_equal"] * 768**2
    assert right["block_weights"] == 49 * 384 + 2 * 384 * (4 * 384)


@pytest.mark.parametrize("shifts", [[4, 8], (8, 4), np.array([4, 8])])
def test_shifts_in_any_container_and_order_are_right(shifts):
    check("unchanged", shifts)


@pytest.mark.parametrize(
    ("shifts", "comment"),
    [
        ([1, 4, 8], "other patches"),
        ([4], "two patches"),
        ([8], "smaller shift"),
        ([], "permute"),
        ([0, 4, 8], "from 1 to 8"),
        ("ab", "list"),
        (4, "two patches"),
    ],
)
def test_wrong_shifts_get_a_comment(shifts, comment):
    with pytest.raises(CheckFailedError, match=comment):
        check("unchanged", shifts)


def test_the_tuned_rates_lie_between_two_others_and_all_networks_fit_their_images():
    arms = stored_results("after_2020/results.json")
    assert len(arms) == 12
    for name, arm in arms.items():
        assert len(arm["test"]) == 5
        if name.startswith("nearest neighbor"):
            continue
        rates = [float(rate) for rate in arm["tuning"]]
        assert min(rates) < arm["rate"] < max(rates)
        # Attention hardly fits 1,200 images whose pixels are shuffled.
        assert max(arm["loss"]) < (0.1 if name == "attention, shuffled, 1200" else 0.05), name
