"""Explorables as HTML: rejected arguments, stored data, and the static figure without scripts.

Their behavior in a browser is tested in tests/browser.
"""

import base64
import json
import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from convnet.edges import load_blocks  # noqa: E402
from convnet.functional import relu  # noqa: E402
from convnet.shapes import ShapeError  # noqa: E402
from lesson_tools.explorables import (  # noqa: E402
    explore_activation,
    explore_edges,
    explore_kernel,
    explore_padding,
    explore_pooling,
    explore_sizes,
)
from nbjudge.feedback.safe_html import clean_html  # noqa: E402

COURSE = Path(__file__).parents[2] / "course"
PHOTO = np.random.default_rng(0).integers(0, 256, (10, 16, 3)).astype(np.uint8)
ONES = {"ones": np.ones((3, 3))}
EXPLORABLES = {
    "activation": explore_activation,
    "three units": lambda: explore_activation(3, "bump"),
    "padding": lambda: explore_padding(np.arange(42).reshape(6, 7)),
    "signed padding": lambda: explore_padding(np.arange(42).reshape(6, 7) - 20),
    "pooling": lambda: explore_pooling(np.arange(72).reshape(6, 12), 3),
    "edges": lambda: explore_edges(PHOTO),
    "kernel": lambda: explore_kernel(np.arange(42).reshape(6, 7), ONES),
    "sizes": explore_sizes,
    "transposed": lambda: explore_sizes(3, 4, transposed=True, stride=2, output_padding=1),
}


def settings(html):
    """Return the data with which an explorable's script starts."""
    return json.loads(re.search(r"^start\w+\((\{.*\})\);$", html.data, flags=re.M)[1])


@pytest.mark.parametrize("name", EXPLORABLES)
def test_it_holds_all_that_it_needs(name):
    before = plt.get_fignums()
    html = EXPLORABLES[name]().data
    assert plt.get_fignums() == before
    outside = r"https?://(?!www\.w3\.org/2000/svg)|\bimport\b|\bfetch\(|\bsrc=\"(?!data:)"
    assert not re.search(outside, html)
    assert html.count("</script>") == 1


@pytest.mark.parametrize("name", EXPLORABLES)
def test_where_scripts_are_removed_the_still_figure_is_left(name):
    clean = clean_html(EXPLORABLES[name]().data)
    assert "<script" not in clean
    assert re.search(r'<img [^>]*alt="[^"]{60,}"', clean)
    assert "Run this cell in Jupyter" in clean


def test_two_explorables_differ_whatever_is_seeded():
    np.random.seed(0)
    tokens = {settings(EXPLORABLES["sizes"]())["token"] for _ in range(3)}
    assert len(tokens) == 3


@pytest.mark.parametrize(
    ("image", "kind", "dtype"),
    [
        (np.arange(256).reshape(16, 16), "Uint8Array", "u1"),
        (np.arange(12).reshape(3, 4) - 1, "Float64Array", "<f8"),
        (np.arange(12).reshape(3, 4) * 25, "Float64Array", "<f8"),
        (np.arange(12).reshape(3, 4) / 3, "Float64Array", "<f8"),
    ],
)
def test_numbers_are_stored_as_they_are(image, kind, dtype):
    stored = settings(explore_kernel(image, ONES))["image"]
    assert stored["kind"] == kind
    numbers = np.frombuffer(base64.b64decode(stored["numbers"]), dtype)
    np.testing.assert_array_equal(numbers.reshape(stored["rows"], stored["columns"]), image)


@pytest.mark.parametrize(
    ("image", "kernels", "said"),
    [
        (np.ones((2, 5)), ONES, r"at least 3 rows and 3 columns, got \(2, 5\)"),
        (np.ones((5, 5, 3)), ONES, r"got \(5, 5, 3\)"),
        (np.ones((5, 5)), {}, "at least one kernel"),
        (np.ones((5, 5)), {"wide": np.ones((5, 5))}, r"got \(5, 5\) for 'wide'"),
    ],
)
def test_a_kernel_that_does_not_go_on_an_image_is_refused(image, kernels, said):
    with pytest.raises(ValueError, match=said):
        explore_kernel(image, kernels)


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        (PHOTO.astype(float), "got .* and float64"),
        (PHOTO[..., 0], r"got \(10, 16\)"),
        (PHOTO[:9], "even height and width, got 9 x 16"),
    ],
)
def test_what_is_no_photograph_is_refused(photo, said):
    with pytest.raises(ValueError, match=said):
        explore_edges(photo)


def test_no_weight_is_rounded():
    given = settings(explore_edges(PHOTO))
    numbers = np.frombuffer(base64.b64decode(given["weights"]), "<f2").astype(np.float32)
    network, used = load_blocks(), 0
    for W, b in (*network.blocks[0], *network.blocks[1], network.sides[1]):
        for array in (W, b):
            stored = numbers[used : used + array.size].reshape(array.shape)
            np.testing.assert_array_equal(stored, array)
            used += array.size
    assert used == len(numbers)


def test_sizes_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="rows is 9, expected 1 to 8"):
        explore_sizes(9, 3)
    with pytest.raises(ShapeError, match="larger than the padded input"):
        explore_sizes(2, 2, f=5)
    with pytest.raises(ShapeError, match="output_padding is 1"):
        explore_sizes(2, 2, output_padding=1, transposed=True)


@pytest.mark.parametrize("shape", [(2, 5), (65, 5), (5, 5, 3)])
def test_padding_needs_a_small_image(shape):
    with pytest.raises(
        ValueError, match=rf"of 3 to 64 rows and columns, got {re.escape(str(shape))}"
    ):
        explore_padding(np.ones(shape))


@pytest.mark.parametrize("shape", [(5, 20), (20, 9), (20, 20, 1)])
def test_pooling_needs_an_image_that_can_be_shifted(shape):
    said = rf"at least 6 rows and 10 columns, got {re.escape(str(shape))}"
    with pytest.raises(ValueError, match=said):
        explore_pooling(np.ones(shape))


def test_settings_that_the_reader_could_not_choose_are_refused():
    with pytest.raises(ValueError, match="f is 5, expected 2, 3 or 4"):
        explore_pooling(np.ones((20, 20)), f=5)
    for units in (0, 4):
        with pytest.raises(ValueError, match=f"units is {units}, expected 1 to 3"):
            explore_activation(units)
    with pytest.raises(
        ValueError, match=r"target is 'sine', expected None or one of '\|x\|', 'bump'"
    ):
        explore_activation(target="sine")


def test_the_targets_that_units_can_equal():
    targets = {target["name"]: target["y"] for target in settings(explore_activation())["targets"]}
    x = np.linspace(-3, 3, 241)
    np.testing.assert_allclose(targets["|x|"], relu(x) + relu(-x), atol=1e-12)
    np.testing.assert_allclose(targets["bump"], relu(x + 1) - 2 * relu(x) + relu(x - 1), atol=1e-12)
    np.testing.assert_allclose(targets["x²/2"], x**2 / 2)


def test_the_text_alternative_states_the_formula():
    text = explore_activation(2).text
    assert text.startswith("A plot of y = 1·ReLU(1·x - 1) + -1·ReLU(1·x + 0.5) over x from -3 to 3")


def explorables_of(name):
    """Return the places of a lesson's explorables: the share of its text above each."""
    text = (COURSE / f"{name}.py").read_text("utf-8")
    return [it.start() / len(text) for it in re.finditer(r"^explore_\w+\(", text, flags=re.M)]


@pytest.mark.parametrize("name", ["01_images_and_convolution", "26_what_filters_see"])
def test_an_explorable_stands_where_its_idea_is_introduced(name):
    (place,) = explorables_of(name)
    assert place < 1 / 3


@pytest.mark.parametrize("lesson", sorted(COURSE.glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_no_explorable_is_left_for_the_exercises(lesson):
    text = lesson.read_text("utf-8")
    exercises = text.find("\n# ## Exercises\n")
    if exercises >= 0:
        assert all(place < exercises / len(text) for place in explorables_of(lesson.stem))
