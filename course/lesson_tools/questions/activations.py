"""Questions and answers of the lesson "Activations": read this when you are done."""

import numpy as np

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    collapse=Prediction(
        right=lambda first, second: np.convolve(first, second),
        why="Add up the products along all paths. The two paths from the middle input cancel.",
        wrong={
            (1, 2, 1, -2, -1): "Two paths lead from the middle input to y. Add both products.",
            (1, 2, -1, -2, -1): "Two paths lead from the middle input to y. Add both products.",
            (1, 2, 2, -2, -1): "One of the two paths from the middle input has a weight of -1.",
            (1, 2, 0, 2, 1): "Check the signs: the dashed lines have the weight -1.",
            (1, 2, 1, 2, 1): "Check the signs: the dashed lines have the weight -1.",
            (1, 2, 2, 2, 1): "Check the signs: the dashed lines have the weight -1.",
            (-1, -2, 0, 2, 1): "All signs are reversed: the dashed lines have the weight -1.",
            (1, 0, -1): "These are the weights of the first layer. What does the second do?",
            (1, 2, 1): "These are the weights of the second layer. What does the first do?",
            (1, 0, -1, 0, 0): "That is one path for each input. Follow all three middle units.",
        },
        hint="For each input, multiply the weights along each path to y, and add the products.",
    ),
    dark=Prediction(
        right=-3,
        why="The dark line changes the blank image by the opposite amounts: 1 - 4.",
        wrong={
            5: "That would need a nonlinearity. A linear filter reverses the change of 4.",
            -5: "The bias stays as it is: only the change from the blank image is reversed.",
            3: "The sign is lost: 1 - 4.",
            4: "That is the change from blank to bright. Reverse it, starting from 1.",
            -4: "That is the reversed change. Add it to the value on the blank image.",
            1: "That is the value on the blank image. The dark line changes it.",
            0: "Only with an activation function. The filter alone can give negative values.",
        },
        hint="From blank to bright, the value changed by 4. What is the opposite change?",
    ),
    symmetry=Prediction(
        right=0.047,
        why="The two values add up to 1.",
        wrong={
            -0.953: "The sigmoid is never negative.",
            -0.047: "The sigmoid is never negative.",
            0.953: "That is the value at 3. To the left of 0 the sigmoid is below one half.",
            0.5: "That is the value at 0.",
            0: "It is close to 0, but positive. How far from 1 is the value at 3?",
            0.05: "Do not round so much.",
            **dict.fromkeys(
                (0.0474, 0.04743, 0.047426, 1 / (1 + np.exp(3))),
                "That is the right value with more decimals than asked for: round it to three.",
            ),
            1
            / (
                1 + np.exp(-3)
            ): "That is the value at 3. To the left of 0 the sigmoid is below 1/2.",
            -0.05: "The sigmoid is never negative.",
        },
        hint="The curve looks the same when you rotate it by 180 degrees around (0, 1/2).",
    ),
    zeros=Prediction(
        right="d",
        why="The deeper the layer, the more specific its patterns, and the rarer they are.",
        wrong={
            "a": "With random weights about half would be negative. A trained layer has more.",
            "b": "That is about right for the first layer, in which the patterns are simple.",
            "c": "That is about right for the second and third layers. Go one layer deeper.",
        },
        hint='Answer with a letter in quotes, such as "a".',
    ),
    vanish=Prediction(
        right=5,
        why="Each derivative is at most 1/4, and (1/4) ** 5 is 1/1024.",
        wrong={
            4: "(1/4) ** 4 is 1/256, which is still larger.",
            10: "That is how often you have to halve. The derivative is at most 1/4.",
            6: "That is safe, but one less is enough: 4 ** 5 is 1024.",
            **dict.fromkeys((7, 8, 9), "That is safe, but fewer layers are enough."),
            1000: "The factors are multiplied, and each is at most 1/4.",
            250: "The factors are multiplied, not added.",
            3: "(1/4) ** 3 is 1/64, which is still larger.",
        },
        hint="How often do you have to multiply by 1/4?",
    ),
    stuck=Prediction(
        right=-1.2,
        why="The derivative is 0 for all five examples, so the gradient is 0, and so is the step.",
        wrong={
            0.5: "That would be the right weight. But which gradient does the unit get now?",
            1: "Nothing brings the weight back. Which gradient does the unit get now?",
            -1: "Which gradient would move it there? The derivative of ReLU is 0 at a negative z.",
            -3.4: "The same step again? The gradient is another one now: z is negative everywhere.",
            0: "Nothing pulls the weight towards 0. Which gradient does the unit get now?",
            -0.6: "That is the bias b.",
        },
        hint="z is negative for all five examples. What is the derivative of ReLU there?",
    ),
)
