"""Questions and answers of the lesson "Images and filters": read this when you are done."""

import numpy as np

from lesson_tools.predictions import Prediction, Predictions

SMALL_EDGE = np.tile([2, 2, 2, 7, 7], (3, 1))

predict = Predictions(
    overflow=Prediction(
        right=lambda: int((np.array([200], np.uint8) + np.array([100], np.uint8))[0]),
        why="300 does not fit into 8 bits; in arrays, NumPy keeps 300 - 256 without a warning.",
        wrong={
            300: "300 does not fit into 8 bits. Which values can a uint8 hold?",
            255: "Clipping at 255 would be sensible, but NumPy does not clip.",
            45: "A uint8 has 256 different values, not 255.",
            -56: "That is 200 read as a signed 8-bit integer. A uint8 has no sign.",
        },
        hint="A uint8 holds 0 to 255, and counting past 255 starts again at 0.",
    ),
    size=Prediction(
        right=(4, 5),
        why="The patches start at rows 0, 2, 4, 6 and at columns 0, 2, 4, 6, 8.",
        wrong={
            (7, 10): "That is the size with stride 1.",
            (5, 6): "That takes every second pixel, also where the kernel no longer fits.",
            (5, 4): "The right numbers in the wrong order: rows come first.",
            (4, 5.5): "The kernel starts at whole columns only. Round down.",
            (4, 6): "Does a kernel with 3 columns fit at column 10?",
            (3, 5): "The rows start at 0, 2, 4, ...; is there one more that fits?",
            20: "That is the number of positions. How many rows and columns do they form?",
            (3, 4): "That is (9 - 3) / 2 and (12 - 3) / 2; the position at 0 is missing.",
        },
        hint="List the rows at which the kernel can start; the whole kernel must fit.",
    ),
    last=Prediction(
        right=lambda W7, X7: np.sum(X7[4:7, 4:7] * W7),
        why="(9 + 16 + 24) + (9 + 0 + 6) + (-2 + 0 + 12).",
        wrong={
            78: "Check the sign of the weight in the lower left corner.",
            49: "That is the first row of the patch. Add the other two rows.",
            64: "That is the first two rows of the patch. Add the third.",
            48: "That is the sum with the kernel upside down and reversed. Do not flip it.",
        },
        hint="The patch is [3, 4, 6], [9, 8, 3], [2, 1, 4]: nine products, then their sum.",
    ),
    sharpen=Prediction(
        right=-20,
        why="5 * 10 minus the neighbors 10, 10, 10 and 40 gives -20.",
        wrong={
            10: "That would be right if all four neighbors were 10. One of them is 40.",
            0: "The pixels above and below count as well. And the result is not clipped at 0.",
            70: "That is the value of the bright pixel beside it.",
            20: "The sign is lost: 50 minus 70.",
        },
        hint="Five times the pixel minus its four neighbors: above, below, left and right.",
    ),
    sobel=Prediction(
        right=lambda cross_correlate, sobel_x: cross_correlate(SMALL_EDGE, sobel_x)[0],
        why="At two of the three positions the change of 5 counts 1 + 2 + 1 times.",
        wrong={
            (0, 20, 0): "At two positions the 2 and the 7 are in the outer columns of the kernel.",
            (0, 0, 20): "At two positions the 2 and the 7 are in the outer columns of the kernel.",
            (0, 5, 5): "That is the change in one row. Add up three rows, weighted 1, 2 and 1.",
            (0, 10, 10): "That is the middle row alone. The other two rows count as well.",
            (0, 15, 15): "The middle row has twice the weight of the other two.",
            (0, -20, -20): "Right neighbor minus left neighbor: the image gets brighter.",
            (0, 0, 20, 20, 0): "In 5 columns, a kernel of 3 columns has 3 positions.",
            (0, 20, 20, 0): "In 5 columns, a kernel of 3 columns has 3 positions.",
            20: "That is the largest value. What are the other two?",
        },
        hint="At each position, take the right column minus the left one, weighted 1, 2 and 1.",
    ),
    line=Prediction(
        right=lambda A_line: A_line[0],
        why="Only where the line is under the middle column do three ones meet three ones.",
        wrong={
            (0, 0, 0, 3, 3, 0, 0, 0): "The kernel fits in only 6 columns, so there are 6 values.",
            (0, 0, 0, 3, 3, 0): "Output column w looks at image columns w to w + 2.",
            (0, 0, 1, 1, 0, 0): "Right positions, but the three products have to be added.",
            (0, 3, 3, 3, 3, 0): "The outer columns of the kernel are 0.",
            (0, 0, 3, 0, 0, 0): "The line is two pixels wide.",
        },
        hint="For each output column w, look at the image column w + 1, under the ones.",
    ),
    bias=Prediction(
        right=-2,
        why="The horizontal line gives max(2 - 2, 0) = 0 and the vertical line 3 - 2 = 1.",
        wrong={
            2: "The bias is added, so a positive bias makes all values larger.",
            -1: "The horizontal line still gives 1 at some positions.",
            -3: "With this bias, the vertical line gives 0 as well.",
            0: "The horizontal line gives 2 at some positions.",
            -2.5: "The horizontal line gives 0, but the vertical line could keep more.",
            -1.5: "The horizontal line still gives 0.5 at some positions.",
        },
        hint="Without a bias, the horizontal line gives up to 2 and the vertical line 3.",
    ),
)
