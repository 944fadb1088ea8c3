"""Wrong solutions of momentum_step that are not among its known mistakes."""

from tests.exercises.solutions.registry import changed, edited

edited(
    "momentum_step", "gradient twice", {"momentum * velocity + dw": "momentum * velocity + 2 * dw"}
)
edited("momentum_step", "divided", {"learning_rate * velocity": "velocity / learning_rate"})
edited("momentum_step", "learning rate squared", {"w - learning_rate": "w - learning_rate**2"})
edited(
    "momentum_step",
    "signs alone",
    {"learning_rate * velocity": "learning_rate * np.sign(velocity)"},
)
changed("momentum_step", "w alone")(lambda answer, *_: answer[0])
changed("momentum_step", "old velocity returned")(
    lambda answer, w, dw, v, *_: (answer[0], v.copy())
)
changed("momentum_step", "old w returned")(lambda answer, w, *_: (w.copy(), answer[1]))
changed("momentum_step", "the step instead of w")(lambda answer, w, *_: (answer[0] - w, answer[1]))
edited("momentum_step", "divided by its length", {"velocity + dw": "velocity + dw / len(dw)"})
edited("momentum_step", "mean gradient", {"velocity + dw": "velocity + dw.mean()"})
edited("momentum_step", "gradient clipped", {"velocity + dw": "velocity + np.clip(dw, -10, 10)"})
edited("momentum_step", "default momentum", {"momentum * velocity": "(momentum or 0.9) * velocity"})
edited(
    "momentum_step",
    "no velocity without momentum",
    {"momentum * velocity + dw": "momentum * velocity + dw * (momentum > 0)"},
)
edited(
    "momentum_step",
    "corrected for the bias",
    {"learning_rate * velocity": "learning_rate * velocity / (1 - momentum)"},
)
edited(
    "momentum_step",
    "gradient clipped at 100",
    {"velocity + dw": "velocity + np.clip(dw, -100, 100)"},
)
