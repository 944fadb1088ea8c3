"""A released notebook alone in a folder works in JupyterLab and in Notebook 7.

What a student sees is read from the page: the cell with the checks is folded, all cells are run
from the menu, and the check below the exercise says its verdict. Nothing is fetched
from elsewhere but the picture of the Colab badge.
"""

import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"  # its link says the rest
STUB = '    raise NotImplementedError("write your code here, then delete this line")\n'
RIGHT = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))\n"
HEIGHT_ONLY = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))\n"


@pytest.fixture
def opened(browser, server):
    """Opens a released notebook, changed or not, and runs all its cells from the menu."""
    address, folder = server
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    def opened(name, written=STUB):
        notebook = json.loads((ROOT / "release" / name / f"{name}.ipynb").read_text())
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"]).replace(STUB, written)
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
        page.goto(address.format(f"{name}.ipynb"))
        expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_attached(
            timeout=60_000
        )
        expect(page.locator(".jp-MarkdownOutput").first).to_be_visible()
        page.screenshot(path=_picture(address, name, "opened"))
        assert_folded(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
        return page

    yield opened
    page.close()
    start = address.split("/lab/")[0].split("/notebooks/")[0]
    elsewhere = [url for url in asked if not url.startswith((start, "data:", "blob:", BADGE))]
    assert not elsewhere, elsewhere


def _picture(address, name, moment):
    """Where a picture of the page is kept, to be looked at; in a temporary folder by default."""
    folder = Path(os.environ.get("PICTURES") or tempfile.gettempdir())
    return folder / f"{'lab' if '/lab/' in address else 'notebook'}-{name}-{moment}.png"


def assert_folded(page):
    setup = page.locator(".jp-CodeCell").first
    expect(setup.locator(".jp-Placeholder")).to_be_visible()
    assert "_checks" not in setup.inner_text()
    cell, more = (place.bounding_box() for place in (setup, setup.locator(".jp-MoreHorizIcon")))
    assert cell["height"] < 60
    assert more["x"] + more["width"] < cell["x"] + cell["width"], "what unfolds it is cut off"


def find(page, text):
    """Scroll to a text: cells far from the window are not in the page."""
    place = page.locator(".jp-OutputArea-output", has_text=text).first
    page.locator(".jp-Notebook").first.hover(position={"x": 300, "y": 300})
    for _ in range(200):
        if place.is_visible():
            place.scroll_into_view_if_needed()
            return place
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(150)
    pytest.fail(f"{text!r} is nowhere on the page")


def test_the_right_answer_passes(opened):
    page = opened("padding", RIGHT)
    verdict = find(page, "zero_pad: all 4 checks passed.")
    page.screenshot(path=_picture(page.url, "padding", "right"))
    assert "pass" in verdict.inner_text()


def test_a_mistake_is_named(opened):
    page = opened("padding", HEIGHT_ONLY)
    verdict = find(page, "Only the height was padded")
    page.screenshot(path=_picture(page.url, "padding", "mistake"))
    assert "judging" not in verdict.inner_text(), "frames of the checks are shown"


def test_an_assignment_of_four_exercises_opens_untouched(opened):
    page = opened("backprop")
    find(page, "write your code here, then delete this line")  # where Jupyter stops
    page.screenshot(path=_picture(page.url, "backprop", "untouched"))
