"""Questions and answers of the lesson "Efficient networks": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    blocked=Prediction(
        right=-1,
        why="The local derivative of x + F(x) is 1 + F'(x): the two paths cancel.",
        wrong={
            0: "Then nothing comes through F, and the shortcut delivers dy unchanged.",
            1: "Then the gradient doubles. Which sign would cancel it?",
            -0.5: "Then half of the gradient is left.",
            float("inf"): "The gradients of the two paths are added. Can a sum be 0?",
        },
        hint="The gradients of the two paths are added. When is the sum 0?",
    ),
    arrives=Prediction(
        right="c",
        why="About half of the gradient is lost at each of 20 ReLUs, one after the other.",
        wrong={
            "a": "The convolutions keep its size. What does the backward pass of a ReLU do?",
            "b": "Half of the values become 0 at each ReLU. How often does that happen?",
        },
        hint="Answer with a letter, in quotes: 'a', 'b' or 'c'.",
    ),
    training_loss=Prediction(
        right="b",
        why="Twenty layers could do what four do, but training does not find the weights.",
        wrong={
            "a": "It is the shallowest. But is the deepest plain network easy to train?",
            "c": "It has as many parameters as the plain network of 20 layers. And the shortcuts?",
        },
        hint="Answer with a letter. Think of the gradients above.",
    ),
    speed=Prediction(
        right="c",
        why="It has 8.4 times fewer MACs, but not all MACs take the same time.",
        wrong={
            "a": "That takes for granted that every MAC takes the same time.",
            "b": "Which of the two uses each number that it reads more often?",
        },
        hint="Answer with a letter: a, b or c.",
    ),
    palace=Prediction(
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
