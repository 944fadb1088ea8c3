"""Questions and answers of the lesson "Output sizes": read this when you are done."""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions
from lesson_tools.stacks import Layers, layers_of, sizes, unread

FIVE_BLOCKS = 5 * [(3, 1, 0), (2, 2, 0)]

predict = Predictions(
    positions=Prediction(
        right=(2, 2),
        why="It starts at 0 and 2, or at 0 and 3.",
        wrong={
            (3, 2): "With stride 2, a third kernel would start at 4 and need a seventh number.",
            (2, 1): "With stride 3, the kernel that starts at 3 ends with the last number.",
            (3, 3): "The whole kernel must lie on the strip.",
            (1, 1): "Count the position at the start, too.",
            2: "Right for both. Answer with two numbers.",
        },
        hint="With stride 2, the kernel starts at 0, 2, 4, ... Which of these starts still fit?",
    ),
    fails=Prediction(
        right=9,
        why="64, 62, 31, 29, 14, 12, 6, 4, 2: the ninth layer is a 3 x 3 kernel on 2 x 2 values.",
        wrong={
            5: "Are you counting blocks? A block has two layers.",
            8: "That layer receives 4 x 4 values and returns 2 x 2. Which layer comes next?",
            10: "How many values does the layer before it receive?",
            7: "Check the odd sizes: 29 / 2 is rounded down to 14.",
            6: "Each convolution removes two rows; each pooling layer halves, rounded down.",
        },
        hint="Write down the size after each layer: minus 2, halved and rounded down, minus 2, ...",
    ),
    smallest=Prediction(
        right=22,
        why="1 needs 2, then 4, 8, 10, 20 and 22.",
        wrong={
            10: "That is enough for two blocks.",
            46: "That is what four blocks need.",
            94: "That is what five blocks need.",
            8: "Pooling doubles the size, and the convolution before it adds 2, in each block.",
            14: "The factor 2 comes first: the last block needs 4, so pooling before it needs 8.",
            20: "That is what the first pooling layer needs. One convolution comes before it.",
            23: "It works, but it is not the smallest.",
            24: "It works, but it is not the smallest.",
        },
        hint="The third block needs 4. Which size does the pooling layer of the second block need?",
    ),
    largest=Prediction(
        right=29,
        why="1 comes from at most 3, then 5, 11, 13, 27 and 29.",
        wrong={
            30: "That is the smallest image with two values.",
            22: "That is the smallest image with one value.",
            23: "Each pooling layer can lose a row, not only the first.",
            28: "Pooling turns up to 2 * n + 1 rows into n.",
            13: "That is the largest for two blocks.",
            61: "That is the largest for four blocks.",
            27: "That is what the first pooling layer accepts. A convolution comes before it.",
        },
        hint="The last pooling layer returns 1 for 2 and for 3. So the last block accepts up to 5.",
    ),
)


def not_a_network(given: Any, count: int | None = None) -> str:
    """Return the problem with the form of an answer; "" if there is none."""
    try:
        layers = layers_of(given)
    except ValueError as error:
        return f"This answer is not allowed: {error}."
    if count and len(layers) != count:
        number = f"{len(layers)} layer{'s' * (len(layers) != 1)}"
        return f"The network has {number}, but it should have {count}."
    return ""


def misfit(n: int, layers: Layers, target: int | None = None) -> str:
    """Return the problem with the sizes of a network; "" if there is none."""
    before = sizes(n, layers)
    chain = " -> ".join(map(str, before))
    if len(before) <= len(layers):
        f, _, p = layers[len(before) - 1]
        padding = f" with {p} on each side" if p else ""
        return f"{chain}, and a kernel of {f} does not fit {before[-1]}{padding}."
    if target and before[-1] != target:
        return f"{chain}: the output should have size {target}."
    lost = int(unread(n, layers).sum())
    if lost:
        return f"{chain}: all layers fit, but {lost} of {n} pixels are never read."
    return ""


def first_round(given: Any) -> str:
    problem = not_a_network(given, 2)
    if problem:
        return problem
    for layer in layers_of(given):
        if not 2 <= layer[0] <= 5:
            return f"{layer} has a kernel of size {layer[0]}: use sizes from 2 to 5."
    return misfit(20, layers_of(given), 4)


def second_round(given: Any) -> str:
    if isinstance(given, tuple | list) and len(given) == 3 and not np.iterable(given[0]):
        given = [given]  # a layer
    return not_a_network(given, 1) or misfit(125, [*layers_of(given), *FIVE_BLOCKS])


def third_round(given: Any) -> str:
    problem = not_a_network(given)
    if problem:
        return problem
    convolution, pooling = FIVE_BLOCKS[:2]
    before = pooling
    for layer in layers_of(given):
        if layer not in (convolution, pooling):
            return f"{layer} is not allowed here: use (3, 1, 0) and (2, 2, 0) only."
        if before == layer == pooling:
            return "Each pooling layer, (2, 2, 0), needs a convolution directly before it."
        before = layer
    numbers = layers_of(given).count(convolution), layers_of(given).count(pooling)
    if numbers[0] > 7 or numbers[1] != 5:
        counts = "convolutions: {}, pooling layers: {}".format(*numbers)
        return f"The network has {counts}; use at most 7 and exactly 5."
    return misfit(224, layers_of(given), 5)


def windows(n: int, f: int, s: int, p: int) -> Array:
    """Return a mask of the entries of a padded axis that lie in a window of the layer."""
    read = np.zeros(n + 2 * p, dtype=bool)
    for start in range(0, n + 2 * p - f + 1, s):
        read[start : start + f] = True
    return read


check = Checks(
    round_1=Design(
        first_round,
        right=[(4, 2, 0), (3, 2, 0)],
        wrong=[
            ([(3, 1, 0), (2, 2, 0)], "20 -> 18 -> 9: the output should have size 4."),
            ([(4, 2, 0)], "The network has 1 layer, but it should have 2."),
            ([(3, 3, 0), (3, 1, 0)], "but 2 of 20 pixels are never read."),
            ([(17, 1, 0), (1, 1, 0)], "has a kernel of size 17: use sizes from 2 to 5."),
            ([(5, 5, 0), (1, 1, 0)], "has a kernel of size 1: use sizes from 2 to 5."),
            ([(5, 4, 0), (5, 1, 0)], "a kernel of 5 does not fit 4."),
            ((3, 1, 0), "expected a list of layers"),
            ([(3, 1)], "expected a list of layers"),
            ([(3, 0, 0), (2, 2, 0)], "needs f and s of at least 1"),
            ([(1, 1, 1), (2, 2, 0)], "only zeros"),
        ],
    ),
    round_2=Design(
        second_round,
        right=[(2, 1, 1)],
        wrong=[
            ([(2, 2, 0)], "a kernel of 3 does not fit 2."),
            ([(3, 1, 1)], "but 30 of 125 pixels are"),
            ([(2, 1, 0)], "pixels are never read."),
            ([(2, 1, 1), (1, 1, 0)], "The network has 2 layers, but it should have 1."),
        ],
    ),
    unet=Answer(
        right=28,
        hint="One level: 572 becomes 570, then 568, and pooling halves it to 284.",
        wrong=[
            (32, "That is before the last two convolutions."),
            (30, "The last level has two convolutions."),
            (24, "There are four pooling layers, and two convolutions on each of five levels."),
            (35.75, "The convolutions have no padding: each of them removes two rows."),
            (12, "There are four pooling layers, not five."),
        ],
    ),
    next_tile=Answer(
        right=588,
        hint="Go backward from 29: plus 2, plus 2, doubled, and so on. Every doubled size is even.",
        wrong=[
            (573, "Then the first pooling layer receives 569 rows. One of them is lost."),
            (574, "Then the second pooling layer receives 281 rows. One of them is lost."),
            (576, "Follow it to the third pooling layer: is its input even?"),
            (580, "Follow it to the fourth pooling layer: is its input even?"),
            (604, "It works, but there is a smaller one."),
            (600, "Is the input of each pooling layer even?"),
        ],
    ),
    kernel=Answer(
        right=5,
        hint="How many rows does a kernel of size f remove?",
        wrong=[
            (4, "A kernel of size f removes f - 1 rows."),
            (3, "A kernel of size 3 removes two rows."),
        ],
    ),
    lost_fixed=Function(
        right=lambda n, f, s, p: int(unread(n, [(f, s, p)]).sum()),
        calls=[
            (6, 3, 2, 0),
            (224, 7, 2, 3),
            (13, 3, 4, 0),
            (15, 2, 5, 1),
            (12, 5, 6, 1),
            (11, 3, 1, 1),
        ],
        hint="Draw the strip with its padding. Which entries are zeros? Are there gaps?",
        wrong=[
            (
                lambda n, f, s, p: (n + 2 * p - f) % s,
                "This is the function with the bug. Are the entries at the end always pixels?",
            ),
            (
                lambda n, f, s, p: max((n + 2 * p - f) % s - p, 0),
                "Right at the end of the axis. What if the stride is larger than the kernel?",
            ),
            (
                lambda n, f, s, p: int((~windows(n, f, s, p)).sum()),
                "You count zeros of the padding, too. Only pixels can be lost.",
            ),
            (
                lambda n, f, s, p: (n - f) % s,
                "The padding moves the windows, so it must enter the calculation.",
            ),
        ],
    ),
    round_3=Design(
        third_round,
        right=[(3, 1, 0), *FIVE_BLOCKS],
        wrong=[
            (FIVE_BLOCKS, "but 2 of 224 pixels are never read."),
            (3 * [(3, 2, 0)], "is not allowed here"),
            ([*5 * [(2, 2, 0)], (3, 1, 0)], "needs a convolution directly before it."),
            ([(3, 1, 0), *2 * [(2, 2, 0)]], "needs a convolution directly before it."),
            (2 * FIVE_BLOCKS[:2], "use at most 7 and exactly 5."),
            ([*2 * [(3, 1, 0)], *FIVE_BLOCKS], "the output should have size 5."),
        ],
    ),
)
