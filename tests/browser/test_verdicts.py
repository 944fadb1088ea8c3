"""The display of a check, the targets of its links, and nbgrader's Validate button."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser import pages
from tests.browser.jupyter import (
    ROOT,
    STUB,
    find,
    notebook,
    picture,
    start_all,
    validate,
    wait_until_idle,
    written,
)

RIGHT = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))\n"
WRONG = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))\n"
IN_VIEW = """place => {
    const {top, bottom} = place.getBoundingClientRect();
    return place.isConnected && top >= 0 && bottom <= innerHeight;
}"""

IGNORED_STRIDE = """\
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = (n_H_prev + 2 * pad - f) // stride + 1
    n_W = (n_W_prev + 2 * pad - f) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i, h, w, c in np.ndindex(Z.shape):
        window = A_prev_pad[i, h : h + f, w : w + f]
        weights, bias = W[..., c], b[..., c]
        Z[i, h, w, c] = conv_single_step(window, weights, bias)
    return Z, (A_prev, W, b, hparameters)"""


@pytest.fixture
def opened(browser, server):
    """Return a function that opens padding, with a function in place of the stub."""
    address, folder = server
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.set_default_timeout(120_000)

    def opened(function=STUB):
        (folder / "padding.ipynb").write_text(written("padding", function))
        page.goto(address.format("padding.ipynb"))
        wait_until_idle(page)
        expect(page.locator(".jp-MarkdownOutput").first).to_be_visible()
        return page

    yield opened
    page.close()


def follow(page, link, heading):
    """Click a link, and expect its heading in the window.

    The first click in a cell may select that cell, and then the notebook scrolls back to it.
    """
    target = page.locator(".jp-MarkdownOutput h2", has_text=heading)

    def in_view():  # Jupyter removes distant cells from the page
        return target.count() > 0 and target.evaluate(IN_VIEW)

    assert not in_view()
    for _ in range(5):
        link.click()
        for _ in range(40):
            page.wait_for_timeout(250)
            if in_view():
                return
    pytest.fail(f"{heading!r} is not in the window")


def test_a_failing_check_has_signs_words_and_a_link_to_what_explains_it(opened):
    page = opened(WRONG)
    start_all(page)
    shown = find(page, "Only the height was padded")
    rows = shown.locator("b", has_text="FAIL")
    expect(rows).to_have_count(3)  # the verdict, and two of its checks
    assert rows.first.evaluate("b => getComputedStyle(b).color") == "rgb(255, 255, 255)"
    assert rows.first.evaluate("b => getComputedStyle(b).backgroundColor") == "rgb(198, 40, 40)"
    picture(page, "verdict-wrong")
    title = "np.pad: one pair for each axis"
    follow(page, shown.get_by_role("link", name=title), title)


@pytest.mark.parametrize("server", ["notebook"], indirect=True)
def test_the_picture_of_the_readme_shows_the_diagnosis_that_its_description_quotes(browser, server):
    """PICTURES=docs replaces the picture."""
    address, folder = server
    given = {cell["id"]: cell["source"] for cell in json.loads(written("conv_forward"))["cells"]}
    cells = [given[name] for name in ("setup", "zero_pad_given", "conv_single_step_given")]
    cells += [IGNORED_STRIDE, "conv_forward_test_2(conv_forward)"]
    (folder / "conv_forward.ipynb").write_text(json.dumps(notebook(cells)))
    page = browser.new_page(viewport={"width": 560, "height": 2600}, device_scale_factor=2)
    page.goto(address.format("conv_forward.ipynb"))
    wait_until_idle(page)
    start_all(page)
    verdict = page.locator(".jp-OutputArea-output", has_text="What happened:")
    (quoted,) = re.findall(r'docs/failing-check.png".*“(.+)”', (ROOT / "README.md").read_text())
    expect(verdict).to_contain_text(quoted)
    page.locator(".jp-InputPrompt").first.click()  # so that no cell in the picture is selected
    code = page.locator(".jp-CodeCell", has_text="np.ndindex").locator(".jp-InputArea-editor")
    top, end = code.bounding_box(), verdict.bounding_box()
    clip = {"x": end["x"], "width": end["width"] + 8}  # with the verdict's border on the left
    clip |= {"y": top["y"], "height": end["y"] + end["height"] - top["y"]}
    pages.picture(page, "failing-check", clip=clip)
    page.close()


def test_an_untouched_notebook_ends_in_a_summary_with_links(opened):
    page = opened()
    start_all(page)
    shown = find(page, "0 of 1 exercises pass their checks.")
    picture(page, "verdict-summary")
    follow(page, shown.get_by_role("link", name="zero_pad", exact=True), "Exercise: zero_pad")
    picture(page, "verdict-untouched")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (STUB, "zero_pad has not been written yet"),
        (WRONG, "Only the height was padded"),
        (RIGHT, "Success! Your notebook passes all the tests."),
    ],
)
def test_the_button_validate_tells_the_truth(opened, function, said):
    page = opened(function)
    dialog = validate(page)
    expect(dialog).to_contain_text(said)
    picture(page, "verdict-validated")
    assert ("Success!" in dialog.inner_text()) == (function == RIGHT)
