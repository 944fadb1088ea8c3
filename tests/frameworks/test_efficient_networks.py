"""The lesson on efficient networks: its blocks in Keras and PyTorch, and what the network sees."""

import keras
import numpy as np
import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from convnet.data import load_sample_image
from convnet.efficientnet import Block, load, prepared
from convnet.functional import conv2d, depthwise_conv2d

rng = np.random.default_rng(0)


def test_the_separable_layer_of_keras_is_depthwise_and_pointwise():
    x, D, P = (
        rng.normal(size=(1, 8, 8, 3)),
        rng.normal(size=(3, 3, 3)),
        rng.normal(size=(1, 1, 3, 5)),
    )
    layer = keras.layers.SeparableConv2D(5, 3, use_bias=False)
    layer.build(x.shape)
    layer.set_weights([D[..., None], P])
    np.testing.assert_allclose(layer(x), conv2d(depthwise_conv2d(x, D), P), atol=1e-4)


def test_a_block_with_folded_batch_normalization_is_that_of_pytorch():
    torch.manual_seed(0)
    body = nn.Sequential(
        *(nn.Conv2d(8, 48, 1, bias=False), nn.BatchNorm2d(48), nn.ReLU6()),
        *(nn.Conv2d(48, 48, 3, padding=1, groups=48, bias=False), nn.BatchNorm2d(48), nn.ReLU6()),
        *(nn.Conv2d(48, 8, 1, bias=False), nn.BatchNorm2d(8)),
    )
    with torch.no_grad():
        for _ in range(20):  # updates the running means and variances
            body(torch.randn(8, 8, 14, 14))
        body.eval()
        x = torch.randn(1, 8, 14, 14)
        expected = (x + body(x)).permute(0, 2, 3, 1).numpy()
        folded = [fuse_conv_bn_eval(body[i], body[i + 1]) for i in (0, 3, 6)]
    weights = [layer.weight.detach().permute(2, 3, 1, 0).numpy() for layer in folded]
    weights[1] = weights[1][:, :, 0]  # each filter reads one channel
    biases = [layer.bias.detach().numpy() for layer in folded]
    block = Block(*zip(weights, biases, strict=True), stride=1, shortcut=True)
    actual = block(x.permute(0, 2, 3, 1).numpy())
    np.testing.assert_allclose(actual, expected, atol=1e-4)


def test_the_classes_of_the_versions_are_those_that_the_lesson_names():
    network = load()
    photo, flower = load_sample_image("china.jpg"), load_sample_image("flower.jpg")
    gray = np.repeat(photo.mean(axis=2, keepdims=True).round().astype(np.uint8), 3, axis=2)
    versions = [photo[:, ::-1], gray, photo[::-1], 255 - photo, photo[250:, :200]]
    versions += [flower[100:250, 200:400], photo, flower]
    scores = network.scores(np.concatenate([prepared(np.ascontiguousarray(v)) for v in versions]))
    assert scores.argmax(axis=1).tolist() == [698, 442, 449, 698, 449, 108, 698, 985]
    sizes = [int(network.scores(prepared(photo, n)).argmax()) for n in (112, 448)]
    assert sizes == [724, 698]
