"""Pages that nbgrader generates with nbjudge contain no active content from students."""

import json
import re
import time

import nbformat
import pytest
from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from traitlets.config import Config

import nbjudge
from nbjudge.course import nbgrader_feedback
from nbjudge.course.dates import course_zone
from nbjudge.course.gradebook import Records
from nbjudge.course.nbgrader_feedback import FeedbackPage
from nbjudge.course.page_settings import with_settings
from nbjudge.feedback import safe_html
from nbjudge.feedback.page import render
from nbjudge.feedback.pictures import show_pictures
from nbjudge.wire.outputs import REPORT
from tests.support.pages import (
    HONEST_PARTS,
    HONEST_PARTS_OF,
    SVG,
    Active,
    active,
    b64,
    honest,
    hostile,
    notebook,
    solution,
)
from tests.support.processor_time import finishes


@pytest.mark.parametrize("kind", ["feedback", "formgrader"])
def test_nothing_in_a_hostile_notebook_is_active(course, kind):
    plain = notebook(new_markdown_cell("$x$"))  # formulas need a script in the formgrader's page
    page, clean = (getattr(course, kind)(nb) for nb in (hostile(), plain))
    assert active(page) == active(clean)
    ids = [one for one in Active(page).ids if not one.startswith(("in-notebook-", "cell-"))]
    assert ids == [one for one in Active(clean).ids if not one.startswith("cell-")]


def test_the_formgrader_gives_a_marking_scheme_a_heading(course):
    text = "Before.\n### BEGIN MARK SCHEME\n- 2 points: a reason\n### END MARK SCHEME\nAfter."
    scheme = solution(new_markdown_cell(text), "scheme")
    scheme.metadata.nbgrader.update(solution=False, locked=True)
    students_own = new_markdown_cell("### BEGIN MARK SCHEME of mine")
    page = course.formgrader(notebook(scheme, students_own))
    assert page.count("BEGIN MARK SCHEME") == 1 and "END MARK SCHEME" not in page
    assert ">Marking scheme<" in page
    assert page.index("Before.") < page.index("Marking scheme") < page.index("a reason")
    assert page.index("a reason") < page.index("After.")
    assert "BEGIN MARK SCHEME of mine" in page


@pytest.mark.filterwarnings("ignore:No lexer found", "ignore:Your element with")
@pytest.mark.parametrize("kind", ["feedback", "formgrader"])
def test_most_payloads_are_active_without_sanitizing(course, kind):
    """This proves that the test above can detect active payloads."""
    plain = hostile()
    plain.cells = [cell for cell in plain.cells if "missing" not in cell.source]
    plain.cells = [cell for cell in plain.cells if "text>" not in cell.source]
    # These tags turn the rest of a page into text, also in nbconvert. Python's parser knows them
    # since 3.14.
    plain.cells = [cell for cell in plain.cells if not re.search("<(xmp|plaintext)>", str(cell))]
    if kind == "feedback":  # nbgrader fails on an unknown grade_id
        for cell in plain.cells:
            if "<script>" in cell.metadata.get("nbgrader", {}).get("grade_id", ""):
                del cell.metadata["nbgrader"]
    page = getattr(course, kind)(plain, course.config(inert=False))
    clean = set(active(getattr(course, kind)(notebook(), course.config(inert=False))))
    assert len([one for one in active(page) if one not in clean]) > 200


@pytest.mark.parametrize("kind", ["feedback", "formgrader"])
def test_honest_content_is_still_there(course, kind):
    page = getattr(course, kind)(honest())
    assert active(page) == active(getattr(course, kind)(notebook(new_markdown_cell("$x$"))))
    for part in HONEST_PARTS:
        assert part in page, part
    assert 'alt="a dot"' in page
    assert 'width="31"' in page
    assert "data:image/svg+xml;base64," + b64(SVG % "") in page
    assert '<table border="1" class="dataframe">' in page
    assert "<td>0.693</td>" in page
    assert page.count("background-color: #123456; color: #f1f1f1; font-weight: bold;") == 0
    assert re.search(
        r"font-weight: bold; ?background-color: #123456; color: #f1f1f1;\"[^>]*>11", page
    )
    assert "An interactive output" in page
    assert "plain instead" in page
    for part in HONEST_PARTS_OF[kind]:
        assert part in page, part


def test_a_drawing_inside_html_stays_a_drawing(course):
    page = course.feedback(honest())
    drawing = b64(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox='0 0 9 9'><path d='M0 0'/></svg>"
    )
    assert f'alt="drawing" src="data:image/svg+xml;base64,{drawing}"' in page


def test_the_label_of_a_drawing_describes_its_image():
    clean = safe_html.clean_html
    for label in ("a cat", "3 &lt; 4 &amp; &quot;x&quot;"):
        page = clean(f'<svg aria-label="{label}" viewBox="0 0 9 9"><g aria-label="no"/></svg>')
        assert page.startswith(f'<img alt="{label}" src="data:')
    assert 'alt="drawing"' in clean('<svg viewBox="0 0 9 9"><g aria-label="no"/></svg>')


def test_the_formgraders_own_scripts_and_fields_stay(course):
    page = course.formgrader(notebook())
    for part in (
        "jquery.min.js",
        'var submission_id = "0123";',
        'onclick="toggle_name(true);"',
        'id="check"',
        'id="exercise-comment"',
        "btn btn-success full-credit",
        "O&#x27;Brien&lt;script&gt;",
    ):
        assert part in page or part.replace("&#x27;", "'") in page, part


def test_mathjax_filters_its_own_links(course):
    """MathJax sees formulas as text, so it must load with its Safe extension."""
    page = course.formgrader(notebook(new_markdown_cell("$x$")))
    assert re.search(r"mathjax/2\.7\.7/latest\.js\?config=TeX-AMS_CHTML-full,Safe\"", page)


def test_the_page_has_no_script_and_its_policy_allows_none(course):
    page = course.feedback(notebook(new_markdown_cell("$x$")))
    assert "<script" not in page
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.split("; ")[:2] == ["default-src 'none'", "img-src data:"]
    assert "script-src" not in policy


def test_a_missing_attachment_costs_nobody_the_page(course):
    page = course.feedback(notebook(new_markdown_cell("![x](attachment:missing.png) **kept**")))
    assert "[x: the file attachment:missing.png cannot be shown here]" in page
    assert "<strong>kept</strong>" in page


def test_code_that_looks_like_an_old_link_stays_as_it_is(course):
    page = course.formgrader(notebook(new_markdown_cell("`[x](files/y.png)` ![z](files/z.png)")))
    assert "<code>[x](files/y.png)</code>" in page
    assert 'src="z.png"' in page


def test_odd_metadata_and_text_cost_nobody_the_page(course):
    """Widgets without a state, unusual metadata and lone surrogates stop nbconvert."""
    nb = honest()
    nb.cells[1].source += " half"
    nb.metadata["widgets"] = {}
    nb.cells[2].outputs[0].metadata["image/png"] = "not a table"
    path = course.root / "autograded" / "ada" / "ps1" / "work.ipynb"
    course.write(nb)
    path.write_text(path.read_text("utf-8").replace(" half", " half \\ud83d"), "utf-8")
    nb = nbformat.read(path, as_version=4)
    assert nb.cells[1].source.endswith("\ud83d")
    course.write = lambda nb: path
    assert " half ?" in course.feedback(nb)
    assert " half ?" in course.formgrader(nb)


def test_other_exporters_are_refused():
    config = Config()
    config.NotebookExporter.preprocessors = ["nbjudge.course.nbgrader_feedback.MakeInert"]
    with pytest.raises(TypeError, match=r"c\.HTMLExporter\.preprocessors"):
        NotebookExporter(config=config).from_notebook_node(new_notebook())


def test_lists_that_were_set_before_are_kept():
    config = Config()
    config.HTMLExporter.preprocessors = ["a.B"]
    config.GenerateFeedback.preprocessors = ["c.D"]
    nbjudge.configure(config)
    assert config.HTMLExporter.preprocessors == [
        "a.B",
        "nbjudge.course.nbgrader_feedback.MakeInert",
    ]
    assert config.GenerateFeedback.preprocessors == ["c.D"]


def test_worker_and_converter_write_the_same_page(course):
    """A worker renders the judge's notebook to the same page that nbgrader's converter writes."""
    with Gradebook(course.url) as book:
        grade = book.find_grade("check", "work", "ps1", "ada")
        grade.auto_score, grade.extra_credit, grade.needs_manual_grade = 1.0, 0.5, False
        task = book.find_grade("task", "work", "ps1", "ada")
        task.manual_score, task.needs_manual_grade = 2.0, False
        book.find_comment("exercise", "work", "ps1", "ada").manual_comment = "*Well* done."
        book.find_submission("ps1", "ada").notebooks[0].late_submission_penalty = 0.25
        student = book.find_student("ada")
        student.first_name, student.last_name = "Ada", "Lovelace"
        book.db.commit()
    config = course.config()
    config.ClearHiddenTests.begin_test_delimeter = "VERBORGEN"
    config.CourseDirectory.course_id = "cnn"
    config.NbJudge.contact = "https://example.org/regrades"
    nb = honest()
    nb.cells[-1].source += "\n# VERBORGEN\nsecret()\n### END HIDDEN TESTS"
    written = course.feedback(nb, config)
    records = Records(course.url, "", "ps1")
    try:
        about = records.about("ada", course_zone(config))["work"]
    finally:
        records.close()
    direct = render(json.loads(json.dumps(nb)), with_settings(about, config))
    assert show_pictures(direct, course.root / "autograded/ada/ps1") == written
    assert "<strong>3.25 of 4 points</strong>" in written
    assert "<em>Well</em> done." in written and "Ada Lovelace (ada)" in written
    assert "secret" not in written
    assert "course cnn" in written and '<a href="https://example.org/regrades"' in written


def test_a_page_without_grades_says_what_to_do(course):
    course.write(notebook())
    exporter = FeedbackPage(config=course.config())
    path = str(course.root / "autograded" / "ada" / "ps1" / "work.ipynb")
    where = {"db_url": course.url, "assignment": "ps1", "notebook": "work", "student": "ben"}
    with pytest.raises(LookupError, match="no grades of ben for work in ps1: run `nbgrader auto"):
        exporter.from_filename(path, {"nbgrader": where})
    with pytest.raises(LookupError, match=r"c\.GenerateFeedback\.exporter_class"):
        exporter.from_filename(path)


def test_the_formgrader_shows_no_lines_of_data_and_no_reports(course):
    report = new_output("display_data", {REPORT: {"points": 1}})
    cell = new_code_cell(f"x = 1\ndata = '{'a' * 3000}'", outputs=[report])
    page = course.formgrader(notebook(cell))
    assert "aaaa" not in page and "a line of 3,009 characters" in page
    assert "not shown here" not in page


LARGE = {
    "blanks": new_markdown_cell("a" + " " * 100_000 + "b"),
    "text": new_markdown_cell("*a* `b` " * 1_000_000),
    "code": new_code_cell("x = [1, 'a', f(2)]\n" * 500_000),
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_cell_does_not_hold_up_the_formgrader(course, kind):
    assert finishes(lambda: course.formgrader(notebook(LARGE[kind])), seconds=30)


def test_the_formgrader_shows_the_beginning_of_a_large_notebook(course, monkeypatch):
    monkeypatch.setattr(nbgrader_feedback, "MOST_SHOWN", 131)
    page = course.formgrader(notebook(new_markdown_cell("a" * 90), new_markdown_cell("b" * 30)))
    assert "a" * 90 in page and "b" * 11 not in page
    assert "(... 20 characters are not shown here ...)" in page


def test_configuring_twice_changes_nothing(course):
    config = course.config()
    nbjudge.configure(config)
    nb = honest()
    assert course.feedback(nb, config) == course.feedback(nb)


def test_pages_take_their_time(course, record_property):
    """The time is recorded, not asserted."""
    for kind in ("feedback", "formgrader"):
        for inert in (False, True):
            started = time.perf_counter()
            getattr(course, kind)(honest(), course.config(inert))
            record_property(f"{kind} inert={inert}", time.perf_counter() - started)
