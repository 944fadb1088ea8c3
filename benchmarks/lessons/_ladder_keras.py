"""Networks of the ladder in Keras, and their training."""

import math
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers

__all__ = ["Trainer", "build"]


def conv(n_out: int, size: int = 3, padding: str = "same", **options):
    return layers.Conv2D(n_out, size, padding=padding, kernel_initializer="he_uniform", **options)


def dense(n_out: int, **options):
    return layers.Dense(n_out, kernel_initializer="he_uniform", **options)


def batch_norm():
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)  # PyTorch's defaults


def conv_bn(x, n_out: int, size: int = 3, padding: str = "same"):
    """A convolution that keeps the height and width by default, and batch normalization."""
    return batch_norm()(conv(n_out, size, padding, use_bias=False)(x))


def dense_bn(x, n_out: int):
    return batch_norm()(dense(n_out, use_bias=False)(x))


def block(x, n_out: int):
    """A residual block; a 1x1 convolution adapts the shortcut to a new number of channels."""
    body = layers.ReLU()(conv_bn(x, n_out))
    body = conv_bn(body, n_out)
    shortcut = x if x.shape[-1] == n_out else conv_bn(x, n_out, 1)
    return layers.ReLU()(layers.add([body, shortcut]))


def build(name: str, shape: tuple[int, int, int]) -> keras.Model:
    """Return an initialized network, from images of shape (n_H, n_W, n_C) to ten logits."""
    relu, pool, flatten = layers.ReLU, lambda: layers.MaxPooling2D(2), layers.Flatten
    image = x = keras.Input(shape)
    if name == "linear":
        x = flatten()(x)
    elif name == "lenet":
        x = pool()(relu()(conv(6, 5)(x)))
        x = flatten()(pool()(relu()(conv(16, 5, "valid")(x))))
        x = relu()(dense(84)(relu()(dense(120)(x))))
    elif name == "lenet-bn":
        x = pool()(relu()(conv_bn(x, 6, 5)))
        x = flatten()(pool()(relu()(conv_bn(x, 16, 5, "valid"))))
        x = relu()(dense_bn(relu()(dense_bn(x, 120)), 84))
    else:
        x = relu()(conv_bn(x, 16))
        for n_out in (16, 32, 64):
            x = block(pool()(x), n_out)
        x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, dense(10)(x))


def count_macs(model: keras.Model) -> int:
    """Count the multiply-accumulates of convolutions and dense layers for one image."""
    counted = [layer for layer in model.layers if isinstance(layer, layers.Conv2D | layers.Dense)]
    return sum(
        math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1]) for layer in counted
    )


class Trainer:
    """A network with its optimizer."""

    version = f"Keras {keras.version()} on {keras.backend.backend()}"

    def __init__(self, name: str, shape: tuple[int, int, int], seed: int, decay: float):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        self.model = build(name, shape)
        self.parameters = sum(math.prod(w.shape) for w in self.model.trainable_weights)
        self.macs = count_macs(self.model)
        optimizer = keras.optimizers.AdamW(weight_decay=decay, epsilon=1e-8)  # PyTorch's epsilon
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self.model.compile(
            optimizer,
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=False,  # on a CPU, XLA's convolutions are slower
        )

    def train_epoch(self, batches) -> tuple[float, float]:
        """Train on batches of (images, labels, learning rate); return mean loss and accuracy."""
        figures, sizes = [], []
        for images, labels, rate in batches:
            self.model.optimizer.learning_rate = rate
            figures.append(self.model.train_on_batch(images, labels))
            sizes.append(len(labels))
        return tuple(np.average(figures, axis=0, weights=sizes))

    def evaluate(self, images, labels) -> tuple[float, float]:
        """Return the mean loss and the accuracy."""
        return tuple(self.model.test_on_batch(images, labels))
