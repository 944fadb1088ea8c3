"""Run the milestones of the course with the reader's own functions.

    milestone(1)
    milestone(5, conv_forward_im2col)

The checks record the source of each function that passes, with everything it uses from its notebook
(`public_tests.course.record`). A milestone runs each source in its own module, after the function
has passed its check again. Helpers that have passed are also the reader's own.
"""

import contextlib
import functools
import linecache
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from convnet.data import digits
from convnet.edges import load_hed
from convnet.functional import conv2d
from convnet.layers import Dense, Flatten
from convnet.network import Network
from convnet.own_edges import WrongLayerError, draw_with, photograph, show_own_edges
from convnet.plots import draw_image
from convnet.progress import progress_bar
from convnet.training import Adam, evaluate, train
from convnet.types import Array, FilePath
from lesson_tools.cross_correlation import SOBEL_X
from lesson_tools.figures import present
from nbexercise.checks import CASE_SETS
from nbexercise.judging.deciding import decide
from nbexercise.judging.notes import instead_of, why_refused
from nbexercise.judging.returned import as_real
from public_tests.course.own import own_source
from public_tests.course.record import kept, missing, note, reached
from public_tests.course.syllabus import ASSIGNMENTS, MILESTONES

__all__ = ["milestone"]

Photo = FilePath | BinaryIO
Function = Callable[..., Any]
Functions = Mapping[str, Function]

LOOPS = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward", "pool_forward")
TOLERANCE = 1e-9  # of float64, relative to the largest value
EPOCHS = 8  # of training LeNet
PATIENCE = 300  # largest estimated duration of milestone 5 in seconds


class ClosedError(Exception):
    """Raised if a milestone cannot be run; the message says what is missing."""


def milestone(number: int, fast: Function | None = None, photo: Photo = "china.jpg") -> None:
    """Run a milestone with the reader's own functions, and show the result.

    If something is missing, the output says so; no exception is raised.

    Parameters
    ----------
    number : int
        Number of the milestone, 1 to 5.
    fast : callable, optional
        For milestone 5: `conv_forward` without a loop over windows.
    photo : path or file
        For milestones 1, 2 and 5: file, "china.jpg" or "flower.jpg".

    Raises
    ------
    ValueError
        If there is no such milestone.
    OSError
        If there is no such photograph.
    """
    key = str(number)
    if key not in MILESTONES:
        raise ValueError(f"there is no milestone {number}; there are {', '.join(MILESTONES)}")
    try:
        own = own_functions(MILESTONES[key][1], kept())
        with refusing_wrong_layers():
            result = RUNS[key](MilestoneRun(own, photo, fast))
    except ClosedError as closed:
        print(f"Milestone {number} is closed. {closed} {note()}".rstrip())
        return
    display(present(result.figure, result.text))
    reached(key, result.summary, **result.record)


@contextlib.contextmanager
def refusing_wrong_layers() -> Iterator[None]:
    """Raise ClosedError if a layer turns out to be wrong while the block runs."""
    try:
        yield
    except WrongLayerError as error:
        raise ClosedError(f"A layer returns different values than the course's: {error}") from None


def own_functions(names: tuple[str, ...], data: dict[str, Any]) -> dict[str, Function]:
    """Load the reader's functions from the record, and check each of them again.

    Raises
    ------
    ClosedError
        If a function is missing or no longer passes its check.
    """
    if absent := missing(names, data):
        notebooks = dict.fromkeys(map(_assignment, absent))
        raise ClosedError(
            f"It opens when these functions have passed their checks: {', '.join(absent)}. "
            f"They are in {', '.join(notebooks)}."
        )
    own: dict[str, Function] = {}
    for name in names:
        source = data["exercises"][name]["source"]
        if not source:
            raise ClosedError(
                f"{name} has passed its check, but its source could not be stored: run the check "
                f"again in {_assignment(name)}, which says why."
            )
        function = load_function(name, source)
        if name in LOOPS:  # the other functions are used in training, with their notebook's helpers
            _connect(function, {helper: own[helper] for helper in own if helper in LOOPS})
        verdict = decide(CASE_SETS[name], function)
        if verdict.passed and verdict.refused:
            raise ClosedError(
                f"{name} cannot run: {why_refused(verdict.refused)}. In {_assignment(name)}, "
                f"{instead_of(verdict.refused)} and run the check again."
            )
        if not verdict.passed:
            raise ClosedError(
                f"The stored {name} no longer passes its check: run the check again in "
                f"{_assignment(name)}."
            )
        own[name] = with_arrays(name, function)
    return own


def _assignment(name: str) -> str:
    return next(step for step, (_, own) in ASSIGNMENTS.items() if name in own)


def load_function(name: str, source: str) -> Function:
    """Load a function from the source of its module, so that tracebacks show its lines."""
    path = f"own_layers/{name}.py"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    module = types.ModuleType(f"own_layers.{name}")
    try:
        exec(compile(source, path, "exec"), vars(module))
    except Exception as error:
        raise ClosedError(
            f"The stored {name} cannot be loaded ({type(error).__name__}: {error}): run its "
            f"check again in {_assignment(name)}."
        ) from None
    function: Function = vars(module)[name]
    return function


def with_arrays(name: str, function: Function) -> Function:
    """Wrap a function to return arrays where its check accepts lists.

    Its callers index its return values as arrays.
    """
    forms = [value.form for value in CASE_SETS[name].returns]

    @functools.wraps(function)
    def returning_arrays(*arguments: Any, **named: Any) -> Any:
        returned = function(*arguments, **named)
        if len(forms) == 1:
            return _as_array(forms[0], returned)
        return tuple(map(_as_array, forms, returned))

    return returning_arrays


def _as_array(form: str, value: Any) -> Any:
    """Convert a returned value, unless it is a cache, to real arrays.

    Parameters
    ----------
    form
        Form of the value, as in `nbexercise.judging.model.Return`.
    """
    if form == "cache":
        return value
    if form == "arrays":
        return {part: _as_array("array", item) for part, item in value.items()}
    return as_real(np.asarray(value))[0][()]  # a scalar for a 0-d array


def _connect(function: Function, others: Functions) -> None:
    """Replace the functions that a function calls with others of the same names."""
    variables = getattr(function, "__globals__", {})
    variables.update({name: other for name, other in others.items() if name in variables})


# The milestones


class MilestoneRun(NamedTuple):
    """Input of a milestone: the reader's functions and a photograph."""

    own: Functions
    photo: Photo = "china.jpg"
    fast: Function | None = None  # conv_forward without a loop over windows


class MilestoneResult(NamedTuple):
    """A figure, its description, a short summary, and further data to record."""

    figure: Figure
    text: str
    summary: str
    record: Mapping[str, Any] = {}


def _sobel(run: MilestoneRun) -> MilestoneResult:
    image = photograph(run.photo, 256).mean(axis=2)
    maps, windows = sobel_maps(run.own["conv_forward"], image)
    magnitude = np.hypot(*maps)
    fig, axes = plt.subplots(2, 2, figsize=(9, 6.6), layout="constrained")
    panels = {"photograph": image, "your Sobel x": maps[0], "your Sobel y": maps[1]}
    for ax, (title, values) in zip(axes.flat, panels.items(), strict=False):
        draw_image(ax, values, title, scale=False)
    draw_image(axes[1, 1], -magnitude, "edge strength", (-magnitude.max(), 0), scale=False)
    axes[1, 1].images[0].set_cmap("gray")
    text = (
        "Four images: a photograph in gray; your feature map of Sobel's x kernel, with vertical "
        "edges in purple and orange; that of the y kernel, with horizontal edges; and the strength "
        "of the edges, dark on white."
    )
    return MilestoneResult(fig, text, f"your loops computed {windows:,} windows")


def sobel_maps(conv_forward: Function, image: Array) -> tuple[Array, int]:
    """Compute two feature maps of an image, and return them with the number of windows."""
    A_prev, W = image[None, :, :, None], np.stack([SOBEL_X, SOBEL_X.T], axis=-1)[:, :, None]
    expected = conv2d(A_prev, W)
    parts = []
    with progress_bar(total=expected.size, unit=" windows", desc="conv_forward") as bar:
        for top in range(0, expected.shape[1], 8):
            strip = A_prev[:, top : top + 10]  # 8 rows of windows
            Z, _ = conv_forward(strip, W, np.zeros((1, 1, 1, 2)), {"stride": 1, "pad": 0})
            parts.append(Z)
            bar.update(Z.size)
    maps = np.concatenate(parts, axis=1)
    limit = TOLERANCE * np.abs(expected).max()
    if maps.shape != expected.shape or np.abs(maps - expected).max() > limit:
        raise WrongLayerError("your conv_forward does not give the course's feature maps")
    return np.moveaxis(maps[0], -1, 0), expected.size


def _edge_network(run: MilestoneRun) -> MilestoneResult:
    own = run.own
    drawn = draw_with(own["conv_forward"], own["pool_forward"], photograph(run.photo, 96))
    text = (
        "A photograph, its edges by Sobel's kernels, its edges drawn by your layers, and the same "
        "by the course's layers; the last two look the same."
    )
    summary = f"a network of 260,289 trained parameters, {drawn.windows:,} windows by your loops"
    return MilestoneResult(show_own_edges(drawn), text, summary)


def _learned_kernel(run: MilestoneRun) -> MilestoneResult:
    own, steps = run.own, 150
    patch = photograph("china.jpg", 320).mean(axis=2)[100:120, 60:80]
    X = ((patch - patch.mean()) / patch.std())[None, :, :, None]
    target = conv2d(X, SOBEL_X[:, :, None, None])
    W = np.random.default_rng(0).normal(size=(3, 3, 1, 1))
    velocity, losses, kernels = np.zeros(W.shape), [], [W[..., 0, 0]]
    with progress_bar(total=steps, desc="learning a kernel", unit=" steps") as bar:
        for _ in range(steps):
            Z, cache = own["conv_forward"](X, W, np.zeros((1, 1, 1, 1)), {"stride": 1, "pad": 0})
            losses.append(float(np.mean((Z - target) ** 2)))
            _, dW, _ = own["conv_backward"](2 * (Z - target) / Z.size, cache)
            velocity = 0.9 * velocity + dW
            W = W - 0.15 * velocity
            kernels.append(W[..., 0, 0])
            bar.update()
    error = float(np.abs(kernels[-1] - SOBEL_X).max())
    if not error < 0.01:
        raise WrongLayerError(f"the kernel that your gradients learned is off by {error:.3g}")
    fig, axes = plt.subplots(1, 5, figsize=(12, 2.9), layout="constrained")
    draw_image(axes[0], patch, "image", scale=False)
    for ax, step in zip(axes[1:4], (0, 10, steps), strict=True):
        draw_image(ax, kernels[step], f"kernel, step {step}", (-2.5, 2.5), scale=False)
        for (row, column), value in np.ndenumerate(kernels[step]):
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=9)
    axes[4].semilogy(losses)
    axes[4].set(title="loss", xlabel="step")
    text = (
        "A patch of a roof; the kernel before learning, random numbers; after 10 steps; and at the "
        "end, where it is Sobel's kernel, -1, 0, 1 and -2, 0, 2 and -1, 0, 1. The loss falls by "
        "many orders of magnitude."
    )
    return MilestoneResult(fig, text, f"Sobel's kernel to within {error:.0e} after {steps} steps")


def _lenet(run: MilestoneRun) -> MilestoneResult:
    own, data = run.own, digits()
    images, test_images = (_enlarged(part) for part in (data.train_images, data.test_images))
    parameters = _trained(own, images, data.train_labels)
    # A second copy of lenet_forward, since own["lenet_forward"] calls its notebook's fast layers.
    forward = load_function("lenet_forward", kept()["exercises"]["lenet_forward"]["source"])
    layers = ("conv_forward", "pool_forward", "dense_forward")
    _connect(forward, {name: own[name] for name in layers})
    scores = _in_parts(with_arrays("lenet_forward", forward), test_images, parameters)
    predictions = scores.argmax(axis=1)
    is_right = predictions == data.test_labels
    accuracy, baseline = float(is_right.mean()), _linear_accuracy()
    if not accuracy > baseline:
        raise WrongLayerError(
            f"your LeNet reads {accuracy:.1%} of the digits, a linear classifier {baseline:.1%}"
        )
    fig, axes = plt.subplots(2, 10, figsize=(9, 2.6), layout="constrained")
    shown = [*np.flatnonzero(~is_right)[:10], *np.flatnonzero(is_right)[:20]][:20]
    for ax, i in zip(axes.flat, shown, strict=True):
        ax.imshow(test_images[i, ..., 0], cmap="gray_r")
        note = "" if is_right[i] else f", it is {data.test_labels[i]}"
        ax.set_title(f"{predictions[i]}{note}", fontsize=9)
        ax.axis("off")
    text = (
        "Twenty digits of the test set, each below the prediction of your network; misread digits "
        "come first."
    )
    summary = f"your layers read {accuracy:.1%} of 297 digits, a linear classifier {baseline:.1%}"
    return MilestoneResult(fig, text, summary, {"accuracy": accuracy, "baseline": baseline})


def _enlarged(images: Array) -> Array:
    """Enlarge 8x8 digits for LeNet as the assignment does."""
    return np.kron(images.astype(float), np.ones((1, 2, 2, 1)))


def _trained(own: Functions, images: Array, labels: Array) -> dict[str, Array]:
    """Train with the reader's gradients and momentum steps, and return the parameters.

    Training is the same as in the assignment, except for the seed.
    """
    rng = np.random.default_rng(1)
    shapes = {1: (5, 5, 1, 6), 2: (5, 5, 6, 16), 3: (64, 120), 4: (120, 84), 5: (84, 10)}
    parameters = {}
    for layer, shape in shapes.items():  # He initialization
        parameters[f"W{layer}"] = rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1]))
        parameters[f"b{layer}"] = np.zeros((1,) * (len(shape) - 1) + shape[-1:])
    velocities = {name: np.zeros(value.shape) for name, value in parameters.items()}
    with progress_bar(total=EPOCHS * len(images), unit=" digits", desc="training") as bar:
        for epoch in range(EPOCHS):
            rate = 0.02 if epoch < EPOCHS - 2 else 0.002
            order = rng.permutation(len(images))
            for batch in np.split(order, range(30, len(order), 30)):
                _, gradients = own["lenet_gradients"](images[batch], labels[batch], parameters)
                for name in parameters:
                    parameters[name], velocities[name] = own["momentum_step"](
                        parameters[name], gradients[name], velocities[name], rate, 0.9
                    )
                bar.update(len(batch))
    return parameters


def _in_parts(forward: Function, images: Array, parameters: dict[str, Array]) -> Array:
    """Compute the scores of images in parts, so that a progress bar can be shown."""
    with progress_bar(total=len(images), unit=" digits", desc="reading") as bar:
        scores = []
        for start in range(0, len(images), 9):
            scores.append(forward(images[start : start + 9], parameters))
            bar.update(len(scores[-1]))
    return np.concatenate(scores)


def _linear_accuracy() -> float:
    """Return the accuracy on the test digits of a linear classifier of the pixels."""
    data, network = digits(), Network([Flatten(), Dense(10)], (8, 8, 1), 0)
    images, labels, optimizer = data.train_images, data.train_labels, Adam(0.01)
    train(network, images, labels, epochs=40, optimizer=optimizer, seed=0, progress=False)
    return float(evaluate(network, data.test_images, data.test_labels)[1])


def _vgg(run: MilestoneRun) -> MilestoneResult:
    fast = run.fast
    if fast is None:
        raise ClosedError("Pass your fast function: milestone(5, conv_forward_im2col).")
    if not decide(CASE_SETS["conv_forward"], fast).runs_here:
        raise ClosedError(
            f"{fast.__name__} does not pass the check of conv_forward yet: "
            f"public_tests.conv_forward_test({fast.__name__}) says what is wrong."
        )
    fast = with_arrays("conv_forward", fast)
    try:
        network = load_hed()
    except FileNotFoundError as error:
        raise ClosedError(f"VGG-16's weights are missing: {error}.") from None
    image = photograph(run.photo, 320)
    image = image[: image.shape[0] // 16 * 16, : image.shape[1] // 16 * 16]
    seconds = _estimate(fast, image, network.blocks)
    if seconds > PATIENCE:
        raise ClosedError(
            f"{fast.__name__} would need about {seconds / 60:.0f} minutes: it still computes one "
            "window at a time. Fill a matrix with all windows, and multiply once."
        )
    drawn = draw_with(fast, None, image, network)
    text = (
        "A photograph, its edges by Sobel's kernels, its edges drawn by all thirteen convolutions "
        "of VGG-16 with your fast convolution, and the same by the course's layers."
    )
    summary = f"14.7 million trained parameters, {drawn.windows:,} windows by your fast convolution"
    record = {}
    with contextlib.suppress(ValueError):  # the function uses values that cannot be recorded
        record["source"] = own_source("conv_forward", fast)
    return MilestoneResult(show_own_edges(drawn), text, summary, record)


def _estimate(fast: Function, image: Array, blocks: tuple[Any, ...]) -> float:
    """Estimate from one small layer how many seconds a convolution needs for a network."""
    rng, macs, n = np.random.default_rng(0), 0, image.shape[0] * image.shape[1]
    for pooled, block in enumerate(blocks):  # each block but the first follows a pooling layer
        macs += sum(W.size for W, _ in block) * n // 4**pooled
    A_prev, W = rng.normal(size=(1, 24, 24, 64)), rng.normal(size=(3, 3, 64, 64))
    start = time.perf_counter()
    fast(A_prev, W, np.zeros((1, 1, 1, 64)), {"stride": 1, "pad": 1})
    return (time.perf_counter() - start) * macs / (24 * 24 * W.size)


RUNS = {"1": _sobel, "2": _edge_network, "3": _learned_kernel, "4": _lenet, "5": _vgg}
