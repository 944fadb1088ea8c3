"""Statements of the lesson on output sizes, for more sizes than it shows."""

import numpy as np
import pytest

from convnet.data import load_sample_image
from convnet.functional import conv2d, max_pool2d, relu
from convnet.shapes import ShapeError
from lesson_tools.output_sizes.figures import board
from lesson_tools.output_sizes.questions import FIVE_BLOCKS, check
from lesson_tools.stacks import sizes, unread

rng = np.random.default_rng(0)
FILTERS = [rng.normal(0, 0.3, (3, 3, n_C_prev, 8)) for n_C_prev in (1, 8, 8, 8, 8)]


def five_blocks(image, padding=0):
    A = image[np.newaxis, :, :, np.newaxis] / 255
    for W in FILTERS:
        A = max_pool2d(relu(conv2d(A, W, padding=padding)), 2)
    return A


@pytest.mark.parametrize("n", [94, 110, 125, 126, 150])
def test_pixels_that_are_never_read_may_be_noise(n):
    square = rng.integers(0, 256, (n, n))
    noise, lost = rng.integers(0, 256, (n, n)), unread(n, FIVE_BLOCKS)
    read = ~lost[:, None] & ~lost
    noise[read] = square[read]
    A = five_blocks(square)
    assert A.shape[1:3] == 2 * (sizes(n, FIVE_BLOCKS)[-1],)
    np.testing.assert_array_equal(five_blocks(noise), A)


def test_the_network_of_the_first_figure_fails_where_its_sizes_end():
    page = load_sample_image("page.png")[64:]
    assert len(sizes(93, FIVE_BLOCKS)) == 10
    with pytest.raises(ShapeError):
        five_blocks(page[:93, :93])
    assert page.shape[0] >= 126


@pytest.mark.parametrize(
    ("f", "s", "p", "size"),
    [
        *((f, 1, f // 2, lambda n: n) for f in (1, 3, 5, 7)),
        *((f, f, 0, lambda n, f=f: n // f) for f in range(1, 9)),
        *((f, 2, f // 2, lambda n: -(-n // 2)) for f in (3, 5, 7)),
    ],
)
def test_the_special_cases_follow_from_the_formula(f, s, p, size):
    for n in range(10, 300):
        assert sizes(n, [(f, s, p)])[-1] == size(n)


@pytest.mark.parametrize("f", [2, 3, 5, 7])
def test_the_pixels_lost_at_the_end_are_the_remainder_minus_the_padding(f):
    for s in range(1, f + 1):  # no gaps
        for p in range(f):
            for n in range(f, 40):
                assert unread(n, [(f, s, p)]).sum() == max((n + 2 * p - f) % s - p, 0)


def test_with_padding_no_pixel_is_lost():
    same_blocks = 5 * [(3, 1, 1), (2, 2, 0)]
    assert not any(unread(n, same_blocks).any() for n in range(32, 401))
    square = rng.integers(0, 256, (125, 125))
    changed = square.copy()
    changed[-1] = 255 - square[-1]
    assert np.array_equal(five_blocks(changed), five_blocks(square))
    assert not np.array_equal(five_blocks(changed, 1), five_blocks(square, 1))


def test_one_value_needs_94_to_125_pixels():
    assert [n for n in range(1, 200) if sizes(n, FIVE_BLOCKS)[10:] == [1]] == [*range(94, 126)]


def test_u_net_has_the_sizes_of_its_paper():
    two = 2 * [(3, 1, 0)]
    layers = [*4 * [*two, (2, 2, 0)], *two]
    for n, size in ((572, 28), (588, 29)):
        before = sizes(n, layers)
        assert before[-1] == size
        assert not any(before[2::3][number] % 2 for number in range(4))
    assert all(any(sizes(n, layers)[2::3][k] % 2 for k in range(4)) for n in range(573, 588))


@pytest.mark.parametrize("layers", [[], FIVE_BLOCKS, 9 * [(2, 2, 0)], [(3, 4, 1)]])
def test_the_board_describes_any_network(layers):
    assert "A bar for the image" in board(125, layers).text


def test_the_board_describes_what_each_layer_drops():
    assert "red: 1 of 123, 1 of 59, 1 of 27, 1 of 11, 1 of 3." in board(125, FIVE_BLOCKS).text
    assert "red: 10 of 20, 1 of 5." in board(20, [(2, 4, 0), (2, 2, 0)]).text  # gaps, too
    assert "red:" not in board(20, [(3, 1, 0), (2, 2, 0)]).text


def test_a_layer_outside_a_list_counts_as_one_layer(capsys):
    check("round_2", (2, 1, 1))
    assert "right" in capsys.readouterr().out
