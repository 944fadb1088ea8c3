"""Wrong solutions of momentum_step that its known mistakes do not hold."""

from tests.exercises.solutions.registry import changed, edited

edited(
    "momentum_step", "velocity subtracted", {"momentum * velocity + dw": "momentum * velocity - dw"}
)
edited(
    "momentum_step", "gradient twice", {"momentum * velocity + dw": "momentum * velocity + 2 * dw"}
)
edited(
    "momentum_step",
    "momentum on the gradient",
    {"momentum * velocity + dw": "velocity + momentum * dw"},
)
edited("momentum_step", "momentum on both", {"velocity + dw": "(velocity + dw)"})
edited(
    "momentum_step",
    "Nesterov's step",
    {"w - learning_rate * velocity": "w - learning_rate * (dw + momentum * velocity)"},
)
edited("momentum_step", "divided", {"learning_rate * velocity": "velocity / learning_rate"})
edited("momentum_step", "learning rate squared", {"w - learning_rate": "w - learning_rate**2"})
edited(
    "momentum_step",
    "signs alone",
    {"learning_rate * velocity": "learning_rate * np.sign(velocity)"},
)
changed("momentum_step", "w alone")(lambda answer, *_: answer[0])
changed("momentum_step", "velocity first")(lambda answer, *_: answer[::-1])
changed("momentum_step", "old velocity returned")(
    lambda answer, w, dw, v, *_: (answer[0], v.copy())
)
changed("momentum_step", "old w returned")(lambda answer, w, *_: (w.copy(), answer[1]))
changed("momentum_step", "the step instead of w")(lambda answer, w, *_: (answer[0] - w, answer[1]))
