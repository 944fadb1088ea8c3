"""A released notebook alone in a folder works in JupyterLab and in Notebook 7.

The test reads the page as a student sees it: the cell with the checks is folded, all cells are run
from the menu, and the check below the exercise prints its verdict. Nothing is fetched from other
servers except the image of the Colab badge.
"""

import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import STUB, find, picture, start_all, wait_until_idle, written

BADGE = "https://colab.research.google.com/assets/colab-badge.svg"  # its link states its purpose
RIGHT = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))\n"
HEIGHT_ONLY = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))\n"


@pytest.fixture
def opened(browser, server):
    """Return a function that opens a released notebook, changed or not, and runs all its cells."""
    address, folder = server
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.set_default_timeout(120_000)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    def opened(name, function=STUB):
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (folder / f"{name}.ipynb").write_text(written(name, function))
        page.goto(address.format(f"{name}.ipynb"))
        wait_until_idle(page)
        expect(page.locator(".jp-MarkdownOutput").first).to_be_visible()
        picture(page, f"{name}-opened")
        assert_folded(page)
        start_all(page)
        return page

    yield opened
    page.close()
    start = address.split("/lab/")[0].split("/notebooks/")[0]
    elsewhere = [url for url in asked if not url.startswith((start, "data:", "blob:", BADGE))]
    assert not elsewhere, elsewhere


def assert_folded(page):
    setup = page.locator(".jp-CodeCell").first
    expect(setup.locator(".jp-Placeholder")).to_be_visible()
    assert "_checks" not in setup.inner_text()
    cell, more = (place.bounding_box() for place in (setup, setup.locator(".jp-MoreHorizIcon")))
    assert cell["height"] < 60
    assert more["x"] + more["width"] < cell["x"] + cell["width"], "what unfolds it is cut off"


def test_the_right_answer_passes(opened):
    page = opened("padding", RIGHT)
    verdict = find(page, "zero_pad: all 4 checks passed.")
    picture(page, "padding-right")
    assert "pass" in verdict.inner_text()


def test_a_mistake_is_named(opened):
    page = opened("padding", HEIGHT_ONLY)
    verdict = find(page, "Only the height was padded")
    picture(page, "padding-mistake")
    assert "judging" not in verdict.inner_text(), "frames of the checks are shown"


def test_an_assignment_of_four_exercises_opens_untouched(opened):
    page = opened("backprop")
    find(page, "0 of 4 exercises pass their checks.")
    picture(page, "backprop-untouched")
