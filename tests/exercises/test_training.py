"""The judge of a trained LeNet: points by accuracy, plain messages for everything else."""

import numpy as np
import pytest

from convnet.data import digits
from exercises import grade_trained, training
from exercises.lenet import lenet_gradients, momentum_step
from exercises.training import LEVELS, POINTS, SHAPES
from nbexercise.showing.report import NOT_WRITTEN


def parameters(seed=0):
    """Return initial parameters."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1])) * (name[0] == "W")
        for name, shape in SHAPES.items()
    }


@pytest.fixture(scope="module")
def trained():
    """Return parameters after two epochs."""
    known, found = digits(), parameters()
    images = np.kron(known.train_images.astype(float), np.ones((1, 2, 2, 1)))
    velocities = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    rng = np.random.default_rng(0)
    for rate in (0.02, 0.005):
        for batch in np.split(rng.permutation(1500), 50):
            _, gradients = lenet_gradients(images[batch], known.train_labels[batch], found)
            for name in found:
                found[name], velocities[name] = momentum_step(
                    found[name], gradients[name], velocities[name], rate, 0.9
                )
    return found


def graded(value, capsys):
    """Return the points, the first line without them, and everything printed."""
    points = grade_trained(value)
    text = capsys.readouterr().out
    first = text.partition("\n")[0]
    head = f"trained: {points:g} of 10 points"
    assert first.startswith(head)
    return points, first.removeprefix(head), text


def test_the_levels_are_worth_10_points():
    assert POINTS == sum(points for *_, points in LEVELS) == 10
    assert [level for _, level, _ in LEVELS] == sorted(level for _, level, _ in LEVELS)


def test_a_trained_network_earns_points_by_its_accuracy(trained, capsys):
    points, first, text = graded(trained, capsys)
    assert points >= 4
    assert "of 297 test images are recognized" in text
    again = {name: value.astype(np.float32) for name, value in trained.items()}
    assert graded({**again, "more": 3}, capsys)[0] == points


@pytest.mark.parametrize(
    ("share", "points"),
    [(0.1, 0), (0.4999, 0), (0.5, 4), (0.7499, 4), (0.75, 7), (0.8499, 7), (0.85, 10), (1.0, 10)],
)
def test_each_level_adds_its_points(share, points, monkeypatch, capsys):
    monkeypatch.setattr(training, "_share", lambda trained: share)
    got, first, text = graded(parameters(), capsys)
    assert got == points
    assert isinstance(got, float)
    assert text.count("  pass  ") + text.count("  FAIL  ") == len(LEVELS)
    assert (first == "") == (points == POINTS) == ("Next:" not in text)


def test_an_untrained_network_earns_nothing(capsys):
    for seed in range(3):
        points, first, _ = graded(parameters(seed), capsys)
        assert points == 0
        assert "test images are recognized" in first


def test_what_is_not_written_is_called_so(capsys, monkeypatch):
    published = []
    monkeypatch.setattr(training, "publish_report", published.append)
    points, first, _ = graded(None, capsys)
    assert points == 0
    (report,) = published
    assert report["kind"] == NOT_WRITTEN
    assert first.endswith(report["headline"])


def test_the_report_holds_what_the_text_says(capsys, monkeypatch):
    published = []
    monkeypatch.setattr(training, "publish_report", published.append)
    points, first, text = graded(parameters(0), capsys)
    (report,) = published
    assert (report["points"], report["out_of"]) == (points, 10)
    assert first.endswith(report["headline"])
    assert [check["passed"] for check in report["checks"]] == [False] * len(LEVELS)
    assert report["next"][0] in " ".join(text.split())


FAULTS = {
    "a list": (lambda p: list(p.values()), "trained has type list; expected a dictionary."),
    "a function": (lambda p: print, "expected a dictionary."),
    "empty": (lambda p: {}, "trained has no 'W1', 'b1', 'W2', 'b2', 'W3',"),
    "one missing": (lambda p: {k: v for k, v in p.items() if k != "b4"}, "trained has no 'b4'."),
    "transposed": (
        lambda p: {**p, "W3": p["W3"].T},
        "trained['W3'] has the shape (120, 64); expected (64, 120).",
    ),
    "flat bias": (
        lambda p: {**p, "b5": p["b5"][0]},
        "trained['b5'] has the shape (10,); expected (1, 10).",
    ),
    "nan": (lambda p: {**p, "b1": p["b1"] * np.nan}, "trained contains nan or infinite numbers"),
    "infinite": (
        lambda p: {**p, "W2": p["W2"] + np.inf},
        "trained contains nan or infinite numbers",
    ),
    "None": (lambda p: {**p, "W2": None}, "trained['W2'] has type NoneType; expected"),
    "a list inside": (lambda p: {**p, "W1": p["W1"].tolist()}, "trained['W1'] has type list"),
    "texts": (lambda p: {**p, "W1": p["W1"].astype(str)}, "has type ndarray of <U"),
    "objects": (
        lambda p: {**p, "W1": np.full((5, 5, 1, 6), None)},
        "has type ndarray of object",
    ),
    "complex": (lambda p: {**p, "W1": p["W1"] + 1j}, "has type ndarray of complex128"),
}


@pytest.mark.parametrize("label", FAULTS)
def test_anything_else_earns_nothing_and_is_named(label, trained, capsys):
    change, said = FAULTS[label]
    points, first, text = graded(change(dict(trained)), capsys)
    assert points == 0
    assert said in first
    assert "\nNext: " in text


@pytest.mark.parametrize("dtype", ["f4", "c16", "O"])
def test_parameters_are_not_judged_by_their_dtype(dtype, trained, capsys):
    as_stored = {name: value.astype(dtype) for name, value in trained.items()}
    assert grade_trained(as_stored) == grade_trained(dict(trained)) > 0


def test_numbers_that_overflow_earn_nothing_and_print_no_warning(trained, capfd):
    huge = {name: value * 1e300 for name, value in trained.items()}
    assert grade_trained(huge) == 0
    assert capfd.readouterr().err == ""
