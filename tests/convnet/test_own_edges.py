"""Edges drawn with the reader's own layers, and the messages for wrong layers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from convnet import own_edges
from convnet.edges import load_blocks
from convnet.own_edges import WrongLayerError, draw_with, photograph, show_own_edges
from exercises import vectorized
from exercises.loops import conv_forward, pool_forward

PHOTO = photograph("flower.jpg", 16)


def test_right_functions_draw_what_the_network_draws():
    drawn = draw_with(conv_forward, pool_forward, PHOTO, progress=False)
    assert drawn.edges.shape == PHOTO.shape[:2]
    np.testing.assert_allclose(drawn.expected, load_blocks().draw(PHOTO))
    assert drawn.difference < 1e-5
    n = PHOTO.shape[0] * PHOTO.shape[1]
    assert drawn.windows == n * 128 + n // 4 * 64 + n // 4 * 256 + n // 4
    assert drawn.windows == sum(own_edges._windows(load_blocks(), PHOTO))


def flipped(A_prev, W, b, hparameters):
    return conv_forward(A_prev, W[::-1, ::-1], b, hparameters)


def without_padding(A_prev, W, b, hparameters):
    return conv_forward(A_prev, W, b, hparameters | {"pad": 0})


def no_array(A_prev, W, b, hparameters):
    return None, ()


def average(A_prev, hparameters, mode="max"):
    return vectorized.pool_forward(A_prev, hparameters, "average")


@pytest.mark.parametrize(
    ("conv", "pool", "said"),
    [
        (flipped, pool_forward, r"block 1, convolution 1: your conv_forward \(stride 1, pad 1\) "),
        (
            without_padding,
            pool_forward,
            r"shape \(1, 8, 14, 64\), expected shape \(1, 10, 16, 64\)",
        ),
        (no_array, pool_forward, "returns NoneType, expected shape"),
        (
            vectorized.conv_forward,
            average,
            r"max pooling after block 1: your pool_forward \(f 2, stride 2\)",
        ),
    ],
)
def test_the_first_layer_that_is_wrong_is_named(conv, pool, said):
    with pytest.raises(WrongLayerError, match=said):
        draw_with(conv, pool, PHOTO, progress=False)


def test_a_single_wrong_value_is_found_with_its_place():
    def wrong_at_the_end(A_prev, W, b, hparameters):
        Z, cache = vectorized.conv_forward(A_prev, W, b, hparameters)
        if Z.shape[3] == 1:
            Z[0, -1, -1, 0] = np.nan
        return Z, cache

    with pytest.raises(WrongLayerError) as error:
        draw_with(wrong_at_the_end, vectorized.pool_forward, PHOTO, progress=False)
    said = str(error.value)
    assert said.startswith("side output 2: your conv_forward (stride 1, pad 0) returns nan at ")
    assert "(i, h, w, c) = (0, 4, 7, 0), expected -" in said
    assert "1 of 40 values is wrong" in said


def test_a_large_photograph_goes_through_a_convolution_in_strips(monkeypatch):
    heights = []

    def noting(A_prev, W, b, hparameters):
        heights.append(A_prev.shape[1])
        return vectorized.conv_forward(A_prev, W, b, hparameters)

    whole = draw_with(noting, vectorized.pool_forward, PHOTO, progress=False)
    assert heights == [10, 10, 5, 5, 5]  # each layer is one strip, because the image is small
    heights.clear()
    # 3 rows of 16 windows of 576 float32 values in block 1, and 3 rows of 8 windows of 1,152 in
    # block 2: outer strips have one additional row, inner strips two.
    monkeypatch.setattr(own_edges, "STRIP_BYTES", 3 * 16 * 576 * 4)
    strips = draw_with(noting, vectorized.pool_forward, PHOTO, progress=False)
    assert heights[:5] == [10, 4, 5, 5, 2]
    assert heights[-3:] == [4, 3, 5]
    np.testing.assert_allclose(strips.edges, whole.edges, atol=1e-6)


def test_a_wrong_value_in_a_later_strip_is_found_with_its_place(monkeypatch):
    monkeypatch.setattr(own_edges, "STRIP_BYTES", 3 * 16 * 576 * 4)

    def wrong_in_a_low_strip(A_prev, W, b, hparameters):
        Z, cache = vectorized.conv_forward(A_prev, W, b, hparameters)
        if A_prev.shape[1] == 2:  # row 9, and row 8 above it
            Z[0, 1, 2, 3] += 100
        return Z, cache

    with pytest.raises(WrongLayerError, match=r"block 1, convolution 2.* = \(0, 9, 2, 3\), expect"):
        draw_with(wrong_in_a_low_strip, vectorized.pool_forward, PHOTO, progress=False)


def test_the_course_pools_where_no_function_is_given():
    drawn = draw_with(vectorized.conv_forward, None, PHOTO, progress=False)
    assert drawn.difference < 1e-5


def test_a_photograph_is_reduced_to_an_even_size(tmp_path):
    Image.new("RGB", (51, 35), "red").save(tmp_path / "me.png")
    assert photograph(tmp_path / "me.png", 25).shape == (16, 24, 3)
    assert photograph(tmp_path / "me.png").shape == (34, 50, 3)
    assert photograph().shape == (84, 128, 3)
    assert photograph("page.png").shape == (64, 128, 3)  # from grayscale
    with pytest.raises(FileNotFoundError):
        photograph(tmp_path / "missing.png")


@pytest.mark.parametrize("shape", [(16, 15, 3), (16, 16), (16, 16, 4)])
def test_what_cannot_be_pooled_is_refused(shape):
    with pytest.raises(ValueError, match=r"even height and width, got \(16"):
        draw_with(conv_forward, pool_forward, np.zeros(shape, np.uint8))


def test_the_bar_says_which_layer_and_how_many_windows(capsys):
    draw_with(vectorized.conv_forward, vectorized.pool_forward, PHOTO)
    shown = capsys.readouterr().err
    assert "block 2, convolution 2: 5,120 windows" in shown


def test_the_figure_compares_four_pictures():
    drawn = draw_with(vectorized.conv_forward, vectorized.pool_forward, PHOTO, progress=False)
    fig = show_own_edges(drawn)
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert titles == ["photograph", "Sobel's 3x3 kernels", "your layers", "the course's layers"]
    assert "differ by" in fig.get_suptitle()
    assert all(ax.images[0].get_clim() == (0, 1) for ax in fig.axes)
    plt.close(fig)
