"""Questions and answers of the lesson "Receptive fields": read this when you are done."""

from typing import Any

from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions
from lesson_tools.stacks import Layers, field, layers_of, sizes, unread

predict = Predictions(
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
    deep=Prediction(
        right=27,
        why="Each of the 13 layers adds two pixels to the one that a pixel sees.",
        wrong={
            26: "Start with R = 1: a pixel sees itself.",
            39: "A layer adds f - 1 pixels, not f.",
            40: "A layer adds f - 1 pixels, not f.",
            13: "A kernel of 3 adds two pixels, one on each side.",
            14: "A kernel of 3 adds two pixels, one on each side.",
            28: "That would be the size after 13.5 layers. Start with R = 1.",
            196: "That is with the pooling layers.",
            212: "That is with the pooling layers.",
        },
        hint="Without a stride, S is always 1. What does each of the 13 layers add?",
    ),
    order=Prediction(
        right=156,
        why="R is 2, 6, 8, 16, 20, ...: every convolution adds twice as much as before.",
        wrong={
            94: "That is with the convolutions first. Which S does each convolution meet now?",
            187: "The pooling layers add as much as before. Only the convolutions add more.",
            188: "The pooling layers add as much as before. Only the convolutions add more.",
            125: "That is the largest image for one value, with the convolutions first.",
            63: "That is for five convolutions with stride 2, without pooling.",
        },
        hint="Write the first block as a table: pooling R = 2, S = 2, and then the convolution.",
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
    shift=Prediction(
        right=32,
        why="Neighbors see parts that are 32 pixels apart, so each value moves to its neighbor.",
        wrong={
            1: "Each field keeps 93 of its 94 columns. But is anything exactly as before?",
            16: "Then every field lies halfway between two fields of the first photograph.",
        },
        hint="Which numbers describe where the field of output h begins?",
    ),
)


def design(given: Any) -> str:
    """Return the problem with a network from 128 to 32 in which 64 pixels fit into some field."""
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
    if S != 4:
        return (
            f"{chain}: the size is right, but neighboring fields lie {S} pixels apart, not 4. Much "
            "padding makes up for the strides."
        )
    if R < 63 + S:
        return (
            f"{chain}: the size is right, but R is {R} and S is {S}, so a face of 64 pixels may "
            f"fit into no field: expected R of at least 63 + {S}. Which order of the layers makes "
            "the later ones count more?"
        )
    lost = int(unread(128, layers).sum())
    if lost:
        return f"{chain}: {lost} of 128 pixels are never read. Is a stride larger than its kernel?"
    return ""


def seen(layers: Layers, h: int) -> tuple[int, int]:
    """Return the first and the last position that an output of a stack sees."""
    R, S, start = 1, 1, 0
    for f, s, p in layers:
        start -= p * S
        R, S = R + (f - 1) * S, S * s
    return start + h * S, start + h * S + R - 1


def padding_counted_once(layers: Layers, h: int) -> tuple[int, int]:
    R, S = field(layers)
    first = h * S - sum(p for _, _, p in layers)
    return first, first + R - 1


def own_stride(layers: Layers, h: int) -> tuple[int, int]:
    R, S, start = 1, 1, 0
    for f, s, p in layers:
        R, S = R + (f - 1) * S, S * s
        start -= p * S
    return start + h * S, start + h * S + R - 1


check = Checks(
    rows_seen=Answer(
        right=59,
        hint="Layer 1 sees 5 rows, and its neighbors lie 2 rows apart. What does layer 2 add?",
        wrong=[
            (86, "That is the number of columns."),
            (97, "The stride of a layer does not count for its own kernel, only for later ones."),
            (35, "That is after layer 4."),
            (31, "That is after layer 3."),
            (128, "Add up what each layer sees: it is less than the whole image."),
            (15, "Kernels of later layers count in larger steps."),
        ],
    ),
    columns_seen=Answer(
        right=86,
        hint="The same steps as for the rows, with the kernel sizes and strides of the columns.",
        wrong=[
            (59, "That is the number of rows."),
            (62, "That is after layer 4."),
            (44, "That is after layer 3."),
            (74, "The window of layer 4 has four columns."),
            (17, "Kernels of later layers count in larger steps."),
            (128, "Add up what each layer sees: it is less than the whole image."),
        ],
    ),
    seen=Function(
        right=seen,
        calls=[
            ([(3, 1, 0)], 4),
            ([(3, 1, 1)], 0),
            (2 * [(3, 1, 0), (2, 2, 0)], 1),
            ([(3, 2, 1), (3, 2, 1)], 3),
            ([(7, 2, 3), (3, 2, 1), (3, 1, 1)], 5),
        ],
        hint="Start with the field of output 0. Which padding moves it, and by how many pixels?",
        wrong=[
            (
                lambda layers, h: (h * field(layers)[1], h * field(layers)[1] + field(layers)[0]),
                "The last position is one less than the first plus R.",
            ),
            (
                lambda layers, h: seen([(f, s, 0) for f, s, _ in layers], h),
                "Padding moves all fields toward the beginning.",
            ),
            (
                padding_counted_once,
                "A padding of a later layer counts in steps of the total stride before it.",
            ),
            (own_stride, "A layer's own stride does not count for its padding, only later ones."),
            (
                lambda layers, h: tuple(n - h * field(layers)[1] + h for n in seen(layers, h)),
                "Neighboring fields lie S pixels apart.",
            ),
        ],
    ),
    design=Design(
        design,
        right=[*2 * [(3, 2, 1)], *8 * [(3, 1, 1)]],
        wrong=[
            ([*8 * [(3, 1, 1)], *2 * [(3, 2, 1)]], "R is 23 and S is 4, so a face"),
            ([*2 * [(3, 2, 1)], *7 * [(3, 1, 1)]], "R is 63 and S is 4, so a face"),
            ([(3, 1, 1), *2 * [(3, 2, 1)], *7 * [(3, 1, 1)]], "R is 65 and S is 4, so a face"),
            ([(3, 4, 1), *8 * [(3, 1, 1)]], "Is a stride larger than its kernel?"),
            ([(5, 2, 2), (5, 2, 2)], "Use kernels of size 3 only."),
            (11 * [(3, 1, 1)], "at most 10 are allowed"),
            (10 * [(3, 1, 1)], "the output should have size 32."),
            ([*3 * [(3, 2, 2)], *7 * [(3, 1, 2)]], "lie 8 pixels apart"),
            (7 * [(3, 2, 0)], "the output should have size 32."),
            (3, "expected a list of layers"),
        ],
    ),
)
