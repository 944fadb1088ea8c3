"""Grids of images and confusion matrices, read from the figures."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from convnet.plots import draw_confusion, draw_grid  # noqa: E402


@pytest.fixture
def figure():
    figure = plt.figure()
    yield figure
    figure.canvas.draw()  # errors of drawing appear here
    plt.close(figure)


def test_the_confusion_matrix_counts_rows_by_the_right_class(figure):
    ax = figure.subplots()
    draw_confusion(ax, np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 0]), "abc")
    counts = np.array([int(text.get_text()) for text in ax.texts]).reshape(3, 3)
    np.testing.assert_array_equal(counts, [[1, 1, 0], [0, 1, 0], [1, 0, 2]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


def shades(ax):
    """Return the colors of a grid's cells, (rows, columns, 4)."""
    (mesh,) = ax.collections
    ax.figure.canvas.draw()
    return mesh.get_facecolors().reshape(*mesh.get_array().shape, 4)


def test_a_grid_with_negative_numbers_is_white_at_0(figure):
    ax = figure.subplots()
    draw_grid(ax, [[-4, 0, 2, 4]])
    negative, zero, half, positive = shades(ax)[0, :, :3]
    np.testing.assert_allclose(zero, 1, atol=0.04)
    assert negative[0] > negative[2] and positive[0] < positive[2]  # orange, purple
    assert zero.sum() > half.sum() > positive.sum()


def test_grids_on_one_scale_have_the_same_shade_for_the_same_number(figure):
    axes = figure.subplots(1, 4)
    for ax, values in zip(axes[:2], ([[0, 3]], [[0, 1]]), strict=True):
        draw_grid(ax, values, scale=(0, 3))
    three, one = shades(axes[0])[0, 1], shades(axes[1])[0, 1]
    assert three.sum() < one.sum() < shades(axes[1])[0, 0].sum()
    for ax, values in zip(axes[2:], ([[-2, 1]], [[1, 2]]), strict=True):
        draw_grid(ax, values, scale=(-2, 2))
    np.testing.assert_array_equal(shades(axes[2])[0, 1], shades(axes[3])[0, 0])
