"""The registry of correct and wrong solutions, by exercise and label."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exercises import EXERCISES, vectorized
from tests.exercises.case_sets import NAMES
from tests.exercises.solutions.broken import BROKEN, CHANGING, HARMLESS, TRUE

__all__ = ["RIGHT", "WRONG", "Wrong", "changed", "edited", "right", "wrong"]

RIGHT: dict[str, dict[str, Callable]] = {}  # exercise name -> {style: function}


def right(name, style, function=None):
    """Register a correct solution; used as a decorator if `function` is omitted."""

    def add(function):
        RIGHT.setdefault(name, {})[style] = function
        return function

    return add if function is None else add(function)


@dataclass(frozen=True)
class Wrong:
    """A factory of a wrong function, since some keep state, and the mistakes that match it."""

    make: Callable[[], Callable]
    named: tuple[str, ...] = ()


WRONG = {
    name: {
        label: Wrong(
            functools.partial(break_, EXERCISES[name].vectorized),
            (*CHANGING, TRUE.get((label, name), "")),
        )
        for label, break_ in BROKEN.items()
        if (label, name) not in HARMLESS
    }
    for name in NAMES
}


def wrong(name, label, *named):
    """Register a wrong solution of one exercise."""

    def add(function):
        of_name = WRONG.setdefault(name, {})
        assert label not in of_name, label
        of_name[label] = Wrong(lambda: function, named)

    return add


def edited(name, label, changes, *named):
    """Register the loop implementation with parts of its source replaced."""
    text = EXERCISES[name].solution_text()
    for old, new in changes.items():
        assert text.count(old) == 1, (label, old)
        text = text.replace(old, new)
    namespace = {"np": np, **{n: getattr(vectorized, n) for n in vectorized.__all__}}
    namespace |= EXERCISES[name].given
    exec(text, namespace)
    wrong(name, label, *named)(namespace[name])


def changed(name, label, *named):
    """Register a function that changes the correct answer."""

    def add(change):
        right = EXERCISES[name].vectorized
        wrong(name, label, *named)(lambda *arguments: change(right(*arguments), *arguments))

    return add
