"""Questions and answers of the lesson "Architectures": read this when you are done."""

from collections.abc import Callable, Sequence
from typing import Any

from lesson_tools.counter import NETWORKS, conv, count, dense, pool, totals
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

Architecture = list[dict[str, Any]]

predict = Predictions(
    work=Prediction(
        right=2,
        why="2,400 weights at 10 x 10 positions are 240,000 MACs.",
        wrong={
            1: "Layer 1 has the most positions, but only 5 * 5 weights in each of 6 filters.",
            3: "Layer 3 has the most weights, but it uses each of them once.",
            4: "Layer 4 has 120 * 84 weights and uses each of them once.",
            5: "Layer 5 has 84 * 10 weights and uses each of them once.",
        },
        hint="Multiply weights by positions. The filters of layer 2 have 5 * 5 * 6 weights each.",
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
            (1, 3): "Those are the layers. How many are there?",
        },
        hint="Which layers now have a different number of input channels or, if dense, of inputs?",
    ),
    stack=Prediction(
        right=0.72,
        decimals=2,
        why="18 C^2 weights instead of 25 C^2.",
        wrong={
            0.36: "That is for one 3 x 3 kernel. The stack has two layers.",
            0.28: "That is the part you save. How much is left?",
            72: "Write it as a fraction, not in percent.",
            1.39: "Divide the weights of the stack by those of the single layer.",
            1.0: "A 3 x 3 kernel has 9 weights per pair of channels, a 5 x 5 kernel has 25.",
            1.2: "That is 2 * 3 / 5. A kernel of 3 x 3 has 9 weights.",
        },
        hint="Both layers of the stack have 3 * 3 * C * C weights.",
    ),
    block=Prediction(
        right=(4, 1, 0.5),
        why="4 times the weights at a quarter of the positions.",
        wrong={
            (2, 1, 0.5): "Both the input and the output channels double.",
            (2, 0.5, 0.5): "Both the input and the output channels double.",
            (4, 4, 0.5): "Each weight is used at a quarter of the positions.",
            (4, 2, 0.5): "Half the height and half the width: how many positions remain?",
            (4, 1, 0.25): "A quarter of the positions, but each has twice the channels.",
            (4, 1, 1): "Half the height and half the width: how many positions remain?",
            (4, 2, 1): "Half the height and half the width: how many positions remain?",
            (4, 1, 2): "Twice the channels, but at how many positions?",
        },
        hint="Weights: 9 * C * C. Positions: n * n. Which of the three numbers contain them?",
    ),
    slim=Prediction(
        right=(10, 99),
        why="11% of the parameters and 99% of the MACs remain.",
        wrong={
            (11, 99): "Exactly 11, but choose the closest number of the list.",
            (90, 99): "Right for the MACs. Which layers had 89% of the parameters?",
            (50, 99): "Right for the MACs. Which layers had 89% of the parameters?",
            (1, 99): "Right for the MACs. All 13 convolutions are still there, 15 million.",
            (10, 90): "Right for the parameters. Look at the dense layers in the lower strip.",
            (10, 50): "Right for the parameters. Look at the dense layers in the lower strip.",
            (10, 10): "Right for the parameters. Which layers do the work?",
            (90, 1): "Those are the shares of the part that is left out.",
            (99, 10): "The other way round.",
        },
        hint="Look at the strips of VGG-16: how much of each belongs to layers 14 to 16?",
    ),
)


# ---- Exercises

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
    """Return a solution of exercise 3 with other sizes of a parameter and an activation."""

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


def _doubled_too_often(convolutions: Sequence[int]) -> Architecture:
    """Double the channels after each convolution instead of after each block."""
    layers, n_C = [], 64
    for times in convolutions:
        for _ in range(times):
            layers.append(conv(n_C, pad=1))
            n_C = min(2 * n_C, 512)
        layers.append(pool())
    return [*layers, dense(4096), dense(4096), dense(1000)]


NUMBERS = (2, 2, 3, 3, 3), (1, 1, 2, 2, 2), (2, 2, 2, 2, 2)
GB = 10**9

check = Checks(
    vgg_fixed=Function(
        right=_vgg,
        calls=[
            (numbers, number) for numbers in NUMBERS for number in range(len(_vgg(numbers)) + 1)
        ],
        hint="Where do the two tables first differ, in the output or in the parameters?",
        wrong=[
            (
                _doubled_too_often,
                "Convolution 2 has 64 channels in VGG-16. When does the number double?",
            ),
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
)
