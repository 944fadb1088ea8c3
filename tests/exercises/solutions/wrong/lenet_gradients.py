"""Wrong solutions of lenet_gradients that are not among its known mistakes."""

import numpy as np

from tests.exercises.solutions.registry import changed, edited


def _gradients(label, *named):
    """Register a wrong solution that changes the dictionary of gradients."""

    def add(change):
        changed("lenet_gradients", label, *named)(
            lambda answer, *arguments: (answer[0], change(dict(answer[1]), *arguments))
        )

    return add


changed("lenet_gradients", "the loss alone")(lambda answer, *_: answer[0])
changed("lenet_gradients", "gradients first")(lambda answer, *_: answer[::-1])
changed("lenet_gradients", "the loss of the sum")(
    lambda answer, X, *_: (answer[0] * (1 + len(X)), answer[1])
)
_gradients("empty")(lambda gradients, *_: {})
_gradients("one missing")(lambda gradients, *_: {k: v for k, v in gradients.items() if k != "b3"})
_gradients("a list of gradients")(lambda gradients, *_: list(gradients.values()))
_gradients("names of gradients")(lambda gradients, *_: {f"d{k}": v for k, v in gradients.items()})
_gradients("one is None")(lambda gradients, *_: {**gradients, "W2": None})
_gradients("one is nan")(lambda gradients, *_: {**gradients, "W4": gradients["W4"] * np.nan})
_gradients("first bias negated")(lambda gradients, *_: {**gradients, "b1": -gradients["b1"]})
_gradients("last weights doubled")(lambda gradients, *_: {**gradients, "W5": 2 * gradients["W5"]})
_gradients("transposed")(lambda gradients, *_: {**gradients, "W3": gradients["W3"].T})
_gradients("biases flat")(lambda gradients, *_: {k: v.squeeze() for k, v in gradients.items()})
_gradients("clipped")(
    lambda gradients, *_: {k: np.clip(v, -1e-3, 1e-3) for k, v in gradients.items()}
)
_gradients("signs alone")(lambda gradients, *_: {k: np.sign(v) for k, v in gradients.items()})
_gradients("the parameters")(lambda gradients, X, labels, parameters: dict(parameters))
_gradients("weight decay")(
    lambda gradients, X, labels, parameters: {
        k: v + 0.01 * parameters[k] for k, v in gradients.items()
    }
)
# Mix up the images of a batch.
for layer in "1234":
    for label, mask in (
        ("first image", f"(Z{layer}[:1] > 0)"),
        ("last image", f"(Z{layer}[-1:] > 0)"),
        ("any image", f"(Z{layer} > 0).any(axis=0)"),
        ("all images", f"(Z{layer} > 0).all(axis=0)"),
    ):
        edited("lenet_gradients", f"mask {layer} of {label}", {f"(Z{layer} > 0)": mask})
for label, labels in (
    ("one label for all", "labels[0]"),
    ("labels reversed", "labels[::-1]"),
    ("labels sorted", "np.sort(labels)"),
    ("labels counted from 1", "labels - 1"),
    ("ranks of the labels", "np.unique(labels, return_inverse=True)[1]"),
    ("each label once", "np.unique(labels)"),
    ("the predictions", "scores.argmax(axis=1)"),
):
    edited("lenet_gradients", label, {"(scores, labels)": f"(scores, {labels})"})
edited(
    "lenet_gradients",
    "correct images left out",
    {"(dscores, dense5)": "(dscores * (scores.argmax(1) != labels)[:, None], dense5)"},
)
