"""The start page: its kernel, and the check that answers in the page.

`make site` builds it, below a folder of the server as on GitHub Pages. After `make lite site`
(with Pyodide), the check runs; without, a link stands in its place.
"""

import json
import os
import re
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from tests.browser.lite import SECONDS, STORED, served, whole
from tests.browser.offline import offline_chromium
from tests.browser.pages import picture
from tools.course import ROOT

SITE = ROOT / "docs" / "_build" / "site"
LITE = SITE / "lite"
WRONG = "np.pad(X, pad)"
RIGHT = "np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
SAVER = "Object.defineProperty(navigator, 'connection', {{ value: {{ {} }} }})"
LOOP = "while True: pass"
PASSED = "zero_pad: all 4 checks passed."
FILTER = "it => getComputedStyle(it).filter"
ANSWERS = ("expected", "got")


with_check = pytest.mark.skipif(
    not (LITE / "first_check.json").exists(),
    reason="The check on the start page was NOT tested: make lite site builds it",
)


@pytest.fixture(scope="module", autouse=True)
def built():
    if not (SITE / "index.html").exists():
        assert not os.environ.get("CI"), "make site comes first"
        pytest.skip("The start page was NOT tested: make site builds it")


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright, offline_chromium(playwright) as browser_and_asked:
        yield browser_and_asked


@pytest.fixture
def start_page(chromium, tmp_path):
    """Return a function that opens the start page; it returns the page and the files sent.

    Errors, missing files and requests to other servers fail at the end.
    """
    browser, asked = chromium
    (tmp_path / "x").symlink_to(SITE)
    sent, contexts, faults = set(), [], []
    asked.clear()
    with served(tmp_path, sent=sent) as address:

        def start_page(width=1300, script="", **settings):
            context = browser.new_context(viewport={"width": width, "height": 844}, **settings)
            context.set_default_timeout(SECONDS * 1000)
            contexts.append(context)
            page = context.new_page()
            page.add_init_script(script)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("response", lambda it: it.status >= 400 and faults.append(it.url))
            page.goto(f"{address}/x/index.html")
            return page, sent

        yield start_page
        for context in contexts:
            context.close()
    assert not faults and not asked


def scrolls(box):
    return box.evaluate(
        "it => it.scrollWidth > it.clientWidth || it.scrollHeight > it.clientHeight"
    )


def field(page):
    return page.get_by_label("Code of zero_pad")


def replace_line(page, new):
    field(page).fill(field(page).input_value().replace(WRONG, new))


def expect_verdict(page, text):
    expect(page.locator(".start-check output")).to_contain_text(text, timeout=SECONDS * 1000)


def button(page, name):
    return page.locator(".start-check").get_by_role("button", name=name, exact=True)


@with_check
@pytest.mark.parametrize(
    ("width", "scheme"), [(1300, "light"), (1300, "dark"), (390, "light"), (390, "dark")]
)
def test_the_check_names_the_mistake_and_passes_once_it_is_fixed(start_page, width, scheme):
    page, _ = start_page(width, color_scheme=scheme)
    picture(page, f"start-{width}-{scheme}")
    passed = page.locator(".start-passed")
    expect(passed).to_be_hidden()
    button(page, "Check").click()
    expect_verdict(page, "Every axis was padded, the batch and the channels included.")
    expect(button(page, "Hint")).to_be_visible()
    drawing = page.get_by_role("img", name=re.compile("X_pad has the wrong shape"))
    expect(drawing).to_be_visible()
    assert drawing.evaluate("it => it.clientWidth / it.viewBox.baseVal.width") > 0.95
    assert (drawing.evaluate(FILTER) == "none") == (scheme == "light")
    top = [drawing.locator(f"[aria-label^={name}]").bounding_box()["y"] for name in ANSWERS]
    assert (top[0] < top[1]) == (width == 390)  # one below the other, all of them in sight
    assert not scrolls(drawing.locator("..")) and not scrolls(field(page))
    assert page.evaluate("document.documentElement.scrollWidth") == width
    severe = [
        (one["id"], node["html"][:200])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    assert severe == []
    picture(page, f"start-wrong-{width}-{scheme}", full_page=True)
    replace_line(page, RIGHT)
    button(page, "Check").click()
    expect_verdict(page, PASSED)
    expect(passed).to_be_visible()
    expect(button(page, "Hint")).to_be_hidden()
    assert not scrolls(field(page))
    expect(page.locator(".start-check figure")).to_be_hidden()
    page.locator(".start-check").scroll_into_view_if_needed()
    picture(page, f"start-right-{width}-{scheme}")


@with_check
def test_the_first_lines_of_a_verdict_scroll_into_view(start_page):
    page, _ = start_page(390, reduced_motion="reduce")
    button(page, "Check").evaluate("it => it.scrollIntoView({ block: 'end' })")
    button(page, "Check").click()
    expect_verdict(page, "Every axis")
    assert page.locator(".start-check output b").first.bounding_box()["y"] < 844 - 150


@with_check
def test_the_keyboard_edits_checks_and_leaves_the_code(start_page):
    page, _ = start_page()
    field(page).focus()
    replace_line(page, "X")
    page.keyboard.press("Control+Enter")
    expect_verdict(page, "0 of 4 checks passed")
    page.keyboard.press("Tab")
    expect(button(page, "Check")).to_be_focused()
    page.keyboard.press("Tab")
    for number in (1, 2, 3, 3):
        page.keyboard.press("Enter")
        expect(page.locator(".start-check p[role=status]")).to_contain_text(f"Hint {number} of 3:")
    page.keyboard.press("Tab")
    expect(button(page, "Start over")).to_be_focused()
    page.keyboard.press("Space")
    expect(field(page)).to_have_value(re.compile(re.escape(WRONG)))
    expect(page.locator(".start-check output")).to_be_empty()


@with_check
@pytest.mark.parametrize("width", [390, 1300])
def test_each_line_has_a_number_beside_it(start_page, width):
    page, _ = start_page(width)
    replace_line(page, RIGHT)  # which wraps on a phone
    field(page).press("Control+End")
    field(page).press("Enter")
    page.keyboard.insert_text("# a")
    lines = page.locator(".start-code > div > div")
    assert [it.rstrip("\u200b") for it in lines.all_text_contents()] == (
        field(page).input_value().split("\n")
    )
    number = lines.last.evaluate("it => getComputedStyle(it, '::before')")
    assert number["visibility"] == "visible" and number["content"] == "counter(line)"
    assert lines.evaluate_all("all => new Set(all.map((it) => it.offsetHeight)).size") == (
        2 if width == 390 else 1
    )
    boxes = page.locator(".start-code > *").evaluate_all(
        "all => all.map((it) => JSON.stringify(it.getBoundingClientRect()))"
    )
    assert boxes[0] == boxes[1] and not scrolls(field(page))


@with_check
def test_a_new_line_is_indented_and_a_reload_keeps_that_the_code_passed(start_page):
    page, _ = start_page()
    passed = page.locator(".start-passed")
    field(page).fill("def zero_pad(X, pad):")
    for line in ("X = np.array(X)", f"return {RIGHT}"):
        field(page).press("Enter")
        page.keyboard.insert_text(line)
    field(page).evaluate("it => it.setSelectionRange(0, 0)")
    page.keyboard.insert_text("import numpy as np")
    field(page).press("Enter")
    indented = f"import numpy as np\ndef zero_pad(X, pad):\n    X = np.array(X)\n    return {RIGHT}"
    assert field(page).input_value() == indented
    button(page, "Check").click()
    expect_verdict(page, PASSED)
    page.reload()
    expect(passed).to_be_visible()
    field(page).press("End")
    page.keyboard.insert_text(" ")
    page.reload()
    expect(passed).to_be_hidden()


@with_check
def test_an_endless_loop_is_stopped_by_hand_or_after_the_time_limit(start_page):
    page, _ = start_page()
    page.clock.install()
    replace_line(page, f"X\n    {LOOP}")
    for stop, said in (
        (lambda: button(page, "Stop").click(), "Stopped."),
        (lambda: page.clock.fast_forward("00:21"), "Stopped after 20 seconds. Is there a loop"),
    ):
        button(page, "Check").click()
        expect_verdict(page, "Checking ...")
        stop()
        expect_verdict(page, said)
    field(page).fill(field(page).input_value().replace(LOOP, "").replace("= X", f"= {RIGHT}"))
    button(page, "Check").click()
    expect_verdict(page, PASSED)


def python(sent):
    return [path for path in sent if LITE.name in path.parts]


@with_check
def test_python_is_loaded_when_the_check_is_near_in_as_many_bytes_as_stated(start_page):
    page, sent = start_page(390)
    page.wait_for_load_state("networkidle")
    assert not python(sent)
    page.locator("#what-you-build").scroll_into_view_if_needed()
    field(page).click()
    button(page, "Check").click()
    expect_verdict(page, "Every axis")
    stated = json.loads((LITE / "first_check.json").read_bytes())["page"]
    assert sum(whole(path).stat().st_size for path in python(sent)) == stated < 11_500_000
    expect(page.get_by_text("MB on the first visit")).to_have_count(0)


@with_check
def test_the_bytes_loaded_are_shown_until_python_is_ready(start_page):
    page, _ = start_page(script=SAVER.format("saveData: true"))
    to_load, bar = page.get_by_text("The first check loads Python"), page.get_by_role("progressbar")
    expect(to_load).to_be_visible()
    held = []
    page.context.route("**/check-*.tar", lambda route: held.append(route))
    button(page, "Check").click()
    expect(bar).to_have_accessible_name(re.compile(r"^Loading Python, \d+ MB$"))
    while not held:
        page.wait_for_timeout(100)
    page.wait_for_function("0.5 < document.querySelector('progress').position")
    expect(to_load).to_be_hidden()
    assert bar.evaluate("it => it.position") < 1
    held[0].continue_()
    expect_verdict(page, "Every axis")
    expect(bar).to_be_hidden()
    expect(to_load).to_be_hidden()


@with_check
def test_typed_code_survives_a_reload_until_the_reader_starts_over(start_page):
    page, _ = start_page()
    expect(button(page, "Start over")).to_be_hidden()
    replace_line(page, "X + 1")
    page.reload()
    expect(field(page)).to_have_value(re.compile(re.escape("X_pad = X + 1")))
    button(page, "Start over").click()
    page.reload()
    expect(field(page)).to_have_value(re.compile(re.escape(WRONG)))
    expect(button(page, "Start over")).to_be_hidden()


@with_check
def test_after_a_reload_python_starts_at_once(start_page):
    page, _ = start_page(script=SAVER.format("saveData: true"))
    to_load = page.get_by_text("The first check loads Python")
    expect(to_load).to_be_visible()
    button(page, "Check").click()
    expect_verdict(page, "Every axis")
    page.reload()
    expect(to_load).to_be_hidden()
    expect(page.get_by_text("Starting Python")).to_be_hidden(timeout=SECONDS * 1000)
    button(page, "Check").click()
    expect_verdict(page, "Every axis")


@with_check
@pytest.mark.parametrize("connection", ["saveData: true", 'effectiveType: "3g"'])
def test_a_saver_of_data_loads_python_only_with_a_click(start_page, connection):
    page, sent = start_page(script=SAVER.format(connection))
    page.locator(".start-check").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert not python(sent)
    button(page, "Check").click()
    expect_verdict(page, "Every axis")


@with_check
def test_without_a_network_the_check_says_so_and_can_be_repeated(start_page):
    page, _ = start_page(script=SAVER.format("saveData: true"))
    with without(page, "**/lite_check.mjs"):
        button(page, "Check").click()
        expect_verdict(page, "Python did not start.")
    with without(page, "**/pyodide.asm.mjs"):
        button(page, "Check").click()
        expect_verdict(page, "Python did not start.")
    button(page, "Check").click()
    expect_verdict(page, "Every axis")


@contextmanager
def without(page, pattern):
    page.context.route(pattern, lambda route: route.abort())
    yield
    page.context.unroute(pattern)


def expect_code_and_link(page):
    expect(page.locator(".start-check form")).to_have_count(0)
    expect(page.locator(".start-check > pre")).to_contain_text("def zero_pad")
    expect(page.locator(".start-check").get_by_role("link")).to_be_visible()


def test_without_scripts_or_webassembly_the_code_and_a_link_stand_there(start_page):
    expect_code_and_link(start_page(java_script_enabled=False)[0])
    expect_code_and_link(start_page(script="delete window.WebAssembly")[0])


def test_without_jupyterlite_or_a_server_the_code_and_a_link_stand_there(chromium, tmp_path):
    page = chromium[0].new_page()
    page.goto((SITE / "index.html").as_uri())
    expect_code_and_link(page)
    text = re.sub('data-worker="[^"]+"', 'data-worker=""', (SITE / "index.html").read_text())
    (tmp_path / "index.html").write_text(text)
    with served(SITE, instead=tmp_path) as address:
        page.goto(f"{address}/index.html")
        expect_code_and_link(page)
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1300])
def test_the_first_screen_says_what_the_course_comprises(start_page, width):
    page, _ = start_page(width)
    scope = page.locator(".start-scope")
    expect(scope).to_have_text(re.compile(r"\d+ lessons \(about \d+ hours\) and ten graded assign"))
    expect(scope).to_be_in_viewport(ratio=1)
    assert "step\N{NO-BREAK SPACE}by\N{NO-BREAK SPACE}step" in page.locator("h1").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_kernel_has_the_colors_of_the_theme(start_page, scheme):
    page, _ = start_page(color_scheme=scheme)
    kernel = page.locator(".start-kernel")
    parts = "[data-signed] canvas", "[aria-label^=Products]", "figure:not([data-signed]) canvas"
    filters = [kernel.locator(part).first.evaluate(FILTER) for part in parts]
    assert [one == "none" for one in filters] == [scheme == "light", scheme == "light", True]
    weight = page.get_by_label("Weight in row 0, column 0")
    expect(weight).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    page.get_by_role("button", name="blur").click()  # gray, as the input
    expect(kernel.locator("[data-signed]")).to_have_count(0)


def test_the_description_for_search_engines_is_the_first_sentence(start_page):
    page, _ = start_page()
    description = page.locator("meta[name=description]").get_attribute("content")
    assert description == page.locator(".start-lead").inner_text()


def test_the_kernel_follows_presets_weights_and_arrow_keys(start_page):
    page, _ = start_page()
    output = page.get_by_role("application", name=re.compile("^The output"))
    page.get_by_role("button", name="blur").click()
    weight = page.get_by_label("Weight in row 0, column 0")
    expect(weight).to_have_value("0.1111")
    before = output.get_attribute("aria-label")
    weight.fill("1")
    assert output.get_attribute("aria-label") != before
    value = page.locator(".start-kernel p[role=status]")
    shown = value.inner_text()
    weight.fill("abc")
    expect(page.get_by_text('"abc" is not a number, so the weight stays 1.')).to_be_visible()
    expect(value).to_have_text(shown)
    output.press("ArrowDown")
    expect(value).not_to_have_text(shown)


@with_check
def test_on_paper_there_is_the_code_and_no_button(start_page):
    page, _ = start_page()
    page.emulate_media(media="print")
    expect(field(page)).to_be_visible()
    expect(page.locator(".start-check").get_by_role("button")).to_have_count(0)
    expect(page.locator(".lesson-explorable-still img")).to_be_visible()


@with_check
def test_the_notebook_opens_at_the_exercise_with_the_typed_code_unless_it_is_written(start_page):
    page, _ = start_page()
    replace_line(page, RIGHT)
    held = []
    page.route("**/notebooks/bundle.js*", lambda route: held.append(route))
    page.get_by_role("link", name="Open this exercise in its notebook").click()
    loading = page.get_by_role("status").filter(has_text="Loading the notebook ...")
    expect(loading).to_contain_text("Convolutional networks, step by step")
    for route in held:
        route.continue_()
    page.unroute("**/notebooks/bundle.js*")
    heading = page.get_by_role("heading", name="Exercise: zero_pad")
    expect(heading).to_be_in_viewport(timeout=SECONDS * 1000)
    expect(loading).to_have_count(0)
    first = page.get_by_role("emphasis").filter(has_text="run all cells above it")
    expect(first).to_be_in_viewport()
    picture(page, "start-notebook")
    written = page.locator(".jp-CodeCell .cm-content").filter(has_text=RIGHT)
    expect(written).to_be_attached()
    page.keyboard.press("Control+s")
    page.wait_for_function(STORED, arg="padding.ipynb")
    page.evaluate("sessionStorage.setItem('convolution-step-by-step', 'def zero_pad(): pass')")
    page.reload()
    expect(heading).to_be_in_viewport(timeout=SECONDS * 1000)
    expect(written).to_be_attached()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Run All Above Selected Cell")).click()
    begun = page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    expect(begun.first).to_be_attached(timeout=SECONDS * 1000)


@with_check
def test_the_page_of_a_notebook_says_that_it_needs_scripts(start_page):
    page, _ = start_page(java_script_enabled=False)
    page.goto(page.url.replace("index.html", "lite/notebooks/index.html"))
    body = page.locator("body")
    expect(body).to_contain_text("requires JavaScript", use_inner_text=True)
    expect(body).not_to_contain_text("Loading", use_inner_text=True)
