"""The registry of correct and wrong solutions, by exercise and label."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exercises import EXERCISES, vectorized
from tests.exercises.case_sets import NAMES
from tests.exercises.solutions.broken import BROKEN, CHANGING, HARMLESS, TRUE

__all__ = ["RIGHT", "WRONG", "Solutions", "Wrong"]

RIGHT: dict[str, dict[str, Callable]] = {}  # exercise name -> {style: function}


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


class Solutions:
    """The solutions of one exercise, each registered by a call or as a decorator."""

    def __init__(self, name):
        self.name, self.exercise = name, EXERCISES[name]

    def right(self, style, function=None):
        """Register a correct solution; used as a decorator if `function` is omitted."""

        def add(function):
            RIGHT.setdefault(self.name, {})[style] = function
            return function

        return add if function is None else add(function)

    def wrong(self, label, *named):
        """Register a wrong solution."""

        def add(function):
            of_name = WRONG.setdefault(self.name, {})
            assert label not in of_name, label
            of_name[label] = Wrong(lambda: function, named)

        return add

    def edited(self, label, changes, *named):
        """Register the loop implementation with parts of its source replaced."""
        text = self.exercise.solution_text()
        for old, new in changes.items():
            assert text.count(old) == 1, (label, old)
            text = text.replace(old, new)
        namespace = {"np": np, **{n: getattr(vectorized, n) for n in vectorized.__all__}}
        namespace |= self.exercise.given
        exec(text, namespace)
        self.wrong(label, *named)(namespace[self.name])

    def changed(self, label, *named):
        """Register a function that changes the correct answer."""

        def add(change):
            right = self.exercise.vectorized
            self.wrong(label, *named)(lambda *arguments: change(right(*arguments), *arguments))

        return add
