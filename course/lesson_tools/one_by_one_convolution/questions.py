"""Questions and answers of the lesson "1x1 convolution": read this when you are done."""

import numpy as np
from scipy.ndimage import maximum_filter

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    shuffle=Prediction(
        right="a",
        why="Each pixel of the output depends on one pixel of the input, wherever that is.",
        wrong={
            "b": "Blur needs neighbors. Which neighbors does a kernel of a single pixel read?",
            "c": "The shuffled image looks like noise, but its pixels are moved back at the end.",
        },
        hint=LETTER,
    ),
    both=Prediction(
        right=(21, 21),
        why="6 * 3 weights and 3 biases, in both.",
        wrong={
            (18, 18): "Add the biases.",
            (21, 420): "All pixels share the same weights.",
            (21, 363): "All pixels share the same weights.",
            (21, 189): "The kernel has a single position.",
        },
        hint="Each of three units, or filters, has six weights and a bias.",
    ),
    positions=Prediction(
        right=(27, 43),
        why="(64 - 12) / 2 + 1 rows and (96 - 12) / 2 + 1 columns.",
        wrong={
            (53, 85): "The total stride is 2.",
            (43, 27): "The rows come first.",
            (26, 42): "The first window counts, too.",
            (32, 48): "That would need windows that reach beyond the page.",
            (5, 8): "The windows overlap: they move by 2 pixels.",
        },
        hint="Treat the network as one window of 12 pixels that moves by 2.",
    ),
    work=Prediction(
        right="b",
        why="The first layers save far more, but the layers that replace the dense ones nothing.",
        wrong={
            "a": "Windows overlap a lot: each pixel of the page lies in up to 36 of them.",
            "c": "Each pixel lies in up to 36 windows, so the first layers save almost that much. "
            "But which work of the last two layers can two windows share?",
        },
        hint=LETTER,
    ),
    padded=Prediction(
        right="b",
        why="After the first convolution, black is no longer 0 but the ReLU of the bias.",
        wrong={
            "a": "For the first convolution that is true. What does it make of the black pixels, "
            "and what does the second one see around a window that was cut out?",
            "c": "There are only two digits, and they are far apart.",
        },
        hint=LETTER,
    ),
    forgotten=Prediction(
        right="c",
        why="Linear acts on the last axis. In PyTorch, that is the width, and it is 5.",
        wrong={
            "a": "That needs a layer that acts on axis 1, such as Conv2d(6, 3, kernel_size=1).",
            "b": "Linear never flattens. On which axis of the shape does it act?",
        },
        hint=LETTER,
    ),
)


def peaks_of(
    evidence: Array, threshold: float, footprint: Array | int = 3, mode: str = "constant"
) -> Array:
    """Return True where the evidence is above the threshold and the largest of its neighbors."""
    square = np.ones((footprint, footprint)) if isinstance(footprint, int) else footprint
    highest = maximum_filter(evidence, footprint=square, mode=mode, cval=-np.inf)
    return (evidence > threshold) & (evidence == highest)


def above_neighbors(evidence: Array, threshold: float) -> Array:
    """Find no peaks that equal a neighbor."""
    around = 1 - np.pad([[1]], 1)
    highest = maximum_filter(evidence, footprint=around, mode="constant", cval=-np.inf)
    return np.asarray(evidence > np.maximum(highest, threshold))


def without_border(evidence: Array, threshold: float) -> Array:
    """Find no peaks at the border."""
    inside = np.zeros(evidence.shape, dtype=bool)
    inside[1:-1, 1:-1] = True
    return peaks_of(evidence, threshold) & inside


def zeros_outside(evidence: Array, threshold: float) -> Array:
    """Compare with zeros outside the border."""
    return (evidence > threshold) & (evidence == maximum_filter(evidence, 3, mode="constant"))


def _evidence() -> list[tuple[Array, float]]:
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(5, 7)), 0.3),
        (rng.normal(size=(6, 4)) - 3, -4.0),
        (rng.normal(size=(1, 6)), 0.0),
        (rng.integers(-2, 5, size=(9, 12)).astype(float), 0.0),
        (np.diag([2.0, 0.0, 0.0, 5.0, 0.0]), 2.0),
    ]


def merge(W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array]:
    """Return the filters and biases of a convolution and a 1x1 convolution after it, in one."""
    return W @ V[0, 0], b @ V[0, 0] + c


def _layers() -> list[tuple[Array, ...]]:
    rng = np.random.default_rng(0)
    return [
        tuple(rng.normal(size=size) for size in ((f, f, n_C_prev, n_C), n_C, (1, 1, n_C, n), n))
        for f, n_C_prev, n_C, n in ((3, 2, 4, 4), (2, 3, 5, 2))
    ]


check = Checks(
    window_and_stride=Answer(
        right=(31, 4),
        hint="Which is the smallest n that gives a score map of size 1? And of size 2?",
        wrong=[
            ((31, 35), "35 is the smallest n with two positions. How far apart are the windows?"),
            ((34, 4), "34 is the largest n with one position. The last pixels are not read there."),
            ((35, 4), "35 is the smallest n with two positions. Which is the smallest with one?"),
            ((30, 4), "At 30, the network still raises an error."),
            ((31, 1), "The size of the score map does not grow with every pixel."),
            ((4, 31), "The size of the window comes first."),
        ],
    ),
    find_peaks=Function(
        right=peaks_of,
        calls=_evidence(),
        hint="Compare each value with the largest value of its 3 x 3 neighborhood, cut off at the "
        "border.",
        wrong=[
            (
                lambda evidence, threshold: evidence > threshold,
                "These are all positions above the threshold.",
            ),
            (lambda evidence, threshold: peaks_of(evidence, -np.inf), "The threshold is missing."),
            (
                lambda evidence, threshold: peaks_of(evidence, np.nextafter(threshold, -np.inf)),
                "A value that equals the threshold is not above it.",
            ),
            (
                zeros_outside,
                "Outside the border there are no neighbors: zeros there hide peaks below 0.",
            ),
            (above_neighbors, "A peak may equal a neighbor: it is no smaller than any of them."),
            (
                without_border,
                "Positions at the border can be peaks, too: they have fewer neighbors.",
            ),
            (
                lambda evidence, threshold: peaks_of(
                    evidence, threshold, np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
                ),
                "Positions that touch at a corner are neighbors, too.",
            ),
            (
                lambda evidence, threshold: (evidence > threshold) & (evidence == evidence.max()),
                "That is the largest value of the whole array. Each digit needs its own peak.",
            ),
        ],
    ),
    merge=Function(
        right=merge,
        calls=_layers(),
        hint="Output channel j of the 1x1 convolution is a weighted sum of the maps of the first "
        "layer, with the weights V[0, 0, :, j]. Which kernels give this sum directly?",
        wrong=[
            (
                lambda W, b, V, c: (merge(W, b, V, c)[0], c),
                "The biases b pass through the 1x1 convolution, too.",
            ),
            (
                lambda W, b, V, c: (merge(W, b, V, c)[0], b + c),
                "The 1x1 convolution multiplies the biases b by its weights.",
            ),
            (
                lambda W, b, V, c: merge(W, b, V, 0 * c),
                "The 1x1 convolution has biases, too: add c.",
            ),
            (
                lambda W, b, V, c: merge(W, b, V.swapaxes(2, 3), c),
                "Rows of V[0, 0] belong to the channels of the first layer, columns to the output.",
            ),
            (lambda W, b, V, c: merge(W, b, V, c)[0], "Return two arrays: filters and biases."),
        ],
    ),
)
