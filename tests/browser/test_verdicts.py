"""The display of a check, the targets of its links, and nbgrader's Validate button."""

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import STUB, find, picture, start_all, validate, wait_until_idle, written

RIGHT = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))\n"
WRONG = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))\n"
IN_VIEW = """place => {
    const {top, bottom} = place.getBoundingClientRect();
    return place.isConnected && top >= 0 && bottom <= innerHeight;
}"""


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
