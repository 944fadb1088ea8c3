"""The page of `nbjudge report` in a browser: its list of students, one student's page, print."""

import os
import subprocess
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
PATH = os.pathsep.join(map(str, (ROOT / "nbjudge" / "src", ROOT / "nbjudge")))
MAKE = """
import sys
from pathlib import Path
from tests.support.graded_class import GradedClass
root = Path(sys.argv[1])
school = GradedClass.make(root / "school", root / "template")
lost = {"double_test": ["no bias"]}
school.grade("cem", "ps1", mistakes=lost, double_test=1, half_test=3, essay=4)
with school.gradebook() as gradebook:
    gradebook.update_or_create_student("eve", last_name="<script>document.title = 'no'</script>")
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    options = {"env": {**os.environ, "PYTHONPATH": PATH}, "check": True}
    subprocess.run([PYTHON, "-c", MAKE, folder], **options)
    subprocess.run([PYTHON, "-m", "nbjudge", "report"], cwd=folder / "school", **options)
    return (folder / "school" / "report.html").as_uri()


@pytest.fixture
def opened(browser, address):
    """Return a function that opens the page with browser options, and no other address."""
    pages = []

    def open_page(**options):
        page = browser.new_context(**options).new_page()
        page.asked, page.errors = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.errors.append(message.text))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(address)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        assert set(page.asked) == {address}
        assert page.errors == []
        assert page.title() != "no"
        page.context.close()


def names(page):
    return page.locator("#list tbody tr:visible td:first-child").all_inner_texts()


def test_the_list_is_sorted_and_filtered(opened):
    page = opened()
    assert names(page)[0] == "Ann Müller (ann)"
    page.get_by_role("button", name="points").click()
    assert names(page)[-2:] == ["Cem Yılmaz (cem)", "Ann Müller (ann)"]
    page.get_by_role("button", name="points").click()
    assert names(page)[0] == "Ann Müller (ann)"
    page.get_by_label("Find").fill("müll")
    assert names(page) == ["Ann Müller (ann)"]


def test_a_name_opens_one_students_page_which_is_printed_alone(opened):
    page = opened()
    assert page.locator(".student:visible").count() == 0
    page.get_by_role("link", name="Cem Yılmaz").last.click()
    expect(page.locator(".student:visible")).to_have_count(1)
    expect(page.locator(".student:visible")).to_contain_text("double, 1 of 2")
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    assert shown.strip().startswith("Cem Yılmaz (cem)"), shown
    assert "Ann" not in shown
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".student:visible")).to_have_count(0)


def test_print_shows_folded_lists(opened):
    page = opened()
    questions = page.get_by_role("heading", name="Questions", exact=True).first
    expect(questions).to_be_hidden()
    page.emulate_media(media="print")
    expect(questions).to_be_visible()
    expect(page.locator("#numbers")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(opened, scheme):
    page = opened(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert found.violations_count == 0, found.generate_report()


def test_it_says_all_without_scripts(opened):
    page = opened(java_script_enabled=False)
    assert len(names(page)) == 6
    expect(page.get_by_label("Find")).to_be_hidden()
