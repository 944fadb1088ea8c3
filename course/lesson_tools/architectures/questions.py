"""Questions and answers of the lesson "Architectures": read this when you are done."""

from collections.abc import Callable, Sequence
from typing import Any

from lesson_tools.counter import NETWORKS, conv, count, dense, pool, totals
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

Architecture = list[dict[str, Any]]

predict = Predictions(
    rows=Prediction(
        right=55,
        why="(227 - 11) / 4 + 1 = 55.",
        wrong={
            54: "Do not forget the first position: + 1.",
            57: "That is 227 / 4. The kernel must fit into the image.",
            56: "That is 227 / 4, rounded down. The kernel must fit into the image.",
            217: "That is for stride 1.",
        },
        hint="(n - f) / s + 1",
    ),
    norm=Prediction(
        right=128,
        why="A scale and a shift for each of 64 channels.",
        wrong={
            64: "Each channel has a scale and a shift.",
            256: "The running means and variances are not learned.",
            2: "Each channel has parameters of its own.",
        },
        hint="What does each channel learn?",
    ),
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


# ---- Exercises 2 and 3

PHOTO = (224, 224, 3)
VGG16 = NETWORKS["VGG-16"][0]
LENET = [conv(6, 5, pad=2), pool(), conv(16, 5), pool(), dense(120), dense(84), dense(10)]
SMALL = {"LeNet": (LENET, (28, 28, 1)), **NETWORKS}


def by_name(function: Callable[..., Any]) -> Callable[[str, int], Any]:
    """Return a function of the name of a network and the memory."""

    def largest_batch(network: str, memory: int) -> Any:
        return function(*SMALL[network], memory)

    return largest_batch


def batch_for(
    parameter_bytes: int, activation_bytes: int, least: int = 0
) -> Callable[[Architecture, tuple[int, ...], int], int]:
    """Return a solution of exercise 2 with other sizes of a parameter and an activation."""

    def size(architecture: Architecture, shape: tuple[int, ...], memory: int) -> int:
        parameters, _, activations = totals(architecture, shape)
        left = memory - parameter_bytes * parameters
        return max(least, left // (activation_bytes * activations))

    return size


def size_per_image(architecture: Architecture, shape: tuple[int, ...], memory: int) -> int:
    """Store the parameters once for each image."""
    parameters, _, activations = totals(architecture, shape)
    return memory // (16 * parameters + 4 * activations)


def unrounded(architecture: Architecture, shape: tuple[int, ...], memory: int) -> float:
    """Return a fraction of an image."""
    parameters, _, activations = totals(architecture, shape)
    return max(0, (memory - 16 * parameters) / (4 * activations))


def layer_of(build: Callable[..., Any]) -> Callable[[Sequence[int], int], str | None]:
    """Return a function that describes one layer of the network that `build` returns."""

    def layer(convolutions: Sequence[int], number: int) -> str | None:
        architecture = build(convolutions)
        if architecture is None:
            return None  # not written yet
        rows = count(architecture, PHOTO)
        if number >= len(rows):
            return "none"
        size = " x ".join(map(str, rows[number].shape))
        return f"{rows[number].kind}, {size}, {rows[number].parameters:,} parameters"

    return layer


def _vgg(
    convolutions: Sequence[int], pad: int = 1, widths: Sequence[int] = (64, 128, 256, 512, 512)
) -> Architecture:
    layers = []
    for n_C, times in zip(widths, convolutions, strict=True):
        layers += [conv(n_C, pad=pad)] * times + [pool()]
    return [*layers, dense(4096), dense(4096), dense(1000)]


NUMBERS = (2, 2, 3, 3, 3), (1, 1, 2, 2, 2), (2, 2, 2, 2, 2)
GB = 10**9

check = Checks(
    small_vgg=Answer(
        right=14_719_818,
        hint="VGG16[:-3] are the five blocks. Which shape do they return for a 32 x 32 image?",
        wrong=[
            (14_714_688, "Those are the convolutions alone. Add the dense layer."),
            (14_965_578, "That is for 224 x 224 images. Five poolings halve 32 down to 1."),
            (14_719_808, "The 10 units have biases too."),
            (33_638_218, "Only one dense layer remains, the one with 10 units."),
            (37_704_258, "The new dense layer replaces the other three: leave them out."),
            (134_301_514, "Two dense layers are left out, and the images have 32 x 32 pixels."),
            (
                (14_719_818, 313_201_664, 307_722),
                "That is all of `totals`. Which are the parameters?",
            ),
        ],
    ),
    largest_batch=Function(
        right=batch_for(16, 4),
        calls=[("VGG-16", 16 * GB), ("AlexNet", 3 * GB), ("VGG-16", 2 * GB), ("LeNet", GB)],
        hint="What is left of the memory once the parameters are stored? How much does one image "
        "take of it?",
        wrong=[
            (batch_for(16, 4, -(10**9)), "Where not even the parameters fit, the answer is 0."),
            (batch_for(16, 4, 1), "Where not even the parameters fit, the answer is 0."),
            (unrounded, "A mini-batch has a whole number of images. Round down."),
            (lambda *given: round(unrounded(*given)), "One image more than fits. Round down."),
            (batch_for(4, 4), "Training with Adam keeps four numbers for each parameter."),
            (
                batch_for(12, 4),
                "The gradient, two averages, and the parameter itself: four numbers.",
            ),
            (batch_for(4, 1), "Is the memory counted in bytes or in numbers?"),
            (batch_for(16, 1), "An activation takes 4 bytes as well."),
            (
                batch_for(16, 16),
                "The four numbers are for each parameter. An activation is one number.",
            ),
            (batch_for(0, 4), "The parameters need memory too."),
            (
                size_per_image,
                "The parameters are stored once, whatever the size of the mini-batch.",
            ),
        ],
        wrap=by_name,
    ),
    vgg_fixed=Function(
        right=_vgg,
        calls=[
            (numbers, number) for numbers in NUMBERS for number in range(len(_vgg(numbers)) + 1)
        ],
        hint="Where do the two tables first differ, in the output or in the parameters?",
        wrong=[
            (
                lambda convolutions: _vgg(convolutions, pad=0),
                "The outputs of the first layer differ: 222 x 222 instead of 224 x 224.",
            ),
            (lambda _: VGG16, "The function has to use its argument, `convolutions`."),
            (
                lambda convolutions: _vgg(convolutions, widths=(64, 128, 256, 512, 1024)),
                "Blocks 4 and 5 both have 512 channels.",
            ),
        ],
        wrap=layer_of,
    ),
)
