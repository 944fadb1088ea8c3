"""Questions and answers of `course/lesson_template.py`: read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    following=Prediction(
        right=[3, 4],
        wrong={(3, 4, 6): "The last window would extend past the last value."},
        why="The second window holds 6, 0 and 3, the third 0, 3 and 9.",
        hint="The second window begins one position further, at 6.",
    ),
)


def moving_average(x: Array, f: int) -> Array:
    return np.convolve(x, np.ones(f) / f, "valid")


values = np.array([3.0, 6.0, 0.0, 3.0, 9.0])
check = Checks(
    number=Answer(
        right=7,
        hint="At which of the ten values does the last window begin?",
        wrong=[
            (6, "Count the first window too."),
            (10, "The last window must not extend past the end."),
        ],
    ),
    moving_average=Function(
        right=moving_average,
        calls=[(values, 3), (np.arange(12.0) ** 2, 7), (values, 1), (values, 5)],
        hint="The first window holds the values 0 to f - 1. Where does the last one begin?",
        wrong=[(lambda x, f: moving_average(x, f)[:-1], "The last window is missing.")],
    ),
)
