"""What the pictures of a training say, read from the figures."""

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from convnet import layers  # noqa: E402
from convnet.plots import (  # noqa: E402
    animate,
    draw_confusion,
    draw_feature_maps,
    draw_filters,
    draw_history,
    draw_sweep,
)
from convnet.training import Epoch  # noqa: E402


@pytest.fixture
def figure():
    figure = plt.figure()
    yield figure
    figure.canvas.draw()  # what cannot be drawn fails here
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
    assert styles == ["-", "--"]  # told apart without colour


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


def shown(html):
    """The kinds of the pictures in an IPython.display.HTML, with their bytes."""
    found = re.findall(r"data:image/(\w+);base64,([^\"]+)", html.data)
    return {kind: base64.b64decode(data) for kind, data in found}


def test_a_sweep_shows_the_sums_up_to_its_position(figure):
    X, W = np.arange(30).reshape(5, 6) % 7, np.arange(9).reshape(3, 3)
    assert draw_sweep(figure, X, W, 4, stride=2, pad=1, b=10) == (1, 1)
    b, hparameters = np.full((1, 1, 1, 1), 10), {"stride": 2, "pad": 1}
    Z, _ = layers.conv_forward(X[None, :, :, None], W[:, :, None, None], b, hparameters)
    texts = [text.get_text() for text in figure.axes[2].texts]
    assert texts[:5] == [f"{value:.4g}" for value in Z.ravel()[:5]]
    assert texts[5:] == [""] * 4
    assert len(figure.axes[0].texts) == 7 * 8  # with the padding


def test_a_sweep_does_not_leave_the_image(figure):
    with pytest.raises(ValueError, match="position is 9, expected 0 to 8"):
        draw_sweep(figure, np.ones((4, 4)), np.ones((2, 2)), 9)


def test_a_moving_picture_has_a_frame_for_each_step_and_ends_on_the_last():
    def draw(step):
        figure, ax = plt.subplots(figsize=(2, 2))
        ax.bar(["a", "b"], [step, 3])
        return figure

    html = animate(draw, [1, 2, 3], 'bars "a" and b')
    assert 'alt="bars &quot;a&quot; and b"' in html.data
    pictures = shown(html)
    moving = Image.open(io.BytesIO(pictures["gif"]))
    assert moving.n_frames == 3 and moving.info["loop"] == 2
    moving.seek(2)
    still = np.asarray(Image.open(io.BytesIO(pictures["png"])).convert("RGB"), dtype=int)
    assert np.abs(np.asarray(moving.convert("RGB"), dtype=int) - still).mean() < 4
    moving.seek(0)
    assert np.abs(np.asarray(moving.convert("RGB"), dtype=int) - still).mean() > 4
    assert not plt.get_fignums()
