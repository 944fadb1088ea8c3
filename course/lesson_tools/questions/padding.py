"""Questions and answers of the lesson "Padding": read this when you are done."""

import numpy as np

from lesson_tools.predictions import Prediction, Predictions

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
    patches=Prediction(
        right=(1, 2, 9),
        why="In each direction the counts are 1 at the border, 2 beside it and 3 further inside.",
        wrong={
            (1, 3, 9): "The pixel beside the corner: at which columns can such a patch start?",
            (1, 2, 8): "A 3 x 3 kernel can put each of its weights on a pixel in the middle.",
            (1, 2, 36): "There are 36 patches in all. How many of them contain one given pixel?",
            (1, 2, 3): "In the middle, the patch can start at three rows and at three columns.",
            (4, 6, 9): "The kernel has to stay inside the image here.",
        },
        hint="Count the rows at which such a patch can start, and the columns, and multiply.",
    ),
    ends=Prediction(
        right=lambda cross_correlate, W, X: tuple(cross_correlate(np.pad(X, 1), W).flat[[0, -1]]),
        why="0 + 2 * 1 - 1 in the first patch, and 2 + 2 * 3 - 0 in the last one.",
        wrong={
            (2, 3): "That is the output without padding.",
            (3, 4): "That is the sum with a flipped kernel.",
            (2, 6): "The middle weight is right. Which other weights lie on the image?",
            (3, 8): "Check the sign of the weight in the lower right corner.",
            (8, 1): "The right values in the wrong order.",
        },
        hint="Zeros fill the upper row and left column of the first patch, and the lower row and "
        "right column of the last one.",
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
    full=Prediction(
        right=lambda strip, kernel: np.correlate(strip, kernel, mode="full"),
        why="Five values with the middle of the kernel on the vector, and one more at each end.",
        wrong={
            (1, -1, 6): "These are the values where the whole kernel lies on the vector.",
            (
                4,
                1,
                -1,
                6,
                5,
            ): "These are the values where the middle of the kernel lies on the vector.",
            (2, 4, -1, 5, 6, -1, -1): "That flips the kernel.",
            (-2, 4, 1, -1, 6, 5): "One value is missing at the end.",
        },
        hint="The kernel has 7 positions on 0, 0, 2, 0, 1, 3, 1, 0, 0. Write down three products "
        "for each.",
    ),
    corner=Prediction(
        right=lambda cross_correlate: cross_correlate(
            np.pad(np.full((20, 20), 225.0), 7), np.ones((15, 15)) / 225
        )[0, 0],
        why="8 x 8 of the 225 weights lie on the image, and each contributes 225 / 225 = 1.",
        wrong={
            225: "That is right far away from the border.",
            14400: "Each weight is 1/225, so this is the sum of the pixels, not their mean.",
            120: "That is right at a straight border. In a corner, two sides are missing.",
            56.25: "A quarter is close, but the middle row and column still lie on the image.",
            49: "The middle row and column of the kernel lie on the image, too.",
            0: "Some of the weights still lie on the image.",
        },
        hint="How many of the 15 x 15 weights lie on the image with the middle one on the corner?",
    ),
)
