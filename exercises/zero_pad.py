"""zero_pad: a border of zeros around the height and width of every image."""

from exercises import loops, vectorized
from exercises.cases import LARGE
from exercises.page import Page, image_of
from nbexercise.defining.cases import Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

LINE = 'np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant")'
PADDED, NO_PADDING = "padded", "no padding"
SHAPE, VALUES, REST = "output shape", "image and border", "input left alone"
ALL_BUT_SHAPE = (VALUES, NO_PADDING, REST)
ALL = (SHAPE, *ALL_BUT_SHAPE)
EMPTY = "At pad 0 a slice such as `[pad:-pad]` is empty, so there is no room for the image in it."
EMPTY_HINT = (
    "Write out the slice for pad 0: it runs from 0 to -0, which is 0 again. "
    "Compute its end from the size of the image."
)


def _stored(*lines: str) -> dict[str, str]:
    """Return the change to a solution that stores the image in an array of zeros."""
    (m, n_H, n_W, n_C) = (f"X.shape[{axis}]" for axis in range(4))
    zeros = f"X_pad = np.zeros(({m}, {n_H} + 2 * pad, {n_W} + 2 * pad, {n_C}))"
    return {f"X_pad = {LINE}": "\n    ".join((zeros, *lines))}


def cases(rng: Rng) -> Cases:
    """Yield one and several images and channels, wide and tall images; pad exceeds n_H once."""
    yield PADDED, {"X": exact_fractions(rng, 2, 3, 5, 3), "pad": 1}
    yield PADDED, {"X": exact_fractions(rng, 2, 3, 5, 3).astype("float32"), "pad": 1}
    yield PADDED, {"X": LARGE * exact_fractions(rng, 4, 5, 3, 1), "pad": 2}
    yield PADDED, {"X": exact_fractions(rng, 1, 2, 4, 2), "pad": 3}
    yield NO_PADDING, {"X": LARGE * exact_fractions(rng, 2, 3, 4, 2), "pad": 0}


EXERCISE = Exercise(
    loops=loops.zero_pad,
    vectorized=vectorized.zero_pad,
    title="Zero padding",
    assignment="padding",
    section="np.pad: one pair for each axis",
    returns=(Return("X_pad"),),
    cases=cases,
    checks=(
        Check(SHAPE, 1, "shape", groups=(PADDED,)),
        Check(VALUES, 2, groups=(PADDED,)),
        Check(NO_PADDING, 1, "edge", groups=(NO_PADDING,)),
        Check(REST, 1, "unchanged", groups=(PADDED,)),
    ),
    mistakes=(
        Mistake(
            "[pad:-pad] at pad 0",
            _stored("X_pad[:, pad:-pad, pad:-pad, :] = X"),
            (NO_PADDING,),
            EMPTY,
            EMPTY_HINT,
        ),
        Mistake(
            "[pad:-pad] of each image at pad 0",
            _stored("for i in range(len(X)):", "    X_pad[i, pad:-pad, pad:-pad, :] = X[i]"),
            (NO_PADDING,),
            EMPTY,
            EMPTY_HINT,
        ),
        Mistake(
            "channels padded",
            {LINE: "np.pad(X, ((0, 0), (pad, pad), (pad, pad), (pad, pad)))"},
            ALL,
            "The channel axis was padded as well as height and width.",
            "The axes are `(m, n_H, n_W, n_C)`. Which two of them does a border run along?",
        ),
        Mistake(
            "batch padded",
            {LINE: "np.pad(X, ((pad, pad), (pad, pad), (pad, pad), (0, 0)))"},
            ALL,
            "The batch axis was padded too: there are more images than before.",
            "Axis 0 counts the images. Leave it and the channels without padding.",
        ),
        Mistake(
            "every axis padded",
            {LINE: "np.pad(X, pad)"},
            ALL,
            "Every axis was padded, the batch and the channels included.",
            "`np.pad` takes one (before, after) pair for each axis; two of the four are `(0, 0)`.",
        ),
        Mistake(
            "three pairs",
            {LINE: "np.pad(X, ((0, 0), (pad, pad), (pad, pad)))"},
            ALL,
            "`np.pad` was given three pairs, but `X` has four axes.",
            "`np.pad` takes one (before, after) pair for each axis, in order. Which axis has none?",
        ),
        Mistake(
            "one side only",
            {LINE: "np.pad(X, ((0, 0), (pad, 0), (pad, 0), (0, 0)))"},
            ALL,
            "Only the top and the left were padded.",
            "Each axis takes a pair: how many zeros before, and how many after.",
        ),
        Mistake(
            "bottom and right only",
            {LINE: "np.pad(X, ((0, 0), (0, pad), (0, pad), (0, 0)))"},
            ALL,
            "Only the bottom and the right were padded.",
            "Each axis takes a pair: how many zeros before, and how many after.",
        ),
        Mistake(
            "height only",
            {LINE: "np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))"},
            ALL,
            "Only the height was padded; the width is unchanged.",
            "A border has four sides: axis 2 needs the same pair as axis 1.",
        ),
        Mistake(
            "width only",
            {LINE: "np.pad(X, ((0, 0), (0, 0), (pad, pad), (0, 0)))"},
            ALL,
            "Only the width was padded; the height is unchanged.",
            "A border has four sides: axis 1 needs the same pair as axis 2.",
        ),
        Mistake(
            "edge repeated",
            {'mode="constant"': 'mode="edge"'},
            ALL_BUT_SHAPE,
            "The border repeats the image's edge pixels instead of holding zeros.",
            "`np.pad` has a mode for a constant border, and its constant is 0 by default.",
        ),
        Mistake(
            "border of ones",
            {'mode="constant"': 'mode="constant", constant_values=1'},
            ALL_BUT_SHAPE,
            "The border is filled with ones.",
            "What should the border hold? Look at `constant_values`, or at the array that you "
            "start from.",
        ),
        Mistake(
            "border of pad",
            {'mode="constant"': 'mode="constant", constant_values=pad'},
            ALL_BUT_SHAPE,
            "The border holds the number pad instead of 0.",
            "pad says how wide the border is. Where does your code say what it holds?",
        ),
        Mistake(
            "width and channels padded",
            {LINE: "np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))"},
            ALL,
            "The width and the channels were padded instead of the height and the width.",
            "The axes are `(m, n_H, n_W, n_C)`. Which two of them does a border run along?",
        ),
        Mistake(
            "padded twice as wide",
            {LINE: LINE.replace("pad, pad", "2 * pad, 2 * pad")},
            ALL,
            "The border is twice as wide as it should be: pad counts the pixels on one side.",
            "By how much does the height grow if pad rows come above and pad rows below?",
        ),
        Mistake(
            "results cut to whole numbers",
            {LINE: LINE.replace("np.pad(X,", "np.pad(X.astype(int),")},
            ALL_BUT_SHAPE,
            "The fractions of `X_pad` are lost: something turns the numbers into integers.",
            "Look for int, round and dtype. Which dtype should the padded images have?",
        ),
        Mistake(
            "border written into the image",
            {
                f"X_pad = {LINE}": "X_pad = X\n"
                "    if pad > 0:\n"
                "        X_pad[:, :pad], X_pad[:, -pad:] = 0, 0\n"
                "        X_pad[:, :, :pad], X_pad[:, :, -pad:] = 0, 0"
            },
            ALL,
            "The image's own border was overwritten with zeros; nothing was added around it.",
            "Padding makes a larger array: the whole image stays in its middle.",
        ),
        *(
            Mistake(
                f"pad is always {pad}",
                {LINE: LINE.replace("pad, pad", f"{pad}, {pad}")},
                ALL,
                f"The border is {pad} wide, whatever pad is.",
                "The second argument says how wide the border is.",
            )
            for pad in (1, 2, 3)
        ),
    ),
    elsewhere={
        "Zero padding": (
            "edge repeated",
            "border of ones",
            "border of pad",
            "border written into the image",
            "padded twice as wide",
        ),
    },
    hints=(
        "Write down the shape before and after, axis by axis. Which axes grow, and by how much?",
        "`np.pad` takes one (before, after) pair for each axis of the array, in order.",
        "The pairs for the batch and the channels are `(0, 0)`; those for height and width are "
        "both `(pad, pad)`. The border's value is 0.",
    ),
)

PAGE = Page(
    terms=("padding", "zero padding", "batch", "channel"),
    mistakes=(
        "channels padded",
        "batch padded",
        "one side only",
        "[pad:-pad] at pad 0",
        "border written into the image",
    ),
    cases=({"X": image_of([[1, 2, 3], [4, 5, 6]]), "pad": 1},),
    reading="One image of 2 rows and 3 columns with one channel goes in. The result has "
    "[4]{= X_pad.shape[1] } rows and [5]{= X_pad.shape[2] } columns: a border of zeros on all "
    "four sides, with the image unchanged in the middle.",
)
