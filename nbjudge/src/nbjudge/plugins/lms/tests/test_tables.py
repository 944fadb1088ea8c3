"""Tables for spreadsheets and scripts, from `nbjudge export` and `nbgrader export`."""

import contextlib
import csv
import io
import json

import pytest
from nbgrader.apps import ExportApp

from nbjudge.cli.main import main
from tests.support.graded_class import WHY

STOCK = [  # columns of nbgrader's own export
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
]


def export(school, *arguments):
    with contextlib.chdir(school.root):
        return main(["export", *arguments])


def table(school, *arguments, name=None):
    assert export(school, *arguments) == 0
    content = (school.root / (name or f"{arguments[0]}.csv")).read_bytes()
    assert b"\n" not in content.replace(b"\r\n", b"")
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_grades_distinguish_all_states(school):
    rows = table(school, "grades")
    assert list(rows[0]) == [*STOCK, "state", "why"]
    of_ps1 = {row["student_id"]: row for row in rows if row["assignment"] == "ps1"}
    assert {name: (row["score"], row["state"]) for name, row in of_ps1.items()} == {
        "ann": ("8.5", "graded"),
        "bob": ("", "waiting for a person"),
        "cem": ("", "not submitted"),
        "dan": ("", "not gradable"),
        "eve": ("0", "graded"),
        "fay": ("", "not graded yet"),
    }
    assert [row["state"] for row in rows if row["assignment"] == "later"] == ["not assigned"] * 6
    assert of_ps1["dan"]["why"] == WHY
    assert of_ps1["ann"]["last_name"] == "Müller"
    assert of_ps1["ann"]["timestamp"] == "2030-01-01 12:00:00"


def test_a_penalty_is_shown_and_deducted(school):
    school.grade("ann", "ps1", penalty=1.5, double_test=2, half_test=2.5, essay=4)
    (row,) = table(school, "grades", "ps1", "--student", "ann")
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("8.5", "1.5", "7")


def test_text_of_students_is_not_a_formula(school):
    rows = table(school, "grades", "ps1")
    bob = next(row for row in rows if row["student_id"] == "bob")
    assert bob["first_name"] == "'=cmd"
    assert bob["last_name"] == "O'Neil, Jr."
    assert export(school, "grades", "ps1", "--output", "grades.json") == 0
    rows = json.loads((school.root / "grades.json").read_text())
    assert next(row for row in rows if row["student_id"] == "bob")["first_name"] == "=cmd"


def test_the_questions_carry_states_and_mistakes(school):
    lost = {"double_test": ["no stride", "no bias"], "half_test": []}
    school.grade("eve", "ps1", mistakes=lost, double_test=0, half_test=3, essay=0)
    rows = table(school, "questions", "ps1")
    assert len(rows) == 18
    found = {(row["student_id"], row["question"]): row for row in rows}
    assert found["eve", "double_test"]["mistakes"] == "no stride; no bias"
    assert found["eve", "half_test"]["mistakes"] == ""
    assert found["bob", "half_test"]["state"] == "graded"
    assert found["bob", "essay"]["state"] == "waiting for a person"
    assert found["bob", "essay"]["score"] == ""
    assert found["eve", "essay"]["score"] == "0"
    assert found["dan", "essay"]["state"] == "not gradable"


def test_the_mistakes_are_counted_where_points_were_lost(school):
    for student, score in (("eve", 0), ("fay", 1), ("cem", 2)):
        names = ["no stride"] if student == "eve" else ["no stride", "no bias"]
        school.grade(
            student, "ps1", mistakes={"double_test": names}, double_test=score, half_test=3, essay=4
        )
    rows = table(school, "mistakes", "ps1")
    assert [tuple(row.values()) for row in rows if row["question"] == "double_test"] == [
        ("ps1", "double_test", "no stride", "2", "5", "eve; fay"),
        ("ps1", "double_test", "no bias", "1", "5", "fay"),
    ]


def test_a_table_without_rows_has_its_columns(school):
    assert table(school, "mistakes", "later") == []
    first = (school.root / "mistakes.csv").read_text().splitlines()[0]
    assert first == "assignment,question,mistake,students,graded,student_ids"


def test_a_total_says_what_it_counts_and_what_is_open(school):
    rows = {row["student_id"]: row for row in table(school, "totals")}
    assert (rows["ann"]["score"], rows["ann"]["max_score"]) == ("17.5", "18")
    assert rows["ann"]["counted"] == "ps1; ps2"
    assert rows["bob"]["open"] == "ps1 (waiting for a person)"
    assert rows["eve"]["open"] == ""


def test_nbgraders_own_command_writes_no_zero_for_missing_work(school, monkeypatch):
    monkeypatch.chdir(school.root)
    ExportApp.launch_instance(["--to", "all.csv"])
    ExportApp.clear_instance()
    assert export(school, "grades") == 0
    assert (school.root / "all.csv").read_bytes() == (school.root / "grades.csv").read_bytes()


def test_the_plugins_take_names_and_write_json(school, monkeypatch, capsys):
    monkeypatch.chdir(school.root)
    arguments = ["--exporter", "nbjudge.plugins.lms.nbgrader_export.Questions", "--to", "q.json"]
    ExportApp.launch_instance([*arguments, "--assignment", "ps2", "--student", "ann"])
    ExportApp.clear_instance()
    (row,) = json.loads((school.root / "q.json").read_text())
    assert (row["question"], row["score"], row["mistakes"]) == ("square_test", 9, [])
    with pytest.raises(SystemExit):
        ExportApp.launch_instance([*arguments, "--assignment", "ps3"])
    ExportApp.clear_instance()
    assert "no assignment ps3; did you mean ps" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grades", "--output", "grades.xlsx"], "must end in .csv or .json"),
        (["grades", "--output", "nowhere/grades.csv"], "No such file or directory"),
        (["grades", "ps3"], "no assignment ps3; did you mean ps"),
        (["grades", "--student", "anne"], "no student anne; did you mean ann?"),
    ],
)
def test_a_wrong_call_writes_nothing_and_says_why(school, capsys, arguments, said):
    before = sorted(school.root.iterdir())
    assert export(school, *arguments) == 2
    assert said in capsys.readouterr().err
    assert sorted(school.root.iterdir()) == before


def test_the_command_reports_its_results(school, capsys):
    export(school, "grades", "ps1")
    said = capsys.readouterr().err
    assert "Wrote grades.csv: 6 rows." in said
    states = ["not submitted", "not graded yet", "not gradable", "waiting for a person"]
    assert all(f"  1 {state}\n" in said for state in states)
    assert "  2 graded\n" in said
    assert f"Not gradable: ps1 of dan: {WHY}." in said
