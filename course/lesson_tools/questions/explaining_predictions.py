"""What the lesson "Explaining predictions" asks, and the answers: read it when you are done."""

from lesson_tools.predictions import Predictions, Question

predict = Predictions(
    field=Question(
        right=14,
        why="1, then 3, 5, 6, 10 and 14: behind the pooling each convolution adds 2 * 2.",
        wrong={
            10: "That is one convolution short: there are two in each block.",
            9: "After pooling, neighbors are 2 pixels apart, so a 3 x 3 kernel adds 4.",
            13: "The pooling adds 1 pixel, too.",
            12: "Add 2 + 2 for the first block, 1 for the pooling, and 4 + 4 for the second block.",
            18: "In the first block, neighbors are 1 pixel apart, so each convolution adds 2.",
        },
        hint="Start with 1. A kernel of size f adds f - 1 times the distance of its inputs.",
    ),
    shortcut=Question(
        right="c",
        why="The tag was the easier feature, so the network hardly learned the shape of a 3.",
        wrong={
            "a": "Nothing in the training asked for the shape of a 3 when the tag was there.",
            "b": "It is worse than that: the tag alone was enough in training.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
    passes=Question(
        right=170,
        why="(224 - 32) / 16 + 1 = 13 positions along each axis, 169 in all, and the whole image.",
        wrong={
            169: "That is the number of positions. The score of the whole image is needed, too.",
            144: "The position at 0 counts as well: (224 - 32) / 16 + 1 along each axis.",
            145: "The position at 0 counts as well: (224 - 32) / 16 + 1 along each axis.",
            196: "That would be 14 positions along each axis; the last square must fit.",
            197: "That would be 14 positions along each axis; the last square must fit.",
            13: "That is the number along one axis.",
            50: "The squares overlap: they move by 16 pixels, not by 32.",
            49: "The squares overlap: they move by 16 pixels, not by 32.",
        },
        hint="How many positions does a window of 32 with stride 16 have along 224 pixels?",
    ),
    gradient=Question(
        right=(2, -1, 0),
        why="At x[2] = 4 the minimum is 1, whatever small change you make to x[2].",
        wrong={
            (2, -1, 3): "The derivative of min(t, 1) is 1 only below t = 1, and x[2] is 4.",
            (2, 1, 0): "The sign of the second weight is negative.",
            (2, -2, 3): "That is the second list: the drops when a pixel becomes 0.",
            (2, -2, 0): "The derivative is the weight itself, without the pixel's value.",
        },
        hint="By how much does S change if you increase one pixel by a tiny amount, per unit?",
    ),
    drop=Question(
        right=(2, -2, 3),
        why="S is 3 for the image, and 1, 5 and 0 with one pixel set to 0.",
        wrong={
            (2, -1, 0): "That is the gradient. Now set each pixel to 0 and compute S again.",
            (2, -2, 0): "With x[2] = 0 the minimum falls from 1 to 0.",
            (2, -2, 12): "The minimum is 1 at most, so x[2] contributes 3, not 12.",
            (2, 2, 3): "Setting x[1] to 0 raises the score, so that drop is negative.",
            (-2, 2, -3): "The drop is the score of the image minus that of the changed image.",
            (1, 5, 0): "These are the scores of the changed images. Subtract them from 3.",
        },
        hint="S is 3. Compute S three more times, each time with one pixel set to 0.",
    ),
    dense=Question(
        right="b",
        why="The convolutions are unchanged, and they shape the map.",
        wrong={
            "a": "The map does change: the score is another function now.",
            "c": "The convolutions still have their trained weights.",
        },
        hint="Answer with the letter, in quotes: 'a', 'b' or 'c'.",
    ),
)
