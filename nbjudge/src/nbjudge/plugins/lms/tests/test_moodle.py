"""Filling in Moodle's grading worksheet and grade export, and creating a file to import."""

import contextlib
import csv
import io

import pytest

from nbjudge.cli.main import main

HEADER = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
)
WHEN = '"Tuesday, 1 January 2030, 12:00 PM",-'
WORKSHEET = HEADER + (
    f'"Participant 11","Ann Müller",ann@example.org,"Submitted",,9.00,Yes,{WHEN},"Well done."\n'
    f'"Participant 12","Bob ONeil",bob@example.org,"Submitted",3.00,9.00,Yes,{WHEN},\n'
    '"Participant 13","Cem Yılmaz",cem@example.org,"No submission",,9.00,Yes,-,-,\n'
    f'"Participant 14","Dan Roe",DAN@example.org,"Submitted",,9.00,Yes,{WHEN},\n'
    f'"Participant 15","Eve Zoë",eve@example.org,"Submitted",,9.00,Yes,{WHEN},\n'
    f'"Participant 16","Fay  Nil",other@example.org,"Submitted",,9.00,Yes,{WHEN},\n'
)
EXPORT = (
    '"First name","Last name","ID number","Email address","Assignment: PS 1 (Real)",'
    '"Assignment: PS 1 (Feedback)","Assignment: PS 1 (Percentage)",'
    '"Last downloaded from this course"\n'
    "Ann,Müller,101,ann@example.org,-,,-,1893499200\n"
    "Bob,ONeil,102,bob@example.org,3.00,,33 %,1893499200\n"
    "Eve,Zoë,105,eve@example.org,-,,-,1893499200\n"
)


def export(school, *arguments, text=None):
    if text is not None:
        (school.root / "downloaded.csv").write_text(text, newline="")
        arguments = ["downloaded.csv", *arguments]
    with contextlib.chdir(school.root):
        if main(["export", "moodle", *arguments]):
            return None
    content = (school.root / "moodle-import.csv").read_bytes().decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


PS1 = ["--assignment", "ps1"]


def test_a_worksheet_gets_grades_of_graded_work_only(school, capsys):
    rows = export(school, *PS1, text=WORKSHEET)
    assert {row["Identifier"][-2:]: row["Grade"] for row in rows} == {
        "11": "8.50",
        "12": "3.00",
        "13": "",
        "14": "",
        "15": "0.00",
        "16": "",
    }
    before = list(csv.DictReader(io.StringIO(WORKSHEET)))
    for row in (*rows, *before):
        del row["Grade"]
    assert rows == before
    assert "Wrote moodle-import.csv: 2 grades; 4 cells without." in capsys.readouterr().err
    export(school, *PS1, text=WORKSHEET)
    assert "Replaced moodle-import.csv: 2 grades; 4 cells without." in capsys.readouterr().err


def test_the_feedback_of_a_worksheet_says_the_states(school):
    rows = export(school, *PS1, "--notes", text=WORKSHEET)
    assert [row["Feedback comments"] for row in rows] == [
        "Well done.",
        "[nbjudge: ps1: waiting for a person]",
        "[nbjudge: ps1: not submitted]",
        "[nbjudge: ps1: not gradable]",
        "",
        "[nbjudge: ps1: not graded yet]",
    ]
    (row, *_) = export(school, "--assignment", "later", "--scale", "--notes", text=WORKSHEET)
    assert row["Feedback comments"] == "Well done. [nbjudge: later: not assigned]"


def test_rows_locked_by_moodle_are_left_alone(school, capsys):
    rows = export(school, *PS1, text=WORKSHEET.replace("9.00,Yes", "9.00,No", 1))
    assert rows[0]["Grade"] == ""
    assert "ann: row skipped: Moodle has locked the grade." in capsys.readouterr().err


def test_a_worksheet_of_another_maximum_is_converted_on_request(school, capsys):
    text = WORKSHEET.replace("9.00", "100.00")
    assert export(school, *PS1, text=text) is None
    assert "9 points here and 100 on the platform" in capsys.readouterr().err
    assert export(school, *PS1, "--scale", text=text)[0]["Grade"] == "94.44"


def test_a_grade_export_is_filled_in(school):
    rows = export(school, "--notes", text=EXPORT)
    assert [row["Assignment: PS 1 (Real)"] for row in rows] == ["8.50", "3.00", "0.00"]
    feedback = [row["Assignment: PS 1 (Feedback)"] for row in rows]
    assert feedback == ["", "[nbjudge: ps1: waiting for a person]", ""]
    assert [row["Assignment: PS 1 (Percentage)"] for row in rows] == ["-", "33 %", "-"]


def test_a_new_file_has_a_dash_where_there_is_no_grade(school, capsys):
    rows = export(school, "--notes")
    columns = ["Username", "Email address", "First name", "Last name"]
    names = ["ps1", "ps1 (Feedback)", "ps2", "ps2 (Feedback)", "whole", "whole (Feedback)"]
    assert list(rows[0]) == columns + names  # later was never assigned
    assert {row["Username"]: (row["ps1"], row["ps1 (Feedback)"]) for row in rows} == {
        "ann": ("8.50", ""),
        "bob": ("-", "[nbjudge: ps1: waiting for a person]"),
        "cem": ("-", "[nbjudge: ps1: not submitted]"),
        "dan": ("-", "[nbjudge: ps1: not gradable]"),
        "eve": ("0.00", ""),
        "fay": ("-", "[nbjudge: ps1: not graded yet]"),
    }
    assert rows[1]["First name"] == "'=cmd"
    assert "whole repeats ps1, ps2: include only one of the two" in capsys.readouterr().err


def test_an_identifier_that_some_students_lack_is_left_out(school, capsys):
    school.submit("guest", "ps1")
    assert "Email address" not in export(school)[0]
    assert "because some students have none: guest." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        ((), WORKSHEET, "A worksheet belongs to one assignment"),
        (PS1, "ID,Bewertung\n1,2\n", "Set your language in Moodle to English"),
        ((*PS1, "--notes"), WORKSHEET.replace("Feedback comments", "x"), "no column Feedback"),
        ((), EXPORT.replace("PS 1", "Exam"), "No column matches an assignment name"),
        (("--column", "ps1"), EXPORT, "ASSIGNMENT=TITLE, not 'ps1'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(school, capsys, arguments, text, said):
    with contextlib.suppress(SystemExit):
        assert export(school, *arguments, text=text) is None
    assert said in capsys.readouterr().err
    assert not (school.root / "moodle-import.csv").exists()
