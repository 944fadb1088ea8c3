"""The lesson "After 2020": its counts, and its attention layer that equals a convolution."""

import numpy as np
import pytest

from lesson_tools.after_2020.figures import PUBLISHED
from lesson_tools.after_2020.questions import check
from lesson_tools.stored import stored_results
from tools.course import ROOT


@pytest.fixture(scope="module")
def lesson():
    """Return the names that the cells for NumPy define."""
    text = (ROOT / "course" / "29_after_2020.py").read_text()
    cells = [cell for cell in text.split("# %%")[1:] if cell.startswith("\n")]
    code = [cell for cell in cells if "def " in cell or "EDITS" in cell]
    names = {"np": np}
    exec("from lesson_tools.counter import *\nfrom convnet.functional import *", names)
    for cell in code:
        if any(f"def {name}(" in cell for name in ("attention", "block")):
            exec(cell.partition("d, n_heads = ")[0], names)
        if "def convolving_weights(" in cell:
            exec("def conv" + cell.partition("def conv")[2].partition("hand_set =")[0], names)
    return names


def test_the_counted_macs_are_those_of_the_paper(lesson):
    published = (4.09, 4.09, 4.53, 4.42, 2.35, 5.27, 4.64, 4.07, 4.15, 4.15, 4.15, 4.15)
    settings, counted = dict(lesson["settings"]), []
    for changes in lesson["EDITS"].values():
        settings |= changes
        counted.append(lesson["totals"](lesson["network"](**settings), (224, 224, 3))[:2])
    assert [round(macs / 1e9, 2) for _, macs in counted[:12]] == list(published)
    assert len(counted) == len(PUBLISHED)
    assert counted[-1][0] == pytest.approx(28_589_128, rel=1e-3)  # torchvision's convnext_tiny


@pytest.mark.parametrize(("shape", "channels"), [((5, 7), 2), ((14, 18), 3)])
def test_nine_heads_equal_a_convolution_with_a_repeated_border(lesson, shape, channels):
    rng = np.random.default_rng(0)
    image, filters = rng.normal(size=(*shape, channels)), rng.normal(size=(3, 3, channels, 4))
    r, q = np.indices(shape).reshape(2, -1)
    tokens = np.column_stack([image.reshape(-1, channels), r, q, r**2 + q**2, np.ones(r.size)])
    by_attention = lesson["attention"](tokens, *lesson["convolving_weights"](filters, 50), 9)
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
    expected = lesson["conv2d"](padded[None], filters)[0]
    np.testing.assert_allclose(by_attention.reshape(*shape, 4), expected, atol=1e-12)


def test_the_answers_of_exercise_1():
    n, d = 196, 768
    right = {name: exercise.right for name, exercise in check.exercises.items()}
    assert right["n_tokens"] == (384 // 16) ** 2
    assert right["pair_macs"] == 2 * n**2 * d
    assert right["projection_weights"] == 4 * d**2
    assert right["block_weights"] == 49 * 384 + 2 * 384 * (4 * 384)


def test_the_tuned_rates_lie_between_two_others_and_all_networks_fit_their_images():
    arms = stored_results("after_2020/results.json")
    assert len(arms) == 10
    for name, arm in arms.items():
        rates = [float(rate) for rate in arm["tuning"]]
        assert min(rates) < arm["rate"] < max(rates)
        assert len(arm["test"]) == 5
        # Attention hardly fits 1,200 images whose pixels are shuffled.
        assert max(arm["loss"]) < (0.1 if name == "attention, shuffled, 1200" else 0.05), name
