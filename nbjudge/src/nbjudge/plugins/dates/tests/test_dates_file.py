"""Due dates and extensions: reading `dates.toml`, and writing it to the gradebook."""

import datetime
import os
import re
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

import nbjudge
from nbjudge.course.dates import course_zone
from nbjudge.course.gradebook import Records
from nbjudge.plugins.dates.dates_file import read_dates, set_dates

PAGE = Path(nbjudge.__file__).parents[2] / "docs" / "dates.md"
KNOWN = ("ps1", "ps2", "ps3")
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def utc(text):
    """Return a UTC time without a zone, as in the gradebook."""
    return datetime.datetime.fromisoformat(text)


def config_of(zone):
    return Config({"NbGraderAPI": {"timezone": zone}} if zone else {})


@pytest.fixture
def read(tmp_path):
    """A function that writes dates.toml and reads it: read(text, zone)."""

    def read(text, zone="Europe/Berlin"):
        (tmp_path / "dates.toml").write_text(text)
        coursedir = CourseDirectory(root=str(tmp_path), config=config_of(zone))
        return read_dates(coursedir, KNOWN)

    return read


# Times and time zones.


@pytest.mark.parametrize(
    "written, zone, expected",
    [
        ("2026-11-02 23:59:00", None, "2026-11-02 23:59:00"),  # nbgrader's default is UTC
        ("2026-11-02 23:59:00", "Europe/Berlin", "2026-11-02 22:59:00"),
        ("2026-07-02T23:59:00", "Europe/Berlin", "2026-07-02 21:59:00"),
        ("2026-11-02 23:59:00", "America/New_York", "2026-11-03 04:59:00"),
        ("2026-11-02 23:59:00-08:00", "Europe/Berlin", "2026-11-03 07:59:00"),
        ("2026-11-02 23:59:00Z", "Europe/Berlin", "2026-11-02 23:59:00"),
        ("2026-11-02", "Europe/Berlin", "2026-11-02 22:59:59.999999"),
        ('"2026-11-02"', "Europe/Berlin", "2026-11-02 22:59:59.999999"),
        ('"2026-11-02 23:59"', "Europe/Berlin", "2026-11-02 22:59:00"),
        # As nbjudge displays it.
        ('"2026-07-02 14:30 CEST"', "Europe/Berlin", "2026-07-02 12:30:00"),
        ('"2026-07-02 14:30 +0200"', "America/New_York", "2026-07-02 12:30:00"),
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25 01:30:00"),  # ambiguous: the second
        ("2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29 01:30:00"),  # skipped: 03:30
    ],
)
def test_a_due_date_in_utc(read, written, zone, expected):
    assert read(f"[due]\nps1 = {written}", zone)["ps1"].due == utc(expected)


# Extensions.


def test_extensions_are_dates_or_durations(read):
    found = read(
        """
[due]
ps1 = 2026-10-23 12:00:00
ps2 = 2026-11-02 12:00:00
ps3 = "none"

[extensions.ps1]
ada = 2026-10-24 12:00:00
ben = "2 days"
cleo = "48 hours"
dan = 2026-10-01
eve = "1 week"

[extensions."*"]
ada = "3 hours"
fay = "1 day"
"""
    )
    assert found["ps1"].extensions == {
        "ada": DAY,
        "ben": 2 * DAY + HOUR,  # noon; clocks went back an hour on that day
        "cleo": 2 * DAY,
        "dan": 0 * DAY,  # before the common due date, which counts
        "eve": 7 * DAY + HOUR,
        "fay": DAY,
    }
    assert found["ps2"].extensions == {"ada": 3 * HOUR, "fay": DAY}
    assert found["ps3"].due is None and found["ps3"].extensions == {}
    assert set(found["ps1"].named) == {"ada", "ben", "cleo", "dan", "eve"}


def test_the_file_that_the_page_shows(read):
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    found = read(example)
    assert [dates.due for dates in found.values()] == [
        utc("2026-11-02 22:59:59.999999"),
        utc("2026-11-09 17:00"),
        None,
    ]
    assert found["ps1"].extensions == {"ann": 3 * DAY, "ben": 36 * HOUR, "cleo.m": 2 * DAY}
    assert found["ps2"].extensions == {"cleo.m": 2 * DAY}


def test_without_the_file_there_is_nothing(tmp_path):
    assert read_dates(CourseDirectory(root=str(tmp_path)), KNOWN) is None


def test_an_assignment_to_come_may_have_a_date(read):
    text = "[due]\nps1 = 2026-11-02\nps2 = 2026-11-09\nps3 = 2026-11-16\nexam = 2026-12-01\n"
    assert set(read(f"{text}[extensions.ps3]\nada = '2 days'\n")) == {"ps1", "ps2", "ps3", "exam"}


@pytest.mark.parametrize(
    "text, message",
    [
        ("[due]\nps1 = 2026-11-02 23:59", r"is not TOML: .*line 2.* with seconds"),
        ("[due]\nps1 = 2026-13-02", "is not TOML"),
        (
            "[due]\nps1 = 2026-11-02\n[extensions.ps1]\nada@example.org = '2 days'",
            r"is not TOML: .*line 4.*\. Write a date as .*\. Ids with .* need quotes",
        ),
        ("[dates]\nps1 = 2026-11-02", "unknown table 'dates' .*known: due, extensions"),
        ("[due]\npps1 = 2026-11-02", "'pps1', which is not an assignment .*; did you mean ps1"),
        (
            "[due]\nps1 = 2026-11-02\npps2 = 2026-11-09",
            r"'pps2', which is not an assignment .*mean ps2\? \(known: ps2",
        ),
        ("due = 2026-11-02", r"due must be a table, \[due\]"),
        (
            "[due]\nps1 = 'soon'",
            "due.\"ps1\" is 'soon': expected a date and a time of day .* Write a date as",
        ),
        ("[due]\nps1 = '2026-07-02 14:30 Europe/Berln'", r"mean Europe/Berlin\? Write a date as"),
        (
            "[due]\nps1 = '2026-07-02 14:30 IST'",
            "unknown time zone IST; write CEST, UTC, an offset",
        ),
        ("[due]\nps1 = 23:59:00", "is 23:59:00: expected a date"),
        ("[due]\nps1 = 9999-12-31", "is 9999-12-31: expected a year from 1970 to 8999"),
        (
            "[due]\nps1 = 2026-11-02\n[extensions.ps2]\nada = '2 days'",
            "'ps2', which has no date in",
        ),
        ("[due]\nps1 = 2026-11-02\n[extensions.ps1]\nada = '2 moons'", 'such as "2 days" or "12 h'),
        (
            "[due]\nps1 = 2026-11-02\n[extensions.ps1]\nada.l = '2 days'",
            "\\. Ids with .* need quotes",
        ),
        (
            "[due]\nps1 = 2026-11-02\n[extensions.'*']\nada = 2026-11-03",
            "to extend every assignment, wr",
        ),
        ("[extensions]\nps1 = '2 days'", "must be a table"),
    ],
)
def test_unreadable_dates_are_reported(read, text, message):
    with pytest.raises(ValueError, match=rf"(?s)^dates\.toml.*{message}"):
        read(text)


def test_a_file_that_is_no_text(read, tmp_path):
    (tmp_path / "dates.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"dates\.toml cannot be read"):
        read_dates(CourseDirectory(root=str(tmp_path)), KNOWN)


# The gradebook.


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A gradebook to copy, with submissions of ann and ben, since creating one takes seconds."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader runs `alembic` from PATH when it creates a gradebook.
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        with Gradebook(f"sqlite:///{path}") as book:
            for name in ("ps1", "ps2"):
                book.add_assignment(name)
                book.add_notebook("work", name)
                book.add_grade_cell("check", "work", name, max_score=10, cell_type="code")
                for student in ("ann", "ben"):
                    book.update_or_create_student(student)
                    book.add_submission(name, student)
    return path


@pytest.fixture
def url(tmp_path, template):
    (tmp_path / "gradebook.db").write_bytes(template.read_bytes())
    return f"sqlite:///{tmp_path}/gradebook.db"


@pytest.fixture
def put(url, read):
    """A function that writes dates to the gradebook: put(text) returns the messages about ps1."""

    def put(text):
        found = read(text)
        records = Records(url, "", "ps1")
        try:
            return set_dates(records, found, course_zone(config_of("Europe/Berlin")), ["cid"])
        finally:
            records.close()

    return put


def dates_in(url):
    """Return the due date of ps1, and the extensions by student."""
    with Gradebook(url) as book:
        due = book.find_assignment("ps1").duedate
        return due, {s.student_id: s.extension for s in book.assignment_submissions("ps1")}


def test_nbgrader_finds_the_dates_in_the_gradebook(url, put):
    assert put("[due]\nps1 = 2026-11-02 12:00:00\n[extensions.ps1]\nann = '2 days'") == []
    assert dates_in(url) == (utc("2026-11-02 11:00"), {"ann": 2 * DAY, "ben": None})
    with Gradebook(url) as book:
        assert book.find_submission("ps1", "ann").duedate == utc("2026-11-04 11:00")
        assert book.find_assignment("ps2").duedate is None


def test_a_changed_or_removed_date_is_reported(url, put):
    put("[due]\nps1 = 2026-11-02 12:00:00\n[extensions.ps1]\nann = '2 days'")
    (changed,) = put("[due]\nps1 = 2026-11-09 12:00:00\n[extensions.ps1]\nann = '1 day'")
    assert "due 2026-11-09 12:00 CET, according to dates.toml; before, it was due 2026-11-02" in (
        changed
    )
    (taken,) = put("[due]\nps1 = 2026-11-09 12:00:00")
    assert taken.startswith("ann no longer has an extension") and taken.endswith("it was 1 day")
    assert dates_in(url)[1] == {"ann": None, "ben": None}
    (none,) = put("[due]\nps1 = 'none'")
    assert none.startswith("it is now without a due date") and dates_in(url)[0] is None


def test_dates_that_the_file_does_not_name_stay(url, put):
    with Gradebook(url) as book:
        book.update_or_create_assignment("ps1", duedate="2026-11-02 12:00:00 UTC")
        book.grant_extension("ps1", "ben", days=1)
    before = dates_in(url)
    assert put("[due]\nps2 = 2026-11-09") == [
        "dates.toml does not list it, so it stays due 2026-11-02 13:00 CET, as in the gradebook"
    ]
    assert dates_in(url) == before


def test_an_unknown_student_is_reported(url, put):
    text = "[due]\nps1 = 2026-11-02\n[extensions.ps1]\nann = '1 day'\ncid = '1 day'\n"
    assert put(text) == []
    every = "[extensions.'*']\nxaver = '1 day'\nannn = '1 day'"
    said = put(f"{text}beni = '1 day'\nyvonne = '1 day'\n{every}")
    assert [(text.split()[5], text.partition("; ")[2]) for text in sorted(said)] == [
        ("annn,", "did you mean ann?"),
        ("beni,", "did you mean ben?"),
        ("yvonne,", ""),
    ]
