"""What the lesson "Training" asks, and the answers: read it when you are done."""

from lesson_tools.predictions import Predictions, Question

predict = Predictions(
    direction=Question(
        right="b",
        why="Roughly the right direction, for a fiftieth of the work.",
        wrong={
            "a": "That would be hardly better than a random direction. Most digits occur several "
            "times among 32 images.",
            "c": "That takes hundreds of images. The estimate from 32 is rough, but good enough.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    zeros=Question(
        right="c",
        why="No gradient reaches the filters, so only the ten biases of the last layer learn.",
        wrong={
            "a": "What do the feature maps look like if all filters are 0? Which gradient do the "
            "dense weights get from them?",
            "b": "It is not a question of time: compute the gradient of the dense weights, a "
            "product with the feature maps.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    two_steps=Question(
        right=0.25,
        why="Each step multiplies w by 1 - 2 * 0.75 = -0.5.",
        wrong={
            -0.5: "That is w after one step.",
            0.5: "Check the sign: 1 - 1.5 is negative, and a second step follows.",
            -0.25: "The factor is -0.5. What is its square?",
            0.0625: "The gradient is 2w, not w: the factor is 1 - 2 * 0.75.",
            -1.25: "The gradient changes after the first step: it is 2 * (-0.5).",
            -2: "The gradient changes after the first step: it is 2 * (-0.5).",
        },
        hint="The factor for one step is 1 - 2 * 0.75. Apply it twice.",
    ),
    velocity=Question(
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
    thousand=Question(
        right="same",
        why="Numerator and denominator grow by the same factor.",
        wrong={
            "larger": "That is true for SGD. Adam divides by the root of the squared gradient.",
            "smaller": "The denominator grows, and so does the numerator.",
        },
        hint='Answer "larger", "smaller" or "same".',
    ),
    lower_loss=Question(
        right="b",
        why="Two losses of 0.01 and one of 1.20, against three of 0.51.",
        wrong={
            "a": "A is never wrong, but never sure either: each image costs -log(0.6) = 0.51. What "
            "do B's three images cost?",
        },
        hint='Compute -log(p) for all six probabilities. Answer "A" or "B".',
    ),
)
