"""The exercises on the arithmetic of sizes: checked by counting, with every remainder."""

import numpy as np
import pytest

from convnet.functional import conv_transpose2d
from exercises import EXERCISES, conv_parameters, output_size
from nbexercise.defining.exercise import PUBLIC_SEED

SEEDS = (PUBLIC_SEED, *range(100, 110))
STRIDES = pytest.mark.parametrize("stride", range(1, 6))

each_seed = pytest.mark.parametrize("seed", SEEDS)


def by_loops(name, *arguments):
    return EXERCISES[name].loops(*arguments)


def drawn(name, seed):
    return list(EXERCISES[name].cases(np.random.default_rng(seed)))


@STRIDES
def test_padding_is_what_its_mode_asks_for(stride):
    for n in range(1, 20):
        for f in range(1, 9):
            assert by_loops("padding_amounts", n, f, stride, "VALID") == (0, 0)
            assert by_loops("padding_amounts", n, f, stride, "FULL") == (f - 1, f - 1)
            before, after = by_loops("padding_amounts", n, f, stride, "SAME")
            assert 0 <= after - before <= 1
            padded, wanted = n + before + after, -(-n // stride)
            starts = range(0, padded - f + 1, stride)
            assert len(starts) >= wanted  # larger only without padding
            assert len(starts) == wanted or before + after == 0
            fewer = range(0, padded - 1 - f + 1, stride)
            assert before + after == 0 or len(fewer) < wanted


def test_parameters_are_the_entries_of_weights_and_biases():
    for sizes in [(5, 5, 1, 6), (3, 5, 3, 8), (1, 1, 400, 120), (2, 2, 1, 1)]:
        W, b = np.zeros(sizes), np.zeros((1, 1, 1, sizes[3]))
        assert by_loops("conv_parameters", *sizes) == W.size + b.size


@STRIDES
def test_a_transposed_size_is_what_the_layer_gives_and_the_way_back(stride):
    for n in range(1, 6):
        for f in range(1, 6):
            for pad in range((f + 1) // 2):
                for extra in range(stride):
                    size = by_loops("transposed_size", n, f, stride, pad, extra)
                    if size < 1:
                        continue
                    A, W = np.ones((1, n, 2, 1)), np.ones((f, f, 1, 1))
                    try:
                        Z = conv_transpose2d(A, W, None, stride, pad, extra)
                    except ValueError:  # a width of 2 leaves no output
                        continue
                    assert Z.shape[1] == size
                    if f <= size + 2 * pad:
                        assert by_loops("output_size", size, f, stride, pad) == n


@each_seed
def test_sizes_are_tried_with_every_remainder(seed):
    for group, given in drawn("output_size", seed):
        assert (given["stride"] == 1) == (group == "stride 1")
        assert given["f"] <= given["n"] + 2 * given["pad"]
    larger = [given for group, given in drawn("output_size", seed) if group == "larger strides"]
    rests = {(g["stride"], (g["n"] - g["f"] + 2 * g["pad"]) % g["stride"]) for g in larger}
    strides = {stride for _, stride, _ in output_size.KERNELS if stride > 1}
    assert rests >= {(stride, rest) for stride in strides for rest in range(stride)}


@each_seed
def test_same_is_tried_with_odd_and_even_totals_and_with_none(seed):
    for group, one in (("SAME, stride 1", True), ("SAME, larger strides", False)):
        given = [given for kind, given in drawn("padding_amounts", seed) if kind == group]
        assert all((case["stride"] == 1) == one for case in given)
        totals = [sum(by_loops("padding_amounts", *case.values())) for case in given]
        assert {total % 2 for total in totals} == {0, 1} and 0 in totals
    strides = {given["stride"] for _, given in drawn("padding_amounts", seed)}
    assert strides >= {1, 2, 3, 4}


@each_seed
def test_parameters_are_tried_without_coincidences(seed):
    for group, given in drawn("conv_parameters", seed):
        f_H, f_W, n_C_prev, n_C = given.values()
        assert (f_H == f_W) == (group == "square filters")
        assert n_C_prev != n_C or (f_H, f_W, n_C_prev, n_C) in conv_parameters.EDGES


@each_seed
def test_the_way_back_is_tried_with_every_term(seed):
    for group, given in drawn("transposed_size", seed):
        _, f, stride, pad, extra = given.values()
        assert (group == "output padding") == (extra > 0)
        assert pad == 0 or group != "no padding"
        assert extra < stride
        assert by_loops("transposed_size", *given.values()) > 0
