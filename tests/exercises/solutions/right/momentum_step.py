"""Correct solutions of momentum_step in common styles."""

import warnings

import numpy as np

from tests.exercises.solutions.registry import right


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
