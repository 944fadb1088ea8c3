"""What the package offers: true lists of names, one size rule, signatures and source that hold."""

import inspect

import pytest

import convnet
from convnet import check_gradients, layers, loops, numeric_gradient, output_size


@pytest.mark.parametrize("module", [layers, loops], ids=["layers", "loops"])
def test_all_lists_the_public_functions_of_the_module(module):
    defined = {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }
    assert set(module.__all__) == defined
    assert list(module.__all__) == sorted(module.__all__)


def test_the_package_exports_the_layers_and_three_tools():
    tools = {
        "check_gradients": check_gradients,
        "numeric_gradient": numeric_gradient,
        "output_size": output_size,
    }
    offered = {name: getattr(convnet, name) for name in convnet.__all__}
    assert offered == tools | {name: getattr(layers, name) for name in layers.__all__}


ADDITIONS = {
    "batch_norm_backward",
    "batch_norm_forward",
    "conv_transpose_backward",
    "dense_backward",
    "dense_forward",
    "relu",
    "relu_backward",
    "softmax",
    "softmax_cross_entropy",
}


def test_the_layers_are_the_loops_and_what_a_network_needs_besides():
    assert set(layers.__all__) == {*loops.__all__, *ADDITIONS}
    for name in loops.__all__:
        taught, fast = getattr(loops, name), getattr(layers, name)
        assert inspect.signature(taught) == inspect.signature(fast)


@pytest.mark.parametrize("module", [layers, loops], ids=["layers", "loops"])
def test_a_validator_takes_the_arguments_of_its_function(module):
    for name in module.__all__:
        function = getattr(module, name)
        validator = inspect.getclosurevars(function).nonlocals["validator"]
        assert inspect.signature(validator) == inspect.signature(function), name


@pytest.mark.parametrize("name", loops.__all__)
def test_the_source_of_a_taught_function_is_its_text(name):
    source = inspect.getsource(getattr(loops, name))
    assert f"def {name}(" in source
    assert source.count("### BEGIN SOLUTION") == source.count("### END SOLUTION") == 1


@pytest.mark.parametrize("pad", range(4))
@pytest.mark.parametrize("stride", range(1, 5))
def test_the_output_size_is_the_number_of_positions(stride, pad):
    for n in range(1, 12):
        for f in range(1, n + 2 * pad + 1):
            positions = range(0, n + 2 * pad - f + 1, stride)
            assert output_size(n, f, stride, pad) == len(positions)
