"""The lesson "Start here": its answers are NumPy's, and its figures show what they say."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from convnet.data import load_sample_image
from lesson_tools.start_here import figures as draw
from lesson_tools.start_here.questions import check, predict


@pytest.fixture
def cat():
    return load_sample_image("chelsea.jpg")[::4, ::4]


@pytest.fixture
def drawn(monkeypatch):
    """Return a list of the figures that are drawn."""
    figures = []

    def keep(figure, text, caption=""):
        figures.append(figure)
        return text, caption

    monkeypatch.setattr(draw, "present", keep)
    return figures


def test_the_right_answers_are_what_numpy_computes(cat):
    answers = {
        "crop": cat[46:64, 44:72].shape,
        "columns": cat.mean(axis=0).shape,
        "overflow": (np.array([200], np.uint8) + 80)[0],
    }
    for name, answer in answers.items():
        assert predict.questions[name].right == answer, name


def test_the_ramp_fades_toward_the_left(cat):
    faded = np.full((67, 100), 200.0) * np.linspace(0, 1, 100)
    assert not faded[:, 0].any() and (faded[:, -1] == 200).all()
    with pytest.raises(ValueError, match="broadcast"):
        cat.mean(axis=2) * np.linspace(0, 1, 67)


@pytest.mark.parametrize(
    ("mistake", "comment"),
    [
        (lambda cat: cat[30:46, 19:32], "The first slice cuts rows"),
        (lambda cat: cat[19:32, 30:46], "a slice stops before its second number"),
        (lambda cat: cat[19:33][30:47], "Two pairs of brackets"),
    ],
)
def test_the_check_names_the_mistakes_that_the_lesson_promises(cat, mistake, comment):
    with pytest.raises(AssertionError) as failed:
        check("eye", mistake(cat))
    assert comment in " ".join(str(failed.value).split())


def test_a_brighter_image_consists_of_bytes():
    with pytest.raises(AssertionError, match="its dtype is int64, expected uint8") as failed:
        check("brighten", lambda image, amount: np.minimum(image.astype(int) + amount, 255))
    assert "not bytes" in str(failed.value)


def test_a_slice_is_outlined_where_it_was_cut(cat, drawn):
    draw.crop(cat, cat[46:64, 44:72])
    draw.crop(cat, cat[46:64, 44:72].copy())
    boxes = [
        {
            (box.get_xy(), box.get_width(), box.get_height())
            for box in figure.axes[0].patches
            if isinstance(box, Rectangle)
        }
        for figure in drawn
    ]
    assert boxes == [{((43.5, 45.5), 28, 18)}, set()]


def test_the_description_of_a_brighter_image_says_whether_colors_are_wrong(cat, drawn):
    first_too_large = 256 - int(cat.max())
    assert "wrong" in draw.brighter(cat, cat + 80)[0]
    assert "wrong" in draw.brighter(cat, cat + first_too_large)[0]
    assert "wrong" not in draw.brighter(cat, cat + (first_too_large - 1))[0]
    assert "wrong" not in draw.brighter(cat, np.clip(cat.astype(int) + 80, 0, 255))[0]


def test_a_view_changes_with_its_image_and_a_copy_does_not(cat):
    nose, copy = cat[46:64, 44:72], cat[46:64, 44:72].copy()
    cat[:] = 0
    assert not nose.any() and copy.any()


@pytest.mark.parametrize("shape", [(20, 30, 3), (30, 20, 3)])
def test_outlines_are_dark_where_neighbors_differ(drawn, shape):
    photo, values = np.zeros(shape, np.uint8), np.zeros((shape[0] - 1, shape[1] - 1))
    values[5] = 50
    draw.outlines(photo, values)
    shown = drawn[0].axes[1].images[0].get_array()
    assert (shown[5] == 0).all() and (np.delete(shown, 5, axis=0) == 1).all()


def test_the_buggy_function_makes_the_mistakes_that_the_exercise_names():
    with pytest.raises(AssertionError) as failed:
        check("moved", lambda before, after: np.abs(after - before) > 30)
    message = " ".join(str(failed.value).split())
    assert "10 - 20 is 246" in message and "one value instead of three" in message


@pytest.mark.parametrize(
    "function",
    [
        lambda before, after: (np.abs(after.astype(int) - before.astype(int)) > 30).any(axis=2),
        lambda before, after: (
            np.maximum(np.maximum(before, after) - np.minimum(before, after), 0).max(axis=2) > 30
        ),
        lambda before, after: np.abs(after.astype(float) - before).max(axis=-1) > 30,
    ],
)
def test_other_ways_to_find_what_has_moved_pass(function):
    check("moved", function)
