"""Questions and answers of the lesson "Mathematics of convolution": read this when you are done."""

import numpy as np

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    echo=Prediction(
        right=13,
        why="12 from the clap at second 2, and 1 from the echo of the clap at second 0.",
        wrong={
            12: "That is the clap at second 2 alone. Is the first clap still to be heard?",
            7: "Those are the strengths 4 and 3, multiplied in the wrong pairs: 1 * 4 + 3 * 1.",
            4: "That is what you hear at second 0.",
            6: "That is what you hear at second 3.",
            3: "That is the force of the clap. How strong is a clap of force 3?",
            16: "That is both claps. The first one has become an echo by then.",
            15: "Of the first clap, only the echo after two seconds is heard at second 2.",
            14: "After two seconds, the second echo of the first clap is heard, not the first.",
        },
        hint="Each clap starts its own echo 4, 2, 1. Add up what is heard at second 2.",
    ),
    order=Prediction(
        right=lambda echo, claps: np.correlate(echo, claps, mode="full"),
        why="Exchanging the arguments of a cross-correlation reverses its output.",
        wrong={
            (1, 2, 7, 6, 12): "That would mean that the order does not matter.",
            (4, 2, 13, 6, 3): "That is the convolution.",
            (3, 6, 13, 2, 4): "That is the convolution in reverse.",
            7: "That is the value at t = 0. How does the kernel overlap at the other four t?",
        },
        hint="Slide [1, 0, 3] over [4, 2, 1]; the first value is where only one entry overlaps.",
    ),
    next_patch=Prediction(
        right=lambda convolve, cross_correlate, W, X: (
            cross_correlate(X, W)[0, 1],
            convolve(X, W)[0, 1],
        ),
        why="2 * 1 + 2 * (-1) without the flip, and 2 * (-1) + 1 * 2 + 2 * 1 with it.",
        wrong={
            (2, 0): "The right numbers, in the other order.",
            (
                4,
                0,
            ): "Those are the values of the first patch. The next one has the rows 2 0 and 1 2.",
            (0, 0): "The first is right. For the second, use the rotated kernel.",
            (2, 2): "The second is right. For the first, use the kernel without a flip.",
            (0, 5): "The first is right. For the second, you flipped the rows only.",
            (0, 3): "The first is right. For the second, you flipped the columns only.",
            (2, 4): "That is the patch one row further down. Go one column to the right.",
            0: "Give both numbers, as a tuple.",
            2: "Give both numbers, as a tuple.",
        },
        hint="The patch has the rows 2 0 and 1 2. Take its dot products with W and the rotated W.",
    ),
    corner=Prediction(
        right=lambda cross_correlate, impulse, nine: cross_correlate(impulse, nine)[0, 0],
        why="On the upper left patch, the single 1 is at the lower right, under the 9.",
        wrong={
            1: "On the upper left patch, rows 0 to 2 and columns 0 to 2, where is the single 1?",
            0: "The patch of rows 0 to 2 and columns 0 to 2 does contain the single 1.",
            5: "The single 1 is under the middle of the kernel only for the middle output value.",
            45: "Only one of the nine products is not 0.",
        },
        hint="Which weight lies on the single 1 while the kernel covers the upper left patch?",
    ),
    factor=Prediction(
        right=-1,
        why="Flipping Sobel x in both directions changes the sign of every weight.",
        wrong={
            1: "Write down the flipped kernel. Is it the same?",
            0: "The two outputs are not 0. Write down the flipped kernel.",
        },
        hint="Flip the rows, then the columns, and compare with the original kernel.",
    ),
    patches=Prediction(
        right=(6, 4),
        why="Six positions of the kernel, four pixels in each patch.",
        wrong={
            (4, 6): "That has a patch in each column. Here each patch is a row.",
            (2, 3): "That is the shape of the output. Each of its 6 values needs a patch.",
            (12, 4): "The kernel does not fit at every one of the 12 pixels.",
            (6, 2): "A patch has 2 x 2 pixels.",
        },
        hint="How many patches are there, and how many pixels does each of them have?",
    ),
    two_layers=Prediction(
        right=lambda convolve2d: len(convolve2d(np.ones((3, 3)), np.ones((3, 3)))),
        why="A value of the second output depends on 3 + 2 rows of the input.",
        wrong={
            3: "The second kernel looks at 3 x 3 values, each of which looks at 3 x 3 pixels.",
            (5, 5): "The size is right. Answer with f alone, a single number.",
            6: "Neighboring patches overlap, so the sizes do not simply add up.",
            9: "Sizes do not multiply: neighboring patches overlap.",
            4: "Together the two remove 4 rows. How many rows does a kernel of size f remove?",
        },
        hint="How many rows of the input does one value of the second output depend on?",
    ),
)
