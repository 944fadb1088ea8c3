"""Questions and answers of the lesson "Start here": read this when you are done."""

import numpy as np

from convnet.data import load_sample_image
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    memory=Prediction(
        right=6,
        why="The cell has run three times. Deleting its text deletes nothing from memory.",
        wrong={
            8: "Each run of the cell takes a life. How often did it run?",
            9: "Deleting a cell removes its text. Where is the value of lives?",
            7: "Count the runs again: three.",
        },
        hint="How many lives did the runs take, and what does deleting the text change in memory?",
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
)


def brighten(image: Array, amount: int) -> Array:
    bright: Array = np.clip(image.astype(int) + amount, 0, 255).astype(np.uint8)
    return bright


def to_unit(image: Array) -> Array:
    return image / np.iinfo(image.dtype).max if image.dtype.kind in "iu" else image


def moved(before: Array, after: Array) -> Array:
    marks: Array = np.abs(after.astype(int) - before).max(axis=2) > 30
    return marks


cat = load_sample_image("chelsea.jpg")[::4, ::4]
some_bytes = np.array([[0, 40, 200], [175, 176, 255]], dtype=np.uint8)
one_pixel = np.array([[[100, 100, 100], [5, 5, 5]]], np.uint8)
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
            (np.array([[0, 2**31]], dtype=np.uint32),),
            (np.array([[0, 30000]], dtype=np.int16),),
            (np.array([[0, 1]], dtype=np.uint8),),
            (np.array([[0.0, 0.25], [0.5, 0.125]]),),
            (np.array([[0.0, 0.25]], dtype=np.float32),),
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
    moved=Function(
        right=moved,
        calls=[
            (np.full((2, 3, 3), 20, np.uint8), np.full((2, 3, 3), 10, np.uint8)),
            (one_pixel, np.where(one_pixel == 100, [[[100, 69, 130]]], one_pixel).astype(np.uint8)),
            (np.zeros((1, 2, 3), np.uint8), np.array([[[0, 0, 255], [240, 0, 0]]], np.uint8)),
            (cat[:, 1:], cat[:, :-1]),
            (cat[:, :-1], cat[:, 1:]),
        ],
        hint="Subtract in a larger integer type. Which axis of the result should be gone?",
        wrong=[
            (
                lambda before, after: (np.abs(after - before) > 30).any(axis=2),
                "In `uint8`, 10 - 20 is 246. Convert both images before you subtract.",
            ),
            (
                lambda before, after: np.abs(after - before) > 30,
                "In `uint8`, 10 - 20 is 246. Convert both images before you subtract. And each "
                "pixel should get one value instead of three.",
            ),
            (
                lambda before, after: np.abs(after.astype(int) - before) > 30,
                "The differences are right, but each pixel should get one value instead of three.",
            ),
            (
                lambda before, after: (np.abs(after.astype(int) - before) > 30).all(axis=2),
                "One changed channel is enough. Here all three have to change.",
            ),
            (
                lambda before, after: np.abs(after.astype(int) - before).mean(axis=2) > 30,
                "The mean over the channels hides a change of one channel.",
            ),
            (
                lambda before, after: (after.astype(int) - before).max(axis=2) > 30,
                "A pixel that becomes darker has changed, too: `np.abs`.",
            ),
            (
                lambda before, after: np.abs(after.astype(int) - before).max(axis=2) >= 30,
                "A change of exactly 30 is not more than 30.",
            ),
            (
                lambda before, after: np.abs(after.astype(int) - before).max(axis=2),
                "Those are the changes. Compare them with 30.",
            ),
        ],
    ),
)
