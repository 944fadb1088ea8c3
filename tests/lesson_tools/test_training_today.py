"""Statements of the lesson "How networks are trained today" that no cell computes."""

import numpy as np
import pytest

from lesson_tools.training_today import figures as draw
from lesson_tools.training_today.broken_scripts import CASES, broken
from lesson_tools.training_today.questions import RIGHT, check
from tests.lesson_tools.cells import defined
from tools.course import ROOT

LESSON = ROOT / "course" / "20_training_today.py"


@pytest.fixture(scope="module")
def taught():
    names = ("train", "overfit_one_batch", "warm_up_cosine", "bfloat16")
    return defined("20_training_today", *names)


def test_without_any_repair_nothing_is_wrong_yet(capsys):
    check("repairs", dict.fromkeys(range(1, 6)))
    assert "right" not in capsys.readouterr().out
    with pytest.raises(AssertionError, match="Case 1 has no repair yet"):
        check("repairs", RIGHT | {1: None})


def test_a_script_with_an_unknown_line_is_refused():
    with pytest.raises(IndexError, match="no line 0; the lines are 1 to 19"):
        broken(1, {0: ""})
    assert str(broken(1)).startswith(" 1  images, labels, val_images, val_labels = load()")
    assert set(CASES) == set(range(6))


def test_the_study_trains_with_the_schedule_of_the_lesson(taught):
    pytest.importorskip("torch")
    from benchmarks.lessons import training_today as study

    for step in range(0, 540, 9):
        assert study.multiplier(step, 540, 45) == taught["warm_up_cosine"](step, 540, 45)
    assert set(study.ARMS) == {*draw.ARMS, *draw.NORM_ARMS}


def test_the_statements_about_the_study():
    arrays = draw._arrays()
    for name, dead in (("constant", (0, 0, 1, 7)), ("cosine", (0, 0, 1, 7)), ("warm-up", (0,) * 4)):
        final = arrays[name][:, :, -1, 1]
        assert final.shape == (4, 10)
        assert tuple(np.sum(final < 0.2, axis=1)) == dead
    gain = draw.test_accuracy("warm-up").mean() - draw.test_accuracy("constant").mean()
    assert 0 < gain < 0.005
    assert draw.best("constant")[0] == np.float32(0.01)
    norms = {name: draw.test_accuracy(name) for name in draw.NORM_ARMS}
    means = [values.mean() for values in norms.values()]
    assert np.ptp(means) < min(values.std(ddof=1) for values in norms.values())
    everything = [draw.test_accuracy(name).mean() for name in (*draw.ARMS, *draw.NORM_ARMS)]
    assert np.ptp(everything) < 0.0205
    for name in ("clipping", "shifts"):
        difference = draw.test_accuracy(name) - draw.test_accuracy("warm-up")
        assert 0 < difference.mean() < difference.std(ddof=1)


def test_bfloat16_keeps_eight_significant_bits(taught):
    pairs = ((1.003, 1), (1.004, 1 + 2**-7), (257, 258), (1e38, 1e38))
    for value, expected in pairs:
        assert taught["bfloat16"](value) == pytest.approx(expected, rel=0.004)
    assert taught["bfloat16"](1.003) == 1
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(0).normal(size=200).astype(np.float32)
    expected = torch.from_numpy(values).bfloat16().float().numpy()
    np.testing.assert_array_equal(taught["bfloat16"](values), expected)
