"""The player of an animation, in a page from nbconvert, in JupyterLab and in Notebook 7.

Each step's frame has a distinct color, so that the picture can be compared with the label and the
slider.
"""

import json
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import notebook, open_in_jupyter, run_all
from tests.browser.pages import picture

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
SETUP = f"""\
import sys
sys.path.insert(0, {str(ROOT / "course")!r})
import matplotlib.pyplot as plt
from lesson_tools.figures import animate, present

def draw(step):
    return plt.figure(figsize=(9, 2), facecolor=(step / 10, 0.5, 0.5))
"""
CELLS = [
    SETUP,
    'animate(draw, range(8), "a color in eight steps", seconds=0.3)',
    'animate(draw, range(3), "a color in three steps", seconds=0.3)',
    'present(plt.figure(figsize=(12, 3)), "a wide figure")',
]
FRAME = """canvas => {
    const {width, height} = canvas;
    const data = canvas.getContext("2d").getImageData(width / 2, height / 2, 1, 1).data;
    return Math.round(data[0] / 25.5) + 1;
}"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Make a folder with the notebook, run.ipynb with its outputs, run.html, and a slow version."""
    folder = tmp_path_factory.mktemp("player")
    (folder / "player.ipynb").write_text(json.dumps(notebook(CELLS)))
    convert = [PYTHON, "-m", "nbconvert", "--log-level=ERROR"]
    for options in (
        ["--execute", "--to", "notebook", "--output", "run.ipynb", "player.ipynb"],
        ["--to", "html", "run.ipynb"],
    ):
        subprocess.run([*convert, *options], cwd=folder, check=True)
    html = (folder / "run.html").read_text()
    assert html.count('"seconds": 0.3') == 2
    (folder / "slow.html").write_text(html.replace('"seconds": 0.3', '"seconds": 2'))
    return folder


@pytest.fixture
def page_of(browser, written):
    """Return a function that opens a page in an offline browser with its own settings."""
    contexts = []

    def page_of(name="run.html", width=1000, **settings):
        viewport = {"width": width, "height": 800}
        context = browser.new_context(viewport=viewport, offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.goto((written / name).as_uri(), wait_until="domcontentloaded")
        return page

    yield page_of
    for context in contexts:
        context.close()


class Player:
    """The player in a page: its controls, and what it shows."""

    def __init__(self, page, at=0):
        self.root = page.locator(".lesson-player").nth(at)
        self.canvas = self.root.get_by_role("img")
        self.slider = self.root.get_by_role("slider", name="Step")
        self.label = self.root.get_by_role("status")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def expect(self, step, steps=8):
        """Assert that label, slider and image agree on the step."""
        expect(self.label).to_have_text(f"step {step} of {steps}")
        assert self.slider.input_value() == str(step)
        assert self.slider.get_attribute("aria-valuetext") == f"step {step} of {steps}"
        assert self.canvas.evaluate(FRAME) == step


def test_it_waits_at_the_first_step(page_of):
    page = page_of()
    player = Player(page)
    player.expect(1)
    page.wait_for_timeout(900)  # three steps if it played
    player.expect(1)
    expect(player.canvas).to_have_accessible_name("a color in eight steps")
    expect(player.button("Previous step")).to_have_attribute("aria-disabled", "true")
    expect(page.locator(".lesson-player-strip").first).to_be_hidden()
    picture(page, "player-desktop")


def test_buttons_step_and_stop_at_the_ends(page_of):
    player = Player(page_of())
    for step in [2, 3, 4, 5, 6, 7, 8, 8]:
        player.button("Next step").click(force=True)  # also at the end
        player.expect(step)
    expect(player.button("Next step")).to_have_attribute("aria-disabled", "true")
    for step in [7, 6, 5, 4, 3, 2, 1, 1]:
        player.button("Previous step").click(force=True)
        player.expect(step)


def test_the_slider_shows_each_step(page_of):
    player = Player(page_of())
    for step in [5, 8, 2, 1]:
        player.slider.fill(str(step))
        player.expect(step)
    box = player.slider.bounding_box()
    player.slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    player.expect(8)


def test_it_plays_to_the_end_once_and_again_from_the_start(page_of):
    page = page_of()
    player = Player(page)
    player.expect(1)
    player.label.evaluate("""label => {
        window.seen = [];
        const toggle = label.parentElement.querySelector("[aria-label=Play]");
        const step = () => parseInt(label.textContent.slice(5));
        const note = () => seen.push([step(), label.ariaLive, toggle.ariaLabel]);
        new MutationObserver(note).observe(label, {childList: true});
    }""")
    for first in (2, 1):
        player.button("Play").click()
        page.wait_for_function("seen.at(-1)?.[0] === 8")
        expect(player.button("Play")).to_be_visible()
        player.expect(8)
        page.wait_for_timeout(900)
        player.expect(8)
        # Screen readers announce no steps while it plays.
        shown = [[step, "off", "Pause" if step < 8 else "Play"] for step in range(first, 9)]
        assert page.evaluate("seen.splice(0)") == shown


@pytest.mark.parametrize("way", ["Pause", "Previous step", "slider", "key"])
def test_whatever_the_reader_does_stops_it(page_of, way):
    page = page_of("slow.html")
    player = Player(page)
    player.button("Play").click()
    expect(player.label).to_have_text(re.compile("^step [2-5] of 8$"))
    if way == "slider":
        player.slider.fill("2")
    elif way == "key":
        page.keyboard.press("Home")
    else:
        player.button(way).click()
    expect(player.button("Play")).to_be_visible()
    text = player.label.inner_text()
    page.wait_for_timeout(2500)
    expect(player.label).to_have_text(text)


def test_the_keyboard_is_enough(page_of):
    page = page_of()
    player = Player(page)
    player.expect(1)
    names = []
    page.locator(".lesson-player-controls").first.evaluate("it => it.previousSibling.focus()")
    for _ in range(30):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.getAttribute('aria-label')")
        names += [name] if name else []
        if name == "Step":
            break
    assert names[-4:] == ["Previous step", "Play", "Next step", "Step"]
    for target in (player.slider, player.button("Play")):
        target.focus()
        for key, step in [("End", 8), ("ArrowLeft", 7), ("Home", 1), ("ArrowRight", 2)]:
            page.keyboard.press(key)
            player.expect(step)
    player.button("Next step").focus()
    page.keyboard.press("Enter")
    player.expect(3)
    player.button("Play").focus()
    page.keyboard.press("Space")
    expect(player.label).to_have_text(re.compile("^step [4-8] of 8$"))


def test_less_motion_means_the_last_step(page_of):
    page = page_of(reduced_motion="reduce")
    player = Player(page)
    player.expect(8)
    page.wait_for_timeout(900)
    player.expect(8)
    player.button("Previous step").click()
    player.expect(7)


def test_players_of_a_page_do_not_disturb_each_other(page_of, written):
    html = (written / "run.html").read_text()
    output = re.search(r'<div class="lesson-player".*?</script>', html, flags=re.S)[0]
    (written / "copied.html").write_text(html.replace("</body>", f"{output}</body>"))
    page = page_of("copied.html")
    first, second, copied = (Player(page, at) for at in range(3))
    expect(page.locator(".lesson-player-controls")).to_have_count(3)
    first.button("Next step").click()
    second.button("Play").click()
    copied.slider.fill("5")
    expect(second.button("Play")).to_be_visible()
    first.expect(2)
    second.expect(3, 3)
    copied.expect(5)


def test_a_strip_stands_there_where_scripts_are_off(page_of):
    page = page_of(java_script_enabled=False)
    strips = page.locator(".lesson-player-strip")
    expect(strips).to_have_count(2)
    expect(strips.first.get_by_role("img", name="a color in eight steps")).to_be_visible()
    expect(strips.first).to_contain_text("6 of 8 steps: 1, 2, 4, 5, 7, 8.")
    expect(strips.last).to_contain_text("3 of 3 steps: 1, 2, 3.")
    expect(page.locator(".lesson-player button")).to_have_count(0)
    picture(page, "player-scripts-off")


def test_print_has_the_strip(page_of):
    page = page_of()
    Player(page).expect(1)
    page.emulate_media(media="print")
    expect(page.locator(".lesson-player-strip").first).to_be_visible()
    expect(page.locator(".lesson-player-controls").first).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_phone_scrolls_the_figure_and_not_the_page(page_of, scripts):
    page = page_of(width=400, java_script_enabled=scripts)
    wide = page.get_by_role("img", name="a wide figure")
    expect(wide).to_be_visible()
    assert wide.bounding_box()["width"] == 720
    box = wide.locator("xpath=..")
    assert box.bounding_box()["width"] < 400
    player = Player(page)
    if scripts:  # until then, the strip's image is in its place
        player.expect(1)
    page.get_by_role("img", name="a color in eight steps").scroll_into_view_if_needed()
    if scripts:
        assert player.canvas.bounding_box()["width"] == 540
        for part in (player.slider, player.label, *player.root.get_by_role("button").all()):
            place = part.bounding_box()
            assert place["x"] >= 0 and place["x"] + place["width"] <= 400
            assert place["height"] >= 16
        assert page.evaluate("document.documentElement.scrollWidth") == 400
    picture(page, f"player-phone-{'on' if scripts else 'off'}")


def test_controls_have_the_color_of_the_text(page_of):
    page = page_of()
    player = Player(page)
    player.expect(1)
    page.evaluate("document.querySelector('.lesson-player').style.color = 'rgb(250, 250, 240)'")
    button = player.button("Play")
    for part, name in [(button, "borderTopColor"), (button.locator("svg"), "fill")]:
        found = part.evaluate(f"it => getComputedStyle(it).{name}")
        assert found == "rgb(250, 250, 240)", name
    assert button.evaluate("it => getComputedStyle(it).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_it_works_in_jupyter_where_a_cell_is_run_twice(browser, server):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    open_in_jupyter(page, server, json.dumps(notebook(CELLS)))
    run_all(page, last=4)
    player, other = Player(page), Player(page, 1)
    expect(other.label).to_have_text("step 1 of 3", timeout=60_000)
    player.expect(1)
    player.button("Next step").click()
    player.expect(2)
    for key, step in [("ArrowRight", 3), ("ArrowLeft", 2), ("Enter", 3), ("End", 8)]:
        page.keyboard.press(key)  # Jupyter has other uses for these keys
        player.expect(step)
    assert page.locator(".jp-mod-editMode").count() == 0
    other.expect(1, 3)
    place = "lab" if "/lab/" in page.url else "notebook"
    picture(page, f"player-{place}")
    token = player.root.get_attribute("data-player")
    run_all(page, last=8)
    expect(page.locator(f'[data-player="{token}"]')).to_have_count(0, timeout=60_000)
    expect(player.label).to_have_text("step 1 of 8", timeout=60_000)
    player.button("Play").click()
    expect(player.button("Play")).to_be_visible()
    player.expect(8)
    page.close()


def test_a_notebook_that_is_not_trusted_has_the_strip(browser, server, written):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    open_in_jupyter(page, server, (written / "run.ipynb").read_text())
    strip = page.get_by_role("img", name="a color in eight steps")
    expect(strip).to_be_visible()
    expect(page.get_by_text("6 of 8 steps: 1, 2, 4, 5, 7, 8.")).to_be_visible()
    assert page.get_by_role("button", name="Next step").count() == 0
    place = "lab" if "/lab/" in page.url else "notebook"
    picture(page, f"player-{place}-not-trusted")
    page.close()
