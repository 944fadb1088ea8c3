"""Questions and answers of the lesson on four libraries: read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    reshaped=Prediction(
        right="c",
        why="reshape cuts the same sequence of numbers into three equal parts.",
        wrong={
            "a": "That is what transpose gives. reshape keeps the order of the numbers in memory.",
            "b": "Nothing is random here: which part of the photograph is stored first?",
            "d": "The columns of a row lie next to each other in memory, so a third of the memory "
            "is not a third of the columns.",
        },
        hint='Answer "a", "b", "c" or "d". Which values form the first third of the memory?',
    ),
    failing=Prediction(
        right="c",
        why="Near 0 the allowed difference becomes smaller than the rounding errors.",
        wrong={
            "a": "What does the formula allow for an expected value close to 0?",
            "b": "The allowed difference grows with the expected value. Where is it smallest?",
            "d": "Compare the allowed difference of a large and a small expected value.",
        },
        hint='Answer "a", "b", "c" or "d". How does the allowed difference depend on the value?',
    ),
    unmoved=Prediction(
        right=2,
        why="Only the first and the last number keep their positions.",
        wrong={
            0: "Compare the first number of both vectors.",
            1: "The first number is one. Is there another one at the end?",
            6: "In NCHW, channel 0 comes first. But are its values at the same positions in NHWC?",
            12: "In NHWC, the second number is channel 1 of the first pixel. And in NCHW?",
            10: "That is the number of values that move.",
        },
        hint="Write both vectors below each other and count the positions with equal values.",
    ),
    agree=Prediction(
        right="odd",
        why="An odd size needs two zeros in all, one on each side; an even size needs one.",
        wrong={
            "even": "An even size needs a single zero in all. On which side does it go?",
            "both": "How many zeros does SAME add for 6 columns? Use the formula.",
            "neither": "How many zeros does SAME add for 7 columns? Use the formula.",
        },
        hint='Answer "odd", "even", "both" or "neither". Compute the total for n = 6 and n = 7.',
    ),
    copy_d=Prediction(
        right="biases",
        why="The accuracy hardly changes, and still every output is wrong.",
        wrong={
            "flattening": "Then most weights of the dense layer meet a wrong value. Would the "
            "accuracy survive?",
            "padding": "Then every window of the second layer lies one pixel too far up and to the "
            "left. Would the accuracy survive?",
            "kernels": "Then a detector of horizontal edges detects vertical ones. Would the "
            "accuracy survive?",
        },
        hint='Answer "flattening", "padding", "kernels" or "biases".',
    ),
)
