"""What the lesson "Convolution layer" asks, and the answers: read it when you are done."""

from lesson_tools.predictions import Predictions, Question

predict = Predictions(
    shuffled=Question(
        right="yes",
        why="A sum does not depend on the order of its terms.",
        wrong={"no": "Each pixel still meets its own weight. Does the order of a sum matter?"},
        hint='Answer "yes" or "no".',
    ),
    small=Question(
        right=(40, 5),
        why="4 * (9 + 1) for the dense layer; 4 weights and 1 bias for the convolution.",
        wrong={
            (36, 4): "Those are the weights. There are biases, too.",
            (40, 4): "The convolution has a bias, too.",
            (36, 5): "The dense layer has biases, too, one per unit.",
            (10, 5): "That is one unit of the dense layer. It has four.",
            (40, 20): "The 20 is for local connectivity only. The four units share weights.",
            (40, 8): "The four units share their bias as well.",
            (37, 5): "Each unit of the dense layer has a bias of its own.",
            (5, 40): "The right numbers in the wrong order: the dense layer comes first.",
        },
        hint="Dense: 4 units with 9 weights and a bias each. Convolution: a single 2 x 2 kernel.",
    ),
    step=Question(
        right=lambda a_prev, filter_0: (a_prev[:2, :2] * filter_0).sum() + 1,
        why="Channel 0 gives 4, channel 1 gives 2, and the bias is 1.",
        wrong={
            6: "That is the sum of the eight products. What about the bias?",
            5: "That is channel 0 and the bias. Add channel 1.",
            3: "That is channel 1 and the bias. Add channel 0.",
            8: "The bias is added once, not once per channel.",
            11: "One of the weights is negative.",
            (5, 3): "The result is one number, not one per channel.",
            (4, 2): "Those are the sums of the two channels. Add them, and the bias.",
        },
        hint="Four products in channel 0, four in channel 1; add all eight, and then the bias.",
    ),
    shape=Question(
        right=(2, 3, 4, 8),
        why="2 images, 8 filters, and 5 x 7 pixels become 3 x 4.",
        wrong={
            (2, 5, 7, 8): "That is the shape with stride 1.",
            (2, 5, 7, 4): "That is the shape of the input.",
            (2, 2, 3, 8): "That is the shape without padding.",
            (2, 3, 4, 4): "The filters sum over the 4 input channels. What is stacked at the end?",
            (2, 3, 4, 32): "A filter gives one feature map, not one per input channel.",
            (3, 4, 8): "That is the shape for one image. The batch has two.",
            (2, 4, 3, 8): "The right numbers in the wrong order: rows come first.",
            (8, 3, 4, 2): "The right numbers in the wrong order: images come first.",
            (2, 8, 3, 4): "That is the order with the channels first. Here they are the last axis.",
        },
        hint="Which axis counts images, which filters? For the rest, pad and list the starts.",
    ),
    color=Question(
        right=lambda: (5 * 5 * 3 + 1) * 4,
        why="Each filter has 5 * 5 * 3 weights and one bias.",
        wrong={
            104: "That is for a grayscale image. These filters have 3 channels.",
            100: "Those are the weights for a grayscale image, and there are biases, too.",
            300: "Those are the weights. Each filter has a bias as well.",
            301: "Each filter has its own bias.",
            312: "A filter has one bias, not one per channel.",
            303: "One bias per input channel? The bias belongs to the filter.",
            76: "That is one filter.",
        },
        hint="How many weights does one filter have, over all of its channels?",
    ),
    maps=Question(
        right=(2, 3),
        why="Orange has much more red than blue; in a green leaf, green is the largest.",
        wrong={
            (3, 4): "The maps are numbered from 0.",
            (3, 2): "Map 3 compares green with red and blue. Is the flower green?",
            (0, 1): "Maps 0 and 1 respond to change; the inside of a large area is constant.",
            (2, 1): "The flower is right. Map 1 responds to change, not to an area.",
            (2, 0): "The flower is right. Map 0 responds to change, not to an area.",
        },
        hint="Two of the filters have weights that compare the channels of a single pixel.",
    ),
)
