"""Questions and answers of the lesson on the layer in libraries: read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    offset=Prediction(
        right=(10, 5),
        why="Two full values for each of five pixels come before it; in NCHW, five values.",
        wrong={
            (5, 10): "The right numbers in the wrong order: NHWC comes first.",
            (11, 6): "Offsets start at 0.",
            10: "That is right for NHWC. Give both offsets, as a tuple.",
            (10, 6): "The first is right. Offsets start at 0 in NCHW, too.",
            (10, 10): "In NCHW, all of channel 0 is stored before channel 1.",
            (5, 5): "In NHWC, the two channels of a pixel are stored next to each other.",
            (11, 5): "That is channel 1 of the pixel in NHWC. Its channel 0 comes just before.",
            (10, 11): "That is channel 1 of the pixel in NCHW.",
            (9, 4): "Both offsets are one too small. Count the values before it.",
            (12, 6): "Offsets start at 0, and in NHWC channel 0 of a pixel precedes channel 1.",
            (8, 5): "Row 1 begins after three pixels, which are six values.",
        },
        hint="How many values are stored before it? The last axis changes fastest.",
    ),
    reshape=Prediction(
        right=lambda image: image.reshape(-1)[:3],
        why="reshape reads the memory in order: pixel 0 with both channels, then pixel 1.",
        wrong={
            (1, 2, 3): "That is what transpose gives. reshape keeps the order of the memory.",
            (10, 20, 30): "That is the first row of channel 1.",
            (1, 10, 20): "The third value in memory is channel 0 of the second pixel.",
            (1, 2, 10): "In NHWC, the value after 1 is the same pixel's channel 1.",
        },
        hint="The first three values in memory, in NHWC.",
    ),
    keras=Prediction(
        right=(4, 64, 64, 4),
        why="4 images, 4 filters, and (128 - 2) / 2 + 1 = 64 positions.",
        wrong={
            (4, 63, 63, 4): "(128 - 2) / 2 is 63. Do not forget the position at 0.",
            (4, 127, 127, 4): "That is the shape with stride 1.",
            (4, 128, 128, 4): 'That is the shape with padding="same" and stride 1.',
            (4, 64, 64, 6): "The second layer has 4 filters. 6 is the number of the first layer.",
            (4, 64, 64, 3): "The filters sum over the 3 input channels.",
            (4, 64, 64, 12): "A filter gives one feature map, not one per input channel.",
            (64, 64): "Those are the rows and columns. Add the examples and the channels.",
            64: "That is right along each axis. Give all four sizes.",
            (64, 64, 4): "That is the shape for one image. The batch has four.",
            (4, 4, 64, 64): "That has the channels first. Keras has them last.",
        },
        hint="Four numbers: examples, rows, columns, channels. How many positions are there?",
    ),
    zeros=Prediction(
        right="keras",
        why="Keras initializes all biases to 0; PyTorch draws them at random.",
        wrong={
            "torch": "In PyTorch, the biases start as random numbers.",
            "pytorch": "In PyTorch, the biases start as random numbers.",
            "both": "The weights do not matter here, but the biases do. Look at the table.",
            "tensorflow": "tf.nn.conv2d has no initial parameters: you pass the filters.",
            "neither": "One of the two initializes all biases to 0. Look at the table.",
        },
        hint='Answer "keras", "torch", "both" or "neither". What is left if all pixels are 0?',
    ),
    swapped=Prediction(
        right=(4, 5),
        why="A kernel of 4 rows and 3 columns has 7 - 4 + 1 and 7 - 3 + 1 positions.",
        wrong={
            (5, 4): "That is the shape with the right permutation, for kernels of 3 x 4.",
            (5, 5): "That would need a kernel of 3 x 3.",
            (4, 4): "That would need a kernel of 4 x 4.",
            (3, 4): "That is 7 minus the kernel size; one more position fits.",
            (4, 5, 2): "Give only the rows and columns of a feature map.",
        },
        hint="Which shape does each kernel have after this transpose? Then n - f + 1.",
    ),
)
