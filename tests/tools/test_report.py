"""The explanations of nbgrader's log, the table of grades, and the lines below the table."""

import json
import re
from pathlib import Path

import pytest

from nbexercise.showing.report import AN_ERROR, MIME_TYPE, UNNAMED
from nbjudge.course.outcome import GradingOutcome
from nbjudge.plugins.report.overview import make_overview
from nbjudge.plugins.shared import diagnoses
from nbjudge.plugins.standings.standings import (
    Assigned,
    Person,
    Question,
    Standing,
    Standings,
    State,
)
from nbjudge.wire.outputs import REPORT
from tools import report
from tools.course import reason

NOTHING = Standings(None, (), (), ())


def printed(*arguments):
    """Print the summary; returns True if the sample class has the expected grades."""
    summary = report.Report(*arguments)
    summary.print()
    return summary.as_expected


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("    nbclient.exceptions.DeadKernelError: Kernel died\n[ERROR] See above", "exit()"),
        ("[ERROR] Traceback\n    KeyError: 'x'\n[ERROR] See the traceback", "KeyError: 'x'"),
        ("", "no reason"),
    ],
)
def test_the_reason_is_found_in_nbgraders_log(log, said):
    assert said in reason(log)


def graded_row(student, exercise, *mistakes, points=0.0, assignment="a"):
    return report.Grade(student, assignment, exercise, points, 5.0, "", mistakes=mistakes)


def test_mistakes_are_counted_by_student_and_only_where_points_were_lost():
    rows = [
        graded_row("ada", "conv_forward", "no stride"),
        graded_row("ada", "conv_forward", "no stride", assignment="b"),  # counts once
        graded_row("ben", "conv_forward", "no bias", "no stride"),
        graded_row("cem", "conv_forward", "mistake not recognized"),
        graded_row("dan", "conv_forward", points=5.0),
        graded_row("eve", "conv_forward", "not written"),
        graded_row("fay", "conv_forward", "an error"),
        graded_row("gus", "conv_forward", "an error"),
        graded_row("hal", "conv_forward", "an error"),
        graded_row("ida", "zero_pad", points=None),
        graded_row("jan", "essay", "not written"),
    ]
    counts = report.mistakes(rows)
    assert counts == {
        "conv_forward": {
            "no stride": 2,
            "no bias": 1,
            "an error": 3,
            "mistake not recognized": 1,
            "not written": 1,
        }
    }
    assert list(counts["conv_forward"])[:2] == ["no stride", "no bias"]


def test_both_sides_mean_the_same_by_a_name():
    """exercises cannot import nbjudge, so each defines the names."""
    assert MIME_TYPE == REPORT
    assert (AN_ERROR, UNNAMED[-1]) == (diagnoses.AN_ERROR, diagnoses.NOT_RECOGNISED)


def test_the_table_shows_brackets_as_they_are(monkeypatch, capsys):
    row = report.Grade("ada", "padding", "zero_pad", 1.0, 5.0, "The slice [pad:-pad] is empty.")
    monkeypatch.setattr(report, "rows", lambda standings: [row])
    printed(NOTHING, {}, Path("nowhere"))
    assert "The slice [pad:-pad] is empty." in capsys.readouterr().out


def test_what_students_write_does_not_control_a_terminal(monkeypatch, capsys, tmp_path):
    hostile, details = "x\x1b]0;y\x07\x1b[2J\x9bz", tmp_path / "grading.txt"
    rows = [
        report.Grade(hostile, "padding", "zero_pad", 1.0, 5.0, hostile, mistakes=(hostile,)),
        essay_row(hostile, None, "waits"),
    ]
    monkeypatch.setattr(report, "rows", lambda standings: rows)
    outcomes = {"one_by_one": [GradingOutcome(f"{hostile}2", "failed", hostile)]}
    summary = report.Report(NOTHING, outcomes, tmp_path)
    summary.print()
    monkeypatch.setattr(report, "MOST_ROWS", 0)
    monkeypatch.setattr(report, "overviews", lambda standings: [])
    summary.print()
    summary.write(details, [])
    shown = capsys.readouterr().out + details.read_text()
    assert not [c for c in shown if not c.isprintable() and c != "\n"]
    assert shown.count("x\\x1b]0;y\\x07\\x1b[2J\\x9bz") >= 8


def essay_row(student, points, by_hand):
    return report.Grade(student, "one_by_one", "why", points, 6.0, "", by_hand)


def test_the_table_is_followed_by_what_a_person_has_to_do(monkeypatch, capsys):
    waiting = [essay_row(student, None, "waits") for student in ("ada", "[/b]")]
    done = [essay_row("cem", 4.0, "again"), essay_row("dan", 5.0, "graded")]
    monkeypatch.setattr(report, "rows", lambda standings: [*waiting, *done])
    assert printed(NOTHING, {}, Path("nowhere"))
    shown = capsys.readouterr().out
    assert "none of 6" in shown and "4 of 6" in shown
    first, second = shown.partition("To be graded by hand")[2].split("Graded by hand, and regraded")
    assert "  why in one_by_one, 2: ada, [/b]\n" in first
    assert "  why in one_by_one, 1: cem\n" in second
    assert "dan" not in first + second


def test_what_a_person_has_graded_is_no_surprise(monkeypatch, tmp_path):
    monkeypatch.setattr(report, "is_as_written", lambda *_: True)
    (tmp_path / "submitted").mkdir()
    table = {s: {"one_by_one": {"why": {"points": None, "scenario": "x"}}} for s in ("ada", "ben")}
    (tmp_path / "submitted" / report.EXPECTED).write_text(json.dumps(table))
    rows = [essay_row("ada", None, "waits"), essay_row("ben", 4.0, "graded")]
    assert report.Comparison(rows, tmp_path).different == []
    ((row, _),) = report.Comparison([essay_row("ada", 0.0, "")], tmp_path).different
    assert row.student == "ada"


def large_class(monkeypatch, students):
    rows = [essay_row(f"s{n}", None, "waits") for n in range(students)]
    rows += [graded_row(f"s{n}", "conv_forward", "stride ignored") for n in range(3)]
    rows += [graded_row(f"s{n}", "conv_forward", "newer Python: 3.12") for n in range(3, 8)]
    monkeypatch.setattr(report, "rows", lambda standings: rows)
    assigned = Assigned("one_by_one", (Question("one_by_one", "why", 6.0),))
    waiting = Standing(Person("s0"), assigned, State.WAITING)
    monkeypatch.setattr(report, "overviews", lambda standings: [make_overview(assigned, [waiting])])


def test_a_class_is_a_row_for_each_assignment_and_the_frequent_mistakes(monkeypatch, capsys):
    large_class(monkeypatch, 31)
    printed(NOTHING, {}, Path("nowhere"))
    shown = capsys.readouterr().out
    assert re.search(r"one_by_one +│ +1 │ +0 │ +1 │ +0 │ +0 │", shown)
    assert "  conv_forward: stride ignored, 3 of 8 students\n" in shown
    assert "newer Python" not in shown  # a limit of the grader, not a mistake
    assert "none of 6" not in shown
    assert "why in one_by_one, 31: s0, " in shown and "s19 and 11 more\n" in shown


def test_the_file_has_a_row_for_each_exercise_every_name_and_the_notes(
    monkeypatch, capsys, tmp_path
):
    large_class(monkeypatch, 31)
    details = tmp_path / "grading.txt"
    report.Report(NOTHING, {}, Path("nowhere")).write(details, ["Repaired: [/b]"])
    text = details.read_text()
    assert text.count("none of 6") == 31 and "s19, s20" in text and "s30\n" in text
    assert re.search(r"stride ignored +│ +3 of 8 ", text)
    assert text.endswith("Repaired: [/b]\n")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("students", "chosen"), [(12, []), (40, ["s0"])])
def test_a_few_exercises_and_named_students_have_their_rows_on_the_screen(
    monkeypatch, capsys, students, chosen
):
    large_class(monkeypatch, students)
    printed(NOTHING, {}, Path("nowhere"), chosen)
    shown = capsys.readouterr().out
    assert shown.count("none of 6") == (len(chosen) or students)
    assert "submitted" not in shown


def test_old_points_are_not_shown_for_what_could_not_be_graded(monkeypatch, capsys):
    row = report.Grade("ada", "padding", "zero_pad", 5.0, 5.0, "")
    monkeypatch.setattr(report, "rows", lambda standings: [row])
    outcome = {"padding": [GradingOutcome("ada", "failed", "[/] no notebook")]}
    printed(NOTHING, outcome, Path("nowhere"))
    shown = capsys.readouterr().out
    assert "5 of 5" not in shown
    assert "Not graded: [/] no notebook." in shown
