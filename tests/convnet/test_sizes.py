"""Output sizes are the numbers of positions, and transposed sizes invert them."""

import pytest

from convnet.sizes import conv_output_shape, conv_transpose_output_shape, pool_output_shape


@pytest.mark.parametrize("padding", range(4))
@pytest.mark.parametrize("stride", range(1, 5))
def test_the_output_size_is_the_number_of_positions(stride, padding):
    for n in range(1, 12):
        for f in range(1, n + 2 * padding + 1):
            positions = range(0, n + 2 * padding - f + 1, stride)
            sizes = conv_output_shape((n, n + 3), f, stride, padding)
            assert sizes == (len(positions), (n + 3 - f + 2 * padding) // stride + 1)
            if not padding:
                assert pool_output_shape((n, n + 3), f, stride) == sizes


def test_a_transposed_convolution_has_the_sizes_of_a_convolution_the_other_way_round():
    for n in range(1, 12):
        for f, stride, padding in [(1, 1, 0), (3, 2, 1), (3, 3, 0), (4, 2, 1), (5, 3, 2)]:
            if n + 2 * padding >= f:
                rest = (n + 2 * padding - f) % stride
                size = conv_output_shape((n, n), f, stride, padding)
                back = conv_transpose_output_shape(size, f, stride, padding, rest)
                assert back == (n, n)
