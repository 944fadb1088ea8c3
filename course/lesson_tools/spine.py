"""Show the seven operations of the edge network: the reader's own, today's, and those to come."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.edges import MEAN, EdgeNetwork, enlarge, halved, load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.own_edges import photograph
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from nbexercise.judging.wording import listed
from public_tests.course.record import kept, missing

__all__ = ["OPERATIONS", "network_parameters", "spine"]

# Operations in the order of the network, with the exercises that make each the reader's own.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "padding": ("zero_pad",),
    "convolution": ("conv_single_step", "conv_forward"),
    "ReLU": ("relu",),
    "max pooling": ("pool_forward",),
    "1x1 convolution": ("one_by_one_forward",),
    "upsampling": ("conv_transpose_forward",),
    "sigmoid": ("sigmoid",),
}
PIXELS = 128  # of the photograph's longer side
PADDING = 9  # rows and columns of zeros that are drawn, in the mean color, to be seen
OWN, TODAY, LATER = "tab:blue", "tab:orange", "0.75"
PALE = 0.4  # opacity of what comes later


def spine(today: str = "") -> FigureOutput:
    """Show the seven operations of the edge network as a strip, at the head of a lesson.

    The photograph is at the left end, and the network's drawing of it, the goal, at the right end.
    Between them, each operation shows its output for the photograph: the reader's own, whose
    graded exercises have passed their checks, and today's in full color, the others pale.

    Parameters
    ----------
    today : str
        Operation that the lesson is about, a key of `OPERATIONS`; "" if there is none.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ValueError
        If there is no such operation.
    """
    if today and today not in OPERATIONS:
        raise ValueError(f"there is no operation {today!r}; there are {', '.join(OPERATIONS)}")
    record = kept()
    own = [name for name, exercises in OPERATIONS.items() if not missing(exercises, record)]
    image = photograph("china.jpg", PIXELS)
    stages = dict(zip(OPERATIONS, _stages(image, load_blocks()), strict=True))
    fig, axes = plt.subplots(1, len(OPERATIONS) + 2, figsize=(7, 1.05), layout="constrained")
    for ax, (name, output) in zip(axes[1:-1], stages.items(), strict=True):
        _draw_stage(ax, name, output, TODAY if name == today else OWN if name in own else LATER)
    _draw_stage(axes[0], "from this", image, "black")
    _draw_stage(axes[-1], "to this", stages["sigmoid"], "black")
    yours = (
        f"Yours so far: {listed(own)} (blue)." if own else "None of the operations is yours yet."
    )
    lesson = f" This lesson is about {today} (orange)." if today else ""
    text = (
        "A photograph, the seven operations that the edge network applies to it in order, "
        f"{listed(OPERATIONS)}, and the drawing of its edges that results. {yours}{lesson} Each "
        "operation shows its output for the photograph; those that are still to come are pale."
    )
    return present(fig, text, f"{yours}{lesson} Pale operations are still to come.")


def _draw_stage(ax: Axes, name: str, image: Array, color: str) -> None:
    """Draw the output of one operation, pale if the operation comes later."""
    draw_image(ax, image, scale=False)
    ax.images[0].set_alpha(PALE if color == LATER else 1)
    ax.set_title(name.replace(" ", "\n", 1), fontsize=8, color="0.4" if color == LATER else color)
    for edge in ax.spines.values():
        edge.set(visible=True, color=color, linewidth=2)


def _stages(photo: Array, network: EdgeNetwork) -> Iterator[Array]:
    """Yield each operation's output for a photograph, as an image."""
    around = ((PADDING, PADDING), (PADDING, PADDING), (0, 0))
    padded = np.pad(normalized(photo)[0], around) + MEAN  # zeros stand for the mean color
    yield padded[..., ::-1].round().astype(np.uint8)
    (W, b), *others = network.blocks[0]
    scores = conv2d(normalized(photo), W, b, padding=1)
    # The strongest of the channels that respond to edges, whose values change within few pixels.
    spread, change = scores.std(axis=(0, 1, 2)), np.diff(scores, axis=2).std(axis=(0, 1, 2))
    channel = int((change**2 / spread).argmax())
    yield scores[0, :, :, channel]
    maps = relu(scores)
    yield maps[0, :, :, channel]
    for W, b in others:
        maps = relu(conv2d(maps, W, b, padding=1))
    channel = int(maps.mean(axis=(0, 1, 2)).argmax())
    maps = halved(maps)
    yield maps[0, :, :, channel]
    for W, b in network.blocks[1]:
        maps = relu(conv2d(maps, W, b, padding=1))
    logits = conv2d(maps, *network.sides[-1])[0, :, :, 0]
    yield logits
    upsampled = enlarge(logits, photo.shape[:2])
    yield upsampled
    yield 1 - 1 / (1 + np.exp(-upsampled))  # edges dark on white


def network_parameters() -> int:
    """Return the number of parameters of the edge network."""
    network = load_blocks()
    layers = [layer for block in network.blocks for layer in block] + [network.sides[-1]]
    return sum(W.size + b.size for W, b in layers)
