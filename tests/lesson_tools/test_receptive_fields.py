"""The figures and numbers of the lesson on receptive fields."""

import numpy as np
import pytest

from convnet.data import load_sample_image
from convnet.edges import load_blocks
from convnet.functional import avg_pool2d, max_pool2d
from lesson_tools.receptive_fields import figures as draw
from lesson_tools.receptive_fields.questions import check, seen
from lesson_tools.stacks import Layers, field, sizes
from lesson_tools.stored import stored_arrays
from tests.lesson_tools.cells import defined

FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]
FIELDS = {2: 14, 3: 40, 4: 92, 5: 196}


def edge_layers(block: int) -> Layers:
    """Return the layers of the network that draws edges, up to a block, without padding."""
    convolutions = [(2, 2, 3, 3, 3)[number] * [(3, 1, 0)] for number in range(block)]
    return [layer for part in convolutions for layer in [(2, 2, 0), *part]][1:]


@pytest.mark.parametrize("layers", [FIVE_BLOCKS, [(5, 3, 0), (4, 2, 0), (3, 3, 0), (2, 1, 0)]])
def test_a_stack_without_padding_has_the_sizes_of_one_layer(layers):
    R, S = field(layers)
    for n in range(R, 400):
        assert sizes(n, layers)[-1] == (n - R) // S + 1
    assert len(sizes(R - 1, layers)) <= len(layers)


def test_the_whole_model_has_its_published_shapes_and_fields():
    down = [(5, 2, 0), (2, 2, 0), (7, 1, 3), (2, 3, 0), (3, 2, 1)]
    across = [(5, 3, 0), (2, 2, 0), (7, 1, 3), (4, 2, 0), (3, 2, 1)]
    assert sizes(128, down) == [128, 62, 31, 31, 10, 5]
    assert sizes(128, across) == [128, 42, 21, 21, 9, 5]
    assert (field(down)[0], field(across)[0]) == (59, 86)
    assert check.exercises["rows_seen"].right == 59
    assert check.exercises["columns_seen"].right == 86


def test_an_output_sees_the_positions_to_which_its_paths_lead():
    pass_through = defined("09_receptive_fields", "pass_through")["pass_through"]
    layers, n = [(7, 2, 3), (3, 2, 1), (3, 1, 1)], 64
    A = pass_through(n, layers)
    for h in range(A.shape[1]):
        first, last = seen(layers, h)
        reached = np.flatnonzero(A[:, h])
        assert (reached[0], reached[-1]) == (max(first, 0), min(last, n - 1))


@pytest.mark.parametrize("block", FIELDS)
def test_the_fields_of_vgg_16_are_those_of_the_stored_influence(block):
    padded = [(f, s, f // 3) for f, s, _ in edge_layers(5)]
    assert draw.after_blocks(padded)[block - 1] == FIELDS[block]
    without_pooling = [layer for layer in padded if layer == (3, 1, 1)]
    assert draw.after_blocks(without_pooling) == [5, 9, 15, 21, 27]


def test_the_middle_of_equal_values_has_their_part():
    assert draw.width(np.ones(10)) == 10
    assert draw.width(np.ones(10), 0.5) == 6
    assert draw.width(np.ones((40, 40))) == 38
    assert draw.width(np.array([0, 1, 98, 1, 0])) == 1


@pytest.mark.parametrize(("block", "R"), FIELDS.items())
def test_the_stored_influence_covers_the_receptive_field(block, R):
    arrays = stored_arrays("receptive_fields/effective_fields.npz")
    assert field(edge_layers(block))[0] == R
    assert arrays[f"trained_{block}"].shape == (R, R)
    assert arrays[f"trained_{block}"].max() == 1
    assert (len(arrays[f"trained_widths_{block}"]), len(arrays[f"random_widths_{block}"])) == (6, 5)


@pytest.mark.parametrize("block", FIELDS)
def test_random_weights_see_as_far_as_the_square_root_of_the_paths(block):
    paths = np.ones(1)  # from each pixel of one axis to the output, counted from the last layer on
    for f, s, _ in reversed(edge_layers(block)):
        starts = np.zeros((len(paths) - 1) * s + 1)
        starts[::s] = paths
        paths = np.convolve(starts, np.ones(f))
    paths, arrays = (
        np.multiply.outer(paths, paths),
        stored_arrays("receptive_fields/effective_fields.npz"),
    )
    assert set(arrays[f"random_widths_{block}"]) == {draw.width(np.sqrt(paths))}
    trained = arrays[f"trained_widths_{block}"]
    assert draw.width(paths) <= trained.min() and trained.max() <= draw.width(np.sqrt(paths))


def test_influence_is_the_change_of_a_score():
    from benchmarks.lessons.effective_fields import crops, influence

    blocks = load_blocks().blocks
    crop, channel = next(crops(14, 128))
    crop, found = crop.astype(float), influence(blocks, crop.astype(float), channel)

    def score(X):
        from convnet.functional import conv2d, max_pool2d, relu

        (first, second), (third, (W, b)) = blocks
        A = max_pool2d(relu(conv2d(relu(conv2d(X, *first)), *second)), 2)
        return conv2d(relu(conv2d(A, *third)), W, b)[0, 0, 0, channel]

    assert found.sum() == pytest.approx(1)
    numeric = np.zeros((14, 14, 3))
    for index in np.ndindex(3, 3):  # some pixels in the middle
        for color in range(3):
            step = np.zeros_like(crop)
            step[0, 6 + index[0], 6 + index[1], color] = 1e-3
            numeric[6 + index[0], 6 + index[1], color] = score(crop + step) - score(crop - step)
    numeric = np.abs(numeric).sum(axis=2)[6:9, 6:9]
    np.testing.assert_allclose(found[6:9, 6:9] / found[7, 7], numeric / numeric[1, 1], rtol=1e-4)


def test_a_map_moves_along_only_with_multiples_of_the_total_stride():
    from benchmarks.lessons.moved_views import changes, network, random_blocks

    photo = load_sample_image("astronaut.jpg")[np.newaxis] / 255
    for pool in (max_pool2d, avg_pool2d):
        feature_map = network(random_blocks(0), pool, last_pool=True)
        one_pixel, half, whole = changes(feature_map, photo, 94, 32, (1, 16, 32))
        assert whole < 1e-12 < 0.01 < one_pixel < half
