"""Wrong solutions of dense_backward that are not among its known mistakes."""

from tests.exercises.solutions.registry import changed, edited

D_A, D_W, D_B = "dZ @ W.T", "A_prev.T @ dZ", "dZ.sum(axis=0, keepdims=True)"
edited("dense_backward", "dA_prev averaged", {D_A: "dZ @ W.T / len(dZ)"})
edited("dense_backward", "dA_prev averaged over outputs", {D_A: "dZ @ W.T / dZ.shape[1]"})
edited("dense_backward", "dA_prev negated", {D_A: "-dZ @ W.T"})
edited("dense_backward", "dA_prev times the input", {D_A: "(dZ @ W.T) * A_prev"})
edited("dense_backward", "dA_prev where the input is positive", {D_A: "(dZ @ W.T) * (A_prev > 0)"})
edited("dense_backward", "dW twice", {D_W: "2 * A_prev.T @ dZ"})
edited("dense_backward", "dW with weight decay", {D_W: "A_prev.T @ dZ + 0.1 * W"})
edited("dense_backward", "dW negated", {D_W: "-A_prev.T @ dZ"})
edited("dense_backward", "dW of the first image", {D_W: "A_prev[:1].T @ dZ[:1]"})
edited("dense_backward", "dW with reversed images", {D_W: "A_prev[::-1].T @ dZ"})
edited("dense_backward", "db from the first image", {D_B: "dZ[:1]"})
edited("dense_backward", "db negated", {D_B: "-dZ.sum(axis=0, keepdims=True)"})
edited("dense_backward", "db the largest", {D_B: "dZ.max(axis=0, keepdims=True)"})
edited("dense_backward", "db of magnitudes", {D_B: "abs(dZ).sum(axis=0, keepdims=True)"})
edited("dense_backward", "db plus b", {D_B: "b + dZ.sum(axis=0, keepdims=True)"})
edited("dense_backward", "db is b", {D_B: "b"})
changed("dense_backward", "two values")(lambda answer, *_: answer[:2])
changed("dense_backward", "another order")(lambda answer, *_: answer[::-1])
changed("dense_backward", "clipped at 5")(lambda answer, *_: tuple(d.clip(-5, 5) for d in answer))
changed("dense_backward", "clipped at 100")(
    lambda answer, *_: tuple(d.clip(-100, 100) for d in answer)
)
