"""Wrong solutions of dense_forward that are not among its known mistakes."""

from tests.exercises.solutions.registry import changed, edited

DENSE = "A_prev @ W + b"
edited("dense_forward", "bias twice", {DENSE: "A_prev @ W + 2 * b"})
edited("dense_forward", "last bias for all", {DENSE: "A_prev @ W + b[0, -1]"})
edited("dense_forward", "mean of the biases", {DENSE: "A_prev @ W + b.mean()"})
edited("dense_forward", "biases reversed", {DENSE: "A_prev @ W + b[:, ::-1]"})
edited("dense_forward", "bias alone", {DENSE: "0 * (A_prev @ W) + b"})
edited("dense_forward", "magnitudes", {DENSE: "abs(A_prev @ W + b)"})
edited("dense_forward", "transposed weights", {DENSE: "A_prev @ W.T + b"})
edited("dense_forward", "inputs reversed", {DENSE: "A_prev[:, ::-1] @ W + b"})
edited("dense_forward", "images reversed", {DENSE: "A_prev[::-1] @ W + b"})
edited("dense_forward", "tanh", {DENSE: "np.tanh(A_prev @ W + b)"})
edited("dense_forward", "ReLU on the product", {DENSE: "np.maximum(A_prev @ W, 0) + b"})
edited("dense_forward", "first input left out", {DENSE: "A_prev[:, 1:] @ W[1:] + b"})
changed("dense_forward", "Z alone")(lambda answer, *_: answer[0])
changed("dense_forward", "cache first")(lambda answer, *_: answer[::-1])
changed("dense_forward", "cache without b")(lambda answer, A, W, b: (answer[0], (A, W)))
changed("dense_forward", "Z in the cache")(lambda answer, A, W, b: (answer[0], (answer[0], W, b)))
changed("dense_forward", "clipped at 255")(
    lambda answer, *_: (answer[0].clip(-255, 255), answer[1])
)
