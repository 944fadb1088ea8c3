"""What the lesson "Efficient networks" asks, and the answers: read it when you are done."""

from lesson_tools.predictions import Predictions, Question

predict = Predictions(
    paths=Question(
        right=1.2,
        why="(1 + 0.5) * (1 - 0.2) = 1.5 * 0.8.",
        wrong={
            -0.1: "That is without the shortcuts: 0.5 * (-0.2).",
            1.3: "That is 1 + 0.5 - 0.2. A fourth path runs through both functions.",
            0.3: "That adds the local derivatives. What does a shortcut add to each of them?",
            1.8: "Mind the sign of the second local derivative.",
            2.3: "Derivatives along a chain are multiplied.",
        },
        hint="Each block has the local derivative 1 + F'. Multiply the two.",
    ),
    training_loss=Question(
        right="b",
        why="Twenty layers could do what four do, but training does not find the weights.",
        wrong={
            "a": "It is the shallowest. But is the deepest plain network easy to train?",
            "c": "It has as many parameters as the plain network of 20 layers. And the shortcuts?",
        },
        hint="Answer with a letter. Think of the gradients above.",
    ),
    separable=Question(
        right=17_536,
        why="3 * 3 * 128 = 1,152 and 128 * 128 = 16,384.",
        wrong={
            147_456: "That is the full convolution, 3 * 3 * 128 * 128.",
            16_384: "That is the 1x1 convolution alone.",
            1_152: "That is the depthwise convolution alone.",
            163_840: "The depthwise convolution has one kernel for each channel, 3 * 3 * 128.",
            17_792: "That includes biases.",
        },
        hint="Add the weights of the depthwise and of the 1x1 convolution.",
    ),
    speed=Question(
        right="c",
        why="It has 8.4 times fewer MACs, but not all MACs take the same time.",
        wrong={
            "a": "That takes for granted that every MAC takes the same time.",
            "b": "Which of the two uses each number that it reads more often?",
        },
        hint="Answer with a letter: a, b or c.",
    ),
    palace=Question(
        right=2,
        why="The mirrored image and the negative keep it. Grayscale and upside down do not.",
        wrong={
            0: "One of the four changes hardly anything: training images are mirrored, too.",
            1: "One that you would expect, and another one as well.",
            3: "One of the four looks harmless, and is not.",
            4: "People would manage that. The network was trained on upright color photographs.",
        },
        hint="Answer with a number from 0 to 4.",
    ),
)
