"""`nbjudge students` with lists exported from Canvas and Moodle."""

import contextlib
import sqlite3

import pytest

from nbjudge.cli.main import main
from nbjudge.plugins.lms import class_list
from nbjudge.plugins.lms.platform import ClassList
from nbjudge.plugins.standings.reading import read_people
from tests.support.small_course import environment

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,PS 1 (555),Final Score
,,,,,Manual Posting,
    Points Possible,,,,,9.00,(read only)
"Müller, Änn",101,S1,ann,Group 1,,12.50
"Łoś, Gus",201,S2,gus@example.org,Group 1,3.00,
"Student, Test",998,,0c3f,Group 1,,
"""
CANVAS_NAMES = """\
LastName,FirstName,ID,SIS User ID,SIS Login ID,Section
,,,,,
    Points Possible,,,,,
Łoś,Gus,201,S2,gus,Group 1
Student,Test,998,,0c3f,Group 1
"""
MOODLE = "\ufeffFirst name;Surname;ID number;Email address\nGus;Łoś;7;gus@example.org\n"
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade
Participant 12,Gus van der Łoś,gus@example.org,No submission,
"""
GUS = ("Gus", "Łoś", "gus@example.org", "201")
PEOPLE = "select id, first_name, last_name, email, lms_user_id from student"


def people(school):
    with contextlib.closing(sqlite3.connect(school.root / "gradebook.db")) as db:
        return {row[0]: row[1:] for row in db.execute(PEOPLE)}


def enter(school, text, *options, encoding="utf-8"):
    (school.root / "class.csv").write_bytes(text.encode(encoding))
    with contextlib.chdir(school.root):
        return main(["students", "class.csv", *options])


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (
            CANVAS.replace("\n", "\r\n"),
            {"gus@example.org": ("Gus", "Łoś", "gus@example.org", "201")},
        ),
        ("sep=;\r\n" + MOODLE.lstrip("\ufeff"), {"7": ("Gus", "Łoś", "gus@example.org", None)}),
        (CANVAS_NAMES, {"gus": ("Gus", "Łoś", None, "201")}),
        (MOODLE, {"7": ("Gus", "Łoś", "gus@example.org", None)}),
        (WORKSHEET, {"gus@example.org": ("Gus van der", "Łoś", "gus@example.org", None)}),
        (
            "Name,Login ID,SIS ID,Role\nGus Łoś,gus,S2,Student\n",
            {"gus": ("Gus", "Łoś", None, None)},
        ),
        (
            "id,last_name,first_name,email,lms_user_id\ngus,Łoś,Gus,gus@example.org,201\n",
            {"gus": GUS},
        ),
    ],
)
def test_new_students(school, text, new):
    before = people(school)
    assert enter(school, text) == 0
    after = people(school)
    assert {student: after[student] for student in after if student not in before} == new


def test_students_that_the_gradebook_has(school, capsys):
    """Changed names are updated, values missing from the list are kept, and nobody is removed."""
    before = people(school)
    assert enter(school, CANVAS) == 0
    said = capsys.readouterr()
    assert people(school) == before | {
        "ann": ("Änn", "Müller", "ann@example.org", "101"),
        "gus@example.org": GUS,
    }
    assert said.out.splitlines()[:4] == [
        "1 new:",
        "  gus@example.org, Gus Łoś, gus@example.org, 201",
        "1 changed:",
        "  ann, Änn Müller, ann@example.org, 101",
    ]
    assert "5 in the gradebook, but not in the list" in said.out
    assert "2 students in class.csv: 1 new, 1 changed, 0 unchanged." in said.err
    enter(school, CANVAS)
    assert "0 new, 0 changed, 2 unchanged" in capsys.readouterr().err


def test_a_known_number_keeps_its_id(school):
    enter(school, CANVAS.replace(",ann,", ",ann2,"))
    assert people(school)["ann"][0] == "Änn" and "ann2" not in people(school)


@pytest.mark.parametrize("row", ["Gus van Łoś,GUS,gus@example.org", "GUS ŁOŚ,Gus,"])
def test_the_same_student_in_other_capitals_keeps_the_id(school, capsys, row):
    enter(school, "Name,Username,Email\nGus Łoś,gus,gus@example.org\n")
    before = set(people(school))
    assert enter(school, f"Name,Username,Email\n{row}\n") == 0
    assert "0 new" in capsys.readouterr().err and set(people(school)) == before


def test_a_dry_run_writes_nothing(school, capsys):
    before = people(school)
    assert enter(school, CANVAS, "--dry-run") == 0
    assert people(school) == before
    said = capsys.readouterr()
    assert "1 new:" in said.out and "Nothing was written." in said.err


def test_a_course_without_a_gradebook(school, monkeypatch):
    monkeypatch.setenv("PATH", environment()["PATH"])  # nbgrader finds alembic on PATH
    (school.root / "gradebook.db").unlink()
    assert enter(school, CANVAS, "--dry-run") == 0
    assert not (school.root / "gradebook.db").exists()
    assert enter(school, CANVAS) == 0
    assert set(people(school)) == {"ann", "gus@example.org"}


def test_columns_of_other_names(school):
    text = "Anmeldename,Vorname,Nachname,Mail,Nr\ngus,Gus,Łoś,gus@example.org,201\n"
    assert enter(school, text) == 2
    columns = {"--id": "Anmeldename", "--first-name": "Vorname", "--last-name": "Nachname"}
    columns |= {"--email": "Mail", "--lms-id": "Nr"}
    assert enter(school, text, *(word for pair in columns.items() for word in pair)) == 0
    assert people(school)["gus"] == GUS


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        (
            "Vorname,Nachname\nGus,L\n",
            [],
            "not a class list of Canvas or Moodle with the",
        ),
        ("First name,Surname\nGus,L\n", [], "none of the usual columns exists"),
        ("Name,Username\nGus L,g\nEva L,g\n", [], "Username has g twice"),
        ("Name,Username\nGus L,g\nEva L,\n", [], "Username is empty for 1 of 2 students"),
        ("Name,Username\nGus L,g\n", ["--id", "Login"], "There is no column Login"),
        ("Name,Username\nGus L,../g\n", [], "Row 2: '../g' cannot be an id"),
        ("Name,Username\nGus L,.g\n", [], "Row 2: '.g' cannot be an id"),
        (f"Name,Username\nGus L,{'g' * 200}\n", [], "has more than 128 characters"),
        ("Name,Username\n", [], "class.csv has no rows below its header"),
        ("Student,ID,SIS Login ID\n    Points Possible,,\n", [], "has no students"),
        ("Name,Username\nGus L,g\nEva L,G\n", [], "Username has G twice"),
        ("id,last_name\n1.0901E+17,L\n", [], "1.0901E+17"),
        ("Name,Username\nEva Other,ANN\n", [], "differ only in capital letters"),
        ("Name,Username,ID\nA,ann,1\nB,ann2,101\n", [], "ann and ann2 in the list both match ann"),
    ],
)
def test_a_wrong_list_changes_nothing(school, capsys, text, options, why):
    before = people(school)
    assert enter(school, text, *options) == 2
    assert why in capsys.readouterr().err
    assert people(school) == before


def test_nothing_is_half_written(school, monkeypatch, capsys):
    """Everything is one transaction: if one student cannot be written, none is."""
    before = people(school)
    text = "Name,Username\nGus L,gus\nHal M,hal\n"
    monkeypatch.setattr("nbjudge.plugins.lms.class_list.read_people", lambda coursedir: [])
    (school.root / "class.csv").write_text(text + "Ann M,ann\n")
    with contextlib.chdir(school.root):
        assert main(["students", "class.csv"]) == 2
    assert "The gradebook cannot be used: UNIQUE" in capsys.readouterr().err
    assert people(school) == before


def test_another_encoding_or_no_file(school, capsys):
    assert enter(school, CANVAS.replace("Ł", "L").replace("ś", "s"), encoding="cp1252") == 2
    assert "class.csv is not in UTF-8" in capsys.readouterr().err
    (school.root / "class.csv").unlink()
    with contextlib.chdir(school.root):
        assert main(["students", "class.csv"]) == 2
    assert "class.csv cannot be read: No such file" in capsys.readouterr().err


def test_groups_are_read_from_the_named_column_only(school):
    text = "Name,Username,Group,Lab\nAnn M,ann,G1,L1\nCem Y,cem,G1,L1\nDan R,dan,G1,\n"
    assert enter(school, text) == 0
    assert groups(school) == {}
    assert enter(school, text, "--group", "Lab", "--dry-run") == 0
    assert groups(school) == {}
    assert enter(school, text, "--group", "Lab") == 0
    assert groups(school) == {"ann": "L1", "cem": "L1"}
    assert enter(school, text.replace("L1\nDan", "L2\nDan"), "--group", "Lab") == 0
    assert groups(school) == {"ann": "L1", "cem": "L2"}
    assert enter(school, text) == 0
    assert groups(school) == {"ann": "L1", "cem": "L2"}


def groups(school):
    coursedir, _ = school.course()
    return {person.id: person.group for person in read_people(coursedir) if person.group}


MAPLE = """\
Student,ID,SIS User ID,SIS Login ID,Section,Campus Card
"Łoś, Gus",201,S2,gus,Group 1,7001
"""


@pytest.fixture
def maple(monkeypatch):
    """A platform that has Canvas's columns and one of its own, after the others."""
    columns = {"name": ("Student",), "lms_user_id": ("Campus Card",)}
    one = ClassList(("SIS Login ID",), columns, clean_id=lambda text: f"maple-{text}")
    monkeypatch.setattr(class_list, "_LISTS", [*class_list._LISTS, one])


def test_the_columns_of_a_platform_whose_own_are_there_are_preferred(school, maple):
    assert enter(school, MAPLE) == 0
    assert people(school)["maple-gus"] == ("Gus", "Łoś", None, "7001")
    assert enter(school, MAPLE.replace("Campus Card", "Card").replace("gus", "eva")) == 0
    assert people(school)["eva"][-1] == "201", "Canvas's own file"


def test_each_known_column_is_listed_once(school, maple, capsys):
    assert enter(school, "Vorname,Nachname\nGus,L\n") != 0
    said = capsys.readouterr().err
    assert (
        "no column of names (Student, Name, Full name, LastName, Last name, Surname, last_name)"
        in said
    )
