"""Questions and answers of the lesson "1x1 convolution": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    shuffle=Prediction(
        right="a",
        why="Each pixel of the output depends on one pixel of the input, wherever that is.",
        wrong={
            "b": "Blur needs neighbors. Which neighbors does a kernel of a single pixel read?",
            "c": "The shuffled image looks like noise, but its pixels are moved back at the end.",
        },
        hint=LETTER,
    ),
    forgotten=Prediction(
        right="c",
        why="Linear acts on the last axis. In PyTorch, that is the width, and it is 5.",
        wrong={
            "a": "That needs a layer that acts on axis 1, such as Conv2d(6, 3, kernel_size=1).",
            "b": "Linear never flattens. On which axis of the shape does it act?",
        },
        hint=LETTER,
    ),
    work=Prediction(
        right="b",
        why="The first layers save far more, but the layers that replace the dense ones nothing.",
        wrong={
            "a": "Windows overlap a lot: each pixel of the page lies in up to 36 of them.",
            "c": "Each pixel lies in up to 36 windows, so the first layers save almost that much. "
            "But which work of the last two layers can two windows share?",
        },
        hint=LETTER,
    ),
    padded=Prediction(
        right="b",
        why="After the first convolution, black is no longer 0 but the ReLU of the bias.",
        wrong={
            "a": "For the first convolution that is true. What does it make of the black pixels, "
            "and what does the second one see around a window that was cut out?",
            "c": "There are only two digits, and they are far apart.",
        },
        hint=LETTER,
    ),
    bottleneck=Prediction(
        right="b",
        why="The 5 x 5 convolution needs a sixth, and the 1x1 convolution adds its own MACs.",
        wrong={
            "a": "That is the 5 x 5 convolution alone. Add the MACs of the 1x1 convolution.",
            "c": "The 1x1 convolution is cheaper than that: its kernel has one position, not 25.",
        },
        hint=LETTER,
    ),
)
