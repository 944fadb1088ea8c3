"""Explorables as HTML: rejected arguments, stored data, and the static figure without scripts.

Their behavior in a browser is tested in tests/browser.
"""

import base64
import json
import re

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from convnet.edges import load_blocks  # noqa: E402
from convnet.shapes import ShapeError  # noqa: E402
from lesson_tools.explorables import explore_edges, explore_kernel, explore_sizes  # noqa: E402
from nbjudge.feedback.safe_html import clean_html  # noqa: E402

PHOTO = np.random.default_rng(0).integers(0, 256, (10, 16, 3)).astype(np.uint8)
ONES = {"ones": np.ones((3, 3))}
EXPLORABLES = {
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
