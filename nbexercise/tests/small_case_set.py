"""A small artificial case set: a function that doubles its argument."""

import numpy as np

from nbexercise.judging.model import CallOutcome, Case, CaseSet, Check, KnownMistake, Return

CHECKS = (Check("values", 3), Check("alone", 1, "unchanged"))


def case_set(*cases, mistakes=(), checks=CHECKS):
    return CaseSet(
        name="double",
        title="Twice as much",
        returns=(Return("y"),),
        checks=checks,
        mistakes=tuple(KnownMistake(name, f"This is {name}.", "Look again.") for name in mistakes),
        hints=("One.", "Two.", "Three."),
        helpers=(),
        tolerance=1e-9,
        cases=cases,
    )


def case(x, y, group="group", **mistaken):
    outcomes = {name: CallOutcome({"y": np.asarray(value)}) for name, value in mistaken.items()}
    return Case(group, {"x": np.asarray(x)}, CallOutcome({"y": np.asarray(y)}), outcomes)


ONE = case([1.0, 2.0], [2.0, 4.0], squared=[1.0, 4.0], cubed_or_squared=[1.0, 4.0])
TWO = case([2.0, 2.0, 2.0], [4.0, 4.0, 4.0], "other", squared=[4.0] * 3, cubed_or_squared=[4.0] * 3)


def square(x):
    return x * x
