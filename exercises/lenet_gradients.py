"""lenet_gradients: the loss of a batch, and its gradients through all layers of LeNet."""

import numpy as np

from convnet.types import Array
from exercises import lenet, lenet_forward
from exercises.page import Page
from nbexercise.defining.cases import Cases, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

# In the order of the backward pass, so the first failed check is the first place to look at.
NAMES = tuple(f"{kind}{number}" for number in range(5, 0, -1) for kind in "Wb")
MASK_4, MASK_3 = "dA4 * (Z4 > 0)", "dA3 * (Z3 > 0)"
MASK_2, MASK_1 = "dA2 * (Z2 > 0)", "dA1 * (Z1 > 0)"
LOSS = "loss, dscores = softmax_cross_entropy(scores, labels)"
FLAT, UNFLAT = "P2.reshape(len(X), -1)", "dflat.reshape(P2.shape)"
UNPOOL_1, UNPOOL_2 = "pool_backward(dP1, pool1)", f"pool_backward({UNFLAT}, pool2)"
POOL_1, POOL_2 = "pool_forward(np.maximum(Z1, 0), pool)", "pool_forward(np.maximum(Z2, 0), pool)"
SHAPES, OF_LOSS, LAST, DENSE, SECOND, FIRST, REST = (
    "output shapes",
    "loss",
    "gradients of the last layer",
    "gradients of the other dense layers",
    "gradients of the second convolution",
    "gradients of the first convolution",
    "input left alone",
)


def _of(*layers: int) -> tuple[str, ...]:
    return tuple(f"gradients[{name!r}]" for name in NAMES if int(name[1]) in layers)


ZERO_BEHIND = (
    "Where the ReLU gave 0, a small change of its input changes nothing: the gradient is 0 there."
)
SIGN_OF_Z = "Where `Z` is positive, the gradient passes, whatever its sign."
ONE_OR_ZERO = "The derivative of ReLU is 1 or 0."
GRADIENTS = (LAST, DENSE, SECOND, FIRST)
MASKS = (
    (4, MASK_4, (DENSE, SECOND, FIRST)),
    (3, MASK_3, (DENSE, SECOND, FIRST)),
    (2, MASK_2, (SECOND, FIRST)),
    (1, MASK_1, (FIRST,)),
)
WIDEST = 600  # largest difference of scores: exp(-746) is 0
LARGE = 64  # factor of images whose gradients exceed any usual clipping bound


def cases(rng: Rng) -> Cases:
    for m, size, large in (
        (1, (12, 16, 1), 1),
        (3, (20, 16, 1), 1),
        (3, (20, 16, 1), LARGE),
        (2, (16, 17, 2), 1),
    ):
        labels = None
        while labels is None:
            arguments = lenet_forward.enlarged(lenet_forward.alive(rng, m, *size), large)
            labels = _labels(rng, m, lenet.lenet_forward(**arguments), all_wrong=large > 1)
        yield (
            "batches",
            {"X": arguments["X"], "labels": labels, "parameters": arguments["parameters"]},
        )


def _labels(rng: Rng, m: int, scores: Array, all_wrong: bool) -> Array | None:
    """Draw unsorted labels; of three, one occurs twice. Some classes do not occur.

    If there are several images, some of them are classified correctly and others are not. With
    large scores (`all_wrong`) none is, because the gradients of correct ones would vanish. Return
    None if there are no such labels, or if a probability would be 0, which has no logarithm.
    """
    if np.ptp(scores) > WIDEST:
        return None
    pairs = [(high, low) for high in (2, 3) for low in range(high)]
    rng.shuffle(pairs)
    for high, low in pairs:
        labels = np.array([high, high, low] if m == 3 else [high, low][:m])
        right = (scores.argmax(axis=1) == labels).sum()
        if right == 0 if all_wrong or m == 1 else 0 < right < m:
            return labels
    return None


def _layer(number: int) -> str:
    which = {1: "first", 2: "second", 3: "first", 4: "second"}[number]
    return f"{which} {'convolution' if number < 3 else 'dense layer'}"


def _without_mask(layer: int, mask: str, lost: tuple[str, ...]) -> Mistake:
    return Mistake(
        f"no ReLU on the way back to layer {layer}",
        {mask: mask.partition(" *")[0]},
        lost,
        f"On the way back to the {_layer(layer)} the ReLU is skipped.",
        ZERO_BEHIND,
    )


def _mask_of_the_gradient(layer: int, mask: str, lost: tuple[str, ...]) -> Mistake:
    return Mistake(
        f"ReLU on the gradient of layer {layer}",
        {mask: mask.replace(f"Z{layer}", f"dA{layer}")},
        lost,
        f"On the way back to the {_layer(layer)}, negative gradients are set to 0, whatever the "
        "sign of the ReLU's input.",
        SIGN_OF_Z,
    )


def _times_Z(layer: int, mask: str, lost: tuple[str, ...]) -> Mistake:
    return Mistake(
        f"multiplied by Z{layer}",
        {mask: mask.replace(f"(Z{layer} > 0)", f"Z{layer}")},
        lost,
        f"On the way back to the {_layer(layer)}, the gradient is multiplied by the input of the "
        "ReLU, not by the derivative of the ReLU.",
        ONE_OR_ZERO,
    )


def _average_back(layer: int, line: str, lost: tuple[str, ...]) -> Mistake:
    which = {1: "first", 2: "second"}[layer]
    return Mistake(
        f"average on the way back to layer {layer}",
        {line: line.replace(f"pool{layer})", f'pool{layer}, "average")')},
        lost,
        f"Back through the {which} pooling, the gradients are distributed over the windows, as by "
        "average pooling.",
        "The forward pass takes the maximum, so only the maximum gets the gradient.",
    )


EXERCISE = Exercise(
    loops=lenet.lenet_gradients,
    vectorized=lenet.lenet_gradients,
    title="LeNet, backward",
    assignment="lenet",
    section="Backpropagation through LeNet",
    returns=(Return("loss", "number"), Return("gradients", "arrays", NAMES)),
    cases=cases,
    checks=(
        Check(SHAPES, 2, "shape"),
        Check(OF_LOSS, 3, outputs=("loss",)),
        Check(LAST, 3, outputs=_of(5)),
        Check(DENSE, 4, outputs=_of(3, 4)),
        Check(SECOND, 4, outputs=_of(2)),
        Check(FIRST, 3, outputs=_of(1)),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        *(
            of_one_layer(*which)
            for of_one_layer in (_without_mask, _mask_of_the_gradient, _times_Z)
            for which in MASKS
        ),
        Mistake(
            "no ReLU on the way back",
            {mask: mask.partition(" *")[0] for mask in (MASK_4, MASK_3, MASK_2, MASK_1)},
            (DENSE, SECOND, FIRST),
            "The backward pass skips every ReLU: the gradient is not 0 where a ReLU gave 0.",
            ZERO_BEHIND,
        ),
        Mistake(
            "ReLU on the gradients",
            {
                mask: f"np.maximum({mask.partition(' *')[0]}, 0)"
                for mask in (MASK_4, MASK_3, MASK_2, MASK_1)
            },
            (DENSE, SECOND, FIRST),
            "Negative gradients are set to 0, whatever the sign of the ReLU's input.",
            SIGN_OF_Z,
        ),
        Mistake(
            "multiplied by the activations",
            {
                mask: f"{mask.partition(' *')[0]} * np.maximum(Z{n}, 0)"
                for n, mask in ((4, MASK_4), (3, MASK_3), (2, MASK_2), (1, MASK_1))
            },
            (DENSE, SECOND, FIRST),
            "The gradients are multiplied by the output of the ReLU, not by its derivative.",
            ONE_OR_ZERO,
        ),
        Mistake(
            "multiplied by the inputs",
            {mask: mask.replace(f"(Z{n} > 0)", f"Z{n}") for n, mask, _ in MASKS},
            (DENSE, SECOND, FIRST),
            "The gradients are multiplied by the input of the ReLU, not by its derivative.",
            ONE_OR_ZERO,
        ),
        Mistake(
            "sum over the batch",
            {LOSS: f"{LOSS}\n    loss, dscores = loss * len(X), dscores * len(X)"},
            (OF_LOSS, *GRADIENTS, REST),
            "Loss and gradients are those of the sum over the images, not of the mean.",
            "`softmax_cross_entropy` returns the mean. What do you do with it?",
        ),
        Mistake(
            "gradients of the sum",
            {LOSS: f"{LOSS}\n    dscores = dscores * len(X)"},
            GRADIENTS,
            "The loss is the mean over the images, but the gradients are those of the sum.",
            "`softmax_cross_entropy` has already divided by the number of images.",
        ),
        Mistake(
            "divided by the batch twice",
            {LOSS: f"{LOSS}\n    dscores = dscores / len(X)"},
            GRADIENTS,
            "The gradients are `len(X)` times too small, as if they were divided by the number of "
            "images twice.",
            "`softmax_cross_entropy` has already divided by the number of images.",
        ),
        Mistake(
            "probabilities for the gradient",
            {
                LOSS: f"{LOSS}\n    dscores = dscores.copy()\n"
                "    dscores[np.arange(len(X)), labels] += 1 / len(X)"
            },
            GRADIENTS,
            "The gradient of the scores is the probabilities; at the label, 1 is not subtracted.",
            "`softmax_cross_entropy` also returns the gradient of the scores. Use it.",
        ),
        Mistake(
            "sign of the gradients",
            {LOSS: f"{LOSS}\n    dscores = -dscores"},
            GRADIENTS,
            "All gradients have the wrong sign: they point in the direction in which the loss "
            "decreases.",
            "The optimizer subtracts the gradient later. Return it with its own sign.",
        ),
        Mistake(
            "average pooling on the way back",
            {
                UNPOOL_1: UNPOOL_1.replace("pool1)", 'pool1, "average")'),
                UNPOOL_2: UNPOOL_2.replace("pool2)", 'pool2, "average")'),
            },
            (SECOND, FIRST),
            "The backward pass distributes the gradients over the windows: average pooling.",
            "The forward pass takes the maximum, so only the maximum gets the gradient.",
        ),
        _average_back(2, UNPOOL_2, (SECOND, FIRST)),
        _average_back(1, UNPOOL_1, (FIRST,)),
        Mistake(
            "average pooling both ways",
            {
                **{line: line.replace("pool)", 'pool, "average")') for line in (POOL_1, POOL_2)},
                UNPOOL_1: UNPOOL_1.replace("pool1)", 'pool1, "average")'),
                UNPOOL_2: UNPOOL_2.replace("pool2)", 'pool2, "average")'),
            },
            (OF_LOSS, *GRADIENTS, REST),
            "Forward and back, the pooling layers take the average, not the maximum.",
            "Which mode do `pool_forward` and `pool_backward` use by default?",
        ),
        Mistake(
            "average pooling on the way forward",
            {line: line.replace("pool)", 'pool, "average")') for line in (POOL_1, POOL_2)},
            (OF_LOSS, *GRADIENTS, REST),
            "On the way forward the pooling layers take the average, not the maximum.",
            "Begin with the lines of your `lenet_forward`.",
        ),
        Mistake(
            "loss of the sum",
            {LOSS: f"{LOSS}\n    loss = loss * len(X)"},
            (OF_LOSS,),
            "The loss is the sum over the images, not the mean.",
            "`softmax_cross_entropy` returns the mean. What do you do with it?",
        ),
        Mistake(
            "loss divided by the batch twice",
            {LOSS: f"{LOSS}\n    loss = loss / len(X)"},
            (OF_LOSS,),
            "The loss is `len(X)` times too small, as if it were divided by the number of images "
            "twice.",
            "`softmax_cross_entropy` has already divided by the number of images.",
        ),
        Mistake(
            "unflattened with the channels first",
            {UNFLAT: "dflat.reshape(len(X), P2.shape[3], *P2.shape[1:3]).transpose(0, 2, 3, 1)"},
            (SECOND, FIRST),
            "The gradients are reshaped channel by channel, but the forward pass goes row by row.",
            "reshape with the old shape undoes the reshape of the forward pass.",
        ),
        Mistake(
            "unflattened column by column",
            {UNFLAT: 'dflat.reshape(P2.shape, order="F")'},
            (SECOND, FIRST),
            "The gradients are reshaped with the row changing fastest, but in the forward pass "
            "the channel changes fastest.",
            "reshape with the old shape undoes the reshape of the forward pass, in the same order.",
        ),
        Mistake(
            "images mixed when flattened",
            {FLAT: "P2.reshape(-1, len(X)).T", UNFLAT: "dflat.T.reshape(P2.shape)"},
            (OF_LOSS, *GRADIENTS, REST),
            "Flattening mixes the images of the batch: a row does not hold the features of one "
            "image.",
            "reshape keeps the order of the numbers. Which of the new axes counts the images?",
        ),
        Mistake(
            "images mixed on the way back",
            {UNFLAT: "dflat.T.reshape(P2.shape)"},
            (SECOND, FIRST),
            "On the way back the images of the batch are mixed: a row of gradients is not reshaped "
            "to one image.",
            "reshape with the old shape undoes the reshape of the forward pass, in the same order.",
        ),
        Mistake(
            "weights changed before they are used",
            {
                LOSS: f"""{LOSS}
    for name in ("W3", "W4", "W5"):
        parameters[name] -= 0.1 * parameters[name]"""
            },
            (DENSE, SECOND, FIRST, REST),
            "The weights were changed before the backward pass, which needs the old ones.",
            "This function only computes gradients; `momentum_step` updates the parameters later.",
        ),
        Mistake(
            "biases without gradients",
            {
                "    dX, gradients": """    for number in range(2, 6):
        gradients[f"b{number}"] = np.zeros(parameters[f"b{number}"].shape)
    dX, gradients"""
            },
            (LAST, DENSE, SECOND),
            "The gradients of the biases `b2` to `b5` are zero.",
            "`dense_backward` and `conv_backward` return three gradients each.",
        ),
    ),
    hints=(
        "Begin with the lines of `lenet_forward`, and keep every cache and every `Z`.",
        "Go back layer by layer in reverse order. Each backward function takes the gradient of its "
        "layer's output and the layer's cache.",
        "Back through a ReLU the gradient is multiplied by `(Z > 0)`; back through the flattening "
        "it is reshaped to the shape that P2 had.",
    ),
    helpers={
        "dense_forward": lenet.dense_forward,
        "dense_backward": lenet.dense_backward,
    },
    given={
        name: getattr(lenet, name)
        for name in (
            "conv_forward",
            "pool_forward",
            "conv_backward",
            "pool_backward",
            "softmax_cross_entropy",
        )
    },
)

PAGE = Page(
    terms=("LeNet", "backpropagation", "loss", "gradient checking"),
    mistakes=(
        "no ReLU on the way back to layer 3",
        "ReLU on the gradient of layer 3",
        "sum over the batch",
        "probabilities for the gradient",
        "sign of the gradients",
    ),
    drawn=("loss", "gradients['W5']", "gradients['b5']"),
    reading="A case of the check: the loss of one image, and the gradients of the last layer, "
    "which has 5 inputs and 4 outputs. The gradients of the biases add up to "
    "[0]{= gradients['b5'].sum() }, as each row of the scores' gradient does.",
)
