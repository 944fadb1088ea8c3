"""Questions and answers of the lesson "Receptive fields": read this when you are done."""

from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions
from lesson_tools.stacks import field, layers_of, sizes, unread

predict = Predictions(
    smallest=Prediction(
        right=6,
        why="Pooling needs 2 values, and a kernel of 5 needs 6 entries for them.",
        wrong={
            5: "That is enough for one position of the kernel, but pooling needs two.",
            7: "The kernel needs 5 entries for one position. How many for a second one?",
            10: "The second position of the kernel is one entry further, not five.",
            2: "That is what the pooling layer needs.",
            4: "A kernel of 5 does not fit.",
        },
        hint="Go backward: how many values does pooling need, and how many entries do they need?",
    ),
    pooled=Prediction(
        right=(14, 28),
        why="Windows start at 0, 2, ..., 26, so that row 28 is in none of them.",
        wrong={
            (14, 29): "The right row, but rows are counted from 0.",
            (15, 28): "A window that starts at row 28 would need a row 29.",
            (14, 27): "The last window starts at row 26 and contains rows 26 and 27.",
            (14, 1): "That is how many rows are lost. Which row is it?",
            14: "That is the number of rows. Which row is never read? Answer with a tuple.",
        },
        hint="29 / 2 is rounded down. Where does the last window end?",
    ),
    last=Prediction(
        right=93,
        why="94 pixels, 0 to 93, are enough for one value, and fewer are not.",
        wrong={
            94: "The smallest image for one value has 94 pixels. Which numbers do they have?",
            125: "That is the last pixel of the image. The network returns two values.",
            62: "The parts that two neighbors see overlap, because kernels do.",
            63: "The parts that two neighbors see overlap, because kernels do.",
            46: "That is about the middle of what it sees.",
            31: "The two values see parts that are 32 pixels apart, but much larger.",
        },
        hint="How large is the smallest image for which the five blocks return one value?",
    ),
    field=Prediction(
        right=(10, 4),
        why="R is 3, 4, 8, 10: the second convolution adds 2 * 2, the second pooling layer 1 * 2.",
        wrong={
            (4, 10): "The right numbers in the wrong order: R comes first.",
            (7, 4): "S is right. After the first pooling layer, neighbors lie 2 pixels apart.",
            (10, 2): "R is right. There are two layers with stride 2.",
            (8, 2): "That is before the second pooling layer.",
            (8, 4): "The last pooling layer combines two neighbors, which lie 2 pixels apart.",
            (
                13,
                4,
            ): "A stride does not count for the kernel of its own layer, only for later ones.",
            (36, 4): "Kernel sizes do not multiply: a layer adds (f - 1) times the stride so far.",
        },
        hint="After the first block R is 4 and S is 2. What do the next two layers add to R?",
    ),
    large=Prediction(
        right=5,
        why="(224 - 94) / 32 is about 4.06, and the position at 0 counts, too.",
        wrong={
            4: "Count the position at 0, too.",
            4.0625: "Round down, and add 1.",
            5.0625: "There is no fraction of a position.",
            7: "That is 224 / 32, the size with padding.",
            25: "That is the number of positions in the whole feature map.",
        },
        hint="Use the formula with f = R = 94 and s = S = 32.",
    ),
    paths=Prediction(
        right=[1, 2, 3, 2, 1],
        why="The pixel in the middle reaches all three values in between, a pixel at the end one.",
        wrong={
            (1, 1, 1, 1, 1): "There are nine paths in all: three from each value in between.",
            (1, 2, 2, 2, 1): "The middle pixel is in all three windows of the first layer.",
            (1, 3, 5, 3, 1): "A pixel is in at most three windows of the first layer.",
            (1, 2, 4, 2, 1): "The middle pixel is in three windows of the first layer.",
            (1, 4, 6, 4, 1): "That is for kernels of 2, applied four times.",
            (3, 3, 3): "That is how many pixels each value in between sees.",
        },
        hint="How many of the three values in between does each pixel reach?",
    ),
    model=Prediction(
        right=(10, 9, 16),
        why="62 x 42, 31 x 21, 31 x 21, and then 29 // 3 + 1 rows and 17 // 2 + 1 columns.",
        wrong={
            (9, 10, 16): "The right numbers in the wrong order: rows come first.",
            (10, 9): "Give the channels as well.",
            (10, 9, 1): "Pooling keeps the channels.",
            (9, 8, 16): "Is the window that starts at 0 counted?",
            (11, 9, 16): "29 / 3 is rounded down.",
            (11, 10, 16): "29 / 3 and 17 / 2 are rounded down.",
            (10, 10, 16): "The windows have 2 rows and 4 columns.",
            (15, 6, 16): "Layer 4 moves by 3 rows down and by 2 columns to the right.",
            (7, 14, 16): "Layer 1 moves by 2 rows down and by 3 columns to the right.",
            (8, 6, 16): "SAME padding in layer 3 keeps 31 x 21.",
            (15, 10, 16): "Layer 4 has a stride of its own, (3, 2), and windows of 2 x 4.",
            (31, 21, 16): "That is what layers 2 and 3 return.",
            (5, 5, 16): "That is what layer 5 returns.",
        },
        hint="Start with (128 - 5) // 2 + 1 rows and (128 - 5) // 3 + 1 columns after layer 1.",
    ),
    sides=Prediction(
        right=(1, 1, 1, 2),
        why="2 rows, one on each side; 3 columns, and the extra one goes to the right.",
        wrong={
            (2, 3): "Those are the totals. How are they divided between the two sides?",
            (1, 1, 2, 1): "The totals are right. On which side is the extra column?",
            (1, 2, 1, 1): "Which of the two sizes belongs to the rows?",
            (1, 1, 2, 2): "4 columns would give an output that is 8 wide.",
            (1, 1, 1, 1): "2 columns would give an output that is 6 wide.",
            (1, 1, 1.5, 1.5): "A column cannot be split.",
            (1, 1, 0, 3): "The total is right, but it is divided as equally as possible.",
            (2, 2, 3, 3): "That is full padding.",
        },
        hint="In each direction f - 1 zeros in all. Divide them; one side may get one more.",
    ),
    ported=Prediction(
        right=(4, 6, 15),
        why="The padded strip is 0, 3, 1, 4, 1, 5, 9, 0, and the windows start at 0, 2 and 4.",
        wrong={
            (8, 10, 14): "Those are the values of SAME padding. Where do the windows start here?",
            (8, 10): "That is the output without padding.",
            (4, 6, 15, 9): "The last window would extend past the end.",
            (4, 8, 6, 10, 15, 14): "That is the output with stride 1.",
            (4, 6, 14): "Check the last window: it starts at index 4 of the padded strip.",
        },
        hint="Write down the padded strip, 8 numbers, and add three of them from 0, 2 and 4 on.",
    ),
    shift=Prediction(
        right=7,
        why="One pixel, then one entry of a map with stride 2, then one of a map with stride 4.",
        wrong={
            3: "That is after two layers, or the sum of three shifts by one pixel each.",
            1: "That is the first layer. The second layer shifts its windows as well.",
            8: "That is the total stride. The shifts are 1, 2 and 4.",
            4: "That is the shift of the third layer alone.",
            6: "The first layer shifts by 1 pixel, the second one by 2.",
            14: "The first layer shifts its windows by one pixel, not two.",
            15: "That is the receptive field.",
        },
        hint="For how many pixels does one entry of each input stand? Add the three shifts.",
    ),
    memory=Prediction(
        right=1,
        why="It returns 62 * 42 * 16 values, four times as many as layers 2 and 3.",
        wrong={
            3: "It has the most parameters. But how many values does it return?",
            2: "It halves the output of layer 1 along both axes.",
            6: "It returns 16 values only. The parameters are another column.",
            7: "It returns a single value.",
            41664: "That is the number of its values. Which layer is it?",
        },
        hint="Multiply rows, columns and channels of each output. Where is the map still large?",
    ),
    dilated=Prediction(
        right=31,
        why="A kernel of 3 with dilation 8 covers 17 pixels, so the layer adds 16.",
        wrong={
            23: "Two steps of 8 pixels each are added.",
            32: "The layer adds f_d - 1, not f_d.",
            17: "That is what the fourth kernel covers of its input.",
            16: "That is what the fourth layer adds.",
            30: "Start from 15.",
        },
        hint="How many entries does a kernel of 3 with dilation 8 cover?",
    ),
)


def design(given: Any) -> str:
    """Return the problem with a network from 128 to 32 that sees 64 pixels; "" if there is none."""
    try:
        layers = layers_of(given)
    except ValueError as error:
        return f"This answer is not allowed: {error}."
    if any(f != 3 for f, _, _ in layers):
        return "Use kernels of size 3 only."
    if len(layers) > 10:
        return f"The network has {len(layers)} layers, but at most 10 are allowed."
    before = sizes(128, layers)
    chain = " -> ".join(map(str, before))
    if len(before) <= len(layers) or before[-1] != 32:
        return f"{chain}: the output should have size 32."
    R, S = field(layers)
    if R < 64:
        return (
            f"{chain}: the size is right, but R is {R} and should be at least 64. Which order of "
            "the layers makes the later ones count more?"
        )
    lost = int(unread(128, layers).sum())
    if lost:
        return f"{chain}: {lost} of 128 pixels are never read. Is a stride larger than its kernel?"
    return ""


def layer(X: Array, top: int, bottom: int, left: int, right: int) -> Array:
    """Return the output of the exercise's layer: a kernel of 1 to 9, stride 2, after padding."""
    padded = np.pad(X, ((top, bottom), (left, right)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))[::2, ::2]
    Z: Array = np.sum(windows * np.arange(1, 10).reshape(3, 3), axis=(2, 3))
    return Z


image = np.random.default_rng(3).integers(1, 10, size=(7, 7))
check = Checks(
    shape=Answer(
        right=(15, 14, 16),
        hint="The first layer returns 30 x 28 x 16. SAME keeps the size.",
        wrong=[
            ((13, 12, 16), "The last layer has SAME padding."),
            ((14, 15, 16), "The kernel of the first layer has 3 rows and 5 columns."),
            ((15, 14), "Give the channels as well."),
            ((15, 14, 8), "The last layer has 16 filters, so 16 output channels."),
            ((15, 15, 16), "The kernel of the first layer has 3 rows and 5 columns."),
            ((30, 28, 16), "That is what the first layer returns. Pooling comes next."),
            ((15, 14, 32), "The last layer has 16 filters, so 16 output channels."),
        ],
    ),
    parameters=Answer(
        right=3056,
        hint="The first layer has (3 * 5 * 3 + 1) * 16. How many channels does the second receive?",
        wrong=[
            (3024, "Each filter has a bias."),
            (1904, "The second convolution receives 16 channels, not 8."),
            (736, "That is the first convolution."),
            (2320, "That is the second convolution."),
        ],
    ),
    rows_seen=Answer(
        right=59,
        hint="Layer 1 sees 5 rows, and its neighbors lie 2 rows apart. What does layer 2 add?",
        wrong=[
            (86, "That is the number of columns."),
            (97, "The stride of a layer does not count for its own kernel, only for later ones."),
            (35, "That is after layer 4."),
            (31, "That is after layer 3."),
            (128, "Add up what each layer sees: it is less than the whole image."),
            (11, "Kernels of later layers count in larger steps."),
        ],
    ),
    zeros=Answer(
        right=(1, 2),
        hint="First the output size, then how many entries the windows need, then what is missing.",
        wrong=[
            ((2, 1), "The total is right. On which side is the extra zero?"),
            ((1.5, 1.5), "The total is right, and a zero cannot be split."),
            ((0, 3), "The total is right, but it is divided as equally as possible."),
            ((3, 3), "That is the total, on each side."),
            ((0, 0), "That gives 3 output values. How many should there be?"),
            ((2, 3), "That is for stride 1. This stride needs fewer zeros."),
        ],
    ),
    design=Design(
        design,
        right=[*2 * [(3, 2, 1)], *8 * [(3, 1, 1)]],
        wrong=[
            ([*8 * [(3, 1, 1)], *2 * [(3, 2, 1)]], "R is 23 and should be at least 64."),
            ([*2 * [(3, 2, 1)], *7 * [(3, 1, 1)]], "R is 63 and should be at least 64."),
            ([(3, 4, 1), *8 * [(3, 1, 1)]], "Is a stride larger than its kernel?"),
            ([(5, 2, 2), (5, 2, 2)], "Use kernels of size 3 only."),
            (11 * [(3, 1, 1)], "at most 10 are allowed"),
            (10 * [(3, 1, 1)], "the output should have size 32."),
            (7 * [(3, 2, 0)], "the output should have size 32."),
            (3, "expected a list of layers"),
        ],
    ),
    layer_fixed=Function(
        right=lambda X: layer(X, X.shape[0] % 2, 1, X.shape[1] % 2, 1),
        calls=[(image,), (image[:6, :6],), (image[:, :6],), (image[:6],), (image[:5, :4],)],
        hint="Compute P for 7 and for 6 pixels. Where does an odd P put its extra zero?",
        wrong=[
            (
                lambda X: layer(X, 1, 1, 1, 1),
                "For even sizes P is 1. On which side does that one zero belong?",
            ),
            (
                lambda X: layer(X, 0, 1, 0, 1),
                "This is right for even sizes only. How large is P for 7 pixels?",
            ),
            (
                lambda X: layer(X, X.shape[0] % 2, 1, X.shape[0] % 2, 1),
                "You use the height for the columns as well.",
            ),
        ],
    ),
)
