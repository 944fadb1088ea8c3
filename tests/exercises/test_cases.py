"""The generators cover the specified cases for every seed, and draw numbers without ties."""

import numpy as np
import pytest

from exercises import EXERCISES
from exercises.windows import EDGES, FILTER_EDGES, LayerSizes
from nbexercise.defining.cases import exact_fractions
from nbexercise.defining.exercise import PUBLIC_SEED
from tests.exercises.case_sets import LUCK, NAMES, arrays

SEEDS = (PUBLIC_SEED, *range(100, 110 if LUCK else 103))

each_seed = pytest.mark.parametrize("seed", SEEDS)
each_exercise = pytest.mark.parametrize("name", NAMES)

CONV, POOL = ("conv_forward", "conv_backward"), ("pool_forward", "pool_backward")
OTHERS = ("zero_pad", "conv_single_step", "create_mask_from_window", "distribute_value")
NEWER = ("one_by_one_forward", "dense_as_convolution", "conv_transpose_forward")
WINDOWS = (*CONV, *POOL, *OTHERS, *NEWER)


def drawn(name, seed):
    """Yield (group, arguments) of every case; omitted arguments have their defaults."""
    cases = EXERCISES[name].cases(np.random.default_rng(seed))
    return [(group, {n: v for part in parts for n, v in part.items()}) for group, *parts in cases]


def layer_cases(name, seed):
    """Yield the arguments of a layer's cases, given directly or in a cache."""
    for group, arguments in drawn(name, seed):
        cache = arguments.get("cache", tuple(arguments.values()))
        A_prev, hparameters = cache[0], next(v for v in cache if isinstance(v, dict))
        W = cache[1] if name in CONV else None
        layer = LayerSizes(
            *A_prev.shape,
            f=hparameters.get("f") or W.shape[0],
            stride=hparameters["stride"],
            pad=hparameters.get("pad", 0),
            n_C=0 if W is None else W.shape[3],
            dtype=A_prev.dtype.name,
        )
        yield group, layer, arguments, A_prev


@each_seed
@pytest.mark.parametrize("name", [*CONV, *POOL])
def test_a_layer_sees_every_edge(name, seed):
    edges = {**EDGES, **(FILTER_EDGES if name in CONV else {})}
    layers = [layer for _, layer, _, _ in layer_cases(name, seed)]
    assert [edge for edge, holds in edges.items() if not any(map(holds, layers))] == []
    square = [layer for layer in layers if layer.n_H_prev == layer.n_W_prev]
    assert all(layer.output == (1, 1) for layer in square)
    assert {layer.f for layer in layers} == {1, 2, 3, 4}
    assert {layer.stride for layer in layers} >= {1, 2, 3}


@pytest.mark.parametrize("name", WINDOWS)
def test_only_the_numbers_are_drawn_and_not_the_sizes(name):
    """Otherwise a wrong function would pass, or raise an error, with some seeds only."""

    def sizes(seed):
        return [
            (group, [(array.shape, array.dtype) for array in arrays(arguments)])
            for group, arguments in drawn(name, seed)
        ]

    assert sizes(7) == sizes(8)


@each_seed
def test_no_padding_is_a_check_of_its_own_in_conv_backward(seed):
    for group, layer, _, _ in layer_cases("conv_backward", seed):
        assert (layer.pad == 0) == (group == "no padding")


@each_seed
@pytest.mark.parametrize("name", POOL)
def test_pooling_sees_both_modes_with_strides_and_negative_windows(name, seed):
    cases = list(layer_cases(name, seed))
    for mode in ("max", "average"):
        mine = [layer for _, layer, arguments, _ in cases if arguments["mode"] == mode]
        assert {layer.stride for layer in mine} >= {1, 2, 3}
        assert len({layer.f for layer in mine}) >= 3
        assert any(layer.output == (1, 1) for layer in mine)
    for group, _, arguments, A_prev in cases:
        assert (A_prev < 0).all() == (group == "maximum of negative windows")
        assert arguments["mode"] == "average" or (A_prev < 0).all() or (A_prev > 0).all()


@each_seed
@pytest.mark.parametrize("name", ["conv_backward", "pool_backward"])
def test_the_gradients_given_have_the_shape_of_the_output_and_no_zeros(name, seed):
    for _, layer, arguments, _ in layer_cases(name, seed):
        gradient = arguments["dZ" if name in CONV else "dA"]
        assert gradient.shape == (layer.m, *layer.output, layer.n_C or layer.n_C_prev)
        assert gradient.all()


@each_seed
def test_zero_pad_sees_every_padding_batch_and_channel(seed):
    cases = [arguments for _, arguments in drawn("zero_pad", seed)]
    shapes = [case["X"].shape for case in cases]
    assert {case["pad"] for case in cases} == {0, 1, 2, 3}
    assert all(n_H != n_W for _, n_H, n_W, _ in shapes)
    assert {n_H > n_W for _, n_H, n_W, _ in shapes} == {True, False}
    assert {shape[0] > 1 for shape in shapes} == {shape[3] > 1 for shape in shapes} == {True, False}
    assert {case["X"].dtype.str for case in cases} == {"<f8", "<f4"}
    assert all((case["X"] < 0).any() for case in cases)


@each_seed
def test_a_single_step_sees_every_size_and_number_of_channels(seed):
    cases = [arguments for _, arguments in drawn("conv_single_step", seed)]
    shapes = [case["W"].shape for case in cases]
    assert {shape[0] for shape in shapes} == {1, 2, 3, 4}
    assert {shape[2] > 1 for shape in shapes} == {True, False}
    assert any(shape[2] != shape[0] for shape in shapes)
    for name in ("a_slice_prev", "W"):
        assert {case[name].dtype.str for case in cases} == {"<f8", "<f4"}
    assert all(case["b"].shape == (1, 1, 1) and case["b"].item() for case in cases)


@each_seed
def test_a_mask_is_wanted_of_windows_of_every_shape_with_the_maximum_all_over(seed):
    cases = drawn("create_mask_from_window", seed)
    windows = [arguments["x"] for _, arguments in cases]
    assert {window.shape[0] for window in windows} == {1, 2, 3, 4}
    assert {np.sign(s[0] - s[1]) for s in (window.shape for window in windows)} == {-1, 0, 1}
    for group in {group for group, _ in cases}:
        mine = [a["x"] for g, a in cases if g == group and a["x"].size > 1]
        places = [np.unravel_index(x.argmax(), x.shape) for x in mine]
        for axis in (0, 1):
            at_start = {place[axis] == 0 for place in places}
            at_end = {
                place[axis] == x.shape[axis] - 1 for place, x in zip(places, mine, strict=True)
            }
            assert True in at_start | at_end and False in at_start and False in at_end
        *others, last = mine
        sign = -1 if group == "negative windows" else 1
        assert all((x * sign > 0).all() for x in others)
        mixed = last.max() > 0 > last.min()
        assert mixed == (group == "negative windows")
        assert not mixed or -last.min() > last.max()
    first = windows[0]
    assert first.max() > first.argmax() and first.argmax() in first
    assert {window.dtype.str for window in windows} == {"<f8", "<f4"}


@each_seed
def test_a_value_is_spread_over_windows_that_tell_products_from_sums(seed):
    cases = [arguments for _, arguments in drawn("distribute_value", seed)]
    shapes = [case["shape"] for case in cases]
    assert all(n_H + n_W != n_H * n_W for n_H, n_W in shapes)
    assert {np.sign(n_H - n_W) for n_H, n_W in shapes} == {-1, 0, 1}
    assert {type(case["dz"]) for case in cases} == {int, float}
    assert {case["dz"] > 0 for case in cases} == {True, False}


@each_seed
@each_exercise
def test_no_array_has_ties_and_no_expected_value_is_an_accident(name, seed):
    for case in EXERCISES[name].case_set(seed).cases:
        for array in arrays({**case.arguments, **case.optional}):
            # Classes repeat; initial velocities and black pixels are zeros.
            numbers = array[array != 0]
            assert array.dtype.kind == "i" or len(np.unique(numbers)) == len(numbers)
            assert array.astype("float32").astype(array.dtype).tobytes() == array.tobytes()
        assert case.expected.problem is None
        for expected in case.expected.values.values():
            assert np.isfinite(expected).all()
            assert expected.any() or name == "padding_amounts"  # VALID has no others


@each_exercise
def test_two_cases_share_their_sizes_but_not_their_numbers(name):
    # A remembered answer to an earlier call of the same size would be wrong.
    seen = [
        (
            [array.shape for array in arrays(arguments)],
            [v for v in arguments.values() if isinstance(v, (tuple, str)) and not list(arrays(v))],
        )
        for _, arguments in drawn(name, 0)
    ]
    assert any(seen.count(sizes) > 1 for sizes in seen), (
        f"exercises/{name}.py: add a case of the sizes of another, with other numbers"
    )


@each_exercise
def test_a_seed_repeats_its_cases_and_another_draws_others(name):
    def text(seed):
        return repr([arguments for _, arguments in drawn(name, seed)])

    assert text(7) == text(7) != text(8)


@pytest.mark.parametrize("sign", [-1, 0, 1])
@pytest.mark.parametrize("shape", [(1,), (2,), (3, 5), (2, 7, 5, 3)])
def test_numbers_are_distinct_short_fractions_and_not_zero(shape, sign):
    for seed in range(50):
        drawn = exact_fractions(np.random.default_rng(seed), *shape, sign=sign)
        assert drawn.shape == shape
        assert len(np.unique(drawn)) == drawn.size
        assert (np.abs(drawn) < 4).all() and drawn.all()
        assert sign == 0 or (np.sign(drawn) == sign).all()
        assert ((drawn * 2**10) % 1 == 0).all()
