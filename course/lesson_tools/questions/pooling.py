"""Questions and answers of the lesson "Pooling": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    average=Prediction(
        right=5.25,
        why="(3 + 7 + 9 + 2) / 4 = 21 / 4.",
        wrong={
            9: "That is the maximum.",
            21: "That is the sum. Divide it by the number of values.",
            10.5: "A 2 x 2 window holds four values, not two.",
            **dict.fromkeys(
                (5, 5.2, 5.3), "Do not round: the average of integers need not be an integer."
            ),
            4: "That is the window on the upper left.",
        },
        hint="The window on the upper right holds 3, 7, 9 and 2.",
    ),
    overlap=Prediction(
        right=4,
        why="Both windows of rows and both windows of columns contain index 2: 2 * 2 = 4.",
        wrong={
            1: "With stride 2 and f = 3, neighboring windows share a row or a column.",
            2: "That is the count along one axis. The windows overlap along both.",
            3: "Count again: two windows of rows and two windows of columns contain index 2.",
            9: "That is the count for stride 1.",
        },
        hint="The windows start at rows 0 and 2, and at columns 0 and 2. Which contain (2, 2)?",
    ),
    shifted=Prediction(
        right=lambda max_pool2d, detect, shift, line: max_pool2d(detect(shift(line, 1)), 2)[
            0, 0, :, 0
        ],
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
    still=Prediction(
        right=2,
        why="Columns 3, 4 and 5 lie in the same window. Column 6 belongs to the next one.",
        wrong={
            3: "A shift by 3 takes column 3 to column 6. Which window is that in?",
            1: "A shift by 1 takes column 3 to column 4. Does its window end there?",
            0: "Columns 3 and 4 lie in the same window.",
            5: "Column 5 is the last one of the window. How far is it from column 3?",
        },
        hint="Which columns belong to the window that contains column 3?",
    ),
    whole_window=Prediction(
        right="c",
        why="The values are the same, but they have all moved to the neighboring window.",
        wrong={
            "a": "That would be invariance to a shift by 8. Where do the pooled values go?",
            "b": "A shift by one pixel keeps most maxima in their window. Does a shift by eight?",
            "d": "That happens without pooling. Pooled maps of neighboring windows are similar.",
        },
        hint="Answer with a letter. After the shift, a window sees what its neighbor saw before.",
    ),
    corner=Prediction(
        right=4 / 9,
        why="PyTorch counts the five zeros of the padding as values.",
        wrong={
            1: "That is what Keras and TensorFlow give. PyTorch counts the padding as values.",
            4: "That is the sum of the window.",
            5 / 9: "That is the fraction of the padding. Average the ones and zeros.",
            **dict.fromkeys(
                (0.4, 0.44, 0.444, 0.4444, 0.44444), "You rounded. Answer as a fraction."
            ),
        },
        hint="The window holds four ones and five zeros.",
    ),
)
