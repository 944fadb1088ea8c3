"""Requests of the review page: what they return, what they save, and which are rejected."""

import json
import re

import pytest

from nbjudge.plugins.review.answers import Answers
from nbjudge.plugins.review.tests.review_client import serving
from tests.support.reviewed import STUDENTS


@pytest.fixture
def client(course):
    with serving(course) as (client,):
        yield client


def student_of(course, shown):
    """Return the student of an answer, which the page does not show."""
    query = """select s.student_id from grade g join submitted_notebook n on n.id = g.notebook_id
    join submitted_assignment s on s.id = n.assignment_id where g.id = ?"""
    return course.rows(query, shown["id"])[0][0]


def test_answers_come_question_by_question_without_names(client):
    shown = [client.answer(number) for number in range(6)]
    assert [one["title"] for one in shown] == ["essay"] * 3 + ["drawing"] * 3
    assert {one["student"] for one in shown} == {""}
    # Whole words: an id may contain "ada" by chance.
    names = re.compile(r"\b(" + "|".join(STUDENTS) + r")\b")
    assert not any(names.search(json.dumps(one)) for one in shown)
    ids = [one["id"] for one in shown]
    assert ids[:3] == sorted(ids[:3]), "the order is that of ids that are drawn at random"


def test_names_are_shown_on_request(course):
    course.write("update student set first_name = 'Ada', last_name = 'Lovelace' where id = 'ada'")
    with serving(course, names=True) as (client,):
        assert {client.answer(n)["student"] for n in range(3)} == {"Ada Lovelace", "ben", "cem"}


def test_an_answer_is_shown_with_its_question_and_its_marking_scheme(client):
    shown = client.answer()
    assert "Why is twice a half the whole?" in shown["question"]
    assert "Halves" not in shown["question"], "only the text up to the last heading"
    assert '<h3 id="in-notebook-Why-it-works">' in shown["question"]
    assert "Twice a half is" in shown["answer"]
    assert "Reasons count" in shown["scheme"] and "MARK SCHEME" not in shown["scheme"]
    assert [(item["points"], item["own"]) for item in shown["rubric"]] == [
        (2, False),
        (1, False),
        (-1, False),
    ]
    assert shown["rubric"][0]["html"].strip() == "<p>Names the <em>whole</em></p>"
    code = client.answer(3)
    assert "Draw it by code." in code["question"] and "drawing" in code["answer"]
    assert (code["scheme"], code["rubric"], code["out_of"]) == ("", [], 5)


def test_saved_grades_are_in_the_gradebook_at_once(client, course):
    shown = client.answer()
    student = student_of(course, shown)
    first, _, last = (item["key"] for item in shown["rubric"])
    status, saved = client.save(shown, 1, " Well said. \n", [first, last])
    assert status == 200
    assert course.grade_of(student) == (1, None, 0, "Well said.")
    assert (saved["points"], saved["comment"], saved["waiting"]) == (1, "Well said.", False)
    assert [item["ticked"] for item in saved["rubric"]] == [True, False, True]
    assert [one["waiting"] for one in client.answers()] == [False] + [True] * 5
    others = [course.grade_of(other) for other in STUDENTS if other != student]
    assert others == [(None, None, 1, None)] * 2


def test_extra_credit_stays_and_an_empty_comment_is_none(client, course):
    shown = client.answer()
    student = student_of(course, shown)
    course.write("update grade set extra_credit = 0.5 where id = ?", shown["id"])
    assert client.save(shown, 3.25)[0] == 200
    assert course.grade_of(student) == (3.25, 0.5, 0, None)


def test_ticks_are_void_if_someone_gives_other_points(client, course):
    shown = client.answer()
    client.save(shown, 2, ticked=[shown["rubric"][0]["key"]])
    course.write("update grade set manual_score = 3 where id = ?", shown["id"])
    shown = client.answer()
    assert shown["points"] == 3
    assert not any(item["ticked"] for item in shown["rubric"])


CHANGES = {
    "points": "update grade set manual_score = 4, needs_manual_grade = 0 where id = ?",
    "the grader's own points": "update grade set auto_score = 1 where id = ?",
    "comment": "update comment set manual_comment = 'Mine.' where notebook_id = "
    "(select notebook_id from grade where id = ?) and cell_id in "
    "(select id from base_cell where name = 'essay')",
}


@pytest.mark.parametrize("change", CHANGES)
def test_concurrent_changes_in_the_formgrader_are_not_overwritten(client, course, change):
    shown = client.answer()
    student = student_of(course, shown)
    course.write(CHANGES[change], shown["id"])
    before = course.tables()
    status, current = client.save(shown, 2, "Ours.")
    assert status == 409
    assert course.tables() == before
    assert current["points"] == {"points": 4, "the grader's own points": 1, "comment": None}[change]
    assert current["comment"] == ("Mine." if change == "comment" else "")
    assert client.save(current, 2, "Ours.")[0] == 200, "once it has been seen"
    assert course.grade_of(student) == (2, None, 0, "Ours.")


def test_a_regraded_answer_is_not_scored_unseen(client, course):
    shown = client.answer()
    student = student_of(course, shown)
    course.answer(student, essay="Another answer.")
    status, current = client.save(shown, 2)
    assert status == 409 and "Another answer." in current["answer"]
    assert course.grade_of(student) == (None, None, 1, None)


@pytest.mark.parametrize("points", [-0.5, 4.5, "3", None, True, float("nan"), 1e999])
def test_points_are_a_number_within_those_of_the_question(client, course, points):
    before = course.tables()
    status, answer = client.save(client.answer(), points)
    assert status == 400
    assert answer["message"].startswith("Points must be a number from 0 to 4, not ")
    assert course.tables() == before


def test_unknown_rubric_items_and_other_data_are_refused(client):
    shown = client.answer()
    assert client.save(shown, ticked=["unknown"])[0] == 400
    assert client.save(shown, comment=7)[0] == 400
    assert client.save(shown, comment="x" * 20_001)[0] == 400
    assert client.ask(f"answers/{shown['id']}", "PUT", [1])[0] == 400
    status, answer = client.ask("answers/" + "0" * 32, "PUT", {})
    assert (status, answer["message"]) == (
        404,
        f"There is no answer {'0' * 32} here: reload the page",
    )


def test_a_grader_adds_rubric_items_to_a_question_and_removes_them(client):
    shown, other = client.answer(3), client.answer(4)
    place = f"answers/{shown['id']}/items"
    for points, text in ((3, "Draws *a circle*"), (-1, "Too small")):
        status, changed = client.ask(place, "POST", {"points": points, "text": text})
        assert status == 200
    assert [(i["points"], i["own"]) for i in changed["rubric"]] == [(3, True), (-1, True)]
    assert "<em>a circle</em>" in changed["rubric"][0]["html"]
    other = client.answer(4)
    assert [i["points"] for i in other["rubric"]] == [3, -1], "it holds for all answers"
    assert len(client.answer(0)["rubric"]) == 3, "but not for those to another question"
    client.save(changed, 3, ticked=[changed["rubric"][0]["key"]])
    key = changed["rubric"][0]["key"]
    status, changed = client.ask(f"{place}/{key}", "DELETE")
    assert [i["points"] for i in changed["rubric"]] == [-1]
    assert changed["points"] == 3
    for points, text in ((9, "More than there is"), (None, "None"), (1, " "), (1, "x" * 501)):
        assert client.ask(place, "POST", {"points": points, "text": text})[0] == 400


def test_lines_of_comments_are_offered_again_the_most_used_first(client):
    for number, comment in enumerate(["Good.\n\nWhy?", "Why?", ""]):
        client.save(client.answer(number), comment=comment)
    assert client.answer(0)["bank"] == ["Why?", "Good."]
    assert client.answer(3)["bank"] == [], "of this question only"


def test_answers_that_are_graded_are_shown_where_all_are_wanted(course):
    with serving(course) as (client,):
        client.save(client.answer(), 2)
    with serving(course) as (client,):
        assert len(client.answers()) == 5
    with serving(course, everything=True) as (client,):
        assert [one["waiting"] for one in client.answers()].count(False) == 1


def test_answers_without_a_graded_notebook_are_left_out_and_counted(course):
    """Those whose submission was removed as well are not counted: grading cannot restore them."""
    (course.autograded("ada", "halves") / "halves.ipynb").unlink()
    submitted = course.submitted("ada", "halves")
    submitted.mkdir(parents=True)
    assignment = course.assignment()
    try:
        answers = Answers(assignment)
        assert (len(answers.order), answers.missing) == (4, 2)
        submitted.rmdir()
        answers = Answers(assignment)
        assert (len(answers.order), answers.missing) == (4, 0)
    finally:
        assignment.close()


def test_why_there_is_nothing_to_review(course):
    def nothing(everything=False):
        assignment = course.assignment()
        try:
            return Answers(assignment, everything).nothing
        finally:
            assignment.close()

    assert nothing() == ""
    course.write("update grade set needs_manual_grade = 0, manual_score = 1")
    assert nothing().startswith(
        "No answer of halves is waiting for a manual grade. `nbjudge review"
    )
    assert nothing(everything=True) == ""
    course.write("update grade set manual_score = null")  # without any points it waits
    assert nothing() == ""
    course.write("delete from grade")
    assert nothing().startswith("halves has not been graded yet: run `nbjudge autograde")


def test_nothing_that_a_student_wrote_is_active(client):
    shown = client.answer()["answer"]
    assert "Twice a half is" in shown
    assert "<script" not in shown and "onerror" not in shown
    client.ask("")
    policy = client.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy


@pytest.mark.parametrize("name", ["", "page.js", "page.css"])
def test_the_page_loads_nothing_from_elsewhere(client, name):
    status, text = client.ask(name)
    assert status == 200
    assert "//" not in text.replace("// ", "").replace("http://www.w3.org/", "")


FORGED = {
    "another origin": {"Origin": "http://example.org"},
    "no origin": {"Origin": None},
    "a form": {"Content_Type": "text/plain"},
    "another name of this machine": {"Host": "example.org"},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_other_pages_cannot_change_grades(client, course, headers):
    shown, before = client.answer(), course.tables()
    data = {"version": shown["version"], "points": 4, "comment": "", "ticked": []}
    status, answer = client.ask(f"answers/{shown['id']}", "PUT", data, **headers)
    assert status == 403 and answer["message"]
    assert course.tables() == before


def test_other_pages_cannot_read_answers(client):
    assert client.ask("answers", Host="example.org")[0] == 403
    client.start = "/" + "x" * 43 + "/"
    assert client.ask("answers")[0] == 404
    client.start = "/"
    assert client.ask("answers")[0] == 404
