"""The images, black boxes and statements of the lesson "From dense to convolutional layers"."""

from pathlib import Path

import numpy as np
import pytest

from convnet.functional import conv2d
from lesson_tools.why_convolution.pluses import BOXES, CROSS, PLUS, pluses
from lesson_tools.why_convolution.questions import check

ROOT = Path(__file__).parents[2]
LEFT, ANYWHERE = range(1, 7), range(1, 15)
weights_of = check.exercises["weights_of"].right


@pytest.mark.parametrize("columns", [LEFT, range(9, 15), ANYWHERE])
def test_the_label_is_the_middle_of_the_plus(columns):
    images, labels = pluses(2000, columns, seed=1)
    assert images.shape == (2000, 8, 16, 1) and images.dtype == np.float32
    rows, middles = np.divmod(labels, 16)
    assert set(rows) == set(range(1, 7)) and set(middles) == set(columns)
    patches = [
        images[i, h - 1 : h + 2, w - 1 : w + 2, 0]
        for i, (h, w) in enumerate(zip(rows, middles, strict=True))
    ]
    np.testing.assert_allclose(np.mean(patches, axis=0), PLUS, atol=0.05)


def test_each_image_has_a_plus_and_a_cross_that_do_not_overlap():
    images, _ = pluses(2000, LEFT, seed=2)
    assert images.sum(axis=(1, 2, 3)).mean() == pytest.approx(PLUS.sum() + CROSS.sum(), abs=0.3)
    assert images[:, :, 8:].mean() == pytest.approx(0, abs=0.01)


def test_the_same_seed_gives_the_same_images():
    for first, second in zip(pluses(5, LEFT, 3), pluses(5, LEFT, 3), strict=True):
        np.testing.assert_array_equal(first, second)


def is_shared(V):
    """True if weights with the same offset from output to pixel are equal."""
    n_H, n_W = V.shape[:2]
    by_offset = {}
    for h, w, y, x in np.ndindex(V.shape):
        by_offset.setdefault((y - h, x - w), []).append(V[h, w, y, x])
    assert len(by_offset) == (2 * n_H - 1) * (2 * n_W - 1)
    return all(np.ptp(values) < 1e-12 for values in by_offset.values())


def is_local(V):
    """True if each output uses pixels within two rows and columns only."""
    h, w, y, x = np.nonzero(V)
    return max(abs(y - h).max(), abs(x - w).max()) <= 2


def test_two_boxes_are_convolutions_and_the_others_are_what_the_lesson_says():
    kinds = {
        letter: (is_shared(V), is_local(V))
        for letter, box in BOXES.items()
        for V in [weights_of(box, 6, 8)]
    }
    assert kinds == {
        "A": (False, False),
        "B": (True, True),
        "C": (True, False),
        "D": (False, True),
        "E": (True, True),
        "F": (False, True),
    }
    assert check.exercises["convolutions"].right == "BE"


@pytest.mark.parametrize("letter", BOXES)
def test_the_boxes_are_linear(letter):
    box, (X, Y) = BOXES[letter], np.random.default_rng(0).normal(size=(2, 4, 6))
    np.testing.assert_allclose(box(2 * X - 3 * Y), 2 * box(X) - 3 * box(Y), atol=1e-12)
    V = weights_of(box, 4, 6)
    np.testing.assert_allclose(np.einsum("hwyx,yx->hw", V, X), box(X), atol=1e-12)


def test_a_convolution_is_a_dense_layer_with_shared_weights():
    kernel, W_matrix = np.array([[1, 2], [0, -1]]), np.zeros((9, 4))
    for unit, pixels in enumerate([[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]):
        W_matrix[pixels, unit] = kernel.reshape(4)
    X = np.array([[1, 0, 2], [3, 1, 0], [2, 2, 1]])
    Z = conv2d(X.reshape(1, 3, 3, 1), kernel.reshape(2, 2, 1, 1), np.array([5]))
    np.testing.assert_allclose(X.reshape(9) @ W_matrix + 5, Z.reshape(4))


def tables():
    """Return the tables of the benchmark, each as a dictionary from the first cells to the last."""
    text = (ROOT / "benchmarks/lessons/weight_sharing.md").read_text().partition("<!-- figures")[2]
    rows = [
        [line.strip("| ").split(" | ") for line in block.splitlines()[2:]]
        for block in text.split("\n\n")
        if block.startswith("| ")
    ]
    return [{tuple(cells[:-1]): cells[-1] for cells in table} for table in rows]


def test_the_lesson_draws_its_conclusions_from_the_stored_accuracies():
    anywhere, halves, searches, negatives = tables()
    tuned = {(name, m): float(value) for name, m, _, value in anywhere}
    penalty = {m: tuned["dense layer, L2 penalty", m] for m in ("1,000", "2,000")}
    # The penalty: two hundred times as many images.
    assert penalty["1,000"] < tuned["convolution", "10"] <= penalty["2,000"]
    shifted = {m: tuned["dense layer, shifted copies", m] for m in ("10", "100")}
    assert shifted["10"] < 0.75 and tuned["convolution", "10"] < shifted["100"]
    right = {
        name.partition(",")[0]: float(value) for name, _, _, value in halves if "right" in name
    }
    assert right["two dense layers"] == 0 and right["convolution"] > 0.95
    values = [float(value.split(", ")[-1]) for value in searches.values()]
    template, brightest, shuffled_mean, shuffled_best = values
    assert f"{template:.0%}" == "95%"
    assert brightest == pytest.approx(0.1, abs=0.005) and shuffled_best < brightest + 0.02
    assert shuffled_mean == pytest.approx(brightest, abs=0.005)
    one, four = ([float(x) for x in key[2].split(" to ")] for key in negatives)
    assert one[1] < 0.5 and four[0] > 0.95
    lesson = (ROOT / "course/05_why_convolution.py").read_text().replace("\n# ", " ")
    assert "kernel (95%)" in lesson and "two hundred times as many images" in lesson


def test_a_kernel_that_finds_the_plus_in_an_image_misses_it_in_the_negative():
    images, labels = pluses(500, ANYWHERE, seed=4)
    W = np.random.default_rng(0).normal(size=(3, 3, 1, 1)) + 2 * PLUS[:, :, None, None]
    scores = conv2d(images, W, padding=1).reshape(500, -1)
    found, found_in_negative = (np.argmax(s, axis=1) == labels for s in (scores, -scores))
    assert found.mean() > 0.5 and not np.any(found & found_in_negative)
