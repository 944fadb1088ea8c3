"""lenet_gradients: the loss of a batch, and its gradients through all layers of LeNet."""

from exercises import lenet, lenet_forward
from exercises.cases import Cases, Rng
from exercises.exercise import Check, Exercise, Mistake, Return

# From the loss backwards: the first wrong one is then where to look first.
NAMES = tuple(f"{kind}{number}" for number in range(5, 0, -1) for kind in "Wb")
MASK_4, MASK_3 = "dA4 * (Z4 > 0)", "dA3 * (Z3 > 0)"
MASK_2, MASK_1 = "dA2 * (Z2 > 0)", "dA1 * (Z1 > 0)"
LOSS = "loss, dscores = softmax_cross_entropy(scores, labels)"
FLAT, UNFLAT = "P2.reshape(len(X), -1)", "dflat.reshape(P2.shape)"
UNPOOL_1, UNPOOL_2 = "pool_backward(dP1, pool1)", f"pool_backward({UNFLAT}, pool2)"
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


FLAT = (
    "Where the ReLU gave 0, a small change of its input changes nothing: the gradient is 0 there."
)
GRADIENTS = (LAST, DENSE, SECOND, FIRST)


def cases(rng: Rng) -> Cases:
    for m, *size in ((1, 16, 20, 1), (3, 20, 16, 1), (3, 20, 16, 1), (2, 16, 17, 2)):
        arguments = lenet_forward.alive(rng, m, *size)
        labels = rng.integers(0, 4, m)
        yield (
            "batches",
            {"X": arguments["X"], "labels": labels, "parameters": arguments["parameters"]},
        )


def _without_mask(layer: int, mask: str, lost: tuple[str, ...]) -> Mistake:
    kind = "convolution" if layer < 3 else "dense layer"
    which = {1: "first", 2: "second", 3: "first", 4: "second"}[layer]
    return Mistake(
        f"no ReLU on the way back to layer {layer}",
        {mask: mask.partition(" *")[0]},
        lost,
        f"On the way back to the {which} {kind} the ReLU is skipped.",
        FLAT,
    )


EXERCISE = Exercise(
    loops=lenet.lenet_gradients,
    vectorised=lenet.lenet_gradients,
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
        _without_mask(4, MASK_4, (DENSE, SECOND, FIRST)),
        _without_mask(3, MASK_3, (DENSE, SECOND, FIRST)),
        _without_mask(2, MASK_2, (SECOND, FIRST)),
        _without_mask(1, MASK_1, (FIRST,)),
        Mistake(
            "no ReLU on the way back",
            {mask: mask.partition(" *")[0] for mask in (MASK_4, MASK_3, MASK_2, MASK_1)},
            (DENSE, SECOND, FIRST),
            "The backward pass skips every ReLU: the gradient is not 0 where a ReLU gave 0.",
            FLAT,
        ),
        Mistake(
            "ReLU on the gradients",
            {
                mask: f"np.maximum({mask.partition(' *')[0]}, 0)"
                for mask in (MASK_4, MASK_3, MASK_2, MASK_1)
            },
            (DENSE, SECOND, FIRST),
            "Negative gradients are set to 0. The sign of the input of the ReLU decides instead.",
            "Where Z is positive, the gradient passes, whatever its sign is.",
        ),
        Mistake(
            "multiplied by the activations",
            {
                mask: f"{mask.partition(' *')[0]} * np.maximum(Z{n}, 0)"
                for n, mask in ((4, MASK_4), (3, MASK_3), (2, MASK_2), (1, MASK_1))
            },
            (DENSE, SECOND, FIRST),
            "The gradients are multiplied by the output of the ReLU, not by its derivative.",
            "The derivative of ReLU is 1 or 0.",
        ),
        Mistake(
            "sum over the batch",
            {LOSS: f"{LOSS}\n    loss, dscores = loss * len(X), dscores * len(X)"},
            (OF_LOSS, *GRADIENTS, REST),
            "Loss and gradients are those of the sum over the images, not of the mean.",
            "softmax_cross_entropy returns the mean. What do you do with it?",
        ),
        Mistake(
            "gradients of the sum",
            {LOSS: f"{LOSS}\n    dscores = dscores * len(X)"},
            GRADIENTS,
            "The loss is the mean over the images, but the gradients are those of the sum.",
            "softmax_cross_entropy has divided by the number of images already.",
        ),
        Mistake(
            "divided by the batch twice",
            {LOSS: f"{LOSS}\n    dscores = dscores / len(X)"},
            GRADIENTS,
            "The gradients are divided by the number of images twice.",
            "softmax_cross_entropy has divided by the number of images already.",
        ),
        Mistake(
            "probabilities for the gradient",
            {
                LOSS: f"{LOSS}\n    dscores = dscores.copy()\n"
                "    dscores[np.arange(len(X)), labels] += 1 / len(X)"
            },
            GRADIENTS,
            "The gradient of the scores is the probabilities; at the label, 1 is not subtracted.",
            "softmax_cross_entropy also returns the gradient of the scores. Use it.",
        ),
        Mistake(
            "sign of the gradients",
            {LOSS: f"{LOSS}\n    dscores = -dscores"},
            GRADIENTS,
            "All gradients have the wrong sign: they point to where the loss decreases.",
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
        Mistake(
            "unflattened with the channels first",
            {UNFLAT: "dflat.reshape(len(X), P2.shape[3], *P2.shape[1:3]).transpose(0, 2, 3, 1)"},
            (SECOND, FIRST),
            "The gradients are reshaped channel by channel, but the forward pass goes row by row.",
            "reshape with the old shape undoes the reshape of the forward pass.",
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
            "This function only computes gradients; momentum_step updates the parameters later.",
        ),
        Mistake(
            "biases without gradients",
            {
                "    dX, gradients": """    for number in range(2, 6):
        gradients[f"b{number}"] = np.zeros(parameters[f"b{number}"].shape)
    dX, gradients"""
            },
            (LAST, DENSE, SECOND),
            "The gradients of the biases are zero.",
            "dense_backward and conv_backward return three gradients each.",
        ),
    ),
    hints=(
        "Begin with the lines of lenet_forward, and keep every cache and every Z.",
        "Go back layer by layer in reverse order. Each backward function takes the gradient of its "
        "layer's output and the layer's cache.",
        "Back through a ReLU the gradient is multiplied by (Z > 0); back through the flattening it "
        "is reshaped to the shape that P2 had.",
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
