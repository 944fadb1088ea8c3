"""Questions and answers of the notebook "Bonus exercises": read this when you are done."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.functional import conv2d, relu
from convnet.types import Array
from lesson_tools.questions import Checks, Function, Prediction, Predictions

predict = Predictions(
    nothing_found=Prediction(
        right=0.9,
        why="90 of the 100 images are empty and score 1, the other 10 score 0.",
        wrong={
            0: "An empty mask that is predicted as empty is right, and scores 1.",
            0.1: "That is the share of images with a disc. Which images score 1?",
            1: "The images with a disc score 0, because the two masks share no pixel.",
        },
        hint="There are two kinds of images. Which score does each get, and how many are there?",
    ),
)


# ---- Exercise 1


def residual_block(
    x: Array,
    W_1: Array,
    W_2: Array,
    W_s: Array | None,
    stride: int,
    strides: tuple[int, int] = (1, 0),
    activations: str = "ab",
    of_shortcut: Callable[[Array], Array] = lambda shortcut: shortcut,
) -> Array:
    """Compute ReLU(F(x) + shortcut), or with the options, one of the mistakes.

    In strides, 1 stands for each of the two convolutions that has the stride. In activations, "a"
    is the ReLU between the convolutions, "b" the one after the sum, and "c" one before the sum.
    """
    first, second = (stride if has else 1 for has in strides)
    F = conv2d(x, W_1, stride=first, padding=1)
    F = conv2d(relu(F) if "a" in activations else F, W_2, stride=second, padding=1)
    F = relu(F) if "c" in activations else F
    A = F + of_shortcut(x if W_s is None else conv2d(x, W_s, stride=stride))
    return relu(A) if "b" in activations else A


Block = Callable[[Array, Array, Array, Array | None, int], Array]


def _variant(**options: Any) -> Block:
    return lambda x, W_1, W_2, W_s, stride: residual_block(x, W_1, W_2, W_s, stride, **options)


def never_projected(x: Array, W_1: Array, W_2: Array, W_s: Array | None, stride: int) -> Array:
    """Add x itself, also where the shapes differ."""
    return residual_block(x, W_1, W_2, None, stride)


def projected_without_stride(
    x: Array, W_1: Array, W_2: Array, W_s: Array | None, stride: int
) -> Array:
    """Project all pixels, as if the stride were 1."""
    F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
    return relu(F + (x if W_s is None else conv2d(x, W_s)))


def projected_with_padding(
    x: Array, W_1: Array, W_2: Array, W_s: Array | None, stride: int
) -> Array:
    """Pad x before the projection, as before the other convolutions."""
    F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
    return relu(F + (x if W_s is None else conv2d(x, W_s, stride=stride, padding=1)))


def always_projected(x: Array, W_1: Array, W_2: Array, W_s: Array | None, stride: int) -> Array:
    """Call conv2d with W_s, also where there is none."""
    F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
    return relu(F + conv2d(x, W_s, stride=stride))  # type: ignore[arg-type]


def chained(x: Array, W_1: Array, W_2: Array, W_s: Array | None, stride: int) -> Array:
    """Add the input of the second convolution in place of x."""
    a = relu(conv2d(x, W_1, stride=stride, padding=1))
    return relu(conv2d(a, W_2, padding=1) + a)


def first_filters_twice(x: Array, W_1: Array, W_2: Array, W_s: Array | None, stride: int) -> Array:
    """Use W_1 for both convolutions."""
    return residual_block(x, W_1, W_1, W_s, stride)


def unpadded(first: int, second: int) -> Block:
    """Return the block with other paddings of the two convolutions."""

    def block(x: Array, W_1: Array, W_2: Array, W_s: Array | None, stride: int) -> Array:
        F = relu(conv2d(x, W_1, stride=stride, padding=first))
        shortcut = x if W_s is None else conv2d(x, W_s, stride=stride)
        return relu(conv2d(F, W_2, padding=second) + shortcut)

    return block


def _blocks() -> list[tuple[Array, Array, Array, Array | None, int]]:
    rng = np.random.default_rng(0)
    return [
        (
            rng.normal(size=(2, n, n + 2, k)),
            rng.normal(size=(3, 3, k, c)),
            rng.normal(size=(3, 3, c, c)),
            rng.normal(size=(1, 1, k, c)) if (k, stride) != (c, 1) else None,
            stride,
        )
        for n, k, c, stride in (
            (5, 3, 3, 1),
            (6, 2, 3, 2),
            (5, 3, 4, 1),
            (7, 2, 2, 2),
            (4, 2, 2, 1),
        )
    ]


# ---- Exercise 2


def counts(truth: Array, predicted: Array) -> tuple[Array, Array]:
    """Return the numbers of pixels in both masks, and in at least one, for each image."""
    both, either = (truth & predicted), (truth | predicted)
    return both.sum(axis=(1, 2)), either.sum(axis=(1, 2))


def mask_iou(truth: Array, predicted: Array, empty: float = 1.0) -> Array:
    """Compute the IoU of the masks of each image; `empty` is the value of two empty ones."""
    both, either = counts(truth, predicted)
    return np.where(either == 0, empty, both / np.maximum(either, 1))


def right_if_either_is_empty(truth: Array, predicted: Array) -> Array:
    """Return 1 wherever a mask is empty."""
    both, either = counts(truth, predicted)
    some = truth.any(axis=(1, 2)) & predicted.any(axis=(1, 2))
    return np.where(some, both / np.maximum(either, 1), 1.0)


def smoothed(truth: Array, predicted: Array) -> Array:
    """Add 1 to both counts."""
    both, either = counts(truth, predicted)
    return (both + 1) / (either + 1)


def of_both(truth: Array, predicted: Array) -> Array:
    """Count the pixels of both masks, those that they share twice."""
    return truth.sum(axis=(1, 2)) + predicted.sum(axis=(1, 2))


Measure = Callable[[Array, Array], Any]


def _over(divisor: Measure, comment: str, factor: int = 1) -> list[tuple[Measure, str]]:
    """Return two wrong measures, with 1 for two empty masks and with 0/0."""

    def unguarded(truth: Array, predicted: Array) -> Array:
        both, _ = counts(truth, predicted)
        with np.errstate(divide="ignore", invalid="ignore"):
            return factor * both / divisor(truth, predicted)

    def guarded(truth: Array, predicted: Array) -> Array:
        _, either = counts(truth, predicted)
        return np.where(either == 0, 1.0, unguarded(truth, predicted))

    return [(guarded, comment), (unguarded, comment)]


def of_the_batch(empty: float) -> Measure:
    """Divide once for all images; `empty` is the value of masks that are all empty."""

    def iou(truth: Array, predicted: Array) -> float:
        both, either = counts(truth, predicted)
        return float(both.sum() / either.sum()) if either.any() else empty

    return iou


def mean_of(iou: Measure) -> Measure:
    return lambda truth, predicted: float(np.mean(iou(truth, predicted)))


def not_a_number(truth: Array, predicted: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.divide(*counts(truth, predicted))


def _batches() -> list[tuple[Array, Array]]:
    nothing, square, corner = (np.zeros((5, 6), dtype=bool) for _ in range(3))
    square[1:4, 1:4] = True
    corner[:2, :2] = True
    pairs = [(square, corner), (square, square), (nothing, nothing), (nothing, corner)]
    pairs += [(square, nothing), (square, ~corner), (corner, square)]
    truth, predicted = map(np.stack, zip(*pairs, strict=True))
    rng = np.random.default_rng(0)
    return [
        (truth[:2], predicted[:2]),
        (truth[2:5], predicted[2:5]),
        (truth, predicted),
        (rng.random((4, 5, 3)) < 0.5, rng.random((4, 5, 3)) < 0.7),
        (truth[2:3], predicted[2:3]),
    ]


# ---- Exercise 3


def box_iou(one: Array, others: Array) -> Array:
    """Return the IoU of one box with each of several boxes."""
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[2:], others[:, 2:])
    both = np.prod(np.maximum(high - low, 0), axis=1)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (one[None], others)]
    return both / (areas[0] + areas[1] - both)


def suppress(
    boxes: Array,
    scores: Array,
    iou_threshold: float,
    overlaps: Callable[[Array, float], Array] = lambda iou, threshold: iou > threshold,
) -> list[int]:
    """Return the numbers of the boxes that non-maximum suppression keeps, the best first."""
    kept, order = [], np.argsort(-np.asarray(scores))
    while len(order):
        best, others = order[0], order[1:]
        kept.append(int(best))
        order = others[~overlaps(box_iou(boxes[best], boxes[others]), iou_threshold)]
    return kept


def without_better_neighbor(boxes: Array, scores: Array, iou_threshold: float) -> list[int]:
    """Delete each box that overlaps any box with a higher score, kept or not."""
    order = [int(number) for number in np.argsort(-np.asarray(scores))]
    return [
        number
        for place, number in enumerate(order)
        if not (box_iou(boxes[number], boxes[order[:place]]) > iou_threshold).any()
    ]


def against_best(boxes: Array, scores: Array, iou_threshold: float) -> list[int]:
    """Delete only the boxes that overlap the one with the highest score."""
    order = np.argsort(-np.asarray(scores))
    best, others = order[:1], order[1:]
    low = [n for n in others if box_iou(boxes[best[0]], boxes[[n]])[0] <= iou_threshold]
    return [int(n) for n in (*best, *low)]


def _boxes() -> list[tuple[Array, Array, float]]:
    """Return boxes, scores and thresholds: by hand, a chain, an equal IoU, at random."""
    hand = np.array([[0.0, 0, 4, 4], [0, 1, 4, 5], [6, 6, 10, 10], [6, 7, 10, 11]])
    chain = np.array([[0.0, 0, 4, 4], [0, 1, 4, 5], [0, 2, 4, 6]])
    rng = np.random.default_rng(0)
    corners = rng.integers(0, 12, (12, 2))
    many = np.hstack([corners, corners + rng.integers(5, 9, (12, 2))]).astype(float)
    return [
        (hand, np.array([0.9, 0.8, 0.7, 0.6]), 0.5),
        (chain, np.array([0.7, 0.8, 0.9]), 0.5),
        (hand, np.array([0.6, 0.8, 0.9, 0.7]), 0.6),
        (many, rng.permutation(12) / 12, 0.3),
        (many, rng.permutation(12) - 5.5, 0.0),
        (np.zeros((0, 4)), np.zeros(0), 0.5),
    ]


check = Checks(
    residual_block=Function(
        right=residual_block,
        calls=_blocks(),
        hint="Compute F(x) with two calls of conv2d, then the shortcut, then the ReLU of their "
        "sum.",
        wrong=[
            (
                never_projected,
                "F(x) and x have different shapes in this call. With filters W_s, the shortcut is "
                "a projection of x.",
            ),
            (
                always_projected,
                "Where W_s is None there is no projection: the shortcut is x itself.",
            ),
            (projected_without_stride, "The projection needs the stride of the block."),
            (projected_with_padding, "A 1x1 convolution needs no padding."),
            *(
                (unpadded(*padding), "F(x) is too small: both 3 x 3 convolutions have padding 1.")
                for padding in ((1, 0), (0, 1), (0, 0))
            ),
            (
                _variant(strides=(1, 1)),
                "Only the first convolution has the stride. The second one has stride 1.",
            ),
            (
                _variant(strides=(0, 1)),
                "The stride belongs to the first convolution, not to the second.",
            ),
            (_variant(strides=(0, 0)), "No convolution of F has the stride."),
            (_variant(activations="a"), "A ReLU follows the sum."),
            (
                _variant(activations="ac"),
                "The last ReLU comes after the sum, not before it.",
            ),
            (
                _variant(activations="abc"),
                "There is a ReLU too many, after the second convolution. F(x) may be negative.",
            ),
            (_variant(activations="b"), "A ReLU is missing between the two convolutions."),
            (_variant(of_shortcut=relu), "The shortcut has no ReLU of its own."),
            (
                _variant(of_shortcut=lambda shortcut: 0 * shortcut),
                "That is F(x) alone. Where is the shortcut?",
            ),
            (chained, "The shortcut begins at x, before the first convolution."),
            (first_filters_twice, "Both convolutions use W_1. The second one has the filters W_2."),
        ],
    ),
    mask_iou=Function(
        right=mask_iou,
        calls=_batches(),
        hint="& gives the pixels in both masks, | those in at least one. Count them for each "
        "image, and treat an image without any pixel separately.",
        wrong=[
            (
                not_a_number,
                "0 / 0 is nan. Where both masks are empty, the prediction is right, and the IoU "
                "is 1.",
            ),
            (
                lambda truth, predicted: mask_iou(truth, predicted, empty=0.0),
                "Where both masks are empty, the prediction is right, and the IoU is 1.",
            ),
            (
                right_if_either_is_empty,
                "Where only one of the masks is empty, the prediction is wrong, and the IoU is 0.",
            ),
            (
                smoothed,
                "A constant that is added to both counts gives 1 where both are 0, but it changes "
                "all other values, too.",
            ),
            *_over(of_both, "That is the Dice coefficient: it counts the shared pixels twice.", 2),
            *_over(
                of_both,
                "The pixels in both masks are counted twice in your union. An IoU of equal masks "
                "is 1.",
            ),
            *_over(
                lambda truth, predicted: truth.sum(axis=(1, 2)),
                "That is the recall: you divide by the true pixels. Divide by the union.",
            ),
            *_over(
                lambda truth, predicted: predicted.sum(axis=(1, 2)),
                "That is the precision: you divide by the predicted pixels. Divide by the union.",
            ),
            *_over(
                lambda truth, predicted: (truth ^ predicted).sum(axis=(1, 2)),
                "^ gives the pixels in exactly one mask. The union has those in both as well.",
            ),
            (
                lambda truth, predicted: (truth == predicted).mean(axis=(1, 2)),
                "That is the accuracy of all pixels, in which the background counts.",
            ),
            *(
                (
                    of_the_batch(empty),
                    "That is one number for the whole batch. Each image has its own.",
                )
                for empty in (1.0, np.nan)
            ),
            *(
                (mean_of(iou), "That is the mean over the batch. Return the IoU of each image.")
                for iou in (mask_iou, not_a_number)
            ),
            (
                lambda truth, predicted: counts(truth, predicted)[0],
                "That is the number of pixels in both masks. Divide it by the union.",
            ),
        ],
    ),
    suppress=Function(
        right=suppress,
        calls=_boxes(),
        hint="Keep the first number of the order, and of the others those whose IoU with it is at "
        "most the threshold. Repeat this until no number is left.",
        wrong=[
            (
                without_better_neighbor,
                "A box that was deleted must not delete others. Compare each box only with boxes "
                "that are kept.",
            ),
            (
                lambda boxes, scores, t: suppress(boxes, -scores, t),
                "Begin with the highest score, not with the lowest.",
            ),
            (
                lambda boxes, scores, t: suppress(boxes, -np.arange(len(boxes)), t),
                "Go through the boxes by falling score, not in the order of their numbers.",
            ),
            (
                lambda boxes, scores, t: suppress(boxes, scores, t, np.greater_equal),
                "A box whose IoU equals the threshold is kept.",
            ),
            (
                lambda boxes, scores, t: suppress(boxes, scores, t, np.less_equal),
                "Delete the boxes with a high IoU, and keep those with a low one.",
            ),
            (
                lambda boxes, scores, t: sorted(suppress(boxes, scores, t)),
                "The right boxes. Return them by falling score.",
            ),
            (
                lambda boxes, scores, t: [int(n) for n in np.argsort(-scores)],
                "All boxes are kept. Delete those that overlap a better one.",
            ),
            (
                against_best,
                "Compare the boxes with every box that is kept, not only with the first one.",
            ),
            (
                lambda boxes, scores, t: suppress(boxes, scores, t)[:1],
                "One box is kept. Go on with the best of the boxes that are left.",
            ),
            (
                lambda boxes, scores, t: boxes[suppress(boxes, scores, t)],
                "Those are the boxes. Return their numbers.",
            ),
        ],
    ),
)
