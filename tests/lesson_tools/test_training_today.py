"""Statements of the lesson "How networks are trained today" that no cell computes."""

import numpy as np
import pytest

from lesson_tools.training_today import figures as draw
from lesson_tools.training_today.broken_scripts import CASES, broken
from lesson_tools.training_today.questions import RIGHT, check
from tests.lesson_tools.cells import defined


@pytest.fixture(scope="module")
def taught():
    names = ("descend", "warm_up_cosine", "smooth", "mixup")
    return defined("20_training_today", *names, steps=456)


def test_without_any_repair_nothing_is_wrong_yet(capsys):
    check("repairs", dict.fromkeys(range(1, 4)))
    assert "right" not in capsys.readouterr().out
    with pytest.raises(AssertionError, match="Case 1 has no repair yet"):
        check("repairs", RIGHT | {1: None})


def test_a_script_with_an_unknown_line_is_refused():
    with pytest.raises(IndexError, match="no line 0; the lines are 1 to 19"):
        broken(1, {0: ""})
    assert str(broken(1)).startswith(" 1  images, labels, val_images, val_labels = load()")
    assert set(CASES) == set(range(1, 4))


def test_the_variances_of_the_last_position_and_of_the_mean(taught):
    for rate in (0.5, 0.05):
        paths = np.array([taught["descend"](rate, 400, seed) for seed in range(300)])
        assert paths[:, -1].var() == pytest.approx(rate / (2 - rate), rel=0.15)
        assert paths[:, -200:].mean(axis=1).var() == pytest.approx(1 / 200, rel=0.2)


def test_the_steps_of_the_staircase():
    names, accuracies, groups = zip(*draw.TORCHVISION, strict=True)
    gains = dict(zip(names[1:], np.diff(accuracies), strict=True))
    assert max(gains, key=gains.get) == "600 epochs"
    assert 1.75 < gains["600 epochs"] < 1.85
    assert 4.7 < sum(gains.values()) < 4.75
    assert min(gains.values()) > 0
    total = dict.fromkeys(draw.GROUPS, 0.0)
    for gain, group in zip(gains.values(), groups[1:], strict=True):
        total[group] += gain
    rounded = {group: round(gain, 1) for group, gain in total.items()}
    assert rounded == {"time": 1.8, "images": 1.4, "steps": 1.1, "size": 0.4}
    assert set(groups[1:]) == set(draw.GROUPS)


def test_the_benchmark_trains_with_the_schedule_and_the_changes_of_the_lesson(taught):
    from benchmarks.lessons import training_today as study

    for step in range(0, 456, 9):
        assert study.multiplier(step, 456, 38) == taught["warm_up_cosine"](step)
    assert study.RATES == draw.RATES and study.DECAYS == draw.DECAYS
    targets = np.eye(10, dtype=np.float32)[:4]
    images, smoothed = taught["smooth"](None, targets, None)
    assert images is None
    np.testing.assert_allclose(smoothed.max(axis=1), 0.91, atol=1e-6)
    images = np.arange(4, dtype=np.float32).reshape(4, 1, 1, 1)
    mixed, mixed_targets = taught["mixup"](images, targets, np.random.default_rng(0))
    assert mixed.dtype == mixed_targets.dtype == np.float32
    np.testing.assert_allclose(mixed_targets.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], mixed_targets @ np.arange(10), atol=1e-5)
