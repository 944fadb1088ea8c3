"""A feedback page is written again only if its content or its file has changed."""

import contextlib
from types import SimpleNamespace

import pytest

from nbjudge.course.feedback_pages import NOTE, write_pages
from tests.support.reviewed import Essays


@pytest.fixture
def written(tmp_path):
    """A function that writes the pages of ada's work, and returns how many were rendered."""
    course = Essays.make(tmp_path / "course", tmp_path / "template")

    def write(**options):
        rendered = []
        engine = SimpleNamespace(make_page=lambda *given: rendered.append(given) or "a page")
        with contextlib.closing(course.assignment()) as assignment:
            about = assignment.records.about("ada", assignment.zone)
            write_pages(engine, assignment, "ada", about, **options)
        return len(rendered)

    write.course, write.folder = course, course.root / "feedback/ada/halves"
    assert write() == 1
    return write


def test_an_unchanged_page_is_left_alone(written):
    assert written() == 0
    assert written(again=True) == 1


def test_a_change_of_the_grade_or_of_the_work_counts(written):
    written.course.write("update grade set manual_score = 1, needs_manual_grade = 0")
    assert written() == 1
    notebook = written.course.autograded("ada", "halves") / "halves.ipynb"
    notebook.write_bytes(notebook.read_bytes() + b"\n")
    assert written() == 1 and written() == 0


def test_a_lost_page_is_written_again(written):
    page = written.folder / "halves.html"
    page.unlink()
    assert written() == 1
    assert page.read_text() == "a page"


@pytest.mark.parametrize("note", ["", "{", "[1, 2]", '{"halves": 3}', "null"])
def test_damaged_notes_write_every_page_again(written, note):
    (written.folder / NOTE).write_text(note)
    assert written() == 1 and written() == 0
