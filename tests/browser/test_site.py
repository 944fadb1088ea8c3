"""The web site that `make site` built, opened as files in a browser without a network.

Pictures of the pages go to the folder in the variable PICTURES.
"""

import functools
import os
import re
from contextlib import closing
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from public_tests.course.syllabus import MILESTONES, PATH
from tests.browser.lite import served
from tests.browser.offline import serving
from tests.browser.pages import picture
from tools.course import site_address

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "site"
PAGES = {
    "start": "index.html",
    "syllabus": "course/README.html",
    "lesson": "course/04_padding.html",
    "animation": "course/01_images_and_convolution.html",
    "tabs": "course/16_one_layer_four_libraries.html",
    "more tabs": "course/10_pooling.html",
    "assignment": "release/padding/padding.html",
    "parts": "release/convolution_step_by_step/convolution_step_by_step.html",
    "transfer learning": "course/28_transfer_learning.html",
    "exercises": "exercises/index.html",
    "exercise": "exercises/conv_forward.html",
    "milestones": "course/milestones.html",
    "glossary": "course/glossary.html",
    "notation": "course/notation.html",
    "teach": "docs/teach.html",
    "privacy": "docs/guide/privacy.html",
    "guide": "docs/instructors.html",
    "engine": "nbjudge/README.html",
    "contribute": "CONTRIBUTING.html",
    "reference": "reference/convnet/convnet.layers.html",
    "search": "search.html",
}
WIDTHS = {"desktop": 1300, "phone": 390}
SETTINGS = [("desktop", "light"), ("phone", "dark")]  # schemes change colors, widths the layout

by_name = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module", autouse=True)
def built():
    if not (SITE / "index.html").exists():
        assert not os.environ.get("CI"), "make site comes first"
        pytest.skip("The site was NOT tested: it is not there; make site builds it")


def address_of(name):
    return (SITE / PAGES.get(name, name)).as_uri()


@pytest.fixture
def page_of(browser):
    """Return a function that opens pages; missing files and console errors fail at the end."""
    contexts, requests, errors = [], [], []

    def page_of(name, width=1300, **settings):
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("requestfailed", lambda request: errors.extend(failed(request)))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address_of(name))
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert not [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]
    assert not errors


def failed(request):
    """Return the address of a failed request, unless the reader has left the page."""
    return [] if request.failure == "net::ERR_ABORTED" else [request.url]


@pytest.mark.parametrize(("width", "scheme"), SETTINGS)
@by_name
def test_a_page_is_accessible_and_no_wider_than_the_window(page_of, name, width, scheme):
    page = page_of(name, WIDTHS[width], color_scheme=scheme)
    expect(page.locator("h1")).to_have_count(1)
    picture(page, f"site-{name}-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width]
    # Without preload: axe would request the style sheets, which a page opened as a file may not.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [
        (one["id"], node["html"][:200], node["failureSummary"])
        for one in found
        for node in one["nodes"]
    ] == []


@by_name
def test_a_page_is_dark_where_the_reader_wants_it_even_without_scripts(page_of, name):
    for scripts in (True, False):
        page = page_of(name, color_scheme="dark", java_script_enabled=scripts)
        assert page.locator("body").evaluate(
            "it => getComputedStyle(it).backgroundColor.match(/\\d+/g).every((one) => one < 60)"
        )


@by_name
def test_html_is_parsed_without_an_error(name):
    parser = html5lib.HTMLParser()
    parser.parse((SITE / PAGES[name]).read_text())
    assert [(place, error) for place, error, _ in parser.errors] == []


def test_formulas_are_there_without_scripts_and_in_fonts_of_the_site(page_of):
    for scripts in (True, False):
        page = page_of("notation", java_script_enabled=scripts)
        assert page.locator(".katex").count() > 50
        expect(page.locator(".katex-display").first).to_be_visible()
        assert page.locator(".katex-error").count() == 0
    page = page_of("notation")
    page.wait_for_load_state("load")
    page.wait_for_function(
        "[...document.fonts].some((it) => it.status === 'loaded' && it.family.includes('KaTeX'))"
    )


def test_next_leads_along_the_path_from_the_syllabus_to_the_milestones(page_of):
    page = page_of("syllabus")
    path = [step for step in PATH if step not in MILESTONES]
    for step in [*path, "milestones"]:
        before = page.url
        page.locator("a.next-page").click()
        expect(page).to_have_url(re.compile(rf"/{step}\.html$"))
        back = page.locator("a.prev-page").evaluate("it => it.href")
        assert back == before


def test_a_card_of_the_gallery_has_the_minutes_of_the_syllabus_and_what_is_optional(page_of):
    rows = page_of("syllabus").locator("#the-lessons > div tr:has(a)").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    optional = [", optional" * title.endswith("(optional)") for _, title, *_ in cells]
    cards = page_of("start").locator("#the-lessons .gallery small").all_inner_texts()
    assert cards == [f"{row[2]} min{word}" for row, word in zip(cells, optional, strict=True)]
    assert any(optional)


def test_the_milestones_show_the_whole_path_with_links_to_its_pages(page_of):
    page = page_of("milestones")
    rows = page.locator(".cell_output table").first.locator("tr")
    assert rows.count() == len(PATH)
    page.get_by_role("link", name="Assignment padding").click()
    expect(page.locator("h1")).to_contain_text("Assignment")


AREAS = {
    "Learn": ["start", "syllabus", "lesson", "assignment", "exercise", "milestones", "glossary"],
    "Teach": ["teach", "guide", "docs/checks.html", "docs/sizing.html"],
    "Autograder": ["engine", "nbjudge/SECURITY.html", "nbjudge/docs/lms.html"],
    "Contribute": ["contribute", "docs/contributing/website.html", "CHANGELOG.html", "reference"],
}


@pytest.mark.parametrize("area", AREAS)
def test_a_page_shows_its_area_and_only_the_menu_of_this_area(page_of, area):
    start, *_ = addresses = [address_of(name) for name in AREAS[area]]
    others = {address_of(name) for names in AREAS.values() for name in names}.difference(addresses)
    for name, address in zip(AREAS[area], addresses, strict=True):
        page = page_of(name, 390, java_script_enabled=False)
        bar = page.get_by_role("navigation", name="Areas of the site")
        for other in ("Learn", "Teach", "Autograder"):
            expect(bar.get_by_role("link", name=other)).to_be_in_viewport(ratio=1)
        for marked in page.locator("[aria-current]").all():
            expect(marked).to_have_text(area)
            expect(marked).to_have_attribute("aria-current", "page" if address == start else "true")
            assert marked.evaluate("it => it.href").removesuffix("#") == start
        links = page.locator(".sidebar-tree a").evaluate_all("all => all.map((it) => it.href)")
        menu = {start, *(link.removesuffix("#") for link in links)}
        assert menu >= {*addresses}
        assert not menu & others


def test_the_areas_stay_in_sight_above_the_menu_on_a_wide_screen(page_of):
    page = page_of("guide")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    links = page.get_by_role("complementary", name="Menu").locator(".areas a")
    for name in ("Learn", "Teach", "Autograder"):
        expect(links.get_by_text(name, exact=True)).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_role("navigation", name="Areas of the site")).to_be_hidden()


@pytest.mark.parametrize(
    ("icon", "drawer", "link"),
    [("navigation", ".sidebar-drawer", "Learn"), ("contents", ".toc-drawer", "Recap")],
)
def test_the_keyboard_opens_and_closes_a_drawer_and_does_not_enter_a_closed_one(
    page_of, icon, drawer, link
):
    page = page_of("lesson", 390)
    link = page.locator(drawer).get_by_role("link", name=link, exact=True)
    button = page.get_by_role("button", name=re.compile(f"Toggle .*{icon} sidebar"))
    for opening, closing_key in (("Enter", "Escape"), ("Space", "Space")):
        button.focus()
        expect(link).to_have_count(0)  # Tab would lead to it
        expect(button).to_have_attribute("aria-expanded", "false")
        page.keyboard.press(opening)
        expect(link).to_be_in_viewport()
        expect(button).to_have_attribute("aria-expanded", "true")
        page.keyboard.press(closing_key)
        expect(button).to_be_focused()
    expect(link).to_have_count(0)


def test_a_link_to_a_section_closes_the_contents_of_the_page_on_a_phone(page_of):
    page = page_of("lesson", 390)
    page.locator(".toc-header-icon").click()
    page.locator(".toc-drawer").get_by_role("link", name="Recap").click()
    expect(page.locator(".toc-drawer")).to_be_hidden()
    expect(page.locator(".toc-header-icon .icon")).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#recap > h2")).to_be_in_viewport()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_back_to_top_covers_no_line_on_a_phone(page_of, width):
    page = page_of("lesson", width)
    page.locator("#recap").scroll_into_view_if_needed()
    page.mouse.wheel(0, -100)  # the theme shows the link to a reader who scrolls upwards
    expect(page.locator("html")).to_have_class(re.compile("show-back-to-top"))
    expect(page.locator(".back-to-top")).to_be_visible(visible=width > 390)


@pytest.mark.parametrize("area", AREAS)
def test_next_leads_through_the_menu_of_the_area(area):
    """The addresses are read without a browser: there are hundreds of pages."""
    start, *_ = AREAS[area]
    page = first = SITE / PAGES[start]
    text = first.read_text()
    menu = text.partition('class="sidebar-tree"')[2].partition("</aside>")[0]
    links = re.findall(r'<a class="[^"]*reference internal" href="([^"]+)"', menu)
    assert 'class="prev-page"' not in text
    walk = []
    while link := re.search(r'<a class="next-page" href="([^"]+)"', text):
        page = (page.parent / link[1]).resolve()
        walk.append(page)
        text = page.read_text()
    assert walk == [(first.parent / link).resolve() for link in links if link != "#"]
    assert len(walk) > 5


FOLDER = urlsplit(site_address(ROOT)).path


@pytest.fixture(params=[FOLDER, "/", "/x/"])
def below_a_folder(request):
    """Serve the site as GitHub Pages does: below a folder, and 404.html for missing files."""

    class Pages(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def translate_path(self, path):
            inside = path.removeprefix(request.param)
            return super().translate_path("missing" if inside == path else inside)

        def send_error(self, code, message=None, explain=None):
            page = (SITE / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(page)

    with serving(functools.partial(Pages, directory=SITE)) as address:
        yield address + request.param


@pytest.mark.parametrize("missing", ["x.html", "course/01_old_name.html", "a/b/c/", "/a.example/b"])
def test_a_missing_page_below_a_folder_is_styled_and_its_links_lead_to_pages(
    browser, below_a_folder, missing
):
    with closing(browser.new_page()) as page:
        failed = []
        page.on("response", lambda one: failed.append(one.url) if one.status != 200 else None)
        page.goto(below_a_folder + missing)
        expect(page.locator("h1")).to_have_text("There is no such page")
        styles = page.locator("link[rel=stylesheet]").evaluate_all(
            "all => all.map(it => it.sheet.href)"
        )
        assert styles
        assert [
            style for style in styles if not style.startswith(f"{below_a_folder}_static/")
        ] == []
        if below_a_folder.endswith(FOLDER):  # elsewhere, the browser may try this folder, too
            assert failed == [below_a_folder + missing]
        assert page.locator(".areas").last.evaluate("it => getComputedStyle(it).display") == "flex"
        expect(page.locator(".sidebar-tree").get_by_role("link", name="Glossary")).to_be_visible()
        links = page.locator("a[href]:not([href^='#'])").evaluate_all("all => all.map(a => a.href)")
        ours = [link for link in links if link.startswith(below_a_folder)]
        assert len(ours) >= 6
        assert [link for link in ours if page.request.get(link).status != 200] == []
        page.get_by_role("link", name="syllabus", exact=True).click()
        expect(page).to_have_url(f"{below_a_folder}course/README.html")


@by_name
def test_the_image_of_a_preview_is_the_lessons_own_with_the_address_of_the_site(page_of, name):
    image = page_of(name).locator("meta[property='og:image']").get_attribute("content")
    assert image.startswith(site_address(ROOT))
    assert (SITE / image.removeprefix(site_address(ROOT))).is_file()
    lesson = re.fullmatch(r"course/(\d\d_.+)\.html", PAGES[name])
    assert image.endswith(f"/pictures/{lesson[1]}.jpg" if lesson else "/_images/edges.jpg")


def test_a_lesson_has_its_buttons_and_what_is_downloaded_is_the_notebook(browser):
    # A browser may display the text of a file instead of downloading it.
    with served(SITE) as address, closing(browser.new_page()) as page:
        page.goto(f"{address}/{PAGES['lesson']}")
        assert_buttons(page)


def assert_buttons(page):
    colab = page.get_by_role("link", name="Open in Colab")
    address = colab.get_attribute("href")
    assert address.startswith("https://colab.research.google.com/github/")
    assert address.endswith("/course/04_padding.ipynb")
    text = (SITE.parents[2] / "course" / "04_padding.py").read_text(encoding="utf-8")
    (time,) = re.findall(r"\*\*Time:\*\* about (\d+ minutes, and \d+ for the exercises\.)", text)
    expect(page.get_by_text(f"Lesson 04. {time}")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    notebook = SITE.parents[2] / "course" / "04_padding.ipynb"
    assert Path(download.value.path()).read_bytes() == notebook.read_bytes()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_an_animation_plays_on_the_page(page_of, width):
    page = page_of("animation", width, device_scale_factor=2)
    player = page.locator(".lesson-player").first
    label = player.get_by_role("status")
    expect(label).to_have_text(re.compile("^step 1 of"))
    player.get_by_role("button", name="Next step").click()
    expect(label).to_have_text(re.compile("^step 2 of"))
    canvas = player.get_by_role("img")
    shown, drawn = canvas.evaluate("it => [it.clientWidth, it.width]")
    assert drawn >= 2 * shown  # sharp
    player.scroll_into_view_if_needed()
    picture(page, f"site-player-{width}")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_an_address_with_a_section_leads_there_while_figures_grow_until_the_reader_moves(
    page_of, width
):
    page = page_of("animation", width)
    page.goto("about:blank")
    page.goto(f"{address_of('animation')}#the-update-rule")
    expect(page.locator(".lesson-player-ready").first).to_be_attached()
    heading = page.locator("#the-update-rule")
    gap = heading.evaluate("it => parseFloat(getComputedStyle(it).scrollMarginTop)")
    top = "it => it.getBoundingClientRect().top"
    assert heading.evaluate(top) == pytest.approx(gap, abs=2)
    grow = "document.querySelector('h1').style.height = '{}px'"
    frames = "new Promise((end) => requestAnimationFrame(() => requestAnimationFrame(end)))"
    page.evaluate("document.documentElement.style.overflowAnchor = 'none'")  # as in Safari
    page.evaluate(grow.format(500))
    page.evaluate(frames)
    assert heading.evaluate(top) == pytest.approx(gap, abs=2)
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY > 0")
    page.evaluate(grow.format(900))
    page.evaluate(frames)
    assert abs(heading.evaluate(top) - gap) > 50


def test_an_animation_is_a_strip_of_stills_where_scripts_are_off(page_of):
    page = page_of("animation", java_script_enabled=False)
    strip = page.locator(".lesson-player-strip").first
    expect(strip.get_by_role("img")).to_be_visible()
    assert strip.get_by_role("img").evaluate("it => it.naturalWidth") > 0


def test_the_reference_shows_public_bases_and_a_function_in_its_own_place(page_of):
    page = page_of("reference")
    bases = page.locator("article dd > p:has-text('Bases:')").all_inner_texts()
    assert "Bases: Layer" in bases and not [one for one in bases if "_" in one]
    pooling = page.locator("[id='convnet.layers.MaxPooling2D']")
    expect(pooling).to_have_count(1)
    assert page.locator("[id='convnet.layers.MaxPooling2D.function']").count() == 0


def test_images_have_words_and_are_there(page_of):
    page = page_of("lesson")
    images = page.locator("article img")
    assert images.count() > 3
    for image in images.all():
        assert image.get_attribute("alt")
        assert image.evaluate("it => it.naturalWidth") > 0


def test_a_wide_figure_scrolls_in_its_own_box_on_a_phone(page_of):
    page = page_of("assignment", 390)
    seen = "[...document.querySelectorAll('.cell_output div')].filter((it) => it.checkVisibility())"
    wide = f"{seen}.filter((it) => it.scrollWidth > it.clientWidth)"
    reached = f"{wide}.every((it) => it.tabIndex === 0)"  # reachable by keyboard
    unfolded = page.evaluate(f"{wide}.length")
    page.wait_for_function(reached)
    expect(page.locator("[data-player]:not(.lesson-player-ready)")).to_have_count(0)
    page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
    page.wait_for_function(reached)
    assert 0 < unfolded < page.evaluate(f"{wide}.length")


def test_what_a_prediction_asks_is_folded_and_opens(page_of):
    page = page_of("lesson", java_script_enabled=False)
    answer = page.locator("details:has(> summary:text-is('Answer'))").first
    assert answer.get_attribute("open") is None
    answer.locator("summary").click()
    assert answer.get_attribute("open") is not None
    assert "No answer yet" not in page.locator("article").inner_text()


def test_two_questions_of_a_cell_have_one_fold_and_each_its_comment(page_of):
    page = page_of("transfer learning")
    cells = page.locator(".cell", has=page.locator(".prediction")).all()
    two = [cell for cell in cells if cell.locator(".prediction").count() == 2]
    assert two
    for one in two:
        expect(one.locator("details")).to_have_count(0)
        for number in (1, 2):
            answer = one.get_by_label(f"Your answer {number}")
            answer.fill("?")
            answer.press("Enter")
            expect(one.locator("output").nth(number - 1)).to_contain_text("Hint: ")


def test_code_in_a_comment_on_an_answer_is_set_as_code(page_of):
    question = page_of("transfer learning").locator(".prediction[data-question*='eval()']").first
    question.get_by_label("Your answer").fill("b")
    question.get_by_label("Your answer").press("Enter")
    comment = question.locator("output")
    assert "eval()" in comment.locator("code").all_inner_texts()
    assert "only eval() stops their update" in comment.inner_text()


def test_a_question_comments_on_an_answer_by_keyboard(page_of):
    page = page_of("lesson", java_script_enabled=True)
    one, several = (
        page.locator(f".prediction[data-question*='{text}']")
        for text in ("28 + 2 * 3 - 7 + 1", "A single number pads every axis")
    )
    right = "Right. A single number pads every axis, also those for the examples and the channels."
    for question, typed, said in [
        (one, "", "Type your answer first, or ? for a hint."),
        (one, "6", "Not quite. That is the padding of both sides together."),
        (one, "a lot", "Type a number, or several numbers separated by blanks or commas."),
        (
            one,
            "?",
            "Hint: There are n + 2p - f + 1 positions. Which p makes this n? "
            "For the answer, ask again with ?.",
        ),
        (one, "? ", "The answer is 3. 28 + 2 * 3 - 7 + 1 = 28."),
        (one, "3", "Right. 28 + 2 * 3 - 7 + 1 = 28."),
        (several, "(6, 5, 5, 2)", "Not quite. Three of the four axes are right."),
        (several, "6 5 5 2", "Not quite. Three of the four axes are right."),
        (several, "6 x 5 x 5 x 4", right),
        (several, "6,5,5,4", right),
    ]:
        field = question.get_by_label("Your answer")
        field.fill(typed)
        field.press("Enter")
        expect(question.locator("output")).to_have_text(said)
    picture(page, "site-question")


# Types all known answers, and returns those with an unexpected comment.
UNEXPECTED = """() => [...document.querySelectorAll(".prediction")].flatMap((box) => {
  const question = JSON.parse(box.dataset.question);
  const typed = (value) => (typeof value === "string" ? value : value.join(" "));
  const expected = [[typed(question.right), `Right. ${question.why}`]];
  for (const [value, text] of question.wrong) expected.push([typed(value), `Not quite. ${text}`]);
  return expected.map(([value, text]) => {
    box.querySelector("input").value = value;
    box.querySelector("form").requestSubmit();
    const said = box.querySelector("output").textContent;
    return said === text.replaceAll("`", "") ? null : [value, text, said];
  }).filter((one) => one);
})"""


def test_every_question_comments_on_the_answers_that_it_knows(page_of):
    page = page_of("syllabus", java_script_enabled=True)
    links = page.locator("article table a[href$='.html']").evaluate_all(
        "all => all.map(a => a.href)"
    )
    lessons = sorted({link for link in links if re.search(r"/\d\d_\w+\.html$", link)})
    questions = 0
    for lesson in lessons:
        page.goto(lesson)
        assert page.evaluate(UNEXPECTED) == [], lesson
        questions += page.locator(".prediction form").count()
    sources = [path.read_text(encoding="utf-8") for path in ROOT.glob("course/[0-9]*.py")]
    assert len(lessons) == len(sources)
    assert questions == len(re.findall(r"^predict\(", "\n".join(sources), re.MULTILINE))


def test_frameworks_are_tabs_that_are_remembered_on_the_next_page(browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((SITE / PAGES["tabs"]).as_uri())
    torch = page.locator(".sd-tab-label", has_text="PyTorch")
    assert torch.count() >= 2
    chosen = page.locator(".sd-tab-set input:checked + label")
    assert set(chosen.all_inner_texts()) == {"Keras"}
    torch.first.click()
    assert set(chosen.all_inner_texts()) == {"PyTorch"}
    expect(page.locator(".sd-tab-content:visible").first).to_contain_text("torch")
    page.goto((SITE / PAGES["more tabs"]).as_uri())
    expect(page.locator(".sd-tab-set input:checked + label").first).to_have_text("PyTorch")
    context.close()


def test_tabs_work_without_scripts(page_of):
    page = page_of("tabs", java_script_enabled=False)
    page.locator(".sd-tab-label", has_text="PyTorch").first.click()
    expect(page.locator(".sd-tab-content:visible").first).to_contain_text("torch")


def test_search_finds_a_lesson(browser):
    # Search cannot read pages opened as files for summaries, but it lists the results.
    page = browser.new_context(offline=True).new_page()
    page.goto((SITE / PAGES["start"]).as_uri())
    page.get_by_role("textbox", name="Search").fill("receptive field")
    page.keyboard.press("Enter")
    # Results appear one after another.
    lesson = page.locator("#search-results li a[href*=receptive-field]")
    expect(lesson.first).to_be_visible(timeout=30_000)
    page.context.close()


FOUND_FIRST = {
    "stride": "course/01_images_and_convolution",
    "padding": "course/04_padding",
    "pooling": "course/10_pooling",
    "ReLU": "course/11_activations",
    "softmax": "course/12_losses",
    "backpropagation": "course/13_backpropagation",
    "batch normalization": "course/17_batch_normalization",
    "batchnorm": "course/17_batch_normalization",
    "receptive field": "course/09_receptive_fields",
    "transposed convolution": "course/24_transposed_convolution",
    "glossary": "course/glossary",
    "install": "docs/install",
    "export grades": "docs/guide/return",
    "Canvas": "nbjudge/docs/lms",
    "Moodle": "nbjudge/docs/lms",
    "regrade": "docs/guide/return",
    # Terms, where the lesson introduces them.
    "kernel": "course/01_images_and_convolution",
    "tensor": "course/07_convolution_layer_in_libraries",
    "flatten": "course/05_why_convolution",
    "logits": "course/12_losses",
    "gradient checking": "course/13_backpropagation",
    "learning rate": "course/14_training",
    "epoch": "course/14_training",
    "optimizer": "course/14_training",
    "momentum": "course/14_training",
    "data augmentation": "course/15_overfitting",
    "dropout": "course/15_overfitting",
    "skip connection": "course/19_residual_networks",
    "IoU": "course/25_segmentation",
    "Grad-CAM": "course/27_explaining_predictions",
    "saliency": "course/27_explaining_predictions",
    "attention": "course/29_after_2020",
    "ResNet": "course/19_residual_networks",
    # Words of instructors, wherever they search.
    "cheating": "docs/teach",
    "plagiarism": "docs/teach",
    "solutions": "docs/teach",
    "license": "docs/teach",
    "privacy": "docs/teach",
    "GDPR": "docs/teach",
    "accessibility": "docs/teach",
    "cite": "docs/teach",
    "FERPA": "docs/guide/privacy",
    "partial credit": "docs/guide/points",
    "points per check": "docs/guide/points",
    "change points": "docs/guide/points",
    "AI": "docs/teach",
    "ChatGPT": "docs/teach",
    "Colab": "docs/install",
    "np.pad": "course/04_padding",
    "gradescope": "nbjudge/docs/gradescope",
    # Words that are in no title together.
    "pytorch conv2d": "course/07_convolution_layer_in_libraries",
    "stride formula": "course/08_output_sizes",
    "padding keras": "course/04_padding",
    "dead relu": "course/11_activations",
    # Misspelled terms.
    "pading": "course/04_padding",  # codespell:ignore
    "convollution": "course/01_images_and_convolution",
    "sofmtax": "course/12_losses",
    "recaptive field": "course/09_receptive_fields",
}
# The beginning of the first page's address, by the reader's area.
IN_AREA = {
    ("dates", "Teach"): "docs/guide/dates",
    ("dates", "Autograder"): "nbjudge/docs/dates",
    ("report", "Teach"): "docs/guide/report",
    ("report", "Autograder"): "nbjudge/docs/report",
    ("cluster", "Teach"): "docs/cluster",
    ("cluster", "Autograder"): "nbjudge/docs/cluster",
    ("docker", "Learn"): "docs/install",
    ("docker", "Teach"): "docs/",
    ("docker", "Autograder"): "nbjudge/",
    ("fork", "Teach"): "docs/",
    ("fork", "Contribute"): "docs/contributing/",
    ("hint", "Learn"): "exercises/",
    ("hint", "Autograder"): "nbjudge/docs/feedback",
    ("cheating", "Learn"): "docs/teach",
    ("regrade", "Autograder"): "nbjudge/docs/feedback",
    ("weights", "Learn"): "course/",
    ("weights", "Teach"): "docs/guide/points",
    ("kernel", "Autograder"): "course/01_images_and_convolution",
}


def found(page, words, area=""):
    """Return the pages that a search finds, without the parts of their addresses they share."""
    query = urlencode({"q": words, "area": area})
    page.goto(f"{(SITE / PAGES['search']).as_uri()}?{query}")
    expect(page.get_by_text("Search finished")).to_be_visible(timeout=30_000)
    links = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    return [re.sub(r"^.*/site/|\.html.*$", "", link) for link in links]


def test_search_finds_first_what_a_person_wants_and_the_reference_last(browser):
    page = browser.new_context(offline=True).new_page()
    for words, wanted in FOUND_FIRST.items():
        pages = found(page, words)
        assert pages[0] == wanted, words
        last = [place.startswith("reference/") for place in pages]
        assert last == sorted(last), words
        # The reference is found by its names alone.
        expect(page.locator(".kind-text a[href^='reference/']")).to_have_count(0)
    page.context.close()


def test_search_lists_the_assignment_after_the_lesson_and_other_lessons_by_number(browser):
    page = browser.new_context(offline=True).new_page()
    pages = found(page, "padding")
    assert pages[1] == "release/padding/padding"
    links = page.locator("#search-results li > a")
    scores = links.evaluate_all("all => all.map((it) => Math.ceil(it.dataset.score))")
    lessons = [it for it in zip(scores, pages, strict=True) if re.match(r"course/\d", it[1])]
    assert len(lessons) > 10
    assert lessons == sorted(lessons, key=lambda it: (-it[0], it[1]))
    for title, place in zip(links.all_inner_texts(), pages, strict=True):
        number = re.match(r"course/(\d\d)_", place)
        assert title.startswith(f"{number[1]} " if number else "") and (number or title[0] != "0")
    expect(page.locator("article").get_by_role("heading")).to_have_text(["Search"])
    page.context.close()


def test_search_reports_a_correction_and_invents_none(browser):
    page = browser.new_context(offline=True).new_page()
    found(page, "Paddng")
    expect(
        page.get_by_text('Nothing matches "Paddng". These are results for "padding".')
    ).to_be_visible()
    page.goto(f"{address_of('search')}?q=xyzzy")
    expect(page.get_by_text("did not match any documents")).to_be_visible()
    expect(page.get_by_text("Nothing matches")).to_have_count(0)
    page.context.close()


def test_search_prefers_the_area_that_the_reader_is_in(browser):
    page = browser.new_context(offline=True).new_page()
    for (words, area), wanted in IN_AREA.items():
        assert found(page, words, area)[0].startswith(wanted), (words, area)
    page.context.close()


def test_a_search_stays_in_the_area_where_it_began(browser):
    with served(SITE) as address, closing(browser.new_page()) as page:
        page.goto(f"{address}/{PAGES['guide']}")
        for words in ("dates", "report"):
            field = page.get_by_role("textbox", name="Search")
            field.fill(words)
            field.press("Enter")
            expect(page).to_have_url(re.compile(rf"q={words}&area=Teach"))
            expect(page.locator("[aria-current]")).to_have_text(["Teach", "Teach"])
            menu = page.locator(".sidebar-tree")
            expect(menu.get_by_role("link", name="Collect submissions")).to_be_visible()
            expect(menu.get_by_role("link", name="Glossary")).to_have_count(0)
            # The page's script writes the words into the field before it searches.
            expect(page.locator("ul.search a").first).to_be_visible()


def test_search_lists_each_section_once_with_a_summary_that_reads_as_prose(browser):
    with served(SITE) as address, closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{address}/{PAGES['search']}?q=stride")
        expect(page.get_by_text("Search finished")).to_be_visible(timeout=30_000)
        results = page.locator("#search-results li:not([class*=reference])")
        first = [results.nth(number) for number in range(10)]
        for result in first:
            expect(result.locator("p.context")).not_to_be_empty(timeout=30_000)
        assert "The step size is the stride s. With stride 2" in first[0].inner_text()
        left_out = re.compile(r"Open in Colab|your browser downloads|np\.zeros\(")
        assert not [one for one in first if left_out.search(one.inner_text())]
        titles = page.locator("#search-results li > a").all_inner_texts()
        places = page.locator("#search-results li > a").evaluate_all(
            "all => all.map((link) => link.pathname)"
        )
        assert len(set(zip(places, titles, strict=True))) == len(titles)


@pytest.mark.parametrize("width", [1200, 1280, 1440])
def test_text_code_and_cards_share_their_edges_beside_the_contents_of_the_page(page_of, width):
    edges = """all => all.map((it) => it.getBoundingClientRect())
      .map(({ left, right }) => `${Math.round(left)} to ${Math.round(right)}`)"""
    page = page_of("lesson", width)
    assert len(set(page.locator("section > p, section > div.cell").evaluate_all(edges))) == 1
    contents = page.locator(".toc-drawer").bounding_box()
    assert contents["x"] + contents["width"] <= width
    start = page_of("start", width)
    left, right = start.locator("article").evaluate(
        "it => [it.getBoundingClientRect().left, it.getBoundingClientRect().right]"
    )
    cards = [card.bounding_box() for card in start.locator(".sd-card").all()]
    assert min(card["x"] for card in cards) == pytest.approx(left, abs=1)
    assert max(card["x"] + card["width"] for card in cards) == pytest.approx(right, abs=1)


def test_figures_are_dark_on_a_dark_page_and_light_on_paper(page_of):
    for scheme in ("light", "dark"):
        page = page_of("lesson", color_scheme=scheme)
        other = "light" if scheme == "dark" else "dark"
        expect(page.locator(f".lesson-{scheme} img").first).to_be_visible()
        expect(page.locator(f".lesson-{other} img:visible")).to_have_count(0)
    page.emulate_media(media="print")
    expect(page.locator(".lesson-dark img:visible")).to_have_count(0)
    expect(page.locator(".lesson-light img").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["lesson", "exercise", "syllabus"])
def test_what_scrolls_sideways_has_a_shadow_where_it_goes_on(page_of, name, scheme):
    """The right edge is darker or lighter while there is more to scroll, but not at the end.

    The window is narrower than phones, so that tables scroll in every font.
    """
    page = page_of(name, 200, color_scheme=scheme, java_script_enabled=True)
    boxes = page.locator(".exercise-figure, .table-wrapper, .cell_output div[style*=overflow-x]")
    wide = [
        box for box in boxes.all() if box.evaluate("it => it.scrollWidth > it.clientWidth + 40")
    ]
    assert wide
    for left in ("0", "it.scrollWidth"):
        wide[0].evaluate(f"it => {{ it.scrollLeft = {left}; }}")
        backgrounds = wide[0].evaluate("it => getComputedStyle(it).backgroundAttachment")
        assert backgrounds.startswith("local, local, scroll, scroll")
    others = [box for box in boxes.all() if box.evaluate("it => it.scrollWidth <= it.clientWidth")]
    for box in others:
        assert box.evaluate("it => getComputedStyle(it).backgroundImage") == "none"
    picture(page, f"site-scrolls-{name}-{scheme}")


def test_a_formula_that_is_wider_than_a_phone_has_a_shadow_and_scrolls(page_of):
    page = page_of("course/03_mathematics_of_convolution.html", 390)
    boxes = page.locator(".katex-display")
    page.wait_for_load_state("load")
    marked = boxes.evaluate_all(
        """all => all.filter((it) => {
          const right = (part) => part.getBoundingClientRect().right;
          return Math.max(...[...it.querySelectorAll(".base")].map(right)) > right(it) + 1;
        }).map((it) => it.hasAttribute("data-scrolls") && it.scrollWidth > it.clientWidth)"""
    )
    assert marked and all(marked)


def test_code_that_is_folded_looks_unlike_an_answer(page_of):
    style = "it => getComputedStyle(it).borderLeftStyle"
    code = page_of("assignment").locator("details.folded-code").first
    assert code.evaluate(style) == "dotted"
    expect(code.locator("summary")).to_have_text("Code of this cell")
    page = page_of("lesson", java_script_enabled=False)
    answer = page.locator("details:has(> summary:text-is('Answer'))").first
    assert answer.evaluate(style) == "solid"


@pytest.mark.parametrize("name", ["exercises", "syllabus"])
def test_a_table_of_the_course_fits_on_a_phone(page_of, name):
    page = page_of(name, 390)
    for table in page.locator(".table-wrapper").all()[:12]:
        assert table.evaluate("it => it.scrollWidth - it.clientWidth") <= 0


@pytest.mark.parametrize("name", ["lesson", "assignment", "exercise"])
def test_paper_has_answers_at_its_end_and_no_buttons(page_of, name):
    page = page_of(name)
    before = page.locator("article").text_content()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    answers = page.locator("article > section:last-child > details")
    assert answers.count() == page.locator(".folded:visible").count() > 0
    assert (
        page.locator(".folded").all_inner_texts() == answers.locator("> summary").all_inner_texts()
    )
    expect(answers.locator("> *:not(summary)").first).to_be_visible()
    kept_closed = ".folded-code, .for-running"
    others = page.locator(f"article details:not({kept_closed})")
    assert others.count() == page.locator("article > section:last-child details").count()
    assert page.locator(f"article details:is({kept_closed}):visible").count() == 0
    expect(page.locator(".buttons:visible")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("article").text_content() == before
    assert page.locator("article details[open]").count() == 0


A4 = 642  # width in pixels, without margins of 20 mm
# True if a line of code is wider than the page.
WRAPS = """it => {
  const { height } = it.getBoundingClientRect();
  it.style.whiteSpace = "pre";
  return it.getBoundingClientRect().height < height - 1;
}"""


@pytest.mark.parametrize("name", ["lesson", "assignment", "transfer learning"])
def test_paper_has_room_for_88_columns_of_code_and_for_answers(page_of, name):
    page = page_of(name, A4)
    page.emulate_media(media="print")
    codes = page.locator("article .cell_input pre:visible")
    short = [one for one in codes.all() if max(map(len, one.inner_text().splitlines())) <= 88]
    assert short and not [one.inner_text() for one in short if one.evaluate(WRAPS)]
    for form in page.locator(".prediction form").all():
        assert form.bounding_box()["height"] > 60
        expect(form.locator(":visible")).to_have_count(0)
    assert page.locator(".prediction form").count() or name == "assignment"


@pytest.mark.parametrize("name", ["lesson", "assignment", "exercise", "glossary", "engine"])
def test_nothing_but_a_picture_is_kept_on_one_sheet(page_of, name):
    """An element that may not be split moves to the next sheet, and leaves a gap on this one."""
    page = page_of(name, 700)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    kept_whole = page.locator("article *").evaluate_all(
        """all => all.filter((it) => {
          const { overflowX, overflowY, breakInside, display } = getComputedStyle(it);
          const shown = overflowX === "visible" && overflowY === "visible";
          const divided = shown && breakInside === "auto";
          const picture = it.closest("img, svg, canvas, tr") || display === "inline";
          return it.clientHeight > 300 && !divided && !picture;
        }).map((it) => it.outerHTML.slice(0, 200))"""
    )
    assert kept_whole == []
    wide = page.locator("article :is(img, svg):visible").evaluate_all(
        """all => all.filter((it) => it.getBoundingClientRect().right > 700)
          .map((it) => it.outerHTML.slice(0, 200))"""
    )
    assert wide == []


def test_on_paper_each_tab_stands_below_its_name(page_of):
    page = page_of("tabs", 700)
    page.emulate_media(media="print")
    places = page.locator(".sd-tab-set").first.evaluate(
        """it => [...it.querySelectorAll(".sd-tab-label, .sd-tab-content")].map(
          (part) => [part.className, part.getBoundingClientRect().top])"""
    )
    assert [name for name, _ in places] == ["sd-tab-label", "sd-tab-content docutils"] * 2
    assert places == sorted(places, key=lambda place: place[1])


def test_a_drawing_can_be_read_on_a_phone_and_scrolls_in_its_own_box(page_of):
    page = page_of("syllabus", 390)
    drawing = page.locator("img[src$='needs.svg']")
    shown, drawn = drawing.evaluate("it => [it.clientWidth, it.naturalWidth]")
    assert 13 * shown / drawn >= 10  # pixels per letter
    page.wait_for_function(
        "document.querySelector('img[src$=\"needs.svg\"]').parentElement.tabIndex === 0"
    )
