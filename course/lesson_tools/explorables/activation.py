"""Units with ReLU: the reader moves their corners and slopes, and fits a curve with their sum."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.functional import relu
from convnet.types import Array
from lesson_tools.explorables.page import explorable
from lesson_tools.figures import FigureOutput

LIMIT = 3  # of x, y and the parameters
STEP = 0.25  # of the parameters
X = np.linspace(-LIMIT, LIMIT, 241)
START = [{"w": 1.0, "b": -1.0, "v": 1.0}, {"w": 1.0, "b": 0.5, "v": -1.0}]
START += [{"w": -1.0, "b": -1.5, "v": 0.5}]
TARGETS: dict[str, Callable[[Array], Array]] = {
    "|x|": np.abs,
    "bump": lambda x: relu(1 - np.abs(x)),
    "x²/2": lambda x: x**2 / 2,
}


def explore_activation(units: int = 1, target: str | None = None) -> FigureOutput:
    """Show the sum of one to three units with ReLU as a curve; the reader fits it to a target.

    The formula is y = v1 ReLU(w1 x + b1) + v2 ReLU(w2 x + b2) + ... Sliders change all parameters,
    and the corner of a unit, at x = -b / w, can be dragged. A sentence states the mean squared
    error on 241 points between -3 and 3.

    Parameters
    ----------
    units : int
        Number of units at the start, 1 to 3.
    target : str, optional
        Target at the start: ``"|x|"``, which takes two units, ``"bump"``, which takes three, or
        ``"x²/2"``, which no sum of units equals. By default there is none.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ValueError
        If the number of units or the target is none of these.
    """
    if units not in range(1, len(START) + 1):
        raise ValueError(f"units is {units}, expected 1 to {len(START)}")
    if target is not None and target not in TARGETS:
        expected = ", ".join(map(repr, TARGETS))
        raise ValueError(f"target is {target!r}, expected None or one of {expected}")
    formula = " + ".join(_formula(**unit) for unit in START[:units])
    text = f"A plot of y = {formula} over x from -3 to 3" + (
        f", with the target {target} in gray."
        if target
        else ", with the corner of each unit marked."
    )
    return explorable(
        "activation",
        _draw_activation(units, target),
        text,
        limit=LIMIT,
        step=STEP,
        start=START,
        units=units,
        targets=[{"name": name, "y": curve(X).tolist()} for name, curve in TARGETS.items()],
        target=target,
    )


def _formula(w: float, b: float, v: float) -> str:
    return f"{v:g}·ReLU({w:g}·x {'-' if b < 0 else '+'} {abs(b):g})"


def _draw_activation(units: int, target: str | None) -> Figure:
    fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    if target:
        ax.plot(X, TARGETS[target](X), color="0.75", lw=8, label=f"target: {target}")
    curves = [unit["v"] * relu(unit["w"] * X + unit["b"]) for unit in START[:units]]
    for number, (unit, curve) in enumerate(zip(START, curves, strict=False), 1):
        if units > 1:
            label = "units, where not 0" if number == 1 else None
            ax.plot(X, np.where(curve, curve, np.nan), "--", color="#b35806", label=label)
        circle = {"boxstyle": "circle", "facecolor": "white"}
        ax.text(-unit["b"] / unit["w"], 0, str(number), ha="center", va="center", bbox=circle)
    ax.plot(X, np.sum(curves, axis=0), color="#5e3c99", lw=2.5, label="y")
    ax.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT), xlabel="x")
    ax.grid(alpha=0.4)
    ax.legend(loc="lower left")
    return fig
