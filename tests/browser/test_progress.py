"""The reader's progress on the web site: answers, lessons that are done, and where to continue."""

from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import test_site
from tests.browser.lite import served
from tests.browser.pages import picture
from tests.browser.test_site import PAGES, SETTINGS, SITE, WIDTHS

built, page_of = test_site.built, test_site.page_of  # fixtures

# Answers all questions of a page correctly.
ANSWER = """() => document.querySelectorAll(".prediction").forEach((box) => {
  const { right } = JSON.parse(box.dataset.question);
  box.querySelector("input").value = typeof right === "string" ? right : right.join(" ");
  box.querySelector("form").requestSubmit();
})"""
STORED = "JSON.stringify(localStorage)"
# Runs before the page's own scripts.
EDITED = """addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".prediction");
  box.dataset.question = box.dataset.question.replace("The", "All the");
}, true);"""
REFUSED = """Object.defineProperty(window, "localStorage", {
  get() { throw new Error("The storage is refused."); }
});"""
FULL = """Storage.prototype.setItem = () => {
  throw new Error("The storage is full.");
};"""


def address(name):
    return (SITE / PAGES[name]).as_uri()


def answer(question, typed):
    question.get_by_label("Your answer").fill(typed)
    question.get_by_role("button").click()


def mark(question):
    return question.locator("output").evaluate("it => getComputedStyle(it, '::before').content")


def test_an_answer_survives_a_reload_unless_its_question_has_changed(page_of):
    page = page_of("lesson")
    first, second, third = (page.locator(".prediction").nth(number) for number in range(3))
    answer(first, "3")
    answer(second, "6")
    answer(second, "?")  # the last answer stays, not the question for a hint
    answer(third, "a lot")
    for question, typed, sign, comment in [
        (first, "3", "✓", "Right. The sizes are"),
        (second, "6", "✗", "Not quite. That is the padding of both sides"),
    ]:
        page.reload()
        expect(question.get_by_label("Your answer")).to_have_value(typed)
        expect(question.locator("output")).to_contain_text(comment)
        assert mark(question).startswith(f'"{sign}"')
    expect(third.get_by_label("Your answer")).to_have_value("")
    assert mark(third) == "none"
    expect(page.locator(".progress")).to_contain_text("1 of 6 questions answered correctly.")
    page.add_init_script(EDITED)
    page.reload()
    expect(first.get_by_label("Your answer")).to_have_value("")
    expect(second.get_by_label("Your answer")).to_have_value("6")
    expect(page.locator(".progress")).to_contain_text("0 of 6 questions answered correctly.")


def test_an_answer_is_shown_as_text(page_of):
    page = page_of("lesson")
    question = page.locator('.prediction[data-question*=\'"right": "\']').first
    typed = "<img src=x onerror=alert()>"
    answer(question, typed)
    page.reload()
    expect(question.get_by_label("Your answer")).to_have_value(typed)
    expect(question.locator("output")).to_contain_text("Not quite.")
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_a_lesson_is_done_while_all_its_answers_are_right(page_of):
    page = page_of("lesson")
    page.evaluate(ANSWER)
    expect(page.locator(".progress")).to_contain_text("6 of 6 questions answered correctly.")
    expect(page.get_by_role("link", name="04 Padding (done)", exact=True)).to_be_visible()
    start = page.context.new_page()
    start.goto(address("start"))
    card = start.locator(".gallery").get_by_role("link", name="04 Padding 45 + 25 min (done)")
    expect(card).to_be_visible()
    expect(start.locator(".gallery [data-done]")).to_have_count(1)
    expect(start.locator(".sidebar-tree [data-done]")).to_have_text("04 Padding")
    picture(start, "progress-start")
    expect(start.get_by_text("1 of 34 lessons done.")).to_be_visible()
    syllabus = page.context.new_page()
    syllabus.goto(address("syllabus"))
    expect(syllabus.locator("article [data-done]")).to_have_text("Padding")
    expect(syllabus.get_by_text("1 of 34 lessons done.")).to_be_visible()
    answer(page.locator(".prediction").first, "2")
    expect(page.locator(".progress")).to_contain_text("5 of 6 questions answered correctly.")
    for other in (page, start, syllabus):
        expect(other.locator("[data-done]")).to_have_count(0)


def test_tabs_share_the_answers_but_not_what_is_being_typed(page_of):
    page = page_of("lesson")
    other = page.context.new_page()
    other.goto(page.url)
    first, second = other.locator(".prediction").nth(0), other.locator(".prediction").nth(1)
    second.get_by_label("Your answer").fill("7")
    answer(page.locator(".prediction").nth(0), "3")
    expect(first.get_by_label("Your answer")).to_have_value("3")
    expect(second.get_by_label("Your answer")).to_have_value("7")
    other.bring_to_front()
    answer(second, "3")
    expect(other.locator(".progress")).to_contain_text("2 of 6 questions answered correctly.")
    expect(page.locator(".progress")).to_contain_text("2 of 6 questions answered correctly.")


def test_an_assignment_is_done_while_the_reader_says_so(page_of):
    page = page_of("assignment")
    box = page.get_by_role("checkbox", name="I have completed this assignment.")
    for done in (True, False):
        box.set_checked(done)
        page.reload()
        expect(box).to_be_checked(checked=done)
        expect(page.locator(".sidebar-tree [data-done]")).to_have_text(
            ["Assignment: padding"] * done
        )
        other = page.context.new_page()
        for name, text in (
            ("start", ["1 Padding keeps the size of an image", "padding"]),
            ("syllabus", ["padding", "padding"]),
        ):
            other.goto(address(name))
            expect(other.locator("article [data-done]")).to_have_text(text * done)
        other.close()
    box.check()
    page.get_by_role("button", name="Delete all progress").click()
    expect(box).not_to_be_checked()
    page.get_by_role("button", name="Undo").click()
    expect(box).to_be_checked()


def test_the_site_continues_where_the_reader_was_in_whatever_folder_it_is(browser, tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).symlink_to(SITE)
    with served(tmp_path) as site, closing(browser.new_context()) as context:
        page = context.new_page()
        resume = page.get_by_role("link", name="Continue with 04 Padding")
        main = page.locator(".start .primary:visible")
        page.goto(f"{site}/x/")
        expect(page.locator(".progress")).to_be_hidden()
        expect(main.first).to_have_text("Start lesson 01")
        page.goto(f"{site}/x/{PAGES['lesson']}")
        page.locator("#the-dark-frame").evaluate("it => it.scrollIntoView({behavior: 'instant'})")
        for start in ("x/", "x/index.html", "y/", f"y/{PAGES['syllabus']}"):
            page.goto(f"{site}/{start}")
            place = f"{site}/{start[0]}/{PAGES['lesson']}#the-dark-frame"
            assert resume.evaluate("it => it.href") == place
            if not start.endswith(PAGES["syllabus"]):
                expect(main.first).to_have_text("Continue with 04 Padding")
                expect(page.locator(".start .primary", has_text="Start lesson")).to_have_count(0)
        resume.click()
        expect(page.locator("#the-dark-frame > h2")).to_be_in_viewport()
        page.goto(f"{site}/x/")
        page.get_by_role("button", name="Delete all progress").click()
        expect(main.first).to_have_text("Start lesson 01")
        expect(resume).to_be_hidden()


def test_an_answer_keeps_the_place_of_a_reader_who_scrolls_up_and_leaves(page_of):
    page = page_of("lesson")
    question = page.locator(".prediction").nth(1)
    answer(question, "3")
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    section = question.evaluate("it => it.closest('section').id")
    page.goto(address("start"))
    resume = page.get_by_role("link", name="Continue with 04 Padding")
    assert resume.evaluate("it => it.href") == f"{address('lesson')}#{section}"


def test_only_pages_that_were_read_count_and_a_completed_assignment_leads_on(browser, tmp_path):
    (tmp_path / "x").symlink_to(SITE)
    with served(tmp_path) as site, closing(browser.new_context()) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 1300, "height": 200})
        missing = "course/05_padding.html"
        page.route(f"**/{missing}", lambda it: it.fulfill(path=SITE / "404.html", status=404))
        box = page.get_by_label("I have completed this assignment.")
        for place, scrolled, main in (
            (PAGES["assignment"], 300, "Continue with Assignment: padding"),
            (PAGES["lesson"], 0, "Continue with Assignment: padding"),
            (missing, 100, "Continue with Assignment: padding"),
            (PAGES["assignment"], 0, "Continue with 05 From dense to convolutional layers"),
        ):
            page.goto(f"{site}/x/{place}")
            page.evaluate(f"scrollTo({{top: {scrolled}, behavior: 'instant'}})")
            assert page.evaluate("scrollY") == scrolled
            if place == PAGES["assignment"] and not scrolled:
                box.check()
                page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
            page.goto(f"{site}/x/")
            expect(page.locator(".start .primary:visible").first).to_have_text(main)


def test_one_click_deletes_everything_and_another_one_brings_it_back(page_of):
    page = page_of("lesson")
    progress, fields = page.locator(".progress"), page.locator(".prediction input")
    stored = page.evaluate(STORED)
    expect(progress.get_by_role("button")).to_have_count(0)  # nothing to delete
    page.evaluate(ANSWER)
    answered = page.evaluate(STORED)
    assert answered != stored
    progress.get_by_role("button", name="Delete all progress").click()
    expect(progress.get_by_role("status")).to_have_text("Your progress is deleted.")
    assert page.evaluate(STORED) == stored
    expect(fields.first).to_have_value("")
    expect(page.locator("[data-done], .prediction output:not(:empty)")).to_have_count(0)
    progress.get_by_role("button", name="Undo").click()
    expect(fields.first).to_have_value("3")
    expect(progress.get_by_role("button", name="Delete all progress")).to_be_focused()
    assert page.evaluate(STORED) == answered
    progress.get_by_role("button", name="Delete all progress").press("Enter")
    page.goto(address("start"))
    assert page.evaluate(STORED) == stored  # leaving the page has stored nothing
    expect(progress).to_be_hidden()


def test_a_page_that_the_browser_kept_in_memory_is_brought_up_to_date(page_of):
    page = page_of("lesson")
    page.evaluate(ANSWER)
    page.evaluate("localStorage.clear()")  # as another page does
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".prediction input").first).to_have_value("")
    expect(page.locator(".progress")).to_contain_text("0 of 6 questions answered correctly.")


@pytest.mark.parametrize("script", [REFUSED, FULL], ids=["refused", "full"])
def test_without_storage_questions_work_and_no_progress_is_shown(browser, script):
    with closing(browser.new_context(offline=True)) as context:
        errors = []
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(error.stack))
        page.add_init_script(script)
        for name in ("start", "lesson"):
            page.goto(address(name))
            question = page.locator(".prediction").first
            if question.count():
                answer(question, "3")
                expect(question.locator("output")).to_contain_text("Right.")
                assert mark(question).startswith('"✓"')
            shown = page.locator(".progress:visible, .lessons-done:visible, [data-done]")
            expect(shown).to_have_count(0)
        # The theme reports the refusal when it looks up its own choice of light or dark.
        assert not [error for error in errors if "progress.js" in error or "site.js" in error]


@pytest.mark.parametrize(("width", "scheme"), SETTINGS)
def test_progress_is_accessible_on_screens_and_absent_on_paper(page_of, width, scheme):
    page = page_of("lesson", WIDTHS[width], color_scheme=scheme)
    page.evaluate(ANSWER)
    for name in ("lesson", "start", "syllabus"):
        page.goto(address(name))
        expect(page.locator(".progress")).to_be_visible()
        column = page.locator(".content")
        assert column.evaluate("it => it.scrollWidth - it.clientWidth") <= 0  # it would scroll
        response = Axe().run(page, options={"preload": False}).response
        severe = [
            (violation["id"], [node["html"][:200] for node in violation["nodes"]])
            for violation in response["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
        assert severe == []
        picture(page, f"progress-{name}-{width}-{scheme}")
        page.emulate_media(media="print")
        expect(page.locator(".progress:visible, .lessons-done:visible")).to_have_count(0)
        signs = page.locator("[data-done], output").evaluate_all(
            """all => all.flatMap((it) => ["::before", "::after"].map(
              (part) => getComputedStyle(it, part).content)).filter((it) => /✓|✗/.test(it))"""
        )
        assert signs == []
        page.emulate_media(media="screen")
