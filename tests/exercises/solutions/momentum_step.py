"""Solutions of momentum_step: correct ones in common styles, and wrong ones."""

import warnings

import numpy as np

from tests.exercises.solutions.registry import changed, edited, right


@right("momentum_step", "in two lines")
def momentum_step(w, dw, velocity, learning_rate, momentum):
    v = momentum * velocity + dw
    return w - learning_rate * v, v


@right("momentum_step", "without the velocity's name, prints")
def _(w, dw, velocity, learning_rate, momentum):
    print(w.shape)
    new = w - learning_rate * dw - learning_rate * momentum * velocity
    return new, dw + momentum * velocity


@right("momentum_step", "copies changed in place")
def _(w, dw, velocity, learning_rate, momentum):
    w, velocity = w.copy(), velocity.copy()
    velocity *= momentum
    velocity += dw
    w -= learning_rate * velocity
    return w, velocity


@right("momentum_step", "number by number")
def _(w, dw, velocity, learning_rate, momentum):
    new_w, new_v = np.empty(w.shape), np.empty(w.shape)
    for i in np.ndindex(w.shape):
        new_v[i] = momentum * velocity[i] + dw[i]
        new_w[i] = w[i] - learning_rate * new_v[i]
    return new_w, new_v


@right("momentum_step", "subtracted the other way, a list")
def _(w, dw, velocity, alpha, mu):
    velocity = dw - (-mu) * velocity
    return [-(alpha * velocity - w), velocity]


@right("momentum_step", "flat and back, warnings")
def _(w, dw, velocity, learning_rate, momentum):
    warnings.warn("step", stacklevel=2)
    v = np.array([[momentum, 1.0]]) @ np.stack([velocity.ravel(), dw.ravel()])
    v = v.reshape(w.shape)
    return w + v * -learning_rate, v


# Wrong solutions that are not among the known mistakes

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
