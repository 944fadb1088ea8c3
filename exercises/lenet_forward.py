"""lenet_forward: from images to scores, through all layers of LeNet."""

import itertools

import numpy as np

from convnet.types import Array
from exercises import lenet, vectorized
from exercises.page import Page
from nbexercise.defining.cases import Arguments, Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

CONV_1 = 'conv_forward(X, parameters["W1"], parameters["b1"], {"stride": 1, "pad": 2})'
CONV_2 = 'conv_forward(P1, parameters["W2"], parameters["b2"], {"stride": 1, "pad": 0})'
POOL_1, POOL_2 = "pool_forward(np.maximum(Z1, 0), pool)", "pool_forward(np.maximum(Z2, 0), pool)"
FLAT = "P2.reshape(len(X), -1)"
DENSE_4 = 'dense_forward(np.maximum(Z3, 0), parameters["W4"], parameters["b4"])'
DENSE_5 = 'dense_forward(np.maximum(Z4, 0), parameters["W5"], parameters["b5"])'
SHAPE, ONE, SEVERAL, COLOR, REST = (
    "output shape",
    "one image",
    "several images",
    "images with channels",
    "input left alone",
)
LARGE = 2**10


def cases(rng: Rng) -> Cases:
    for group, shape, size in (
        (ONE, (1, 12, 16, 1), 1),
        (SEVERAL, (3, 20, 17, 1), 1),
        (SEVERAL, (3, 20, 17, 1), LARGE),
        (COLOR, (2, 16, 21, 2), 1),
    ):
        yield group, enlarged(alive(rng, *shape), size)


def alive(rng: Rng, m: int, n_H: int, n_W: int, n_C: int) -> Arguments:
    """Draw images and parameters for which every layer and every ReLU affects each image.

    Each image has scores of both signs, so that a wrong ReLU after the last layer changes some of
    them. The images differ in brightness, so that their positive entries differ.
    """
    # The small summand keeps all pixels distinct.
    brightness = (1 + 2**-13) * np.resize([2, -2, 0], m).reshape(m, 1, 1, 1)
    while True:
        X = exact_fractions(rng, m, n_H, n_W, n_C) + (brightness if m > 1 else 0)
        weights = parameters(rng, n_H, n_W, n_C)
        if not _spread(X, weights):
            continue
        maps, scores = _maps(X, weights), lenet.lenet_forward(X, weights)
        if (maps.reshape(m, -1).min(axis=1) >= 0).any():
            continue
        if (scores.min(axis=1) >= 0).any() or (scores.max(axis=1) <= 0).any():
            continue
        if m > 1:
            P2, P2_1 = (np.maximum(Z, 0) for Z in (maps, _maps(X, weights, 1)))
            if np.array_equal(P2, P2_1) or np.array_equal(P2, _maps(X, weights, 2)):
                continue
        each = (lenet.lenet_gradients(X[i : i + 1], [0], weights)[1] for i in range(m))
        if all(gradient.any() for gradients in each for gradient in gradients.values()):
            return {"X": X, "parameters": weights}


def enlarged(arguments: Arguments, size: int) -> Arguments:
    """Scale the images and biases, and thus all activations, by a factor.

    An activation with an upper bound then returns other values.
    """
    weights = arguments["parameters"]
    scaled = {name: size * array if name[0] == "b" else array for name, array in weights.items()}
    return {"X": size * arguments["X"], "parameters": scaled}


def _spread(X: Array, weights: dict[str, Array]) -> bool:
    """Move four biases of each hidden dense layer, three for the first image and one for all.

    The ReLUs' inputs of the first image become about -1/2, 1/2 and 8, for which thresholds of -1
    and 1 give other results than 0. One unit is positive for only some of the images, so that the
    images do not have the same zeros. Return True if this was possible and each image has a
    positive unit.
    """
    A = np.maximum(_maps(X, weights), 0).reshape(len(X), -1)
    for layer in "34":
        W, b = weights[f"W{layer}"], weights[f"b{layer}"]
        Z, _ = lenet.dense_forward(A, W, b)
        left = list(range(Z.shape[1]))
        if len(X) > 1:
            ordered = np.sort(Z, axis=0)
            gaps = np.diff(ordered, axis=0)
            if gaps.max() < 0.5:
                return False
            place, unit = map(int, np.unravel_index(gaps.argmax(), gaps.shape))
            left.remove(unit)
            _move(b, unit, ordered[place : place + 2, unit].mean(), 7)
        for goal, last in ((-0.5, 1), (0.5, 3), (8, 5)):
            unit = min(left, key=lambda unit: abs(Z[0, unit] - goal))
            left.remove(unit)
            _move(b, unit, Z[0, unit] - goal, last)
        A = np.maximum(lenet.dense_forward(A, W, b)[0], 0)
    return bool(A.any(axis=1).all())


def _move(b: Array, unit: int, down: float, last: int) -> None:
    """Lower a bias, keeping it a short binary fraction that differs from all others."""
    b[0, unit] -= np.round(8 * down) / 8 + last / 256


def _maps(X: Array, weights: dict[str, Array], shared: int = 0) -> Array:
    """Compute the pooled inputs of the second ReLU.

    Parameters
    ----------
    shared
        Layer whose ReLU gives 0 only where no image has a positive entry; 0 for none.
    """
    pool = {"f": 2, "stride": 2}
    Z1, _ = lenet.conv_forward(X, weights["W1"], weights["b1"], {"stride": 1, "pad": 2})
    A1 = Z1 * (Z1 > 0).any(axis=0) if shared == 1 else np.maximum(Z1, 0)
    P1, _ = lenet.pool_forward(A1, pool)
    Z2, _ = lenet.conv_forward(P1, weights["W2"], weights["b2"], {"stride": 1, "pad": 0})
    return lenet.pool_forward(Z2 * (Z2 > 0).any(axis=0) if shared == 2 else Z2, pool)[0]


def parameters(rng: Rng, n_H: int, n_W: int, n_C: int) -> dict[str, Array]:
    """Draw weights and biases of a small LeNet, about 400 numbers.

    In each layer, some biases are far below zero, so that the ReLU always sets some values to 0.
    """
    features = ((n_H // 2 - 4) // 2) * ((n_W // 2 - 4) // 2) * 3
    weights = ((5, 5, n_C, 2), (5, 5, 2, 3), (features, 6), (6, 5), (5, 4))
    arrays = {}
    for number, shape in enumerate(weights, start=1):
        arrays[f"W{number}"] = exact_fractions(rng, *shape) / (8 if number < 3 else 2)
        level = {1: [-0.5, 0.5], 2: [0.5, -0.5]}.get(number, [-4, 1])
        biases = exact_fractions(rng, shape[-1]) / 4 + np.resize(level, shape[-1])
        arrays[f"b{number}"] = biases.reshape((1,) * (len(shape) - 1) + (-1,))
    return arrays


def _without_relu(after: int) -> Mistake:
    layer = {1: POOL_1, 2: POOL_2, 3: DENSE_4, 4: DENSE_5}[after]
    kind = "convolution" if after < 3 else "dense layer"
    which = {1: "first", 2: "second", 3: "first", 4: "second"}[after]
    return Mistake(
        f"no ReLU after layer {after}",
        {layer: layer.replace(f"np.maximum(Z{after}, 0)", f"Z{after}")},
        (ONE, SEVERAL, COLOR, REST),
        f"The output of the {which} {kind} reaches the next layer without a ReLU.",
        "Every layer with weights but the last is followed by a ReLU.",
    )


def _without_both(convolution: int, dense: int) -> Mistake:
    which = {1: "first", 2: "second", 3: "first", 4: "second"}
    one, other = map(_without_relu, (convolution, dense))
    return Mistake(
        f"no ReLU after layers {convolution} and {dense}",
        {**one.changes, **other.changes},
        one.fails,
        f"The outputs of the {which[convolution]} convolution and of the {which[dense]} dense "
        "layer reach the next layer without a ReLU.",
        one.hint,
    )


def _average_after(layer: int) -> Mistake:
    pooling = {1: POOL_1, 2: POOL_2}[layer]
    which = {1: "first", 2: "second"}[layer]
    return Mistake(
        f"average pooling after layer {layer}",
        {pooling: pooling.replace("pool)", 'pool, "average")')},
        (ONE, SEVERAL, COLOR, REST),
        f"The {which} pooling layer takes the average, not the maximum.",
        "Which mode does `pool_forward` use by default?",
    )


EXERCISE = Exercise(
    loops=lenet.lenet_forward,
    vectorized=vectorized.lenet_forward,
    title="LeNet, forward",
    assignment="lenet",
    section="The layers of LeNet",
    returns=(Return("scores"),),
    cases=cases,
    checks=(
        Check(SHAPE, 2, "shape"),
        Check(ONE, 4, groups=(ONE,)),
        Check(SEVERAL, 4, groups=(SEVERAL,)),
        Check(COLOR, 4, groups=(COLOR,)),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        *map(_without_relu, (1, 2, 3, 4)),
        *itertools.starmap(_without_both, itertools.product((1, 2), (3, 4))),
        Mistake(
            "no ReLU after the convolutions",
            {POOL_1: POOL_1.replace("np.maximum(Z1, 0)", "Z1"), POOL_2: "pool_forward(Z2, pool)"},
            (ONE, SEVERAL, COLOR, REST),
            "The outputs of both convolutions reach the next layer without a ReLU.",
            "Every layer with weights but the last is followed by a ReLU.",
        ),
        Mistake(
            "no ReLU after the dense layers",
            {
                DENSE_4: DENSE_4.replace("np.maximum(Z3, 0)", "Z3"),
                DENSE_5: DENSE_5.replace("np.maximum(Z4, 0)", "Z4"),
            },
            (ONE, SEVERAL, COLOR, REST),
            "The outputs of the first two dense layers reach the next layer without a ReLU.",
            "Every layer with weights but the last is followed by a ReLU.",
        ),
        Mistake(
            "no ReLU anywhere",
            {
                layer: layer.replace(f"np.maximum(Z{n}, 0)", f"Z{n}")
                for n, layer in enumerate((POOL_1, POOL_2, DENSE_4, DENSE_5), start=1)
            },
            (ONE, SEVERAL, COLOR, REST),
            "There is no ReLU in the whole network, so its dense layers collapse into one.",
            "Every layer with weights but the last is followed by a ReLU.",
        ),
        Mistake(
            "ReLU on the scores",
            {"scores, _ =": "Z5, _ =", DENSE_5: f"{DENSE_5}\n    scores = np.maximum(Z5, 0)"},
            (ONE, SEVERAL, COLOR, REST),
            "Negative scores have become zero: there is no ReLU after the last layer.",
            "Scores may be negative; the softmax in the loss accepts any number.",
        ),
        Mistake(
            "softmax of the scores",
            {
                "scores, _ =": "Z5, _ =",
                DENSE_5: f"{DENSE_5}\n    scores = np.exp(Z5) / np.exp(Z5).sum(1, keepdims=True)",
            },
            (ONE, SEVERAL, COLOR, REST),
            "These are probabilities, but the softmax belongs to the loss, not to the network.",
            "The function ends with the last dense layer.",
        ),
        Mistake(
            "the class instead of the scores",
            {"scores, _ =": "Z5, _ =", DENSE_5: f"{DENSE_5}\n    scores = Z5.argmax(axis=1)"},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The index of the best class is returned instead of a score for each class.",
            "The loss is computed from the scores of all classes.",
        ),
        Mistake(
            "average pooling",
            {
                POOL_1: POOL_1.replace("pool)", 'pool, "average")'),
                POOL_2: POOL_2.replace("pool)", 'pool, "average")'),
            },
            (ONE, SEVERAL, COLOR, REST),
            "The pooling layers take the average, not the maximum.",
            "Which mode does `pool_forward` use by default?",
        ),
        *map(_average_after, (1, 2)),
        Mistake(
            "first convolution not padded",
            {CONV_1: CONV_1.replace('"pad": 2', '"pad": 0')},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The feature maps are too small, as if the first convolution did not pad the image.",
            "The first convolution keeps height and width. How much padding does that take?",
        ),
        Mistake(
            "second convolution padded",
            {CONV_2: CONV_2.replace('"pad": 0', '"pad": 2')},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The feature maps are too large, as if the second convolution padded as well.",
            "Look up the second convolution's padding in the table of layers.",
        ),
        Mistake(
            "stride 2 in the first convolution",
            {CONV_1: CONV_1.replace('"stride": 1', '"stride": 2')},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The feature maps are too small, as if the first convolution had stride 2; only the "
            "pooling layers halve the size.",
            "Look up the stride of the convolutions in the table of layers.",
        ),
        Mistake(
            "stride 2 in the second convolution",
            {CONV_2: CONV_2.replace('"stride": 1', '"stride": 2')},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The feature maps are too small, as if the second convolution had stride 2; only the "
            "pooling layers halve the size.",
            "Look up the stride of the convolutions in the table of layers.",
        ),
        Mistake(
            "overlapping pooling",
            {'{"f": 2, "stride": 2}': '{"f": 2, "stride": 1}'},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The feature maps are too large, as if the pooling had stride 1, which does not halve "
            "the size.",
            "Look up the stride of the pooling in the table of layers.",
        ),
        Mistake(
            "no pooling after the second convolution",
            {POOL_2: "np.maximum(Z2, 0), None"},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The feature maps are as large as before the second pooling, as if it were missing.",
            "Both convolutions are followed by a ReLU and by pooling.",
        ),
        Mistake(
            "flattened with the channels first",
            {FLAT: "P2.transpose(0, 3, 1, 2).reshape(len(X), -1)"},
            (ONE, SEVERAL, COLOR, REST),
            "The feature maps are flattened channel by channel; the weights expect row by row.",
            "The channels are the last axis, and reshape takes the axes in their order.",
        ),
        Mistake(
            "flattened column by column",
            {FLAT: 'P2.reshape(len(X), -1, order="F")'},
            (ONE, SEVERAL, COLOR, REST),
            "The feature maps are flattened with the row changing fastest and the channel slowest.",
            "The weights expect the default order of reshape.",
        ),
        Mistake(
            "images mixed when flattened",
            {FLAT: "P2.reshape(-1, len(X)).T"},
            (SEVERAL, COLOR),
            "Flattening mixes the images of the batch: a row does not hold the features of one "
            "image.",
            "reshape keeps the order of the numbers. Which of the new axes counts the images?",
        ),
        Mistake(
            "length of the vector written in",
            {FLAT: "P2.reshape(-1, 64)"},
            (SHAPE, ONE, SEVERAL, COLOR, REST),
            "The length 64 is hard-coded, but it is right only for some images, such as those of "
            "16 x 16 pixels.",
            "reshape can compute one of the lengths. Which number do you give it for that?",
        ),
        Mistake(
            "ReLU replaced by tanh",
            {
                layer: layer.replace(f"np.maximum(Z{n}, 0)", f"np.tanh(Z{n})")
                for n, layer in enumerate((POOL_1, POOL_2, DENSE_4, DENSE_5), start=1)
            },
            (ONE, SEVERAL, COLOR, REST),
            "The activation is tanh, as in the LeNet of 1998; here it is ReLU.",
            "`np.maximum` of an array and 0 is the ReLU.",
        ),
        Mistake(
            "the first image alone",
            {
                CONV_1: CONV_1.replace("conv_forward(X", "conv_forward(X[:1]"),
                FLAT: "P2.reshape(1, -1)",
            },
            (SHAPE, SEVERAL, COLOR),
            "Only the first image of the batch gets scores.",
            "All layers take a whole batch: pass the whole of `X`.",
        ),
    ),
    hints=(
        "Write the layers one after the other. Each gets the output of the previous layer. "
        "Print the shapes, and compare them with the table.",
        "A layer returns its output and a cache; the cache is not needed here. The ReLU is "
        "`np.maximum(Z, 0)`.",
        "Apply convolution, ReLU and pooling twice; then `P.reshape(len(X), -1)`; then dense, "
        "ReLU, dense, ReLU, dense.",
    ),
    helpers={"dense_forward": lenet.dense_forward},
    given={"conv_forward": lenet.conv_forward, "pool_forward": lenet.pool_forward},
)

PAGE = Page(
    terms=("LeNet", "forward pass", "flattening", "logits"),
    mistakes=(
        "no ReLU after layer 3",
        "softmax of the scores",
        "first convolution not padded",
        "flattened with the channels first",
        "length of the vector written in",
    ),
    drawn=("X", "scores"),
    reading="A case of the check: one grayscale image of 12 rows and 16 columns, and a network "
    "with few filters and units for four classes. Each class gets a score. The weights are "
    "not drawn.",
)
