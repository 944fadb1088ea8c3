"""Grade trained parameters: run the course's layers with the parameters of a student."""

from typing import Any

import numpy as np

from convnet.data import digits
from convnet.types import Array
from exercises.lenet import lenet_forward
from nbexercise.judging.model import Check
from nbexercise.judging.returned import as_real
from nbexercise.judging.verdict import CheckResult
from nbexercise.judging.wording import number
from nbexercise.showing.report import NOT_WRITTEN, REPORT_VERSION, UNNAMED, as_check, publish_report
from nbexercise.showing.text import row

__all__ = ["LEVELS", "SHAPES", "grade_trained"]

# Accuracies on the test images, and their points.
LEVELS = (
    ("half of the test images recognized", 0.5, 4),
    ("three quarters of them", 0.75, 3),
    ("85 in 100", 0.85, 3),
)
POINTS = sum(points for _, _, points in LEVELS)
SHAPES = {
    **{"W1": (5, 5, 1, 6), "b1": (1, 1, 1, 6), "W2": (5, 5, 6, 16), "b2": (1, 1, 1, 16)},
    **{"W3": (64, 120), "b3": (1, 120), "W4": (120, 84), "b4": (1, 84)},
    **{"W5": (84, 10), "b5": (1, 10)},
}


def grade_trained(trained: Any) -> float:
    """Judge the parameters of a trained LeNet on the test images, and print the verdict.

    Parameters
    ----------
    trained
        Parameters, {name: array}, as described in the notebook `lenet`; other values earn 0 points.

    Returns
    -------
    float
        Points.
    """
    fault = _fault(trained)
    share = 0.0 if fault else _share(trained)
    results = [CheckResult(Check(name, worth), share >= level) for name, level, worth in LEVELS]
    points = sum(result.check.points for result in results if result.passed)
    images = len(digits().test_labels)
    recognized = (
        f"{round(share * images)} of {images} test images are recognized, {share:.3f} of them."
    )
    report = {"version": REPORT_VERSION, "question": "trained", "points": points, "out_of": POINTS}
    if fault:
        headline, step = fault
        kind = NOT_WRITTEN if trained is None else UNNAMED[-1]
        report |= {"headline": headline, "kind": kind, "next": [step]}
    elif points == POINTS:
        report |= {"remarks": [recognized]}
    else:
        report |= {
            "headline": recognized,
            "kind": UNNAMED[-1],
            "next": [_advice(share)],
            "checks": [as_check(result) for result in results],
        }
    print(_described(report, results))
    publish_report(report)
    return float(points)


def _described(report: dict[str, Any], results: list[CheckResult]) -> str:
    """Return the report as text."""
    first = f"trained: {number(report['points'])} of {number(POINTS)} points"
    rows = [row(result, points=True) for result in results]
    if "headline" not in report:
        return "\n".join([first, "", *rows, "", *report["remarks"]])
    first += f". {report['headline']}"
    step = f"Next: {report['next'][0]}"
    return "\n".join([first, "", *rows, "", step] if "checks" in report else [first, step])


def _fault(trained: Any) -> tuple[str, str] | None:
    """Return why the parameters cannot be used and the next step; None if they can be used."""
    if trained is None:
        return (
            "The training has not been written yet, or it did not finish.",
            "end the cell with trained = ..., the dictionary of the trained parameters.",
        )
    if not isinstance(trained, dict):
        return f"trained has type {type(trained).__name__}; expected a dictionary.", _WHAT
    missing = [name for name in SHAPES if name not in trained]
    if missing:
        return f"trained has no {', '.join(map(repr, missing))}.", _WHAT
    for name, shape in SHAPES.items():
        value = trained[name]
        if not isinstance(value, np.ndarray) or as_real(value)[1]:
            kind = f" of {value.dtype}" if isinstance(value, np.ndarray) else ""
            kind = f"{type(value).__name__}{kind}"
            return f"trained[{name!r}] has type {kind}; expected an array of numbers.", _WHAT
        if value.shape != shape:
            return (
                f"trained[{name!r}] has the shape {value.shape}; expected {shape}.",
                "keep the shapes that start_parameters gives.",
            )
    if not all(np.isfinite(as_real(trained[name])[0]).all() for name in SHAPES):
        return (
            "trained contains nan or infinite numbers: the training has diverged.",
            "use a smaller learning rate, and print the loss after each epoch.",
        )
    return None


_WHAT = 'trained is a dictionary of arrays with the names "W1" to "W5" and "b1" to "b5".'


def _share(trained: dict[str, Array]) -> float:
    """Return the accuracy on the test images."""
    data = digits()
    images = np.kron(data.test_images.astype(float), np.ones((1, 2, 2, 1)))
    parameters = {name: as_real(trained[name])[0].astype(float) for name in SHAPES}
    with np.errstate(all="ignore"):
        scores = lenet_forward(images, parameters)
    right = scores.argmax(axis=1) == data.test_labels
    return float(np.mean(right & np.isfinite(scores).all(axis=1)))


def _advice(share: float) -> str:
    if share < 0.2:
        return (
            "one digit in ten is right by chance. Does the loss fall? If not, check that every "
            "parameter is replaced with the one that momentum_step returns."
        )
    return "train for more epochs, or check whether the loss is still falling at the end."
