"""EfficientNet-Lite0 gives the same results in NumPy and, from the same file, in PyTorch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image

from convnet import efficientnet

NAMES = {"china.jpg": [698, 442, 663], "flower.jpg": [985]}  # palace, bell cote, monastery; daisy


@pytest.fixture(scope="module")
def network():
    return efficientnet.load()


@pytest.fixture(scope="module")
def weights():
    return torch.load(efficientnet.WEIGHTS.find(), map_location="cpu", weights_only=True)


def convolution(x, weights, name, norm, stride=1, groups=1):
    """Return a convolution with SAME padding and separate batch normalization."""
    W = weights[f"{name}.weight"]
    zeros = []
    for n in reversed(x.shape[2:]):
        total = max((-(-n // stride) - 1) * stride + W.shape[-1] - n, 0)
        zeros += [total // 2, total - total // 2]
    x = F.conv2d(F.pad(x, zeros), W, stride=stride, groups=groups)
    norm = [weights[f"{norm}.{n}"] for n in ("running_mean", "running_var", "weight", "bias")]
    return F.batch_norm(x, *norm, eps=1e-3)


def scores_of_pytorch(images, weights):
    x = F.relu6(convolution(images, weights, "_conv_stem", "_bn0", 2))
    strides = {1: 2, 3: 2, 5: 2, 11: 2}
    for n in range(16):
        block, y = f"_blocks.{n}", x
        if n:
            y = F.relu6(convolution(y, weights, f"{block}._expand_conv", f"{block}._bn0"))
        y = F.relu6(
            convolution(
                y,
                weights,
                f"{block}._depthwise_conv",
                f"{block}._bn1",
                strides.get(n, 1),
                y.shape[1],
            )
        )
        y = convolution(y, weights, f"{block}._project_conv", f"{block}._bn2")
        x = x + y if x.shape == y.shape else y
    x = F.relu6(convolution(x, weights, "_conv_head", "_bn1")).mean(dim=(2, 3))
    return F.linear(x, weights["_fc.weight"], weights["_fc.bias"])


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_those_of_pytorch(network, weights, name):
    images = efficientnet.prepared(load_sample_image(name))
    theirs = scores_of_pytorch(torch.tensor(images.transpose(0, 3, 1, 2)), weights)
    np.testing.assert_allclose(network.scores(images), theirs.numpy(), atol=1e-4)


def test_the_gradient_of_a_score_is_that_of_pytorch(weights):
    """In float64, where rounding moves no value across the kinks of ReLU6."""
    weights = {name: tensor.double() for name, tensor in weights.items()}
    network = efficientnet._network({name: tensor.numpy() for name, tensor in weights.items()})
    images = efficientnet.prepared(load_sample_image("china.jpg"), 64).astype(float)
    theirs = torch.tensor(images.transpose(0, 3, 1, 2), requires_grad=True)
    scores_of_pytorch(theirs, weights)[0, 698].backward()
    gradient = network.input_gradient(images, [698])
    np.testing.assert_allclose(gradient, theirs.grad.numpy().transpose(0, 2, 3, 1), atol=1e-10)


@pytest.mark.parametrize(("name", "classes"), NAMES.items())
def test_what_it_sees_in_the_photographs(network, name, classes):
    scores = network.scores(efficientnet.prepared(load_sample_image(name)))[0]
    assert scores.argsort()[::-1][: len(classes)].tolist() == classes


def test_it_has_the_parameters_of_the_published_model(network, weights):
    learned = [n for n in weights if not n.endswith(("running_mean", "running_var", "tracked"))]
    assert sum(weights[name].numel() for name in learned) == 4_652_008
