"""Second opinions are blind, change no points, and end in a list of disagreements."""

import csv
import json
import re

import pytest

from nbjudge.plugins.review.graders import sample
from nbjudge.plugins.review.tests.review_client import serving

GRADERS = ("ana", "ben")
KINDS = "select kind, grader, points from nbjudge_grading order by time"


def grade_everything(client, points=2, comment="Only halves."):
    """Grade all answers as one grader."""
    shown = client.next()
    while shown:
        assert client.save(shown, points, comment)[0] == 200
        shown = client.next(shown)


@pytest.fixture
def graded(course):
    """Serve a course whose answers ana has graded; half of them get a second opinion."""
    with serving(course, graders=GRADERS, percent=50) as (ana, ben):
        grade_everything(ana)
        yield ana, ben


def counts(client):
    lists = client.ask("answers")[1]["lists"]
    return {one["name"]: one["waiting"] for one in lists if one["waiting"]}


def test_a_tenth_of_each_question_is_chosen_and_always_the_same():
    answers = {f"{q}{n}": ("nb", q, f"s{n}") for q in "ab" for n in range(40)}
    chosen = sample(answers, 10, "ps1")
    assert sorted(key[0] for key in chosen) == ["a"] * 4 + ["b"] * 4
    assert sample(dict(reversed(answers.items())), 10, "ps1") == chosen
    assert sample(answers, 10, "ps2") != chosen
    assert len(sample({"a1": ("nb", "a", "s1")}, 10, "ps1")) == 1, "at least one"
    assert sample(answers, 100, "ps1") == set(answers)


def test_the_sample_does_not_depend_on_the_progress(larger_class):
    with serving(larger_class, graders=GRADERS, percent=10) as (ana, ben):
        shown = ana.next()
        assert ana.save(shown)[0] == 200
        grade_everything(ben)
        seconds = {c: [one["id"] for one in c.answers("second")] for c in (ana, ben)}
        assert sum(map(len, seconds.values())) == 2, "one of each question"
    with serving(larger_class, graders=GRADERS, percent=10) as (ana, ben):
        again = {c: [one["id"] for one in c.answers("second")] for c in (ana, ben)}
        assert list(again.values()) == list(seconds.values())


def test_the_first_grader_gives_no_second_opinion(graded):
    ana, ben = graded
    assert counts(ana) == {}
    assert counts(ben) == {"second": 4}


def test_a_second_opinion_is_blind_and_changes_no_points(graded, course):
    _, ben = graded
    before = course.tables()
    shown = ben.next(name="second")
    seen = json.dumps(shown)
    assert (shown["points"], shown["comment"], shown["by"], shown["waiting"]) == (
        None,
        "",
        "",
        True,
    )
    assert "You do not see the points" in shown["note"] and "ana" not in seen
    status, saved = ben.save(shown, 2, "I agree.", name="second")
    assert (status, saved["points"], saved["comment"]) == (200, 2, "I agree.")
    assert course.tables() == before
    assert counts(ben) == {"second": 3}, "equal points are no disagreement"


def test_only_own_comments_are_offered_with_second_opinions(course):
    with serving(course, graders=GRADERS, percent=100) as (ana, ben):
        first = ana.next()
        assert ana.save(first, 1, "Only about this one.")[0] == 200
        other = ana.next(first)
        assert ana.save(other, 1, "About another one.")[0] == 200
        shown = ben.next(name="second")
        assert shown["bank"] == []
        assert ben.save(shown, 1, "Ben's own line.", name="second")[0] == 200
        assert ben.next(shown, name="second")["bank"] == ["Ben's own line."]


def test_a_forged_conflict_reveals_no_points_of_a_second_opinion(graded):
    _, ben = graded
    shown = ben.next(name="second")
    for name in ("answers", "others"):
        status, answer = ben.save(shown | {"version": "x"}, 2, "", name=name)
        assert status == 404 and set(answer) == {"message"}
        assert "Another grader has dealt with this answer" in answer["message"]


def test_a_disagreement_is_settled_by_a_third_decision(graded, course):
    ana, ben = graded
    shown = ben.next(name="second")
    before = course.tables()
    assert ben.save(shown, 3, "The whole is named.", name="second")[0] == 200
    assert course.tables() == before, "the first points count until then"
    assert counts(ana) == {"disagreements": 1}
    open_one = ana.next(name="disagreements")
    assert (open_one["id"], open_one["points"]) == (shown["id"], 2)
    first, second = open_one["opinions"]
    assert (first["by"][:4], first["points"], first["comment"]) == ("ana,", 2, "Only halves.")
    assert (second["by"][:4], second["points"], second["comment"]) == (
        "ben,",
        3,
        "The whole is named.",
    )
    assert ben.next(name="disagreements") is None, "ana has it open"
    status, saved = ana.save(open_one, 3, "Agreed.", name="disagreements")
    assert (status, saved["points"], saved["comment"]) == (200, 3, "Agreed.")
    assert counts(ana) == {}
    assert course.rows(KINDS)[-2:] == [("second opinion", "ben", 3), ("settled", "ana", 3)]


def test_settling_with_the_first_points_ends_the_disagreement(graded, course):
    ana, ben = graded
    shown = ben.next(name="second")
    assert ben.save(shown, 4, name="second")[0] == 200
    assert ana.save(ana.next(name="disagreements"), 2, name="disagreements")[0] == 200
    assert "disagreements" not in {**counts(ana), **counts(ben)}


def test_what_another_grader_has_settled_is_not_settled_again(graded, course):
    ana, ben = graded
    assert ben.save(ben.next(name="second"), 4, name="second")[0] == 200
    seen = ben.next(name="disagreements")
    course.write("update nbjudge_claim set until = '2020-01-01 00:00:00'")
    assert ana.save(ana.next(name="disagreements"), 2, name="disagreements")[0] == 200
    before = course.tables()
    status, answer = ben.save(seen, 4, name="disagreements")
    assert (status, answer["message"]) == (
        404,
        "Another grader has dealt with this answer meanwhile. Nothing was saved.",
    )
    assert course.tables() == before


def test_new_work_voids_a_second_opinion(graded, course):
    ana, ben = graded
    shown = next(a for n in range(4) if (a := ben.answer(n, "second"))["title"] == "essay")
    assert ben.save(shown, 3, name="second")[0] == 200
    assert counts(ana) == {"disagreements": 1}
    query = """select s.student_id from grade g join submitted_notebook n on n.id = g.notebook_id
    join submitted_assignment s on s.id = n.assignment_id where g.id = ?"""
    ((student,),) = course.rows(query, shown["id"])
    course.answer(student, essay="Another answer.")
    course.write("update grade set needs_manual_grade = 0 where id = ?", shown["id"])
    assert "disagreements" not in counts(ana)


def test_a_change_in_the_formgrader_can_settle_a_disagreement(graded, course):
    ana, ben = graded
    shown = ben.next(name="second")
    assert ben.save(shown, 3, name="second")[0] == 200
    course.write("update grade set manual_score = 3 where id = ?", shown["id"])
    assert counts(ana) == {}
    course.write("update grade set manual_score = 1 where id = ?", shown["id"])
    assert ana.next(name="disagreements")["opinions"][0]["by"] == "formgrader"


def test_one_person_settles_what_graders_have_left(graded, course):
    _, ben = graded
    assert ben.save(ben.next(name="second"), 4, name="second")[0] == 200
    with serving(course) as (alone,):
        assert alone.answers() == []
        shown = alone.next(name="disagreements")
        assert alone.save(shown, 4, name="disagreements")[0] == 200
        assert alone.next(name="disagreements") is None


def test_the_log_names_who_graded_what_and_when(graded, course):
    ana, ben = graded
    shown = ben.next(name="second")
    assert ben.save(shown, 3, "=1+1", name="second")[0] == 200
    opened = ana.next(name="disagreements")
    assert ana.save(opened, 2.5, "Both.", name="disagreements")[0] == 200
    done = course.nbjudge("review", "halves", "--export", "log.csv")
    assert (done.returncode, done.stderr) == (0, "Wrote log.csv: 8 grades.\n")
    with open(course.root / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    (student,) = {row["student_id"] for row in rows if row["kind"] == "settled"}
    of_one = [
        [row[name] for name in ("kind", "grader", "score", "max_score", "counts", "comment")]
        for row in rows
        if row["question"] == "essay" and row["student_id"] == student
    ]
    assert of_one == [
        ["grade", "ana", "2", "4", "no", "Only halves."],
        ["second opinion", "ben", "3", "4", "no", "'=1+1"],
        ["settled", "ana", "2.5", "4", "yes", "Both."],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["time"]) for row in rows)
    done = course.nbjudge("review", "halves", "--export", "missing/log.csv")
    assert done.returncode == 2 and "missing/log.csv cannot be written" in done.stderr


def test_second_opinions_need_graders(course):
    done = course.nbjudge("review", "halves", "--second-opinion", "10")
    assert done.returncode == 2
    assert "--second-opinion needs the names of the graders" in done.stderr
    done = course.nbjudge("review", "halves", "--graders", "a,b", "--second-opinion", "0")
    assert "expected a number from 1 to 100, not '0'" in done.stderr
