"""Questions and answers of the lesson "Architectures": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    lenet=Prediction(
        right=(3, 2),
        why="The first dense layer has 48,120 parameters, the second convolution 240,000 MACs.",
        wrong={
            (
                3,
                3,
            ): "Layer 3 uses each weight once. A convolution uses each weight at all positions.",
            (2, 3): "The other way round: where is a weight used more than once?",
            (3, 1): "Layer 1 has more positions, but only one input channel. Multiply it out.",
            (2, 2): "Right for the MACs. How many inputs does the first dense layer have?",
            (1, 1): "Layer 1 has the most positions, but only 5 * 5 weights in each of 6 filters.",
            (5, 2): "Right for the MACs. Layer 5 has only 84 inputs and 10 units.",
        },
        hint="Layer 2 has 10 x 10 positions and 16 filters of 5 x 5 x 6; layer 3 has 400 inputs.",
    ),
    color=Prediction(
        right=2,
        why="The first convolution has more input channels, the first dense layer more inputs.",
        wrong={
            1: "The first convolution changes. Does a dense layer depend on the size of its input?",
            3: "The second convolution still has 6 input channels.",
            4: "The second convolution has 6 input channels as before, and layer 4 has 120 inputs.",
            5: "Layers 4 and 5 have 120 and 84 inputs, as before. What about layer 2?",
            0: "How many channels do the filters of the first convolution have now?",
        },
        hint="Which layers have another number of input channels or, if dense, of inputs?",
    ),
    groups=Prediction(
        right=(0.5, 0.5),
        why="256 filters as before, each with half of the input channels.",
        wrong={
            (0.25, 0.25): "One group has a quarter of the weights. How many groups are there?",
            (1, 1): "The number of filters stays. How many input channels does each of them see?",
            (0.5, 1): "Right for the weights. Each is used at the same positions as before.",
            (0.5, 0.25): "Right for the weights. Each is used at the same positions as before.",
            (0.25, 0.5): "Right for the MACs. At each position, every weight is used once.",
            (1, 0.5): "Right for the MACs. At each position, every weight is used once.",
        },
        hint="How many filters are there, and how many input channels does each of them see?",
    ),
    stack=Prediction(
        right=(1, 9),
        why="The weights count the paths: 1 from a corner, 3 * 3 from the middle.",
        wrong={
            (1, 1): "The middle pixel lies in several patches of the first kernel. In how many?",
            (1, 25): "Not all 25 positions: the first kernel has 9 positions in the field.",
            (1, 3): "That is along one axis. There are two.",
            (9, 9): "The corner pixel is read only once.",
            (2, 9): "A corner pixel lies in one patch only.",
        },
        hint="How many of the 3 x 3 values in the middle depend on the pixel?",
    ),
    dense=Prediction(
        right=(90, 1),
        why="89.4% of the parameters, and 0.8% of the MACs.",
        wrong={
            (90, 90): "A dense layer uses each of its weights only once per image.",
            (50, 50): "Do parameters and MACs go together? Look at LeNet once more.",
            (
                10,
                1,
            ): "Right for the MACs. Count the first dense layer: 7 * 7 * 512 inputs, 4,096 units.",
            (50, 1): "Right for the MACs. The first dense layer alone has 103 million parameters.",
            (90, 10): "Right for the parameters. The dense layers have 0.12 billion MACs of 15.",
            (90, 50): "Right for the parameters. A dense layer uses each weight once per image.",
            (1, 90): "The other way round.",
        },
        hint="The first dense layer has 7 * 7 * 512 inputs and 4,096 units.",
    ),
)
