"""A stack of layers is followed along one axis as the layers themselves compute."""

import numpy as np
import pytest

from lesson_tools.stacks import field, layers_of, sizes, unread

FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]
STACKS = {
    "five blocks": FIVE_BLOCKS,
    "padded": 3 * [(3, 1, 1), (2, 2, 0)],
    "gaps": [(2, 3, 0), (3, 2, 1)],
    "padding beside gaps": [(2, 4, 1), (2, 2, 1)],
    "large kernels": [(7, 2, 3), (4, 3, 1), (5, 1, 0)],
}


def paths(n, layers):
    """Count the paths from each of n entries to each output."""
    A = np.eye(n)
    for f, s, p in layers:
        A = np.pad(A, ((0, 0), (p, p)))
        A = np.lib.stride_tricks.sliding_window_view(A, f, axis=1)[:, ::s].sum(axis=-1)
    return A


@pytest.mark.parametrize("layers", STACKS.values(), ids=STACKS)
def test_what_no_path_leaves_is_unread(layers):
    for n in range(100, 140):
        A = paths(n, layers)
        assert sizes(n, layers)[-1] == A.shape[1]
        np.testing.assert_array_equal(unread(n, layers), A.sum(axis=1) == 0)


@pytest.mark.parametrize("layers", STACKS.values(), ids=STACKS)
def test_paths_span_the_receptive_field_and_move_by_the_total_stride(layers):
    R, S = field(layers)
    A = paths(300, layers)
    middle = A.shape[1] // 2
    (first, last), (following, _) = (np.flatnonzero(A[:, h])[[0, -1]] for h in (middle, middle + 1))
    assert (last - first + 1, following - first) == (R, S)


def test_sizes_end_where_a_kernel_does_not_fit():
    assert sizes(64, FIVE_BLOCKS) == [64, 62, 31, 29, 14, 12, 6, 4, 2]
    assert sizes(2, [(3, 2, 0)]) == [2]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (3, "expected a list of layers"),
        ((3, 1, 0), "expected a list of layers"),
        ([(3, 1)], "expected a list of layers"),
        ([(3, 1.5, 0)], "expected a list of layers"),
        ([(3, 0, 0)], "needs f and s of at least 1"),
        ([(3, 1, -1)], "p of at least 0"),
        ([(2, 1, 2)], "only zeros"),
    ],
)
def test_what_is_not_a_list_of_layers_is_an_error(given, problem):
    with pytest.raises(ValueError, match=problem):
        layers_of(given)


def test_layers_may_be_lists_or_arrays():
    assert layers_of(np.array([[3, 1, 0]])) == layers_of([[3, 1, 0]]) == [(3, 1, 0)]
