"""Run the milestones of the course with the reader's own functions, and write a page to keep.

    milestone(1)
    milestone(5, conv_forward_im2col)
    closing_page("my.jpg", name="Ada")
    verify("closing_page.html")

The checks record the source of each function that passes, with everything it uses from its notebook
(`public_tests.record`). A milestone runs each source in its own module, after the function has
passed its check again. Helpers that have passed are the reader's own too.
"""

import base64
import contextlib
import functools
import html
import json
import linecache
import re
import time
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display
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
from lesson_tools.figures import present
from public_tests.checks import CASE_SETS
from public_tests.judging import decide
from public_tests.notes import instead_of, why_refused
from public_tests.own import own_source
from public_tests.record import kept, missing, reached
from public_tests.returned import as_real
from public_tests.syllabus import ASSIGNMENTS, MILESTONES

__all__ = ["closing_page", "milestone", "verify"]

Photo = FilePath | BinaryIO
Functions = Mapping[str, Callable[..., Any]]

FAST = "conv_forward, fast"  # on the page, beside the exercise of the name in front
LOOPS = ("zero_pad", "conv_single_step", "conv_forward", "conv_backward", "pool_forward")
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
TOLERANCE = 1e-9  # of float64, relative to the largest value


class ClosedError(Exception):
    """Raised if a milestone cannot be run; the message says what is missing."""


def milestone(
    number: int, fast: Callable[..., Any] | None = None, photo: Photo = "china.jpg"
) -> None:
    """
    Run a milestone with the reader's own functions, and show the result.

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
        There is no such milestone.
    OSError
        There is no such photograph.
    """
    key = str(number)
    if key not in MILESTONES:
        raise ValueError(f"there is no milestone {number}; there are {', '.join(MILESTONES)}")
    try:
        own = own_functions(MILESTONES[key][1], kept())
        with _stopped():
            if key == "1":
                figure, text, result, more = _sobel(own, photo)
            elif key == "2":
                figure, text, result, more = _edge_network(own, photo)
            elif key == "3":
                figure, text, result, more = _learned_kernel(own)
            elif key == "4":
                figure, text, result, more = _lenet(own)
            else:
                figure, text, result, more = _vgg(own, fast, photo)
    except ClosedError as closed:
        print(f"Milestone {number} is closed. {closed}")
        return
    display(present(figure, text))
    reached(key, result, **more)


@contextlib.contextmanager
def _stopped() -> Iterator[None]:
    """Raise ClosedError with the message if a layer of the block is wrong."""
    try:
        yield
    except WrongLayerError as error:
        raise ClosedError(f"A layer returns different values than the course's: {error}") from None


def own_functions(names: Iterable[str], data: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """
    Load the reader's functions from the record, and check each of them again.

    Parameters
    ----------
    names : iterable of str
        Names of exercises.
    data : dict
        Record of the checks.

    Raises
    ------
    ClosedError
        A function is missing or no longer passes its check.
    """
    names = tuple(names)
    absent = missing(names, dict(data))
    if absent:
        where = dict.fromkeys(_assignment(name) for name in absent)
        raise ClosedError(
            f"It opens when these functions have passed their checks: {', '.join(absent)}. "
            f"They are in {', '.join(where)}."
        )
    own: dict[str, Callable[..., Any]] = {}
    for name in names:
        source = data["exercises"][name]["source"]
        if not source:
            raise ClosedError(
                f"{name} has passed its check, but its source could not be stored: run the check "
                f"again in {_assignment(name)}, which says why."
            )
        function = _loaded(name, source)
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
        own[name] = _with_arrays(name, function)
    return own


def _assignment(name: str) -> str:
    return next(step for step, (_, own) in ASSIGNMENTS.items() if name in own)


def _loaded(name: str, source: str) -> Callable[..., Any]:
    """Load a function from the source of its module, so that tracebacks show its lines."""
    place = f"own_layers/{name}.py"
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    module = types.ModuleType(f"own_layers.{name}")
    try:
        exec(compile(source, place, "exec"), vars(module))
    except Exception as error:
        raise ClosedError(
            f"The stored {name} cannot be loaded ({type(error).__name__}: {error}): run its "
            f"check again in {_assignment(name)}."
        ) from None
    function: Callable[..., Any] = vars(module)[name]
    return function


def _with_arrays(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function to return its values in the form in which its check has compared them.

    A function that returns a list passes its check, but its callers index an array.
    """
    forms = [value.form for value in CASE_SETS[name].returns]

    @functools.wraps(function)
    def with_arrays(*arguments: Any, **named: Any) -> Any:
        returned = function(*arguments, **named)
        if len(forms) == 1:
            return _as_judged(forms[0], returned)
        return tuple(map(_as_judged, forms, returned))

    return with_arrays


def _as_judged(form: str, value: Any) -> Any:
    """Convert lists and other kinds of arrays to arrays, and their numbers to real ones."""
    if form == "cache":
        return value
    if form == "arrays":
        return {part: _as_judged("array", item) for part, item in value.items()}
    return as_real(np.asarray(value))[0][()]  # a scalar for a 0-d array


def _connect(function: Callable[..., Any], others: Functions) -> None:
    """Replace the functions that a function calls with others of the same names."""
    variables = getattr(function, "__globals__", {})
    variables |= {name: other for name, other in others.items() if name in variables}


# The milestones. Each returns a figure, its text, a short result, and further data to record.

Result = tuple[Figure, str, str, dict[str, Any]]


def _sobel(own: Functions, photo: Photo, size: int = 256) -> Result:
    image = photograph(photo, size).mean(axis=2)
    maps, windows = sobel_maps(own["conv_forward"], image)
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
    return fig, text, f"your loops computed {windows:,} windows", {}


def sobel_maps(conv_forward: Callable[..., Any], image: Array) -> tuple[Array, int]:
    """Compute two feature maps of an image, and return them with the number of windows."""
    A_prev, W = image[None, :, :, None], np.stack([SOBEL, SOBEL.T], axis=-1)[:, :, None]
    right = conv2d(A_prev, W)
    parts = []
    with progress_bar(total=right.size, unit=" windows", desc="conv_forward") as bar:
        for top in range(0, right.shape[1], 8):
            strip = A_prev[:, top : top + 10]
            Z, _ = conv_forward(strip, W, np.zeros((1, 1, 1, 2)), {"stride": 1, "pad": 0})
            parts.append(Z)
            bar.update(Z.size)
    maps = np.concatenate(parts, axis=1)
    if maps.shape != right.shape or np.abs(maps - right).max() > TOLERANCE * np.abs(right).max():
        raise WrongLayerError("your conv_forward does not give the course's feature maps")
    return np.moveaxis(maps[0], -1, 0), right.size


def _edge_network(own: Functions, photo: Photo, size: int = 96) -> Result:
    drawn = draw_with(own["conv_forward"], own["pool_forward"], photograph(photo, size))
    text = (
        "A photograph, its edges by Sobel's kernels, its edges drawn by your layers, and the same "
        "by the course's layers; the last two look the same."
    )
    result = f"a network of 260,289 trained parameters, {drawn.windows:,} windows by your loops"
    return show_own_edges(drawn), text, result, {}


def _learned_kernel(own: Functions, steps: int = 150) -> Result:
    patch = photograph("china.jpg", 320).mean(axis=2)[100:120, 60:80]
    X = ((patch - patch.mean()) / patch.std())[None, :, :, None]
    target = conv2d(X, SOBEL[:, :, None, None])
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
    error = float(np.abs(kernels[-1] - SOBEL).max())
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
    return fig, text, f"Sobel's kernel to within {error:.0e} after {steps} steps", {}


def _lenet(own: Functions, epochs: int = 8) -> Result:
    data = digits()
    images, test_images = (_enlarged(part) for part in (data.train_images, data.test_images))
    parameters = _trained(own, images, data.train_labels, epochs)
    reading = _loaded("lenet_forward", kept()["exercises"]["lenet_forward"]["source"])
    layers = ("conv_forward", "pool_forward", "dense_forward")
    _connect(reading, {name: own[name] for name in layers})
    scores = _in_parts(_with_arrays("lenet_forward", reading), test_images, parameters)
    right = scores.argmax(axis=1) == data.test_labels
    accuracy, baseline = float(right.mean()), _linear_accuracy()
    if not accuracy > baseline:
        raise WrongLayerError(
            f"your LeNet reads {accuracy:.1%} of the digits, a linear classifier {baseline:.1%}"
        )
    fig, axes = plt.subplots(2, 10, figsize=(9, 2.6), layout="constrained")
    shown = [*np.flatnonzero(~right)[:10], *np.flatnonzero(right)[:20]][:20]
    for ax, place in zip(axes.flat, shown, strict=True):
        ax.imshow(test_images[place, ..., 0], cmap="gray_r")
        said = scores[place].argmax()
        note = "" if right[place] else f", it is {data.test_labels[place]}"
        ax.set_title(f"{said}{note}", fontsize=9)
        ax.axis("off")
    text = (
        "Twenty digits of the test set, each below what your network reads; the first ones are "
        "misread, if there are any."
    )
    result = f"your layers read {accuracy:.1%} of 297 digits, a linear classifier {baseline:.1%}"
    return fig, text, result, {"accuracy": accuracy, "baseline": baseline}


def _enlarged(images: Array) -> Array:
    """Enlarge 8x8 digits for LeNet as the assignment does."""
    return np.kron(images.astype(float), np.ones((1, 2, 2, 1)))


def _trained(own: Functions, images: Array, labels: Array, epochs: int) -> dict[str, Array]:
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
    with progress_bar(total=epochs * len(images), unit=" digits", desc="training") as bar:
        for epoch in range(epochs):
            rate = 0.02 if epoch < epochs - 2 else 0.002
            order = rng.permutation(len(images))
            for start in range(0, len(order), 30):
                batch = order[start : start + 30]
                _, gradients = own["lenet_gradients"](images[batch], labels[batch], parameters)
                for name in parameters:
                    parameters[name], velocities[name] = own["momentum_step"](
                        parameters[name], gradients[name], velocities[name], rate, 0.9
                    )
                bar.update(len(batch))
    return parameters


def _in_parts(forward: Callable[..., Any], images: Array, parameters: dict[str, Array]) -> Array:
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
    train(
        network,
        data.train_images,
        data.train_labels,
        epochs=40,
        optimizer=Adam(0.01),
        seed=0,
        progress=False,
    )
    return float(evaluate(network, data.test_images, data.test_labels)[1])


PATIENCE = 300  # largest estimated duration of milestone 5 in seconds


def _vgg(own: Functions, fast: Callable[..., Any] | None, photo: Photo, size: int = 320) -> Result:
    if fast is None:
        raise ClosedError("Pass your fast function: milestone(5, conv_forward_im2col).")
    if not decide(CASE_SETS["conv_forward"], fast).runs_here:
        raise ClosedError(
            f"{fast.__name__} does not pass the check of conv_forward yet: "
            f"public_tests.conv_forward_test({fast.__name__}) says what is wrong."
        )
    fast = _with_arrays("conv_forward", fast)
    try:
        network = load_hed()
    except FileNotFoundError as error:
        raise ClosedError(f"VGG-16's weights are missing: {error}.") from None
    image = photograph(photo, size)
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
    result = f"14.7 million trained parameters, {drawn.windows:,} windows by your fast convolution"
    with contextlib.suppress(ValueError):  # the function uses values that cannot be recorded
        return show_own_edges(drawn), text, result, {"source": own_source("conv_forward", fast)}
    return show_own_edges(drawn), text, result, {}


def _estimate(fast: Callable[..., Any], image: Array, blocks: tuple[Any, ...]) -> float:
    """Estimate from one small layer how many seconds a convolution needs for a network."""
    rng, macs, n = np.random.default_rng(0), 0, image.shape[0] * image.shape[1]
    for place, block in enumerate(blocks):
        macs += sum(W.size for W, _ in block) * n // 4**place
    A_prev, W = rng.normal(size=(1, 24, 24, 64)), rng.normal(size=(3, 3, 64, 64))
    start = time.perf_counter()
    fast(A_prev, W, np.zeros((1, 1, 1, 64)), {"stride": 1, "pad": 1})
    return (time.perf_counter() - start) * macs / (24 * 24 * W.size)


# The page to keep.


def closing_page(
    photo: Photo = "china.jpg", name: str = "", path: FilePath = "closing_page.html"
) -> HTML | None:
    """
    Draw a photograph with the reader's own layers, and write a page to keep.

    The page shows the picture and the milestones, and contains the functions, so that `verify` can
    judge them again from the page alone. It requires the functions of milestone 2.

    Parameters
    ----------
    photo : path or file
        Photograph of the reader, "china.jpg" or "flower.jpg". It is reduced to 128 pixels, or to
        320 if milestone 5 has shown that the reader's convolution is fast.
    name : str
        Name to show on the page; by default none.
    path : path
        File to write.

    Returns
    -------
    picture : IPython.display.HTML
        Output to use as the last value of a cell; None if nothing was drawn.

    Raises
    ------
    OSError
        There is no such photograph, or the page cannot be written.
    """
    data = kept()
    try:
        own = own_functions(MILESTONES["2"][1], data)
        fast = _kept_fast(data)
        with _stopped():
            conv_forward, size = (fast, 320) if fast else (own["conv_forward"], 128)
            drawn = draw_with(conv_forward, own["pool_forward"], photograph(photo, size))
            maps, _ = sobel_maps(conv_forward, drawn.photo.mean(axis=2))
    except ClosedError as closed:
        print(f"There is no page yet. {closed}")
        return None
    strength = np.hypot(*maps)
    wide = drawn.photo.shape[1] > drawn.photo.shape[0]
    fig, axes = plt.subplots(*((3, 1) if wide else (1, 3)), layout="constrained")
    fig.set_size_inches((5.2, 11) if wide else (11, 5.2))
    panels = {
        "the photograph": drawn.photo,
        "edges by your convolution with Sobel's kernels": 1 - strength / strength.max(),
        "edges by a trained network of your layers": 1 - drawn.edges,
    }
    for ax, (title, image) in zip(axes, panels.items(), strict=True):
        draw_image(ax, image, title, (0, 1), scale=False)
    text = "A photograph, and its edges drawn twice by your own layers, dark on white."
    picture = present(fig, text)
    layers = [FAST] if fast else ["zero_pad", "conv_single_step", "conv_forward"]
    page = _page(data, picture.data, name, drawn.windows, [*layers, "pool_forward"])
    Path(path).write_text(page, encoding="utf-8")
    print(f"{path} is yours to keep: it holds this picture, your functions and what they reached.")
    return picture


def _kept_fast(data: Mapping[str, Any]) -> Callable[..., Any] | None:
    """Return the convolution that reached milestone 5; None if it is missing or fails its check."""
    source = data["milestones"].get("5", {}).get("source")
    if not source:
        return None
    fast = _loaded("conv_forward", source)
    if not decide(CASE_SETS["conv_forward"], fast).runs_here:
        return None
    return _with_arrays("conv_forward", fast)


def _page(data: Mapping[str, Any], picture: str, name: str, windows: int, layers: list[str]) -> str:
    """Return the page as HTML that needs no other file."""
    passed = {key: entry for key, entry in data["exercises"].items() if entry["passed"]}
    rows = "".join(
        f"<tr><td>{html.escape(step)}</td><td>{html.escape(title)}</td>"
        f"<td>{sum(key in passed for key in own)} of {len(own)} functions</td></tr>"
        for step, (title, own) in ASSIGNMENTS.items()
        if any(key in passed for key in own)
    )
    reached = "".join(
        f"<li>{html.escape(': '.join([MILESTONES[key][0], entry['result']]))}</li>"
        for key, entry in sorted(data["milestones"].items())
    )
    sources = {key: entry["source"] for key, entry in passed.items() if entry["source"]}
    if FAST in layers:
        sources[FAST] = data["milestones"]["5"]["source"]
    functions = "".join(
        f"<details><summary><code>{key}</code></summary><pre>{html.escape(source)}</pre></details>"
        for key, source in sources.items()
    )
    record = base64.b64encode(json.dumps(sources).encode()).decode()
    heading = "You wrote and tested LeNet from nothing"
    if "4" not in data["milestones"]:
        heading = "You wrote and tested the layers of a convolutional network"
    if name:
        heading = heading.replace("You wrote", f"{html.escape(name)} wrote")
    dates = sorted(entry["date"] for entry in data["exercises"].values())
    return PAGE.format(
        heading=heading,
        picture=picture,
        windows=f"{windows:,}",
        layers=", ".join(f"<code>{layer}</code>" for layer in layers),
        rows=rows,
        reached=f"<h2>Milestones</h2><ul>{reached}</ul>" if reached else "",
        functions=functions,
        record=record,
        dates=" to ".join(dict.fromkeys([dates[0], dates[-1]])),
    )


PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading}</title>
<style>
body {{ font: 1rem/1.5 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff }}
h1 {{ line-height: 1.2 }}
td {{ padding: 0.15rem 1.5rem 0.15rem 0; vertical-align: top }}
pre {{ overflow-x: auto; background: #f4f4f4; padding: 0.8rem; font-size: 0.85rem }}
img {{ max-width: 100%; height: auto }}
</style>
</head>
<body>
<h1>{heading}</h1>
<p>From the first padded pixel, in NumPy, {dates}. Each function below has passed its check.</p>
<h2>A photograph, by layers written here</h2>
{picture}
<p>{windows} windows of the trained network, by {layers}. Its weights are those of HED (Xie and Tu,
2015).</p>
{reached}
<h2>What was built</h2>
<table>{rows}</table>
<h2>The functions</h2>
{functions}
<p>To check them again, in the notebook milestones of the course:
<code>verify("closing_page.html")</code>. It runs the functions on this page, so verify only the
page of someone you trust.</p>
<script type="application/octet-stream" id="record">{record}</script>
</body>
</html>
"""
RECORD = re.compile(r'id="record">([A-Za-z0-9+/=]+)<')


def verify(path: FilePath = "closing_page.html") -> bool:
    """
    Judge the functions on a page of `closing_page` again, and print the result of each.

    The functions on the page are run: verify only the page of someone you trust.

    Parameters
    ----------
    path : path
        File of the page.

    Returns
    -------
    right : bool
        True if all functions on the page pass their checks.

    Raises
    ------
    OSError
        The file does not exist.
    ValueError
        The file was not written by `closing_page`.
    """
    found = RECORD.search(Path(path).read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{path} is not a page written by closing_page")
    right = []
    for name, source in json.loads(base64.b64decode(found[1])).items():
        exercise = name.partition(",")[0]
        try:
            passes = decide(CASE_SETS[exercise], _loaded(exercise, source)).passed
        except (ClosedError, KeyError):
            passes = False
        right.append(passes)
        print(f"  {'pass' if passes else 'FAIL'}  {name}")
    print(f"{sum(right)} of {len(right)} functions on the page pass their checks.")
    return all(right)
