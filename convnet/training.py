"""Train networks: the training loop, optimizers, and resuming from checkpoints.

The course's layers use no random numbers, and the shuffling depends only on the seed and the number
of the epoch. A training run that is interrupted and resumed from its checkpoint therefore gives the
same numbers, bit for bit, as an uninterrupted run on the same machine with the same NumPy and the
same number of BLAS threads.
"""

import os
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from convnet.checkpoints import load_checkpoint, save_checkpoint
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.network import Network
from convnet.progress import progress_bar
from convnet.shapes import check_labels
from convnet.types import Array, FilePath, Optimizer

__all__ = ["SGD", "Adam", "Epoch", "evaluate", "train"]


class Epoch(NamedTuple):
    """Loss and accuracy of one epoch, during training and on the validation data.

    Attributes
    ----------
    loss, validation_loss : float
        Mean cross-entropy; nan without validation data.
    accuracy, validation_accuracy : float
        Fraction of right predictions, from 0 to 1; nan without validation data.
    seconds : float
        Duration of the epoch in seconds, without the validation.
    """

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float


class SGD:
    """Stochastic gradient descent, optionally with momentum.

    velocity = momentum * velocity + gradient; parameter -= learning_rate * velocity.

    Parameters
    ----------
    learning_rate : float
        Step size, as a multiple of the gradient.
    momentum : float
        Fraction of the velocity that is kept in each step, at least 0 and below 1.

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, in PyTorch's
    form.
    """

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.0) -> None:
        self.settings = {"learning_rate": learning_rate, "momentum": momentum}
        self.state: dict[str, Array] = {}

    def step(self, parameters: Array, gradients: Array) -> None:
        """Change `parameters` in place; both are arrays of one shape."""
        rate, momentum = self.settings["learning_rate"], self.settings["momentum"]
        if momentum:
            velocity = self.state.setdefault("velocity", np.zeros_like(parameters))
            velocity *= momentum
            velocity += gradients
            gradients = velocity
        parameters -= rate * gradients


class Adam:
    """Adam: steps of about the learning rate, whatever the size of the gradients.

    Parameters
    ----------
    learning_rate : float
        Step size.
    beta1, beta2 : float
        Fractions of the running averages of the gradients and of their squares that are kept.
    epsilon : float
        Small number that prevents division by zero.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980, algorithm 1.
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.settings = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2}
        self.settings["epsilon"] = epsilon
        self.state: dict[str, Array] = {}

    def step(self, parameters: Array, gradients: Array) -> None:
        """Change `parameters` in place; both are arrays of one shape."""
        rate, beta1, beta2, epsilon = (
            self.settings[name] for name in ("learning_rate", "beta1", "beta2", "epsilon")
        )
        if not self.state:
            names = ("first_moment", "second_moment")
            self.state = {name: np.zeros_like(parameters) for name in names}
            self.state["steps"] = np.zeros((), np.int64)
        first, second = self.state["first_moment"], self.state["second_moment"]
        steps = self.state["steps"]
        steps += 1
        first += (1 - beta1) * (gradients - first)
        second += (1 - beta2) * (gradients * gradients - second)
        deviation = np.sqrt(second / (1 - beta2**steps))
        deviation += epsilon
        parameters -= (rate / (1 - beta1**steps)) * (first / deviation)


def train(
    network: Network,
    images: Array,
    labels: Array,
    *,
    epochs: int,
    optimizer: Optimizer | None = None,
    batch: int = 32,
    seed: int = 0,
    validation: tuple[Array, Array] | None = None,
    checkpoint: FilePath | None = None,
    after_epoch: Callable[[list[Epoch]], Any] | None = None,
    progress: bool = True,
) -> list[Epoch]:
    """Train a network on images, in mini-batches that are reshuffled in each epoch.

    Parameters
    ----------
    network : convnet.network.Network
        Network to train; it is modified in place.
    images : ndarray of shape (m, n_H, n_W, n_C)
        Training images.
    labels : ndarray of m integers
        Classes of the images, from 0.
    epochs : int
        Total number of epochs, including those of the checkpoint. If the checkpoint has more, all
        of its epochs are returned.
    optimizer : SGD or Adam, optional
        Optimizer, by default `Adam()`. An optimizer that was used before keeps its averages.
    batch : int
        Number of images in a mini-batch; the last one of an epoch may have fewer.
    seed : int
        Seed of the shuffling.
    validation : tuple of ndarray, optional
        (images, labels) for validation after each epoch.
    checkpoint : path, optional
        File that is written after each epoch. If the file exists, training resumes from it, which
        requires the same data and settings.
    after_epoch : callable, optional
        Function that is called after each epoch with the history so far.
    progress : bool
        True to show a progress bar for each epoch.

    Returns
    -------
    history : list of Epoch
        Metrics of all epochs, including those of the checkpoint.

    Raises
    ------
    ValueError
        If images or labels do not fit the network or each other (then nothing has changed), or the
        batch or the epochs are below 1.
    CheckpointError
        If the checkpoint is damaged or belongs to another network, other data or other settings.
    OSError
        If the checkpoint cannot be written.
    FloatingPointError
        If the loss has become nan; the checkpoint is unchanged.
    KeyboardInterrupt
        If training was interrupted with Ctrl-C; the exception's note says what was saved.
    """
    optimizer = Adam() if optimizer is None else optimizer
    for name, value in (("epochs", epochs), ("batch", batch)):
        if value != int(value) or value < 1:
            raise ValueError(f"{name} is {value}, expected a whole number of 1 or more")
    if not (hasattr(optimizer, "step") and hasattr(optimizer, "state")):
        raise ValueError(f"optimizer is {optimizer!r}, expected one such as Adam() or SGD(0.01)")
    _check(network, images, labels)
    if validation is not None:
        _check(network, *validation)
    history = []
    if checkpoint:
        made_with = {
            "batch": int(batch),
            "seed": int(seed),
            "seed of the network": int(network.seed),
            "data": f"{len(images)} images with check sum {_check_sum(images, labels)}",
            "optimizer": f"{type(optimizer).__name__} {optimizer.settings}",
        }
        _check_writable(Path(checkpoint))
        if Path(checkpoint).exists():
            rows = load_checkpoint(checkpoint, network, optimizer, made_with)
            history = [Epoch(*row) for row in rows.tolist()]
    number = len(history)
    try:
        for number in range(len(history) + 1, int(epochs) + 1):
            title = f"epoch {number} of {epochs}" if progress else None
            order = np.random.default_rng((seed, number)).permutation(len(images))
            starts = range(0, len(order), int(batch))
            batches = [order[start : start + int(batch)] for start in starts]
            epoch = _one_epoch(network, optimizer, images, labels, batches, validation, title)
            history.append(epoch)
            if checkpoint:
                save_checkpoint(checkpoint, network, optimizer, made_with, history)
            if after_epoch:
                after_epoch(history)
    except KeyboardInterrupt as interrupt:  # in an epoch or between two
        interrupt.add_note(_what_was_kept(checkpoint, number))
        raise
    return history


def evaluate(
    network: Network, images: Array, labels: Array, batch: int = 256
) -> tuple[float, float]:
    """Measure the mean cross-entropy and the accuracy of a network.

    Parameters
    ----------
    network : convnet.network.Network
        Network to evaluate.
    images : ndarray of shape (m, n_H, n_W, n_C)
        Test images.
    labels : ndarray of m integers
        Classes of the images, from 0.
    batch : int
        Number of images in one forward pass.

    Returns
    -------
    loss, accuracy : float
        Mean cross-entropy, and fraction of right predictions.

    Raises
    ------
    ValueError
        If images or labels do not fit the network or each other.
    """
    _check(network, images, labels)
    scores = network.scores(images, batch)
    loss = cross_entropy(scores, labels)
    return float(loss), float(np.mean(np.argmax(scores, axis=1) == labels))


def _one_epoch(
    network: Network,
    optimizer: Optimizer,
    images: Array,
    labels: Array,
    batches: Sequence[Array],
    validation: tuple[Array, Array] | None,
    title: str | None,
) -> Epoch:
    """Train for one epoch and return its metrics; `title` labels the progress bar, if any."""
    loss, right, seen, start = 0.0, 0, 0, time.perf_counter()
    # In a file, every refresh of the bar stays as text, so it is refreshed only once a minute.
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    look: dict[str, Any] = {"mininterval": 0.5 if watched else 60, "dynamic_ncols": True}
    look["bar_format"] = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
    with progress_bar(total=len(batches), desc=title, disable=title is None, **look) as bar:
        for number, picked in enumerate(batches, 1):
            scores = network.forward(images[picked], training=True)
            batch_loss = cross_entropy(scores, labels[picked])
            if not np.isfinite(batch_loss):
                raise FloatingPointError(
                    f"the loss is {batch_loss} in batch {number}: look for nan in the images, or "
                    "use a smaller learning rate"
                )
            network.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(network.parameters, network.gradients)
            loss += float(batch_loss) * len(picked)
            right += int(np.sum(np.argmax(scores, axis=1) == labels[picked]))
            seen += len(picked)
            bar.update()
            if number % 16 == 0 or number == len(batches):
                figures = f"loss {loss / seen:.3f}, accuracy {right / seen:.3f}"
                bar.set_postfix_str(figures, refresh=False)
        seconds, measured = time.perf_counter() - start, (np.nan, np.nan)
        if validation is not None:
            measured = evaluate(network, *validation)
            figures += f"; validation {measured[0]:.3f}, {measured[1]:.3f}"
            bar.set_postfix_str(figures, refresh=False)
    return Epoch(loss / seen, right / seen, *measured, seconds)


def _check(network: Network, images: Array, labels: Array) -> None:
    network.check_images(images)
    if not len(images):
        raise ValueError("there are no images: pass at least one")
    check_labels(labels, len(images), network.shapes[-1][-1])


def _check_sum(images: Array, labels: Array) -> int:
    """Return a checksum of all numbers in the data."""
    return zlib.crc32(
        np.ascontiguousarray(labels).data, zlib.crc32(np.ascontiguousarray(images).data)
    )


def _check_writable(path: Path) -> None:
    """Raise OSError if the checkpoint cannot be written, before the first epoch is trained."""
    if path.is_dir():
        raise IsADirectoryError(f"the checkpoint {path} is a folder: name a file in it")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(f"the folder of the checkpoint {path} cannot be written to")


def _what_was_kept(checkpoint: FilePath | None, number: int) -> str:
    if not checkpoint:
        return f"Epoch {number} was interrupted; without a checkpoint nothing is kept in a file."
    if not Path(checkpoint).exists():
        return f"Epoch {number} was interrupted, before anything was written to {checkpoint}."
    return (
        f"Epoch {number} was interrupted. What was complete before is in {checkpoint}: the same "
        "call goes on from there."
    )
