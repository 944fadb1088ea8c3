"""Questions and answers of the lesson "Pooling": read this when you are done."""

import numpy as np

from convnet.functional import max_pool2d
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    shifted=Prediction(
        right=(0, 3, 3),
        why="The two threes now lie in two different windows, and each window reports its maximum.",
        wrong={
            (0, 3, 0): "That would be invariance. In which windows do columns 3 and 4 lie?",
            (0, 0, 3): "The pooled map moves by one only when the line moves by two pixels.",
            (3, 3, 0): "That is for a line that moves to the left.",
            (0, 1.5, 1.5): "That is average pooling.",
            (0, 0, 0, 3, 3, 0): "That is the feature map. Take the maximum of each pair.",
        },
        hint="Cut 0, 0, 0, 3, 3, 0 into pairs and take the maximum of each.",
    ),
    thinned=Prediction(
        right="equal",
        why="The values that are kept are a sample of all values, and change as all values do.",
        wrong={
            "less": "Nothing is summarized here. Does a value that is kept change any less?",
            "more": "Both the change and the map that it is compared with are subsampled.",
        },
        hint='Answer "less", "equal" or "more". Does a value that is kept know its neighbors?',
    ),
    coping=Prediction(
        right="max",
        why="A stride only subsamples the feature map, and that helped against no shift so far.",
        wrong={
            "stride": "It keeps every second value of the map. Did subsampling help before?",
            "equal": "They have equally many values and parameters. Do their values change alike?",
        },
        hint='Answer "stride", "max" or "equal". Remember what subsampling did to the changes.',
    ),
)


BATCH = np.random.RandomState(1).randn(2, 5, 5, 3)
IMAGE = np.array([[1.0, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]]).reshape(1, 4, 4, 1)


check = Checks(
    average=Answer(
        right=[[2.75, 4.5], [5, 5]],
        hint="Each value is the sum of the four pixels in a window, divided by 4. The answer has "
        "the shape 2 x 2.",
        wrong=[
            ([[4, 8], [6, 9]], "These are the maxima of the windows, not the averages."),
            ([[11, 18], [20, 20]], "These are the sums of the windows. Divide them."),
            ([[5.5, 9], [10, 10]], "You divided the sums by 2. How many pixels are in a window?"),
            (
                [2.75, 4.5, 5, 5],
                "Right values, but put each row into its own list.",
            ),
            ([[2.75, 5], [4.5, 5]], "The values are right, but rows and columns are swapped."),
        ],
    ),
    ignored=Answer(
        right=33,
        hint="Which rows does a window contain, if windows start at 0 and 3 and have two rows? The "
        "same holds for the columns.",
        wrong=[
            (16, "These pixels are in a window. How many are not?"),
            (9, "These lie in an ignored row and an ignored column. One of the two is enough."),
            (21, "These are three ignored rows. Columns are ignored, too."),
            (42, "The pixels where an ignored row and column cross are counted twice."),
            (13, "The last window starts at 3 and ends at 4. Are rows 5 and 6 in a window?"),
            (3, "These are rows. Count the pixels."),
        ],
    ),
    shape=Answer(
        right=(16, 27, 27, 96),
        hint="Use the output size formula for the rows and the columns. What happens to the other "
        "two axes?",
        wrong=[
            ((16, 18, 18, 96), "That is for s = 3. Here the windows overlap."),
            ((16, 26, 26, 96), "That is one window too few. Where does the first window start?"),
            (
                (16, 28, 28, 96),
                "That is one window too many. Does the last one fit into the image?",
            ),
            ((16, 53, 53, 96), "That is for s = 1."),
            ((16, 27.5, 27.5, 96), "Halving is for f = s = 2. Here f is 3."),
            ((16, 27, 27, 1), "Each channel is pooled independently. How many channels stay?"),
            ((16, 27, 27), "Each channel is pooled independently. The output has channels, too."),
            ((27, 27, 96), "That is the shape for one image. How many are in the batch?"),
            ((96, 27, 27, 16), "In this course, the channels come last."),
        ],
    ),
    pixels=Answer(
        right=8,
        hint="One position of the last map is two positions of the map that it pools. And so on, "
        "back to the image.",
        wrong=[
            (1, "Then the windows of the first pooling layer cut the image differently."),
            (2, "That is enough for one pooling layer. The next one pools its output."),
            (3, "That is the number of pooling layers. What does each do to a shift?"),
            (4, "That is enough for two pooling layers."),
            (6, "The strides multiply, they do not add up."),
            (9, "The stride is 2 in each of the three layers, not 3."),
            (16, "Then the last map moves by two positions."),
        ],
    ),
    min_pool=Function(
        right=lambda A, f, s: -max_pool2d(-A, f, s),
        calls=[(IMAGE, 2, 2), (BATCH, 3, 2), (BATCH, 2, 1)],
        hint="The smallest of 1, 5, 7, 3 is 1; the largest of -1, -5, -7, -3 is -1.",
        wrong=[
            (lambda A, f, s: max_pool2d(A, f, s), "This is the largest value of each window."),
            (
                lambda A, f, s: max_pool2d(-A, f, s),
                "You found the right entry of each window, but its sign is still reversed.",
            ),
            (
                lambda A, f, s: -max_pool2d(A, f, s),
                "This is minus the largest value. Reverse the signs before pooling as well.",
            ),
            (
                lambda A, f, s: -max_pool2d(-A, f),
                "Your stride is always f. Pass the stride on to max_pool2d.",
            ),
        ],
    ),
    fooled=Answer(
        right=(4, 2),
        hint="First make sure that each pair holds a 1. Then decide, pair by pair, which of "
        "the two it is.",
        wrong=[
            ((4, 4), "Four before and four after: this row does not fool the layer at all."),
            ((4, 3), "One detection vanishes. Can you let two vanish?"),
            (
                (2, 4),
                "The other way around: this row should have four detections before the shift.",
            ),
            (
                (3, 4),
                "The other way around: this row should have four detections before the shift.",
            ),
            ((0, 0), "A row without a line has no detections that could vanish."),
        ],
    ),
)
