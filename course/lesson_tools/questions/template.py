"""Questions and answers of `course/lesson_template.py`: read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    following=Prediction(
        right=[3, 4],
        wrong={(3, 4, 6): "The last window would extend past the last value."},
        why="The second window holds 6, 0 and 3, the third 0, 3 and 9.",
        hint="The second window begins one position further, at 6.",
    ),
)
