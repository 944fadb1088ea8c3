"""The lesson "Start here": its answers are NumPy's, and its figures show what they say."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from convnet.data import load_sample_image
from convnet.edges import load_blocks
from convnet.own_edges import photograph
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
    gray = cat.mean(axis=2)
    answers = {
        "crop": cat[46:64, 44:72].shape,
        "columns": cat.mean(axis=0).shape,
        "overflow": (np.array([200], np.uint8) + 80)[0],
        "neighbors": (gray[:, 1:] - gray[:, :-1]).shape,
    }
    corner = gray[:20, :30]
    corner[:] = 255
    lighter = gray + 50
    after_two_lines = gray[0, 0]
    lighter[:] = 0
    answers["view"] = after_two_lines, gray[0, 0]
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


def test_jpeg_changes_the_six_pixels_more_than_a_photograph(drawn):
    _, caption = draw.jpeg()
    assert int(caption.split("up to ")[1].split(";")[0]) > 50
    (red, green, _), _ = draw.as_jpeg(draw.SIX_PIXELS)  # as the description says: both olive
    assert all(
        abs(int(pixel[0]) - int(pixel[1])) < 20 < pixel[0] - pixel[2] for pixel in (red, green)
    )
    flower = load_sample_image("flower.jpg")
    changes = np.abs(draw.as_jpeg(flower).astype(int) - flower)
    assert changes.mean() < 10


def test_numbers_from_0_to_1_leave_the_page_blank_and_nothing_else_does():
    network, photo = load_blocks(), photograph("chelsea.jpg", 80)
    inside = (slice(8, -8), slice(8, -8))  # padding makes edges at the border
    edges = draw.edges(network, photo)
    np.testing.assert_allclose(edges, network.draw(photo), atol=1e-5)
    assert draw.edges(network, photo / 255)[inside].max() < 0.05
    for other in (photo, 255 - photo, photo[:, :, ::-1]):
        assert draw.edges(network, other)[inside].max() > 0.9
