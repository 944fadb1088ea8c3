"""The contents of training plots, read from the figures."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from convnet.plots import (  # noqa: E402
    draw_confusion,
    draw_feature_maps,
    draw_filters,
    draw_grid,
    draw_history,
)
from convnet.training import Epoch  # noqa: E402


@pytest.fixture
def figure():
    figure = plt.figure()
    yield figure
    figure.canvas.draw()  # errors of drawing appear here
    plt.close(figure)


def test_the_history_has_a_line_for_each_column(figure):
    axes = figure.subplots(1, 2)
    draw_history(axes, [Epoch(2, 0.5, 1.5, 0.6, 1), Epoch(1, 0.7, 1.2, 0.65, 1)])
    lines = {(ax.get_title(), line.get_label()): line for ax in axes for line in ax.lines}
    assert set(lines) == {
        (what, which) for what in ("loss", "accuracy") for which in ("training", "validation")
    }
    assert list(lines["loss", "validation"].get_ydata()) == [1.5, 1.2]
    styles = [lines["loss", which].get_linestyle() for which in ("training", "validation")]
    assert styles == ["-", "--"]  # distinguishable without color


def test_without_validation_there_is_no_line_for_it(figure):
    axes = figure.subplots(1, 2)
    draw_history(axes, [Epoch(2, 0.5, np.nan, np.nan, 1)])
    assert [len(ax.lines) for ax in axes] == [1, 1]


def test_what_is_no_image_is_refused(figure):
    for draw, name in ((draw_filters, "W"), (draw_feature_maps, "A")):
        with pytest.raises(ValueError, match=rf"{name} has shape \(2, 10\), expected"):
            draw(figure, np.ones((2, 10)))


def test_the_confusion_matrix_counts_rows_by_the_right_class(figure):
    ax = figure.subplots()
    draw_confusion(ax, np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 0]), "abc")
    counts = np.array([int(text.get_text()) for text in ax.texts]).reshape(3, 3)
    np.testing.assert_array_equal(counts, [[1, 1, 0], [0, 1, 0], [1, 0, 2]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize("n_C", [1, 6, 10])
def test_every_filter_and_every_channel_is_drawn_and_named(figure, n_C):
    A = np.random.default_rng(0).standard_normal((2, 5, 4, n_C))
    for draw, array, name in (
        (draw_filters, np.ones((3, 3, 2, n_C)), "filter"),
        (draw_feature_maps, A, "channel"),
    ):
        figure.clear()
        draw(figure, array)
        shown = [ax for ax in figure.axes if ax.get_title()]
        assert [ax.get_title() for ax in shown] == [f"{name} {number}" for number in range(n_C)]
        assert all(len(ax.images) == 1 for ax in shown)
    np.testing.assert_array_equal(shown[-1].images[0].get_array(), A[0, :, :, -1])


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
