"""Ids damaged by a spreadsheet program are rejected wherever a file with ids is read."""

import contextlib
import sqlite3

import pytest

from nbjudge.cli.main import main

# A class with 18-digit ids in Canvas; `spoiled` returns the file as saved by a spreadsheet program.
RIGHT = """\
Student,ID,SIS User ID,SIS Login ID,Integration ID,Section,PS 1 (7001)
,,,,,,Manual Posting
    Points Possible,,,,,,9
"Müller, Ann",109010000000011101,S1,ann,,Lecture 1,
"Turing, Alan M.",109010000000012345,0042,alan@uni.example,,Lecture 1,
"Müller-Lüdenscheidt, Jörg",109010000000054321,S4,jörg,,Lecture 1,
Madonna,109010000000077777,,madonna,,Lecture 1,
"Student, Test",109010000000088888,,9f8e7d,,Lecture 1,
"""
NUMBERS = [line.split('",')[-1].split(",")[0] for line in RIGHT.splitlines()[3:6]]
NUMBERS += ["109010000000077777", "109010000000088888"]
ADVICE = "download the file again and do not save it from a spreadsheet."
WORKSHEET = """\
Identifier,"Full name","ID number","Email address",Grade,"Last modified (grade)"
Participant 11,"Ann Müller",101,ann@example.org,,-
Participant 12,"Bob ONeil",102,bob@example.org,,-
"""


def spoiled(number):
    text = RIGHT
    for each in NUMBERS:
        text = text.replace(each, number(each))
    return text


def run(school, *command, text):
    (school.root / "file.csv").write_text(text)
    with contextlib.chdir(school.root):
        return main([*command, "file.csv"])


def people(school):
    with contextlib.closing(sqlite3.connect(school.root / "gradebook.db")) as db:
        return db.execute("select id, lms_user_id, first_name from student order by id").fetchall()


def refused(school, capsys, *command, text):
    """Check that a file is rejected and changes nothing; return the error message."""
    before = people(school)
    capsys.readouterr()
    assert run(school, *command, text=text) == 2
    assert people(school) == before and not list(school.root.glob("*-import.csv"))
    said = " ".join(capsys.readouterr().err.split())
    assert ADVICE in said
    return said


def test_the_right_file_is_accepted(school):
    assert run(school, "students", text=RIGHT) == 0
    assert ("alan@uni.example", NUMBERS[1], "Alan M.") in people(school)
    assert run(school, "export", "canvas", text=RIGHT) == 0


@pytest.mark.parametrize("command", [("students",), ("export", "canvas")])
@pytest.mark.parametrize("enters", [True, False], ids=["again", "first"])
@pytest.mark.parametrize(
    ("number", "why"),
    [
        (lambda each: "1.0901E+17", "ID has 1.0901E+17 for 4 students"),
        (lambda each: "1,0901E+17", None),
        (lambda each: f"1.0901{each[-5]}E+17", "and similar values for 4 students"),
        (lambda each: "109010000000000000", "ID has 109010000000000000 for 4 students"),
        (lambda each: f"{each[:15]}000", "and similar values for 4 students, rounded to 15 digits"),
        (lambda each: f"{each[-5:]}.0", "and similar values for 4 students"),
        (lambda each: "#NAME?", "ID has #NAME? for 4 students"),
    ],
)
def test_numbers_that_a_spreadsheet_has_saved(school, capsys, command, enters, number, why):
    if enters:
        assert run(school, "students", text=RIGHT) == 0
    text = spoiled(number)
    text = text.replace("1,0901E+17", '"1,0901E+17"')
    said = refused(school, capsys, *command, text=text)
    assert (why or "ID has 1,0901E+17 for 4 students") in said


@pytest.mark.parametrize("command", [("students",), ("export", "canvas")])
def test_a_number_is_compared_with_that_of_the_gradebook(school, capsys, command):
    """A single damaged cell is found, even if the column as a whole looks valid."""
    assert run(school, "students", text=RIGHT) == 0
    text = RIGHT.replace("109010000000012345", "109010000000012000")
    said = refused(school, capsys, *command, text=text)
    assert "has 109010000000012000 for Alan M. Turing, but the gradebook has 109010000" in said


@pytest.mark.parametrize("command", [("students", "--id", "SIS User ID"), ("export", "canvas")])
def test_zeros_at_the_beginning_that_were_dropped(school, capsys, command):
    text = RIGHT.replace("77777,,", "77777,S5,")
    assert run(school, "students", "--id", "SIS User ID", text=text) == 0
    said = refused(school, capsys, *command, text=text.replace(",0042,", ",42,"))
    assert "SIS User ID has 42 for Alan M. Turing, but the gradebook has 0042" in said
    other = text.replace(",0042,", ",42,").replace("Turing, Alan M.", "Babbage, Charles")
    assert run(school, "students", "--dry-run", "--id", "SIS User ID", text=other) == 0
    assert "and the gradebook has 0042" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (",102,", ",101,", "ID number has 101 for 2 students"),
        (",102,", ",2.02E+07,", "ID number has 2.02E+07 for 1 student"),
        ("Participant 12", "Participant 11", "Identifier has Participant 11 for 2 students"),
    ],
)
def test_the_columns_of_moodle(school, capsys, old, new, why):
    text = WORKSHEET.replace(old, new)
    assert why in refused(school, capsys, "export", "moodle", "--assignment", "ps1", text=text)
    assert why in refused(school, capsys, "students", text=text)
    blind = "Identifier,Grade,Last modified (grade)\nParticipant 1,,-\nParticipant 1,,-\n"
    command = "export", "moodle", "--assignment", "ps1"
    assert "Identifier has Participant 1 for" in refused(school, capsys, *command, text=blind)


@pytest.mark.parametrize("command", [("students",), ("export", "canvas")])
def test_a_student_in_two_rows_is_named(school, capsys, command):
    row = f"Madonna,{NUMBERS[3]},,madonna,,Lecture 1,\n"
    assert run(school, *command, text=RIGHT.replace(row, row + row)) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"ID has {NUMBERS[3]} in 2 rows, all of Madonna: remove all but one" in said
    assert "spreadsheet" not in said
    other = row.replace("Madonna", "Cher")
    refused(school, capsys, *command, text=RIGHT.replace(row, row + other))


def test_columns_that_are_named(school, capsys):
    text = "Name,Kennung,Nr\nGus Guest,gus,7\nHal Hunt,hal,7\n"
    command = "students", "--id", "Kennung", "--lms-id", "Nr"
    assert "Nr has 7 for 2 students" in refused(school, capsys, *command, text=text)
    text = text.replace("hal,7", "1-Mar,8")
    assert "Kennung has 1-Mar for 1 student;" in refused(school, capsys, *command, text=text)


def test_a_column_that_was_sorted_without_the_others(school, capsys):
    """Students would get each other's id."""
    before = people(school)
    text = "Name,Username,ID\nAnn Müller,ann,102\nBob ONeil,bob,101\n"
    assert run(school, "students", text=text) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "has the platform's number 102 for ann, but the gradebook has it for bob" in said
    assert people(school) == before
    text = "Name,Username,ID\nAnn Müller,ann,201\nBob ONeil,bob,202\n"  # new ids are accepted
    assert run(school, "students", text=text) == 0


def test_ids_that_only_look_damaged_are_accepted(school):
    """Ids that end in zeros, user names that look like numbers, a student in two rows."""
    text = (
        "Name,Username,ID number,ID\nGus Guest,1e5,1,1000000000000000\n"
        "Hal Hunt,2e5,1000,2000000000000001\nIda Ives,sep1,,3000\n"
    )
    assert run(school, "students", text=text) == 0


@pytest.mark.parametrize("form", ['="{}"', '"=""{}"""'], ids=["plain", "quoted"])
def test_a_formula_that_keeps_an_id_as_text_holds_the_id(school, capsys, form):
    text = RIGHT.replace("0042", form.format("0042"))
    for number in NUMBERS:
        text = text.replace(number, form.format(number))
    assert run(school, "students", "--id", "SIS Login ID", text=text) == 0
    assert ("alan@uni.example", NUMBERS[1], "Alan M.") in people(school)
    assert run(school, "export", "canvas", text=text) == 0
    (filled,) = school.root.glob("*-import.csv")
    assert '="' not in filled.read_text() and ",0042," in filled.read_text()
    damaged = text.replace(form.format("0042"), form.format("4.2E+17"))
    capsys.readouterr()
    assert run(school, "students", text=damaged) == 2
    assert "SIS User ID has 4.2E+17 for 1 student;" in " ".join(capsys.readouterr().err.split())
