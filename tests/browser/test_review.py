"""`nbjudge review` in a browser: grading answer after answer by keyboard, then the gradebook."""

import os
import re
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.pages import picture

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
PATH = os.pathsep.join(map(str, (ROOT / "nbjudge" / "src", ROOT / "nbjudge")))
GRADES = """select s.student_id, b.name, g.manual_score, g.needs_manual_grade, c.manual_comment
from grade g join base_cell b on b.id = g.cell_id
join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment s on s.id = n.assignment_id
left join comment c on c.notebook_id = n.id
    and c.cell_id in (select id from base_cell where name = b.name)
where g.manual_score is not null or g.needs_manual_grade order by b.name desc, g.id"""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("courses") / "template"


def run(*arguments, cwd):
    done = subprocess.run([PYTHON, *arguments], cwd=cwd, env=variables(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def variables():
    return {**os.environ, "PYTHONPATH": PATH, "PYTHONUNBUFFERED": "1"}


class Course:
    """A course of tests.support.reviewed in nbjudge, and a running `nbjudge review`."""

    def __init__(self, root):
        self.root = root
        self.start()
        self.address = re.search(r"Open (http://127\.0\.0\.1:\d+/\S+/)", self.line())[1]

    def start(self, *options):
        arguments = [PYTHON, "-m", "nbjudge", "review", "halves", "--no-browser", *options]
        self.process = subprocess.Popen(
            arguments, cwd=self.root, env=self.variables(), stdout=subprocess.PIPE, text=True
        )

    def variables(self):
        return {**variables(), "XDG_STATE_HOME": str(self.root / "state")}

    def line(self):
        return self.process.stdout.readline()

    def end(self):
        """Press Ctrl-C, and return the command's last output."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=60)
        return said

    def gradebook(self, query=GRADES, *values):
        with closing(sqlite3.connect(self.root / "gradebook.db")) as db:
            rows = db.execute(query, values).fetchall()
            db.commit()
        return rows


@pytest.fixture
def course(template, tmp_path):
    run(
        "-m",
        "tests.support.reviewed",
        tmp_path / "course",
        template,
        cwd=ROOT / "nbjudge",
    )
    course = Course(tmp_path / "course")
    yield course
    if course.process.poll() is None:
        course.process.kill()
        course.process.communicate()


class SharedCourse(Course):
    """The course with 22 answers, and a running `nbjudge review` with graders."""

    def __init__(self, root, *options):
        self.root = root
        self.serve("--port", "0", *options)

    def serve(self, *options):
        """Start the command; set `addresses`, the graders' links by name."""
        self.start("--graders", "ana,ben", *options)
        self.addresses = {}
        while len(self.addresses) < 2:
            if found := re.match(r"  (\w+): (http\S+)", self.line()):
                self.addresses[found[1]] = found[2]

    def again(self, *options):
        """Kill the server, and start it again at the same addresses."""
        self.process.kill()
        self.process.communicate()
        port = re.search(r":(\d+)/", self.addresses["ana"])[1]
        self.serve("--port", port, *options)


@pytest.fixture(scope="module")
def class_template(tmp_path_factory):
    return tmp_path_factory.mktemp("classes") / "template"


@pytest.fixture
def shared(class_template, tmp_path):
    """Return a function that starts a review with graders and options."""
    root, courses = tmp_path / "course", []
    arguments = ("-m", "tests.support.reviewed", root, class_template, "class")
    run(*arguments, cwd=ROOT / "nbjudge")

    def start(*options):
        courses.append(SharedCourse(root, *options))
        return courses[-1]

    yield start
    for course in courses:
        course.process.kill()
        course.process.communicate()


@pytest.fixture
def opened(browser, course):
    """Open the page, which must load nothing from other servers and log no error."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(course.address)
    expect(page.locator("#review")).to_be_visible()
    yield page
    assert all(url.startswith((course.address, "data:")) for url in requests)
    assert [error for error in errors if "409" not in error] == []
    page.close()


def status(page, text):
    expect(page.locator("#status")).to_contain_text(text)


def test_keys_lead_from_the_first_answer_to_the_last(opened, course):
    page, keys = opened, opened.keyboard
    expect(page.locator("#progress")).to_have_text("Answer 1 of 6; 6 of 6 waiting")
    expect(page.locator("#answer")).to_contain_text("Twice a half")
    assert page.title() == "Review: halves", "a student's script would have set another one"

    keys.press("Enter")  # there are no points yet
    status(page, "Enter points first: tick a rubric item, or press p and type a number.")
    expect(page.locator("#points")).not_to_be_focused()  # a rubric key would be typed as points
    for wrong in ["4,5", "-1", "1 2", "1e0", "two"]:
        page.locator("#points").fill(wrong)
        page.locator("#status").evaluate("status => (status.textContent = '')")
        keys.press("Enter")
        status(page, "Enter points from 0 to 4 first.")
    page.locator("#points").fill("")
    keys.press("Escape")

    keys.press("1")
    keys.press("2")
    keys.press("3")
    expect(page.locator("#points")).to_have_value("2")
    keys.press("c")
    keys.type("Well said.")
    keys.press("Enter")
    keys.press("Enter")
    keys.type("But why?")
    picture(page, "review")
    keys.press("Control+Enter")
    status(page, "Saved: 2 of 4 points.")
    expect(page.locator("#progress")).to_have_text("Answer 2 of 6; 5 of 6 waiting")
    assert course.gradebook()[0][2:] == (2, 0, "Well said.\n\nBut why?"), "saved at once"

    keys.press("2")
    keys.press("Shift+1")  # "But why?", first in alphabetical order
    keys.press("Enter")
    status(page, "Saved: 1 of 4 points.")

    keys.press("p")
    keys.type("3,5")  # decimal comma of many languages; 35 would be wrong
    keys.press("ArrowLeft")  # moves the cursor, not to another answer
    keys.press("Escape")
    keys.press("j")
    expect(page.locator("#title")).to_have_text("drawing")
    keys.press("k")
    status(page, "not saved yet")
    expect(page.locator("#points")).to_have_value("3,5")
    keys.press("Enter")
    status(page, "Saved: 3.5 of 4 points.")
    expect(page.locator("#progress")).to_have_text("Answer 4 of 6; 3 of 6 waiting")

    # A question without a marking scheme: its rubric is made here, also by keyboard.
    page.locator("#add summary").focus()
    keys.press("Enter")
    keys.press("Tab")
    keys.type("5")
    keys.press("Tab")
    keys.type("Draws it")
    keys.press("Enter")
    status(page, "Added to the rubric of this question.")
    page.locator("#answer-heading").focus()
    keys.press("1")
    keys.press("Enter")
    status(page, "Saved: 5 of 5 points.")
    keys.press("1")
    keys.press("1")
    keys.press("Enter")
    status(page, "Saved: 0 of 5 points.")
    keys.press("1")
    keys.press("Enter")
    expect(page.locator("#done")).to_be_visible()
    expect(page.locator("#progress")).to_have_text("Answer 6 of 6; 0 of 6 waiting")
    expect(page.locator("#feedback-command")).to_have_text("nbjudge autograde halves --feedback")

    entered = [(name, *rest) for _, name, *rest in course.gradebook()]
    assert entered == [
        ("essay", 2, 0, "Well said.\n\nBut why?"),
        ("essay", 1, 0, "But why?"),
        ("essay", 3.5, 0, None),
        ("drawing", 5, 0, None),
        ("drawing", 0, 0, None),
        ("drawing", 5, 0, None),
    ]
    said = course.end()
    assert "halves: graded 6 answers, 0 still waiting." in said
    assert "Next: run `nbjudge autograde halves --feedback`" in said
    assert course.process.returncode == 0
    nothing = run("-m", "nbjudge", "review", "halves", cwd=course.root)
    assert "No answer of halves is waiting for a manual grade." in nothing


def test_points_that_somebody_else_gives_meanwhile_are_shown_and_not_overwritten(opened, course):
    page, keys = opened, opened.keyboard
    first = page.evaluate("state.answer.id")
    course.gradebook(
        "update grade set manual_score = 4, needs_manual_grade = 0 where id = ?", first
    )
    keys.press("1")
    keys.press("Enter")
    expect(page.locator("#conflict")).to_contain_text("The gradebook now has 4 of 4 points")
    expect(page.locator("#conflict")).to_be_focused()
    with page.expect_response(lambda response: response.status == 409):
        keys.press("Enter")
    expect(page.locator("#points")).to_have_value("2")
    score = "select manual_score from grade where id = ?"
    assert course.gradebook(score, first) == [(4,)]
    page.locator("#keep").focus()
    keys.press("Enter")
    expect(page.locator("#points")).to_have_value("2")
    keys.press("Enter")
    status(page, "Saved: 2 of 4 points.")
    assert course.gradebook(score, first) == [(2,)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1440])
def test_the_page_is_accessible_and_no_wider_than_the_window(browser, course, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(course.address)
    expect(page.locator("#review")).to_be_visible()
    states = {"answer": (), "rubric": ("1", "c"), "keys": ("Escape", "?")}
    for name, keys in states.items():
        for key in keys:
            page.keyboard.press(key)
        picture(page, f"review-{name}-{width}-{scheme}", full_page=name == "answer")
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("width", [390, 1280, 1440])
def test_a_long_rubric_item_is_shown_in_full(browser, course, width):
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(course.address)
    expect(page.locator("#review")).to_be_visible()
    cut = page.evaluate(
        """() => [...document.querySelectorAll("#rubric .text")].map(text => {
            text.textContent = "A long item of a rubric. ".repeat(12) + "word".repeat(40);
            return [text.scrollHeight - text.clientHeight, text.scrollWidth - text.clientWidth];
        })"""
    )
    assert len(cut) == 3
    assert all(high <= 1 and wide <= 1 for high, wide in cut), cut  # rounded to pixels
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def graders(browser, course):
    """Open a page for each grader, in a browser of its own."""
    pages = [browser.new_context().new_page() for _ in course.addresses]
    for page, address in zip(pages, course.addresses.values(), strict=True):
        page.goto(address)
        expect(page.locator("#review")).to_be_visible()
    return pages


def current(page):
    return page.evaluate("state.answer && state.answer.id")


def test_two_browsers_grade_22_answers_and_none_twice(browser, shared):
    course = shared()
    pages = graders(browser, course)
    expect(pages[0].locator("#assignment")).to_have_text("Review: halvesana")
    expect(pages[1].locator("#progress")).to_contain_text("; 1 open in other pages")
    opened = []
    for number in range(11):
        for page in pages:
            opened.append(current(page))
            assert current(pages[0]) != current(pages[1])
            page.keyboard.press("p")
            page.keyboard.type("1")
            if number == 5 and page is pages[1]:  # the server is killed, and nothing is lost
                page.keyboard.press("Escape")
                page.keyboard.press("c")
                page.keyboard.type("Typed before the end.")
                course.again()
            page.keyboard.press("Control+Enter")
            if (number, page) != (10, pages[1]):
                page.wait_for_function(
                    "old => !state.answer || state.answer.id !== old", arg=opened[-1]
                )
    expect(pages[1].locator("#done")).to_be_visible()
    assert len(opened) == len(set(opened)) == 22
    rows = course.gradebook("select grader, count(*) from nbjudge_grading group by grader")
    assert rows == [("ana", 11), ("ben", 11)]
    assert [row[2:4] for row in course.gradebook()] == [(1, 0)] * 22
    comments = [row[4] for row in course.gradebook() if row[4]]
    assert comments == ["Typed before the end."]


def test_an_answer_of_a_closed_page_goes_to_the_other_grader(browser, shared):
    course = shared()
    ana, ben = graders(browser, course)
    left = current(ana)
    assert current(ben) != left
    with ana.expect_event("close"):
        ana.close()
    ben.wait_for_function(
        """async left => {
            const { body } = await ask("answers");
            return body.held === 0;
        }""",
        arg=left,
    )
    ben.keyboard.press("k")
    ben.wait_for_function("left => state.answer.id === left", arg=left)


def test_a_grader_who_was_away_loses_no_input(browser, shared):
    course = shared()
    ana, ben = graders(browser, course)
    key = current(ana)
    ana.keyboard.press("1")
    ana.keyboard.press("c")
    ana.keyboard.type("Well said.")
    course.gradebook("update nbjudge_claim set until = '2020-01-01 00:00:00' where grader = 'ana'")
    ben.keyboard.press("k")
    ben.wait_for_function("key => state.answer.id === key", arg=key)
    ana.keyboard.press("Control+Enter")
    status(ana, "ben is grading this answer. Your input is still here.")
    expect(ana.locator("#comment")).to_have_value("Well said.")
    ben.keyboard.press("2")
    ben.keyboard.press("Enter")
    status(ben, "Saved: 1 of 4 points.")
    ana.keyboard.press("Control+Enter")
    expect(ana.locator("#conflict")).to_contain_text("now has 1 of 4 points (ben, ")
    picture(ana, "review-conflict")
    ana.locator("#keep").click()
    expect(ana.locator("#comment")).to_have_value("Well said.")


def test_a_student_saves_a_request_and_a_grader_answers_it(browser, opened, course):
    keys = opened.keyboard
    keys.press("2")
    keys.press("Enter")
    status(opened, "Saved: 1 of 4 points.")
    course.end()
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.NbJudge.regrade_requests = True\n")
        file.write("c.NbJudge.contact = 'mailto:staff@example.org'\n")
    run("-m", "nbjudge", "feedback", "halves", cwd=course.root)
    (student,) = {row[0] for row in course.gradebook() if row[2] == 1}
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((course.root / f"feedback/{student}/halves/halves.html").as_uri())
    mail = page.get_by_role("link", name="Request a regrade (e-mail)")
    expect(mail).to_have_attribute("href", re.compile(r"^mailto:staff@example\.org\?subject="))
    picture(page, "feedback-regrade", full_page=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Request a regrade (text file)").click()
    assert download.value.suggested_filename == "regrade-halves-essay.txt"
    text = Path(download.value.path()).read_text()
    page.close()
    (course.root / "regrade_requests").mkdir()
    request = course.root / "regrade_requests" / download.value.suggested_filename
    request.write_text(f"{text}I name the whole.\n<b>Line 1</b> says so.\n")

    course.start("--port", re.search(r":(\d+)/", course.address)[1])
    address = re.search(r"Open (\S+)", course.line())[1]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    expect(page.locator("#review")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("#requests li")).to_have_text("I name the whole.\n<b>Line 1</b> says so.")
    picture(page, "review-request")
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.keyboard.press("p")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !state.busy && !state.answer")
    expect(page.locator("#lists")).not_to_contain_text("Regrade requests (1)")
    page.close()
    assert [row[2] for row in course.gradebook() if row[:2] == (student, "essay")] == [3]


def test_a_reader_can_turn_the_keys_off(opened):
    page, keys = opened, opened.keyboard
    keys.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("button", name="Close").click()
    keys.press("j")
    keys.press("1")
    expect(page.locator("#progress")).to_have_text("Answer 1 of 6; 6 of 6 waiting")
    expect(page.locator("#points")).to_have_value("")
