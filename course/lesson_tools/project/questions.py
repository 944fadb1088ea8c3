"""Questions and answers of "Project": read this when you are done."""

import numpy as np

from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    shared=Prediction(
        right=128,
        why="16 rows of the 8 columns from 108 to 115.",
        wrong={
            8: "So many columns are shared. How many pixels are in them?",
            64: "Eight columns are shared, but all 16 rows are.",
            256: "Only if both begin in the same column.",
        },
        hint="One patch covers columns 100 to 115, the other 108 to 123.",
    ),
    trainings=Prediction(
        right=14,
        why="Three settings with three seeds, and then five runs of the best setting.",
        wrong={
            9: "Those choose the setting. And the test?",
            8: "Each of the three settings is tried with three seeds.",
            24: "Only the best of the three settings is run for the test.",
            45: "Only the best setting runs for the test, and its runs are added.",
            15: "The three settings are tried with three seeds, not with five.",
        },
        hint="First count the trainings that choose the setting.",
    ),
    verdict=Prediction(
        right="b",
        why="The lowest run, 0.92, is below the baseline's mean, 0.93.",
        wrong={
            "a": "Compare the lowest run of the network with the baseline's mean, as planned.",
            "c": "You planned five runs. If the result makes you add some, luck gets a second try.",
        },
        hint=f"What is the baseline's mean, and what is the network's lowest run? {LETTER}",
    ),
    standard_error=Prediction(
        right=100 * float(np.sqrt(0.95 * 0.05 / 900)),
        why="The root of 0.0475/900 is 0.0073.",
        wrong={
            0.0: "In percentage points: take the root of 0.0475/900, and multiply it by 100.",
            21.8: "Divide by 900 before you take the root.",
            3.2: "Did you forget the factor of 0.05?",
        },
        decimals=1,
        hint="0.95 times 0.05 is 0.0475. Divide by 900, and take the root.",
    ),
)


def test_images(groups: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    return np.isin(groups, names[: round(fraction * len(names))])


def by_image(groups: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(len(groups))
    return np.isin(np.arange(len(groups)), order[: round(fraction * len(groups))])


def in_order(groups: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    names = np.unique(groups)
    return np.isin(groups, names[: round(fraction * len(names))])


def truncated(groups: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    return np.isin(groups, names[: int(fraction * len(names))])


def rounded_up(groups: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    return np.isin(groups, names[: int(np.ceil(fraction * len(names)))])


MUSHROOMS = np.array(["b", "a", "b", "c", "a", "d", "e", "e", "c", "b"])
VIDEOS = np.repeat(["v01", "v02", "v03", "v04", "v05", "v06", "v07", "v08"], 5)

check = Checks(
    test_images=Function(
        right=test_images,
        calls=[(MUSHROOMS, 0.4, 0), (MUSHROOMS, 0.2, 3), (VIDEOS, 0.35, 1), (VIDEOS, 0.4, 2)],
        hint="First choose names, then ask for each image whether its name is among them.",
        wrong=[
            (by_image, "This divides images, so images of one group are on both sides."),
            (truncated, "Round the number of test groups to the nearest integer."),
            (rounded_up, "Round the number of test groups to the nearest integer."),
            (in_order, "The first names are always the test groups. Permute them with the seed."),
            (
                lambda groups, fraction, seed: ~test_images(groups, fraction, seed),
                "True and False are exchanged.",
            ),
            (
                lambda groups, fraction, seed: np.isin(
                    groups,
                    np.random.default_rng(seed).permutation(groups)[
                        : round(fraction * len(np.unique(groups)))
                    ],
                ),
                "A group with many images is drawn more often. Use each name once: np.unique.",
            ),
        ],
    ),
    errors=Answer(
        right=(0.015, 3600),
        hint="0.9 times 0.1 is 0.09. For the second number, solve the formula for n.",
        wrong=[
            ((0.000225, 3600), "The first number lacks its root."),
            ((0.015, 18), "The standard error has to be squared when you solve for n."),
            ((0.00075, 3600), "For the first number, the root covers the division by n, too."),
            ((0.015, 60), "0.3 / 0.005 is the root of n. Square it."),
            (
                (0.015, 1200),
                "A third of the error needs nine times as many images, not three times.",
            ),
            ((0.015, 133), "More images, not fewer, make the error smaller."),
            ((1.5, 3600), "That is in percentage points. As a fraction, please."),
        ],
    ),
    rows=Answer(
        right="bcde",
        hint="Compare each line of the page with its row of the rubric. Four rows lose points. "
        "List them in alphabetical order.",
        wrong=[
            (
                "be",
                "Two more. How many settings did each method try, and which simple method was it?",
            ),
            ("bde", "One more. Was the baseline given a chance?"),
            ("cde", "One more. Two images from one video are nearly the same image."),
            ("bcd", "One more. What do you know if you know the best of five seeds?"),
            ("bce", "One more. How many settings did each method try?"),
            ("edcb", "These are the right rows. List them in alphabetical order."),
            ("abcde", "The question names what is compared, on which images, and by which number."),
            ("bcdef", "The page says what did not work, and how far its answer reaches."),
            ("abcdef", "Not all of them: two rows have full points."),
        ],
    ),
)
