"""Questions and answers of the lesson "Adversarial examples": read this when you are done."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Checks, Function, Prediction, Predictions

predict = Predictions(
    change=Prediction(
        right=0.6,
        why="0.1 * (2 + 1 + 3) = 0.6.",
        wrong={
            0.4: "For the weight -1, choose the change -0.1: it adds 0.1 as well.",
            6: "Multiply by the size of the change, 0.1.",
            0.3: "That is the contribution of the third value. You may change all of them.",
        },
        hint="Choose the sign of each change like that of its weight.",
    ),
    ratio=Prediction(
        right=388,
        decimals=0,
        why="n a / (sqrt(n) a) is the square root of n.",
        wrong={
            150_528: "That is n. Random signs do not cancel completely: divide by sqrt(n) a.",
            1: "The L1 norm is n a. The L2 norm, the root of the sum of n squares, is less.",
            224: "That is the square root of 224 * 224. Each pixel has three values.",
        },
        hint="Insert |w_i| = a into both norms, and divide.",
    ),
    linear=Prediction(
        right="b",
        why="The contributions of 64 pixels add up in a linear score, with or without depth.",
        wrong={
            "a": "Which step of the derivation needed more than one layer?",
            "c": "The networks are almost linear as well. Why should the classifier do much worse?",
        },
        hint='Answer "a", "b" or "c".',
    ),
    normalized=Prediction(
        right=0.08,
        decimals=3,
        why="Dividing by 0.25 makes every change four times as large.",
        wrong={
            0.02: "That would change the pixels by 0.02 * 0.25.",
            0.005: "To get pixels back, you multiply by 0.25. Here you go the other way.",
        },
        hint="What does (x - mean) / std do to a difference of 0.02?",
    ),
)


# ---- Exercise 1


def smallest_epsilon(w: Array, b: float, x: Array) -> float:
    """Return the distance of the score from 0 in units of the L1 norm of the weights."""
    return float(abs(np.sum(w * x) + b) / np.sum(np.abs(w)))


def _scores() -> list[tuple[Array, float, Array]]:
    rng = np.random.default_rng(0)
    shapes = ((3,), (4, 5), (2, 3, 2), (6,))
    cases = [
        (rng.normal(size=n), b, rng.normal(size=n))
        for n, b in zip(shapes, (0.5, -4.0, 0.0, 7.0), strict=True)
    ]
    return [(np.array([2.0, -1.0, 3.0]), -1.0, np.array([1.0, 1.0, 1.0])), *cases]


# ---- Exercises 2 and 3: the gradient is that of a curved function, so that its position counts


def targeted(
    X: Array, gradient_at: Callable[[Array, Array], Array], target: int, epsilon: float
) -> Array:
    """Take one step down the loss of the target."""
    gradient = gradient_at(X, np.full(len(X), target))
    return np.clip(X - epsilon * np.sign(gradient), 0, 1)


def iterated(
    X: Array, gradient_at: Callable[[Array], Array], epsilon: float, size: float, steps: int
) -> Array:
    """Take several steps up the loss, and stay within epsilon of X."""
    Z = X
    for _ in range(steps):
        Z = Z + size * np.sign(gradient_at(Z))
        Z = np.clip(np.clip(Z, X - epsilon, X + epsilon), 0, 1)
    return Z


def centers(seed: int, shape: tuple[int, ...]) -> Array:
    return np.random.default_rng(seed).uniform(-0.5, 1.5, size=shape)


def toward_classes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `targeted` to get a gradient that depends on the classes and the images."""

    @functools.wraps(function)
    def wrapped(X: Array, target: int, epsilon: float) -> Any:
        kinds = centers(1, (10, *X.shape[1:]))

        def gradient_at(Z: Array, classes: Array) -> Array:
            return Z - kinds[np.asarray(classes)]

        return function(X.copy(), gradient_at, target, epsilon)

    return wrapped


def away_from_center(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `iterated` to get a gradient whose signs change on the way."""

    @functools.wraps(function)
    def wrapped(X: Array, epsilon: float, size: float, steps: int) -> Any:
        middle = centers(2, X.shape[1:])
        return function(X.copy(), lambda Z: np.sin(10 * (middle - Z)), epsilon, size, steps)

    return wrapped


def _images(*others: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(3)
    return [(rng.uniform(size=(3, 4, 4, 1)), *other) for other in others]


def with_sign(X: Array, gradient_at: Any, target: int, epsilon: float, sign: int) -> Array:
    gradient = gradient_at(X, np.full(len(X), target))
    return np.clip(X + sign * epsilon * np.sign(gradient), 0, 1)


def with_one_gradient(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Compute the gradient once, at X."""
    return iterated(X, lambda Z: gradient_at(X), epsilon, size, steps)


def without_ball(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Clip to 0 and 1 only."""
    return iterated(X, gradient_at, 1, size, steps)


def without_range(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Clip to the distance from X only."""
    Z = X
    for _ in range(steps):
        Z = np.clip(Z + size * np.sign(gradient_at(Z)), X - epsilon, X + epsilon)
    return Z


def clipped_at_end(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Clip once, after all steps."""
    Z = X
    for _ in range(steps):
        Z = Z + size * np.sign(gradient_at(Z))
    return np.clip(np.clip(Z, X - epsilon, X + epsilon), 0, 1)


def range_at_end(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Clip to the distance from X after each step, and to 0 and 1 after all steps."""
    return np.clip(without_range(X, gradient_at, epsilon, size, steps), 0, 1)


def without_sign(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Add the gradient itself."""
    Z = X
    for _ in range(steps):
        Z = np.clip(np.clip(Z + size * gradient_at(Z), X - epsilon, X + epsilon), 0, 1)
    return Z


def from_start(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Take each step from X."""
    Z = X
    for _ in range(steps):
        Z = X + size * np.sign(gradient_at(Z))
        Z = np.clip(np.clip(Z, X - epsilon, X + epsilon), 0, 1)
    return Z


def in_place(X: Array, gradient_at: Any, epsilon: float, size: float, steps: int) -> Array:
    """Change X itself in the first step."""
    Z = X
    for _ in range(steps):
        Z += size * np.sign(gradient_at(Z))
        Z = np.clip(np.clip(Z, X - epsilon, X + epsilon), 0, 1)
    return Z


check = Checks(
    smallest_epsilon=Function(
        right=smallest_epsilon,
        calls=_scores(),
        hint="With the best signs, the score changes by epsilon times the L1 norm of w. Which "
        "epsilon makes this as large as the score itself?",
        wrong=[
            (
                lambda w, b, x: (np.sum(w * x) + b) / np.sum(np.abs(w)),
                "An epsilon is never negative. Take the absolute value of the score.",
            ),
            (
                lambda w, b, x: abs(np.sum(w * x)) / np.sum(np.abs(w)),
                "The score is w x + b. Where is b?",
            ),
            (
                lambda w, b, x: abs(np.sum(w * x) + b) / np.sqrt(np.sum(w**2)),
                "That is the L2 norm, which belongs to random signs. Divide by the L1 norm of w.",
            ),
            (
                lambda w, b, x: abs(np.sum(w * x) + b) / abs(np.sum(w)),
                "With the best signs, contributions of negative weights do not cancel the others.",
            ),
            (
                lambda w, b, x: abs(np.sum(w * x) + b) / np.max(np.abs(w)),
                "That changes only the value with the largest weight. Change all of them.",
            ),
            (
                lambda w, b, x: abs(np.sum(w * x) + b) * np.sum(np.abs(w)),
                "Divide by the L1 norm: the larger the weights, the less you must change.",
            ),
        ],
    ),
    targeted=Function(
        right=targeted,
        wrap=toward_classes,
        calls=_images((3, 0.1), (0, 0.3), (7, 0.05)),
        hint="Call gradient_at(X, classes) with the target as the class of each image. Do you want "
        "its loss to rise or to fall? Are all values from 0 to 1?",
        wrong=[
            (
                lambda X, gradient_at, target, epsilon: with_sign(
                    X, gradient_at, target, epsilon, 1
                ),
                "That raises the loss of the target, so that it becomes less likely. Go down.",
            ),
            (
                lambda X, gradient_at, target, epsilon: (
                    X - epsilon * np.sign(gradient_at(X, np.full(len(X), target)))
                ),
                "Some values are below 0 or above 1: clip them.",
            ),
            (
                lambda X, gradient_at, target, epsilon: np.clip(
                    X - epsilon * gradient_at(X, np.full(len(X), target)), 0, 1
                ),
                "Every value changes by epsilon. Only the sign comes from the gradient.",
            ),
            (
                lambda X, gradient_at, target, epsilon: (
                    targeted(X, gradient_at, target, epsilon) - X
                ),
                "That is the change alone. Add it to the images.",
            ),
        ],
    ),
    iterated=Function(
        right=iterated,
        wrap=away_from_center,
        calls=_images((0.2, 0.07, 6), (0.1, 0.1, 1), (0.15, 0.06, 10), (0.3, 0.11, 3)),
        hint="Repeat: step, clip to X - epsilon and X + epsilon, clip to 0 and 1.",
        wrong=[
            (
                with_one_gradient,
                "Compute the gradient again in each step, at the images reached so far.",
            ),
            (
                without_ball,
                "Some values differ from X by more than epsilon: clip them around X, not around "
                "the last images.",
            ),
            (without_range, "Some values are below 0 or above 1: clip them."),
            (clipped_at_end, "Clip after each step, not only after the last one."),
            (range_at_end, "Clip to 0 and 1 after each step, too, not only after the last one."),
            (without_sign, "Each step changes a value by size. Only its sign is the gradient's."),
            (in_place, "`Z += ...` changes X as well, if Z is X. Write `Z = Z + ...`."),
            (from_start, "Each step begins at the images reached so far, not at X."),
            (
                lambda X, gradient_at, epsilon, size, steps: iterated(
                    X, gradient_at, epsilon, size, 1
                ),
                "That is a single step. Does the function return inside the loop?",
            ),
            (
                lambda X, gradient_at, epsilon, size, steps: iterated(
                    X, lambda Z: -gradient_at(Z), epsilon, size, steps
                ),
                "That lowers the loss. Go up, with the sign of the gradient.",
            ),
        ],
    ),
)
