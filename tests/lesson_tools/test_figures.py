"""Figures of the lessons: the numbers of a sweep, and animations with a text alternative."""

import base64
import io
import json
import random
import re

import matplotlib
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from convnet.functional import conv2d  # noqa: E402
from convnet.plots import draw_grid  # noqa: E402
from lesson_tools import figures  # noqa: E402
from lesson_tools.figures import animate, darken, present  # noqa: E402
from lesson_tools.sweep import axes_for_grids, draw_sweep  # noqa: E402
from nbjudge.feedback.safe_html import clean_html  # noqa: E402


@pytest.fixture
def figure():
    figure = plt.figure()
    yield figure
    figure.canvas.draw()  # errors of drawing appear here
    plt.close(figure)


def shown(html):
    """Return the images in an IPython.display.HTML or a text."""
    found = re.findall(r"data:image/png;base64,([^\"]+)", getattr(html, "data", html))
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]


def test_a_sweep_shows_the_sums_up_to_its_position(figure):
    X, W = np.arange(30).reshape(5, 6) % 7, np.arange(9).reshape(3, 3)
    assert draw_sweep(figure, X, W, 4, stride=2, pad=1) == (1, 1)
    Z = conv2d(X[None, :, :, None], W[:, :, None, None], stride=2, padding=1)
    texts = [text.get_text() for text in figure.axes[2].texts]
    assert texts[:5] == [f"{value:.4g}" for value in Z.ravel()[:5]]
    assert texts[5:] == [""] * 4
    assert len(figure.axes[0].texts) == 7 * 8  # including the padding


def test_a_sweep_does_not_leave_the_image(figure):
    with pytest.raises(ValueError, match="position is 9, expected 0 to 8"):
        draw_sweep(figure, np.ones((4, 4)), np.ones((2, 2)), 9)


def bars(step):
    figure, ax = plt.subplots(figsize=(2, 2))
    ax.bar(["a", "b"], [step, 3])
    return figure


def settings(html):
    """Return the data with which an animation's script starts."""
    return json.loads(re.search(r"startPlayer\((\{.*\})\);", html.data)[1])


@pytest.mark.parametrize(
    "show", [lambda: present(bars(1), "bars"), lambda: animate(bars, [1], "bars")]
)
def test_front_ends_find_html_an_image_and_a_text(show):
    """LaTeX reads no HTML and a terminal no images; nbconvert takes an image's text from `alt`."""
    formats, about = DisplayFormatter().format(show())
    assert set(formats) == {"text/html", "image/png", "text/plain"}
    (image,) = shown(f'data:image/png;base64,{formats["image/png"]}"')
    assert image.size == (200, 200)
    assert 'alt="bars"' in formats["text/html"]
    assert formats["text/plain"] == about["image/png"]["alt"] == "bars"


def test_a_figure_for_dark_pages_has_light_ink_and_keeps_what_is_on_images(figure):
    image, chart = figure.subplots(1, 2)
    image.imshow([[0, 1]], cmap="gray")
    pixel, title = image.text(0, 0, "0", color="black"), image.set_title("an image")
    (line,) = chart.plot([0, 1], [0, 1], color="black", marker="o", markerfacecolor="none")
    points = chart.scatter([0, 1], [1, 0], c=["tab:red", "white"])
    shaded = chart.scatter([0, 1], [1, 0], c=[1, 2], cmap="gray")
    note = chart.annotate(
        "a note", (0.5, 0.5), bbox={"fc": "white"}, arrowprops={"color": "black"}, xytext=(0.8, 0.8)
    )
    figure.canvas.draw()
    mapped = shaded.get_facecolor().copy()
    darken(figure)
    figure.canvas.draw()
    assert pixel.get_color() == "black"
    light, dark = pytest.approx((0.87, 0.87, 0.87, 1)), pytest.approx((0.08, 0.08, 0.08, 1))
    inks = [title.get_color(), line.get_color(), note.get_color(), note.arrow_patch.get_facecolor()]
    assert inks == [light] * 4
    assert line.get_markerfacecolor() == "none"
    assert note.get_bbox_patch().get_facecolor() == dark
    red, white = points.get_facecolor()
    assert tuple(white) == dark and red[0] > red[1] + 0.4 and sum(red[:3]) > 1.5
    assert np.array_equal(shaded.get_facecolor(), mapped)
    papers = [figure.patch, image.patch, chart.patch]
    assert [paper.get_facecolor()[3] for paper in papers] == [0, 0, 0]


def test_the_site_has_a_second_figure_for_dark_pages(monkeypatch):
    assert "lesson-dark" not in present(bars(1), "bars", "Look.").data
    monkeypatch.setattr(figures, "DARK", True)
    output = present(bars(1), "bars", "Look.")
    light, dark = shown(output)
    assert light.getpixel((0, 0)) == (255, 255, 255, 255) and dark.getpixel((0, 0))[3] == 0
    assert output.data.count("Look.") == 1
    assert base64.b64encode(output.png).decode() in output.data.partition("lesson-dark")[0]


@pytest.mark.parametrize(
    ("steps", "stills"),
    [(1, [0]), (2, [0, 1]), (5, [0, 1, 2, 3, 4]), (7, [*range(7)]), (12, [0, 2, 4, 7, 9, 11])],
)
def test_a_player_finds_each_step_in_the_strip_or_beside_it(steps, stills):
    before = plt.get_fignums()  # left open by other tests
    html = animate(bars, range(1, steps + 1), "bars")
    assert plt.get_fignums() == before
    sheets, given = shown(html), settings(html)
    assert given["frames"][0] == [0, 0, 0], "the strip begins with the first step"
    assert [number for number in range(steps) if given["frames"][number][0] == 0] == stills
    assert len({tuple(place) for place in given["frames"]}) == steps, "two steps in one place"
    assert len(sheets) == 1 + (steps > len(stills))
    width, height = given["width"], given["height"]
    assert (width, height) == (200, 200)
    for number, (sheet, column, row) in enumerate(given["frames"]):
        place = column * width, row * height, (column + 1) * width, (row + 1) * height
        frame = np.asarray(sheets[sheet].crop(place).convert("RGB"), dtype=int)
        figure = bars(number + 1)
        figure.canvas.draw()
        expected = np.asarray(figure.canvas.buffer_rgba(), dtype=int)[:, :, :3]
        plt.close(figure)
        assert np.abs(frame - expected).mean() < 2
        assert tuple(frame[0, 0]) == (255, 255, 255), "white became gray"
    shown_steps = ", ".join(str(number + 1) for number in stills)
    assert f"{len(stills)} of {steps} steps: {shown_steps}." in html.data


def test_white_and_what_is_nearly_white_keep_their_colors():
    shades = np.full((2, 3, 3), (246, 246, 247))
    shades[0, 0] = (234, 235, 242)

    def draw(step):
        figure, ax = plt.subplots(figsize=(3, 2))
        ax.imshow(shades)
        ax.set_title(step)
        ax.set_position([0, 0, 1, 0.85])
        return figure

    html = animate(draw, range(2), "shades")
    (sheet,) = shown(html)
    for x, y, color in [
        (50, 50, (234, 235, 242)),
        (250, 150, (246, 246, 247)),
        (5, 5, (255, 255, 255)),
    ]:
        found = np.array(sheet.convert("RGB").getpixel((x, y)))
        assert np.abs(found - color).max() < (12 if min(color) < 255 else 1)


def test_cells_keep_their_color():
    values = np.array([[0, -1, 1, 2], [3, 4, 5, np.nan]])

    def draw(step):
        figure = plt.figure(figsize=(7, 3.6))
        draw_grid(*axes_for_grids(figure, [values.shape]), values, scale=(-1, 5))
        return figure

    figure = draw(0)
    figure.canvas.draw()
    expected = np.asarray(figure.canvas.buffer_rgba())[:, :, :3]
    plt.close(figure)
    (sheet,) = shown(animate(draw, range(2), "a grid"))
    found = np.asarray(sheet.convert("RGB"))[:, :700]
    colors, counts = np.unique(expected.reshape(-1, 3), axis=0, return_counts=True)
    for color in colors[counts > 1000]:
        area = (expected == color).all(axis=2)
        assert (found[area] == color).all(), f"the color {color} has changed"


def test_zero_has_no_tint_between_orange_and_purple():
    grids = [[2, -1], [3, -2]], np.zeros((2, 2)), [[4, -2, 0], [4, 3, -3], [-3, 11, -6]]

    def draw(step):
        figure, axes = plt.subplots(1, 3, figsize=(10.5, 3))
        for ax, values in zip(axes, grids, strict=True):
            draw_grid(ax, values, "a grid", [(0, 0, 1, 1, "tab:orange")], scale=(-11, 11))
        return figure

    (sheet,) = shown(animate(draw, range(4), "grids"))
    zeros = sheet.convert("RGB").crop((440, 80, 610, 220))  # within the grid in the middle
    _, (red, green, blue) = max(zeros.getcolors(170 * 140))
    assert max(red, green, blue) - min(red, green, blue) < 4 and 235 < red < 255


def test_without_its_script_an_animation_is_one_image_with_words():
    html = animate(bars, range(8), 'bars "a" & b').data
    assert html.count("<img") == 1 and 'alt="bars &quot;a&quot; &amp; b"' in html
    seen = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.S)
    assert "<img" in seen and "<script" not in seen and "<button" not in seen
    for text in (html, clean_html(html)):
        assert shown(text)[0].size == (400, 600)
    cleaned = clean_html(html)
    assert "<script" not in cleaned and "6 of 8 steps: 1, 2, 4, 5, 7, 8." in cleaned


def test_an_animation_asks_nothing_of_the_web():
    html = animate(bars, range(3), "bars").data
    assert re.findall(r"https?:|@import|url\(", html) == ["http:"]
    assert "http://www.w3.org/2000/svg" in html  # a namespace, which browsers do not fetch


def test_an_animation_is_smaller_than_its_frames_in_a_gif():
    def draw(position):
        figure = plt.figure(figsize=(9, 4))
        draw_sweep(figure, np.arange(20).reshape(4, 5), np.ones((2, 2)), position)
        return figure

    images = []
    for position in range(5):
        memory = io.BytesIO()
        figure = draw(position)
        figure.savefig(memory, format="png", dpi=100)
        plt.close(figure)
        images.append(Image.open(memory).convert("RGB").quantize(256))
    memory = io.BytesIO()
    images[0].save(memory, format="gif", save_all=True, append_images=images[1:])
    assert len(animate(draw, range(5), "a sweep").data) < len(base64.b64encode(memory.getvalue()))


def test_each_animation_has_a_token_of_its_own():
    tokens = set()
    for _ in range(2):
        random.seed(0)
        np.random.seed(0)
        tokens.add(settings(animate(bars, range(2), "bars"))["token"])
    assert len(tokens) == 2


def test_an_animation_of_no_steps_is_an_error():
    with pytest.raises(ValueError, match="no steps: pass at least one"):
        animate(bars, [], "nothing")


@pytest.mark.parametrize(("inches", "least"), [(6, None), (7, None), (8, 480), (12, 720)])
def test_a_wide_figure_scrolls_in_its_own_box(inches, least):
    html = present(plt.figure(figsize=(inches, 2)), "nothing").data
    box = '<div style="overflow-x: auto">'
    assert html.startswith(box if least else "<img")
    assert re.findall(r"min-width: (\d+)px", html) == ([str(least)] if least else [])
    assert "overflow-x: auto" in clean_html(html) or not least
    assert ("@media print {.lesson-wide {min-width: 0 !important}}" in html) == bool(least)
    assert ("<img class=lesson-wide " in html) == bool(least)
    assert settings(animate(lambda step: plt.figure(figsize=(inches, 2)), [1], "nothing"))[
        "minWidth"
    ] == (least or 0)
