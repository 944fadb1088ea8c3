"""Questions and answers of the lesson "Activations": read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
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
    limit=Prediction(
        right=0.75,
        why="Of blank, bright and dark, one of the lines is lost at best.",
        wrong={
            0.5: "That is a toss of a coin. It can find the bright lines, and only lose the dark "
            "ones.",
            1: "Then both lines would score higher than the blank image, which is halfway.",
            0.25: 'Always answering "no line" is already right for half of the images.',
            2 / 3: "Two of three kinds, but they are not equally frequent: half have no line.",
            0.67: "Two of three kinds, but they are not equally frequent: half have no line.",
            75: "Answer with a fraction, from 0 to 1.",
            0.99: "Then nearly all lines of both kinds would score higher than the blank image.",
        },
        hint="For each noise, think of three images: blank, with a bright line, with a dark line. "
        "The score of the first is halfway between the others. How many of the three can be right?",
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
            0: "Nothing pulls the weight toward 0. Which gradient does the unit get now?",
            -0.6: "That is the bias b.",
        },
        hint="z is negative for all five examples. What is the derivative of ReLU there?",
    ),
)


def is_dead_buggy(Z: Array) -> Array:
    largest = Z.max(axis=(1, 2))  # for each example and channel
    return (largest <= 0).any(axis=0)


Z_batch = np.full((3, 2, 4, 2), -1.0)
Z_batch[0, 1, 2, 1] = 5
at_zero = np.zeros((2, 3, 2, 3))
at_zero[1, 2, 0, 2] = 0.5
rare = np.full((5, 2, 2, 2), -1.0)
rare[3, 0, 1, 1] = 0.5  # positive once, by less than the others are negative
PATCHES_OVERLAP = "Neighboring 3 x 3 patches overlap. How many rows do five of them cover?"
OF_A_PATCH = "One output depends on 5 x 5 values of the first layer, and each on a 3 x 3 patch."
TWO_PATHS = "Two paths lead from the middle input to the output. Add both products."
SIGNS = "Check the signs: the last weight of the first kernel is -1."

check = Checks(
    derivative=Answer(
        right=0.09,
        hint="The derivative of the sigmoid can be written with its output a alone.",
        wrong=[
            (1 - 0.9**2, "This is the derivative of tanh where its output is 0.9."),
            (0.9, "This is the output. The derivative is smaller."),
            (0.1, "That is one of two factors."),
            (0.81, "Multiply 0.9 by the distance to 1."),
            (0.25, "That is the largest derivative, where the output is 0.5."),
            (
                np.exp(-0.9) / (1 + np.exp(-0.9)) ** 2,
                "This is the derivative at z = 0.9. Here 0.9 is the output, and z is larger.",
            ),
        ],
    ),
    dZ=Answer(
        right=1.28,
        hint="Multiply dA by the derivative of tanh, written with the output of the unit.",
        wrong=[
            (0.64, "That is the derivative. Multiply it by dA."),
            (2, "That is dA itself. Which derivative does tanh multiply it by?"),
            (0.48, "That is for a sigmoid unit with the output 0.6."),
            (0.8, "The derivative contains the square of the output."),
            (0.72, "Subtract the square of the output from 1."),
            (1.2, "That is dA times the output. Which derivative belongs there?"),
            (2 / 0.64, "Multiply by the derivative. Do not divide."),
            (
                2 * (1 - np.tanh(0.6) ** 2),
                "This is right for z = 0.6. Here 0.6 is the output, and you need no tanh.",
            ),
        ],
    ),
    kernel=Answer(
        right=(1, 2, 0, -2, -1),
        hint="Draw five inputs, three values of the first layer and one output. For each input, "
        "multiply the weights along each path to the output, and add the products.",
        wrong=[
            ((1, 2, 1, -2, -1), TWO_PATHS),
            ((1, 2, -1, -2, -1), TWO_PATHS),
            (
                (1, 2, 2, -2, -1),
                "One of the two paths from the middle input has a weight of -1.",
            ),
            ((1, 2, 0, 2, 1), SIGNS),
            ((1, 2, 1, 2, 1), SIGNS),
            ((1, 2, 2, 2, 1), SIGNS),
            ((-1, -2, 0, 2, 1), "All signs are reversed. The first kernel begins with 1."),
            ((1, 0, -1), "These are the weights of the first layer. What does the second do?"),
            ((1, 2, 1), "These are the weights of the second layer. What does the first do?"),
            (
                (1, 0, -1, 0, 0),
                "That is one path for each input. Follow all three values in the middle.",
            ),
        ],
    ),
    size=Answer(
        right=7,
        hint="Along one axis, draw the paths from the inputs to one output.",
        wrong=[
            (8, PATCHES_OVERLAP),
            (15, PATCHES_OVERLAP),
            (5, OF_A_PATCH),
            (3, OF_A_PATCH),
            (9, "From 9 rows, the first layer computes 7. How many does the second one use?"),
            (34, "That is the number of weights in the two layers."),
            (49, "That is the number of weights. The kernel size counts the rows."),
        ],
    ),
    diagnosis=Answer(
        right="DHLSHL",
        hint="For each unit, ask where its curve is flat, where it is straight, and where it "
        "has a kink. On which of these parts are the examples?",
        wrong=[
            (
                "DHHSHL",
                "C has no example on the left of its kink. What is ReLU if all z are positive?",
            ),
            (
                "DHLSDL",
                "E is 0 for many examples, but not for all. A unit is dead if it is 0 for all.",
            ),
            (
                "DHHSDL",
                "E is 0 for many examples, but not for all. And what is ReLU if all z are "
                "positive?",
            ),
            (
                "DHLSHH",
                "Look at the axis of F: all z are close to 0. What does tanh look like so close?",
            ),
            (
                "DHHSHH",
                "C and F: does the curve bend anywhere between the smallest and the largest z?",
            ),
            (
                "DHLDHL",
                "D still has a tiny derivative, so it is not dead. What do you call such a unit?",
            ),
            (
                "SHLSHL",
                "The derivative of A is not just small. It is exactly 0 for all examples.",
            ),
            (
                "DLLSHL",
                "B has values where tanh is steep and values where it is flat, on both sides.",
            ),
        ],
    ),
    is_dead=Function(
        right=lambda Z: (Z <= 0).all(axis=(0, 1, 2)),
        calls=[
            (Z_batch,),
            (at_zero,),
            (rare,),
            (np.random.default_rng(0).standard_normal((4, 3, 2, 5)) - np.array([0, 1, 2, 3, 9]),),
        ],
        hint="Channel 1 has a positive value in example 0. In how many examples must a dead unit "
        "be 0?",
        wrong=[
            (is_dead_buggy, "One example in which a channel is 0 is not enough."),
            (lambda Z: (Z[0] <= 0).all(axis=(0, 1)), "That looks at the first example alone."),
            (
                lambda Z: Z.mean(axis=(0, 1, 2)) <= 0,
                "A negative mean is not enough. A single positive value keeps a channel alive.",
            ),
            (lambda Z: (Z < 0).all(axis=(0, 1, 2)), "At z = 0 the output is 0 as well."),
            (lambda Z: (Z <= 0).any(axis=(0, 1, 2)), "That asks for a single value below or at 0."),
            (lambda Z: ~(Z <= 0).all(axis=(0, 1, 2)), "That is the opposite: which are alive."),
            (lambda Z: (Z <= 0).all(), "That is one answer for all channels. Each needs its own."),
            (
                lambda Z: Z.max(axis=0) <= 0,
                "That is one answer for each position. Reduce the rows and columns as well.",
            ),
            (
                lambda Z: Z.max(axis=(1, 2)) <= 0,
                "That is one answer for each example. Reduce the axis of the examples as well.",
            ),
        ],
    ),
)
