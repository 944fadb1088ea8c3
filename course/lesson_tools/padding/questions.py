"""Questions and answers of the lesson "Padding": read this when you are done."""

from typing import Any

import numpy as np

from convnet.data import digits, load_sample_image
from convnet.types import Array
from lesson_tools.cross_correlation import X7, X, cross_correlated
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

__all__ = ["LETTERS", "PADDED", "check", "predict"]

predict = Predictions(
    shrink=Prediction(
        right=3,
        why="The sizes are 8, 6, 4 and 2, and a 3 x 3 kernel does not fit on 2 x 2 pixels.",
        wrong={
            2: "How large is the image after two kernels? Does another one fit?",
            4: "How large is the image before the fourth kernel?",
            5: "Each kernel removes more than one row and column.",
            6: "Each kernel removes more than one row and column.",
            7: "Each kernel removes more than one row and column.",
        },
        hint="The output has n - f + 1 rows. Start at 8 and repeat as long as the kernel fits.",
    ),
    same_pad=Prediction(
        right=3,
        why="28 + 2 * 3 - 7 + 1 = 28.",
        wrong={
            6: "That is the padding of both sides together.",
            7: "The kernel removes f - 1 pixels, and there are two sides to add them to.",
            3.5: "The kernel removes f - 1 pixels, not f.",
            1: "That is right for 3 x 3 kernels. How many rows does a 7 x 7 kernel remove?",
        },
        hint="There are n + 2p - f + 1 positions. Which p makes this n?",
    ),
    batch=Prediction(
        right=lambda: np.pad(np.ones((4, 3, 3, 2)), 1).shape,
        why="A single number pads every axis, also those for the examples and the channels.",
        wrong={
            (4, 5, 5, 2): "That is what you want. How should NumPy know which axes are spatial?",
            (4, 5, 5, 4): "Three of the four axes are right.",
            (6, 5, 5, 2): "Three of the four axes are right.",
            (5, 4, 4, 3): "The padding is per side, and each axis has two sides.",
        },
        hint="The number applies to both sides of every axis.",
    ),
    corner=Prediction(
        right=lambda cross_correlate, blur: cross_correlate(
            np.pad(np.full((6, 6), 225.0), 1), blur
        )[0, 0],
        why="4 of the 9 weights lie on the image, and 4/9 of 225 is 100.",
        wrong={
            225: "That is right far away from the border.",
            900: "Each weight is 1/9, so this is the sum of the pixels, not their mean.",
            150: "That is right at a straight border. In a corner, two sides are missing.",
            56.25: "A quarter is close, but the middle row and column still lie on the image.",
            25: "The middle row and column of the kernel lie on the image, too.",
            0: "Some of the weights still lie on the image.",
        },
        hint="How many of the 3 x 3 weights lie on the image with the middle one on the corner?",
    ),
    closest=Prediction(
        right="edge",
        why="Its pixel is only one step away from the one that it replaces.",
        wrong={
            "reflect": "Close: its value comes from two steps away. Is there a nearer pixel?",
            "wrap": "The opposite side of a photograph usually shows something else.",
            "constant": "Only if the scene happens to be black around the photograph.",
            "zeros": "Only if the scene happens to be black around the photograph.",
        },
        hint="From where in the image does each of them take its value?",
    ),
    torch_order=Prediction(
        right=(2, 3, 1, 0),
        why="The last axis comes first: left, right, then top, bottom.",
        wrong={
            (1, 0, 2, 3): "That is NumPy's order, the rows first. Which axis is the last one?",
            (3, 2, 0, 1): "The axes are in the right order. Within an axis, before comes first.",
            (0, 1, 3, 2): "The columns are the last axis, so they come first.",
        },
        hint="The columns are the last axis. Begin with the padding on their left.",
    ),
)


def _gray(name: str) -> Array:
    image = load_sample_image(name).astype(float)
    return image.mean(axis=2) if image.ndim == 3 else image


# The images of exercise 1, with their padding.
PADDED: list[tuple[Array, int, Any]] = [
    (_gray("page.png")[10:70, 5:105], 20, "reflect"),
    (_gray("coins.jpg")[50:120, 80:200], 25, "wrap"),
    (digits().train_images[15, :, :, 0], 3, "symmetric"),
    (_gray("astronaut.jpg")[30:90, 90:180], 20, "edge"),
    (_gray("retina.jpg")[0:100, 20:170], 30, "constant"),
    (digits().train_images[12, :, :, 0], 3, "reflect"),
]
LETTERS = {"constant": "Z", "edge": "E", "reflect": "R", "symmetric": "S", "wrap": "W"}
MODES = "".join(LETTERS[mode] for _, _, mode in PADDED)


def unpad(padded: Array, pad: int) -> Array:
    return padded[pad : padded.shape[0] - pad, pad : padded.shape[1] - pad]


def unpad_buggy(padded: Array, pad: int) -> Array:
    return padded[pad:-pad, pad:-pad]


def sum_of_patch(X: Array, f: int, **mode: Any) -> Array:
    return cross_correlated(np.pad(X, (f - 1) // 2, **mode), np.ones((f, f)))


def mean_with_fixed_padding(X: Array, f: int) -> Array:
    total, count = (
        cross_correlated(np.pad(image, 1), np.ones((f, f))) for image in (X, np.ones(X.shape))
    )
    with np.errstate(invalid="ignore"):
        return total / count


def mean_of_nonzero(X: Array, f: int) -> Array:
    with np.errstate(invalid="ignore"):
        return sum_of_patch(X, f) / sum_of_patch(X != 0, f)


check = Checks(
    modes=Answer(
        right=MODES,
        hint="Look at two places: the pixels just outside the frame, and those far outside.",
        wrong=[
            (MODES.translate(str.maketrans("RS", "SR")), "Exchange R and S: who repeats a pixel?"),
            (
                MODES.replace("S", "R"),
                "In one of the digits, each pixel at the frame is there twice.",
            ),
            (
                MODES[:-1] + "S",
                "The digits differ. In which of them is each pixel at the frame there twice?",
            ),
            (MODES.replace("W", "R"), "Do the coins at the frame have mirror images?"),
            (MODES.replace("Z", "E"), "Is the retina black inside the frame, too, on every side?"),
            (MODES.replace("E", "R"), "Mirror images of a face are not stripes."),
        ],
    ),
    mirrored=Answer(
        right=[1, 7, 4, 7, 1, 5, 1, 7],
        hint="The mirror stands on the last pixel. Go outward from it, and read backward.",
        wrong=[
            ([7, 4, 4, 7, 1, 5, 5, 1], 'The last pixel comes twice: that is "symmetric".'),
            ([4, 4, 4, 7, 1, 5, 5, 5], 'The last pixel is repeated: that is "edge".'),
            ([1, 5, 4, 7, 1, 5, 4, 7], 'The opposite end follows: that is "wrap".'),
            ([7, 1, 4, 7, 1, 5, 7, 1], "The right pixels, but not in the order of a mirror."),
        ],
    ),
    sizes=Answer(
        right=(8, 12, 16),
        hint="VALID gives n - f + 1, SAME gives n, and FULL gives n + f - 1.",
        wrong=[
            ((7, 12, 17), "The kernel removes, or adds, f - 1 entries, not f."),
            ((8, 12, 12), "FULL padding is f - 1 per side, SAME padding half of that."),
            ((16, 12, 8), "These are the right numbers in the opposite order."),
            ((8, 12, 20), "FULL padding adds 2(f - 1) entries, and then the kernel removes f - 1."),
        ],
    ),
    unpad=Function(
        right=unpad,
        calls=[(np.pad(X, 1), 1), (np.pad(X, 2), 2), (X, 0), (np.pad(X7, 3, mode="wrap"), 3)],
        hint="Where does the image begin in the padded array, and at which index does it end?",
        wrong=[
            (
                unpad_buggy,
                "This is still wrong without padding: -0 is 0, and the slice 0:0 is empty. Compute "
                "the end from the size.",
            ),
            (
                lambda padded, pad: padded[pad:, pad:],
                "The padding remains at the bottom and right.",
            ),
            (lambda padded, pad: padded[:-pad, :-pad], "The padding remains at the top and left."),
            (
                lambda padded, pad: padded[pad : len(padded) - pad, pad : len(padded) - pad],
                "You use the height for the width as well. The image is not square.",
            ),
        ],
    ),
    mean_of_pixels=Function(
        right=lambda X, f: sum_of_patch(X, f) / sum_of_patch(np.ones(X.shape), f),
        calls=[(X, 3), (np.full((6, 7), 9), 5), (np.arange(30).reshape(5, 6) % 7, 5), (X, 1)],
        hint="In a corner a 3 x 3 kernel covers 4 pixels of the image. Divide their sum by 4.",
        wrong=[
            (
                lambda X, f: sum_of_patch(X, f) / f**2,
                "This divides by all weights, also by the padding.",
            ),
            (sum_of_patch, "This is the sum. Divide it by the number of pixels."),
            (
                lambda X, f: sum_of_patch(X, f, mode="edge") / f**2,
                "This counts the pixels at the border more than once.",
            ),
            (
                lambda X, f: cross_correlated(X, np.ones((f, f))) / f**2,
                "This output is smaller than the image. Pad it first.",
            ),
            (
                lambda X, f: sum_of_patch(X, f, mode="reflect") / f**2,
                "This counts mirrored pixels, too. Only pixels of the image should count.",
            ),
            (mean_of_nonzero, "A pixel of the image can be 0, too, and still counts."),
            (
                lambda X, f: sum_of_patch(X, 3) / sum_of_patch(np.ones(X.shape), 3),
                "This is right for a 3 x 3 kernel. How does the padding depend on f?",
            ),
            (
                mean_with_fixed_padding,
                "The output is too small for f = 5. How does the padding depend on f?",
            ),
            (
                lambda X, f: np.pad(X, (f - 1) / 2),
                "`/` always gives a float, even where the quotient is whole. Use `//`.",
            ),
        ],
    ),
)
