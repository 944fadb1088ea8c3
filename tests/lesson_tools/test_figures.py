"""Figures of the lessons: a sweep's numbers, and animations with a text alternative."""

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from convnet.functional import conv2d  # noqa: E402
from lesson_tools.figures import animate  # noqa: E402
from lesson_tools.sweep import draw_sweep  # noqa: E402


@pytest.fixture
def figure():
    figure = plt.figure()
    yield figure
    figure.canvas.draw()  # what cannot be drawn fails here
    plt.close(figure)


def shown(html):
    """The kinds of the pictures in an IPython.display.HTML, with their bytes."""
    found = re.findall(r"data:image/(\w+);base64,([^\"]+)", html.data)
    return {kind: base64.b64decode(data) for kind, data in found}


def test_a_sweep_shows_the_sums_up_to_its_position(figure):
    X, W = np.arange(30).reshape(5, 6) % 7, np.arange(9).reshape(3, 3)
    assert draw_sweep(figure, X, W, 4, stride=2, pad=1, b=10) == (1, 1)
    Z = conv2d(X[None, :, :, None], W[:, :, None, None], np.array([10]), stride=2, padding=1)
    texts = [text.get_text() for text in figure.axes[2].texts]
    assert texts[:5] == [f"{value:.4g}" for value in Z.ravel()[:5]]
    assert texts[5:] == [""] * 4
    assert len(figure.axes[0].texts) == 7 * 8  # with the padding


def test_a_sweep_does_not_leave_the_image(figure):
    with pytest.raises(ValueError, match="position is 9, expected 0 to 8"):
        draw_sweep(figure, np.ones((4, 4)), np.ones((2, 2)), 9)


def test_an_animation_has_a_frame_for_each_step_and_ends_on_the_last():
    def draw(step):
        figure, ax = plt.subplots(figsize=(2, 2))
        ax.bar(["a", "b"], [step, 3])
        return figure

    before = plt.get_fignums()  # what other tests have left open
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
    assert plt.get_fignums() == before
