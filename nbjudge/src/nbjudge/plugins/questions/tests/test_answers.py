"""Answers are graded by their row alone, and the points reach the gradebook of nbgrader."""

import csv
import json
from dataclasses import replace

import pytest

from nbjudge.plugins.questions.sheets import Key, Sheet, read_answers
from tests.support.formgrader import TOKEN, formgrader

from .conftest import NAME, STRANGE, asked, fill_in, right

COLUMN = f"{NAME}-questions"


def key(*students, **changes):
    (model,) = asked().questions
    questions = [replace(model, **{"text": f"{n}?", "right": n % 2, **changes}) for n in range(3)]
    key = Key(NAME, 3)
    for student in students:
        key = key.with_sheet(Sheet(student, f"Name of {student}", questions=tuple(questions)))
    return key


ROWS = {  # the row of ann, whose right answers are a, b, a: letters, or why it is left to a person
    "ann,1,a,b,a": ["a", "b", "a"],
    "ann,1, A ,B,-": ["a", "b", ""],
    "ann,1,,,a": ["", "", "a"],
    "ann,1,-,-,-": ["", "", ""],
    "ann,1,,,": [],
    "ann,1,ab,b,a": "'ab' for question 1",
    "ann,1,a,c,a": "'c' for question 2",
    "ann,2,a,b,a": "has sheet 1, not 2",
    "ann,,a,b,a": "has sheet 1, not none",
    "eve,1,a,b,a": "eve has no sheet",
    ",1,a,b,a": "a row without a student has no sheet",
    "ann,1,a,b,a\nben,1,a,b,a": "more than once",
    "ann,1,a,b,a\nann,2,a,b,a": "more than once",
    "ann,1,a,b,a\n,,,,": ["a", "b", "a"],
}


@pytest.mark.parametrize("row", ROWS)
def test_nothing_is_guessed(tmp_path, row):
    (tmp_path / "a.csv").write_text(f"student,sheet,1,2,3\n{row}\n")
    answers = read_answers(tmp_path / "a.csv", key("ann", "ben"))
    expected = ROWS[row]
    if isinstance(expected, str):
        assert not answers.graded and expected in answers.unsure[0]
    else:
        assert [list(one.letters) for one in answers.graded] == [expected] * bool(expected)
        assert not answers.unsure and answers.empty == ["ann"] * (not expected)


@pytest.mark.parametrize("text", ["student,1\nann,a\n", "student;sheet\n", "", "\xff"])
def test_a_file_of_another_form_is_refused(tmp_path, text):
    (tmp_path / "a.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError):
        read_answers(tmp_path / "a.csv", key("ann"))


def test_points_follow_the_answers(three, folder, command, course):
    letters = {student: right(sheet) for student, sheet in three.items()}
    file = fill_in(folder, ben=letters["ben"][:1] + ["-", ""], **{STRANGE[1:]: [], "ann": []})
    before = course.tables()
    assert command("questions", NAME, "--answers", file).status == 0
    assert course.tables() == before
    page = (folder / "report.html").read_text()
    assert "<li>ben: 1 of 3</li>" in page and "reason for a conversation" in page
    assert "<li>ann has no answers</li>" in page and "<code></code>" not in page
    fill_in(folder, ann=letters["ann"], **{STRANGE: ["a", "b", "ab"]})
    for _ in range(2):
        done = command("questions", NAME, "--answers", file, "--points", "6")
        assert done.status == 1 and "'ab' for question 3" in done.stderr
        rows = course.tables()["grades"]
        assert {row[1]: row[4:] for row in rows} == {
            "ann": (None, 6, None, 0),
            "ben": (None, 2, None, 0),
        }
    fill_in(folder, ben=letters["ben"], ann=["", "", ""])
    command("questions", NAME, "--answers", file, "--points", "3")
    scores = {row[1]: row[5] for row in course.tables()["grades"]}
    assert scores == {"ann": 6, "ben": 3}  # ann's row has no answers now: a person decides


def test_nbgrader_and_other_commands_show_the_points(three, folder, command, course, tmp_path):
    fill_in(folder, **{student: right(sheet) for student, sheet in three.items()})
    command("questions", NAME, "--answers", folder / "answers.csv", "--points", "6")
    assert f"{COLUMN}          3       3  " in command("status").stdout
    assert command("autograde", COLUMN).stderr.count("differs") == 0
    assert f"{COLUMN}          3       3  " in command("status").stdout
    assert command("feedback", COLUMN).status == 0
    command("export", "grades", "--output", "all.csv")
    course.python("-m", "nbgrader", "export")
    for name in ("all.csv", "grades.csv"):
        with open(course.root / name, newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["assignment"] == COLUMN]
        assert [float(row["score"]) for row in rows] == [6, 6, 6]
    with formgrader(course, tmp_path / "home") as browser:
        browser.get(f"login?token={TOKEN}")
        listed = {a["name"]: a for a in json.loads(browser.get("formgrader/api/assignments"))}
        assert listed[COLUMN]["num_submissions"] == 3 and listed[COLUMN]["average_score"] == 6
        (shown,) = course.rows(
            "select n.id from submitted_notebook n join submitted_assignment s "
            "on s.id = n.assignment_id where s.student_id = 'ann'"
        )
        assert "(right)" in browser.get(f"formgrader/submissions/{shown[0]}/?index=0")
    page = (course.root / "feedback/ann" / COLUMN / "questions.html").read_text()
    assert "Your answer: " in page and page.count("(right)") == 3
    course.write("update notebook set name = 'own' where name = 'questions'")
    done = command("questions", NAME, "--answers", folder / "answers.csv", "--points", "6")
    assert done.status == 2 and "another assignment" in done.stderr


def test_options_that_contradict_each_other(command, folder):
    for options in (["--points", "2"], ["--answers", "x", "--again"], ["--answers", "x"]):
        assert command("questions", NAME, *options).status == 2
    assert not list(folder.glob("*"))
