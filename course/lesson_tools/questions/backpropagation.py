"""Questions and answers of the lesson "Backpropagation": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    graph=Prediction(
        right=(20, 10),
        why="The product multiplies du = 10 by w = 2; the sum passes dz = 10 on to b.",
        wrong={
            (10, 20): "The right numbers in the wrong order: da comes first.",
            (30, 10): "That is dw. The local gradient with respect to a is the other factor.",
            (2, 1): "Those are the local gradients. Multiply them by the upstream gradients.",
            (20, -10): "The value b = -1 does not matter: z = u + b grows as fast as b does.",
            (20, 1): "1 is the local gradient of the sum. What is its upstream gradient?",
            (
                20,
                -1,
            ): "-1 is the value of b. Its gradient is upstream gradient times local gradient.",
        },
        hint="du = dz = 10. Multiply by the local gradient: what is du/da, and what is dz/db?",
    ),
    relu=Prediction(
        right=((1, 0), (0, 2)),
        why="Z has the rows 2, -4 and -1, 4; dA has the rows 1, -1 and -1.5, 2.",
        wrong={
            ((1, -1), (-1.5, 2)): "That is dA. Where is Z negative now?",
            ((2, 0), (-1, 3)): "That is dZ for b = -1. Compute Z, A and dA again.",
            ((2, 0), (0, 3)): "The right positions, but A has changed, and dA with it.",
            ((1, 0), (-1.5, 2)): "Z[1, 0] is -1 now, so the ReLU blocks this gradient too.",
            ((2, 0), (0, 4)): "That is A. Compute dA from it, then dZ.",
            ((0, 0), (0, 1)): "Subtract 2 from Z and not from dZ. What are A and dA then?",
            ((1, 0), (0, 1)): "Those are the local gradients. Multiply them by dA.",
            ((4, 0), (0, 8)): "The cost is a mean of four squares. Divide by 4.",
        },
        hint="Four steps: Z - 2, then A, then dA = (A - T) / 2, then 0 where Z is negative.",
    ),
    weight=Prediction(
        right=lambda X, dZ: (X[1:, 1:] * dZ).sum(),
        why="2 * 2 + 3 * 0 + 2 * (-1) + 0 * 3: the lower right corners of the patches.",
        wrong={
            11: "That is dW[0, 0], with the upper left corners of the patches.",
            7: "That is dW[0, 1], with the upper right corners of the patches.",
            6: "One product is negative: dZ[1, 0] = -1. Or is this dW[1, 0]?",
            -1: "That counts the upper right patch with -1; the ReLU made its gradient 0.",
        },
        hint="Which pixel lies under the lower right weight in each of the four patches?",
    ),
    pixels=Prediction(
        right=lambda W, dZ: (
            dZ[1, 0] * W[1, 1] + dZ[1, 1] * W[1, 0],
            dZ[1, 1] * W[1, 1],
        ),
        why="-1 * (-2) + 3 * 3, from two patches, and 3 * (-2), from one.",
        wrong={
            (-6, 11): "The right numbers in the wrong order.",
            (9, -6): "Two patches contain pixel (2, 1). You counted the lower right one alone.",
            (2, -6): "Two patches contain pixel (2, 1). You counted the lower left one alone.",
            (7, -6): "Check a sign: -1 times -2 is positive.",
            (11, 6): "Check a sign: the lower right weight is -2.",
            (-5, 6): "That is with the kernel upside down and reversed. Do not flip it.",
        },
        hint="The lower left patch adds -1 times W, the lower right patch adds 3 times W.",
    ),
    overlap=Prediction(
        right=(6, 2.5),
        why="7 is the maximum of three windows and lies in all four.",
        wrong={
            (2.5, 6): "The right numbers in the wrong order: max pooling comes first.",
            (10, 2.5): "In one of the four windows another pixel is larger than 7.",
            (3, 2.5): "Add the contributions of all windows in which 7 is the largest.",
            (3, 1): "Add the contributions; the last one does not replace the others.",
            (6, 10): "In average pooling a pixel gets a quarter of each upstream gradient.",
            (6, 1.5): "In average pooling all four windows count, whatever their maximum is.",
        },
        hint="List the four windows that contain 7. In which of them is it the largest value?",
    ),
)
