"""Solutions of momentum_step: correct ones in common styles, and wrong ones."""

import warnings

import numpy as np

from tests.exercises.solutions.registry import Solutions

add = Solutions("momentum_step")


@add.right("in two lines")
def momentum_step(w, dw, velocity, learning_rate, momentum):
    v = momentum * velocity + dw
    return w - learning_rate * v, v


@add.right("without the velocity's name, prints")
def _(w, dw, velocity, learning_rate, momentum):
    print(w.shape)
    new = w - learning_rate * dw - learning_rate * momentum * velocity
    return new, dw + momentum * velocity


@add.right("copies changed in place")
def _(w, dw, velocity, learning_rate, momentum):
    w, velocity = w.copy(), velocity.copy()
    velocity *= momentum
    velocity += dw
    w -= learning_rate * velocity
    return w, velocity


@add.right("number by number")
def _(w, dw, velocity, learning_rate, momentum):
    new_w, new_v = np.empty(w.shape), np.empty(w.shape)
    for i in np.ndindex(w.shape):
        new_v[i] = momentum * velocity[i] + dw[i]
        new_w[i] = w[i] - learning_rate * new_v[i]
    return new_w, new_v


@add.right("subtracted the other way, a list")
def _(w, dw, velocity, alpha, mu):
    velocity = dw - (-mu) * velocity
    return [-(alpha * velocity - w), velocity]


@add.right("flat and back, warnings")
def _(w, dw, velocity, learning_rate, momentum):
    warnings.warn("step", stacklevel=2)
    v = np.array([[momentum, 1.0]]) @ np.stack([velocity.ravel(), dw.ravel()])
    v = v.reshape(w.shape)
    return w + v * -learning_rate, v


# Wrong solutions that are not among the known mistakes

add.edited("gradient twice", {"momentum * velocity + dw": "momentum * velocity + 2 * dw"})
add.edited("divided", {"learning_rate * velocity": "velocity / learning_rate"})
add.edited("learning rate squared", {"w - learning_rate": "w - learning_rate**2"})
add.edited("signs alone", {"learning_rate * velocity": "learning_rate * np.sign(velocity)"})
add.changed("old velocity returned")(lambda answer, w, dw, v, *_: (answer[0], v.copy()))
add.changed("old w returned")(lambda answer, w, *_: (w.copy(), answer[1]))
add.changed("the step instead of w")(lambda answer, w, *_: (answer[0] - w, answer[1]))
add.edited("divided by its length", {"velocity + dw": "velocity + dw / len(dw)"})
add.edited("mean gradient", {"velocity + dw": "velocity + dw.mean()"})
add.edited("gradient clipped", {"velocity + dw": "velocity + np.clip(dw, -10, 10)"})
add.edited("default momentum", {"momentum * velocity": "(momentum or 0.9) * velocity"})
add.edited(
    "no velocity without momentum",
    {"momentum * velocity + dw": "momentum * velocity + dw * (momentum > 0)"},
)
add.edited(
    "corrected for the bias",
    {"learning_rate * velocity": "learning_rate * velocity / (1 - momentum)"},
)
add.edited("gradient clipped at 100", {"velocity + dw": "velocity + np.clip(dw, -100, 100)"})
