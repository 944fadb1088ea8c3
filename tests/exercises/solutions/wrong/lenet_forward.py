"""Wrong solutions of lenet_forward that are not among its known mistakes."""

import numpy as np

from tests.exercises.solutions.registry import changed, edited

FORWARD_1 = 'conv_forward(X, parameters["W1"], parameters["b1"], {"stride": 1, "pad": 2})'
FORWARD_2 = 'conv_forward(P1, parameters["W2"], parameters["b2"], {"stride": 1, "pad": 0})'
edited("lenet_forward", "pad 1", {FORWARD_1: FORWARD_1.replace("2})", "1})")})
edited("lenet_forward", "pad 1 in the second", {FORWARD_2: FORWARD_2.replace("0})", "1})")})
edited("lenet_forward", "stride 2 in the second", {FORWARD_2: FORWARD_2.replace(": 1,", ": 2,")})
edited("lenet_forward", "b1 left out", {'parameters["b1"]': '0 * parameters["b1"]'})
edited("lenet_forward", "b4 left out", {'parameters["b4"]': '0 * parameters["b4"]'})
edited("lenet_forward", "b5 left out", {'parameters["b5"]': '0 * parameters["b5"]'})
edited("lenet_forward", "a leaky ReLU", {"np.maximum(Z1, 0)": "np.maximum(Z1, 0.1 * Z1)"})
edited("lenet_forward", "a ReLU that ends at 6", {"np.maximum(Z4, 0)": "np.clip(Z4, 0, 2)"})
edited("lenet_forward", "magnitudes", {"np.maximum(Z3, 0)": "np.abs(Z3)"})
edited("lenet_forward", "minimum", {"np.maximum(Z2, 0)": "np.minimum(Z2, 0)"})
edited("lenet_forward", "maps reversed", {"P2.reshape": "P2[..., ::-1].reshape"})
changed("lenet_forward", "standardized")(lambda scores, *_: scores - scores.mean())
changed("lenet_forward", "probabilities by the sigmoid")(
    lambda scores, *_: 1 / (1 + np.exp(-scores))
)
changed("lenet_forward", "classes reversed")(lambda scores, *_: scores[:, ::-1])
changed("lenet_forward", "transposed")(lambda scores, *_: scores.T)
changed("lenet_forward", "largest below 0")(
    lambda scores, *_: scores - scores.max(1, keepdims=True)
)
changed("lenet_forward", "scores and a cache")(lambda scores, *_: (scores, None))
# Mix up the images of a batch.
for layer in "1234":
    for label, mask in (
        ("first image", f"(Z{layer}[:1] > 0)"),
        ("last image", f"(Z{layer}[-1:] > 0)"),
        ("any image", f"(Z{layer} > 0).any(axis=0)"),
        ("all images", f"(Z{layer} > 0).all(axis=0)"),
    ):
        edited(
            "lenet_forward",
            f"mask {layer} of {label}",
            {f"np.maximum(Z{layer}, 0)": f"Z{layer} * {mask}"},
        )
edited(
    "lenet_forward",
    "rows and images exchanged",
    {"len(X), -1)": "-1, len(X)).T"},
    "images mixed when flattened",
)
edited("lenet_forward", "an upper end for the maps", {"np.maximum(Z1, 0)": "np.clip(Z1, 0, 6)"})
edited(
    "lenet_forward", "centered over the batch", {"conv_forward(X,": "conv_forward(X - X.mean(0),"}
)
changed("lenet_forward", "clipped")(lambda scores, *_: np.clip(scores, -20, 20))
changed("lenet_forward", "mean of the batch")(
    lambda scores, *_: np.repeat(scores.mean(0, keepdims=True), len(scores), axis=0)
)
changed("lenet_forward", "clipped at 100")(lambda scores, *_: scores.clip(-100, 100))
