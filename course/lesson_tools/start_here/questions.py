"""Questions and answers of the lesson "Start here": read this when you are done."""

import numpy as np

from convnet.data import load_sample_image
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    memory=Prediction(
        right=30,
        why="The cell has run three times. Deleting its text deletes nothing from memory.",
        wrong={
            10: "Each run of the cell adds 10. How often did it run?",
            0: "Deleting a cell removes its text. Where is the value of shift?",
            20: "Count the runs again: three.",
        },
        hint="How often did 10 get added, and what does deleting the cell's text change in memory?",
    ),
    crop=Prediction(
        right=(18, 28, 3),
        why="64 - 46 rows, 72 - 44 columns, and all three colors.",
        wrong={
            (19, 29, 3): "A slice stops before its second number: rows 46 to 63.",
            (28, 18, 3): "The first slice cuts rows, the second one columns.",
            (18, 28): "Each pixel still has its three colors.",
            (46, 64, 3): "Those are the two ends of the first slice. How many rows lie between?",
        },
        hint="a:b has b - a entries. The axis that no slice names stays whole.",
    ),
    columns=Prediction(
        right=(100, 3),
        why="Axis 0, the rows, is gone: one mean color remains for each column.",
        wrong={
            (67, 3): "That is the mean over axis 1. Which axis of (67, 100, 3) has the number 0?",
            (67, 100): "That is the mean over axis 2, the colors.",
            (1, 100, 3): "The axis disappears altogether, unless you say keepdims=True.",
        },
        hint="Cross out entry 0 of (67, 100, 3).",
    ),
    fade=Prediction(
        right="a",
        why="The 100 numbers line up with the 100 columns, so each row is multiplied by the ramp.",
        wrong={
            "b": "Which axis of (67, 100) is at the right end, rows or columns?",
            "c": "Write (100,) below (67, 100), aligned at the right. Do the two lengths fit?",
        },
        hint=f"Shapes are lined up at their right ends. {LETTER}",
    ),
    view=Prediction(
        right=(255, 255),
        why="The slice shares gray's memory, and the sum is a new array.",
        wrong={
            (255, 0): "The sum gray + 50 is a new array. Does gray see what happens to it?",
            (0, 0): "The sum gray + 50 is a new array. Does gray see what happens to it?",
        },
        hint="Which of the two arrays shares its memory with gray: the slice or the sum?",
    ),
    overflow=Prediction(
        right=24,
        why="280 - 256 = 24: nearly black.",
        wrong={
            280: "280 does not fit into 8 bits.",
            255: "NumPy does not stop at 255: it begins again at 0.",
            25: "The first number after 255 is 0, not 1.",
        },
        hint="256 becomes 0, 257 becomes 1. What does 280 become?",
    ),
    neighbors=Prediction(
        right=(67, 99),
        why="100 columns have 99 pairs of neighbors.",
        wrong={
            (67, 100): "How many columns has gray without its first one?",
            (67, 98): "Both slices leave out one column, but each another one.",
            (66, 99): "The colon alone keeps all rows.",
        },
        hint="Both slices leave out one column: the first or the last.",
    ),
    blank=Prediction(
        right="a",
        why="All differences between neighbors are 255 times smaller, too small for an edge.",
        wrong={
            "b": "A step from dark to bright becomes a step from bright to dark. Is it smaller?",
            "c": "Red and blue change places, but where one of them changes, it still changes.",
        },
        hint=f"An edge is a large difference between neighbors. {LETTER}",
    ),
)


def brighten(image: Array, amount: int) -> Array:
    bright: Array = np.clip(image.astype(int) + amount, 0, 255).astype(np.uint8)
    return bright


def to_unit(image: Array) -> Array:
    return image / np.iinfo(image.dtype).max if image.dtype.kind in "iu" else image


cat = load_sample_image("chelsea.jpg")[::4, ::4]
some_bytes = np.array([[0, 40, 200], [175, 176, 255]], dtype=np.uint8)
check = Checks(
    eye=Answer(
        right=cat[19:33, 30:47],
        hint="Rows first: `cat[first row:last row + 1, first column:last column + 1]`.",
        wrong=[
            (cat[30:46, 19:32], "The first slice cuts rows, so this is a piece of the cheek."),
            (cat[30:47, 19:33], "The first slice cuts rows, so this is a piece of the cheek."),
            (
                cat[19:32, 30:46],
                "Rows and columns are in the right order. But a slice stops before its second "
                "number, and so the last row and the last column are missing.",
            ),
            (cat[19:33, 30:46], "The last column is missing."),
            (cat[19:32, 30:47], "The last row is missing."),
            (cat[19:33][30:47], "Two pairs of brackets cut the rows twice. Put both into one."),
            (cat[19:32][30:46], "Two pairs of brackets cut the rows twice. Put both into one."),
            (cat[19:33, 30:47, 0], "Only red is left: leave the third axis whole."),
        ],
    ),
    brighten=Function(
        right=brighten,
        calls=[(some_bytes, 80), (some_bytes, 255), (cat, 42), (cat, 0)],
        hint="Add in a larger integer type, keep the sum between 0 and 255, and return bytes.",
        wrong=[
            (
                lambda image, amount: (image.astype(int) + amount).astype(np.uint8),
                "The sum begins again at 0 after 255. The order matters: first `astype(int)`, "
                "then add and clip, and only at the end back to `np.uint8`.",
            ),
            (
                lambda image, amount: image.astype(int) + amount,
                "Some sums are larger than 255. What does `np.clip` do with them?",
            ),
            (
                lambda image, amount: np.clip(image.astype(int) + amount, 0, 255),
                "The numbers are right, but they are not bytes. Convert the result at the end, "
                "with `.astype(np.uint8)`.",
            ),
        ],
    ),
    to_unit=Function(
        right=to_unit,
        calls=[
            (some_bytes,),
            (np.array([[0, 1], [20, 30]], dtype=np.uint8),),
            (np.array([[0, 4660], [30000, 65535]], dtype=np.uint16),),
            (np.array([[0.0, 0.25], [0.5, 0.125]]),),
        ],
        hint="np.issubdtype(image.dtype, np.integer) tells you whether the image holds integers.",
        wrong=[
            (
                lambda image: image / 255,
                "255 is the largest number of 8 bits only, and floating-point images are in the "
                "range already.",
            ),
            (
                lambda image: image / 255 if image.dtype == np.uint8 else image,
                "This is right for 8 bits. The largest number of 16 bits is 65,535.",
            ),
            (
                lambda image: image,
                "The integers came back as they were. Changing the dtype does not change the "
                "range, and `image.dtype == int` is true for 64-bit integers only; "
                "`np.issubdtype(image.dtype, np.integer)` is true for all.",
            ),
            (
                lambda image: image / np.iinfo(image.dtype).max,
                "`np.iinfo` knows integers only. Floating-point images are in the range already: "
                "ask with `np.issubdtype(image.dtype, np.integer)` first.",
            ),
            (
                lambda image: image / image.max(),
                "Divided by its own maximum, a dark image becomes a bright one.",
            ),
            (
                lambda image: image / (255 if image.dtype.kind == "u" else 1),
                "The largest value of 16 bits is 65,535.",
            ),
        ],
    ),
)
