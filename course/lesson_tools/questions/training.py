"""Questions and answers of the lesson "Training": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    direction=Prediction(
        right="b",
        why="Roughly the right direction, for a fiftieth of the work.",
        wrong={
            "a": "That would be hardly better than a random direction. Most digits occur several "
            "times among 32 images.",
            "c": "That takes hundreds of images. The estimate from 32 is rough, but good enough.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    zeros=Prediction(
        right="c",
        why="No gradient reaches the filters, so only the ten biases of the last layer learn.",
        wrong={
            "a": "What do the feature maps look like if all filters are 0? Which gradient do the "
            "dense weights get from them?",
            "b": "More time does not help: compute the gradient of the dense weights, a "
            "product with the feature maps.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    jumps=Prediction(
        right=(0.5, 1),
        why="The factor 1 - 2 * rate lies between -1 and 0 there.",
        wrong={
            (1, 0.5): "The right numbers. Begin with the smaller one.",
            (0, 1): "There w comes closer to 0, but at 0.1 it stays on its side of the minimum.",
            (0, 0.5): "There the factor 1 - 2 * rate is positive: w stays on its side.",
            (0.5, 2): "With the rate 1.5 the factor is -2: w moves away from 0.",
            (1, 2): "With the rate 1.5 the factor is -2: w jumps, but away from 0.",
            (0.5, 1.5): "With the rate 1.25 the factor is -1.5: w moves away from 0.",
            (0.25, 0.5): "The gradient is 2w, not 4w: the factor is 1 - 2 * rate.",
            (1, 1.5): "The gradient is 2w: with the rate 1.25 the factor is -1.5, away from 0.",
        },
        hint="Which sign must the factor 1 - 2 * rate have, and how large may it be?",
    ),
    velocity=Prediction(
        right=10,
        why="The geometric series 1 + 0.9 + 0.81 + ... has the sum 1 / (1 - 0.9).",
        wrong={
            3.439: "That is the fourth value. It continues to grow.",
            9: "Close: at a velocity of 9, the next one is 0.9 * 9 + 1 = 9.1.",
            1: "It begins at 1, and past gradients are added.",
            0.9: "That is the factor. Past gradients are added up.",
        },
        hint="In the end the velocity no longer changes: v = 0.9 v + 1. Solve for v.",
    ),
    thousand=Prediction(
        right="same",
        why="Numerator and denominator grow by the same factor.",
        wrong={
            "larger": "That is true for SGD. Adam divides by the root of the squared gradient.",
            "smaller": "The denominator grows, and so does the numerator.",
        },
        hint='Answer "larger", "smaller" or "same".',
    ),
    random_test=Prediction(
        right="higher",
        why="The file is ordered by writer. With a random choice, every writer is in both sets.",
        wrong={
            "same": "That would be so if the order of the images in the file meant nothing. But "
            "neighboring images come from one person.",
            "lower": "Think of the people who wrote the digits. Whose handwriting does the network "
            "know when it meets the last images of the file?",
        },
        hint='Answer "higher", "same" or "lower".',
    ),
)
