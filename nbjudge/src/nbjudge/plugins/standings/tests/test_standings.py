"""Standings of students: states, points, and the parts of a total."""

import datetime
import shutil

import pytest
import sqlalchemy as sql

from nbjudge.plugins.standings.reading import describe_missing, read_standings
from nbjudge.plugins.standings.standings import State
from tests.support.graded_class import WHY


def read(school, *names, **options):
    coursedir, settings = school.course()
    return read_standings(coursedir, names, parts=settings.parts, **options)


def states(school, assignment):
    found = read(school, assignment)
    return {student: of[assignment].state.name for student, of in found.by_student.items()}


def test_each_state_is_another_one(school):
    assert states(school, "ps1") == {
        "ann": "GRADED",
        "bob": "WAITING",
        "cem": "NOT_SUBMITTED",
        "dan": "NOT_GRADABLE",
        "eve": "GRADED",
        "fay": "NOT_GRADED",
    }
    assert set(states(school, "later").values()) == {"NOT_ASSIGNED"}
    found = {student: of["ps1"] for student, of in read(school, "ps1").by_student.items()}
    assert {student: standing.points for student, standing in found.items()} == {
        "ann": 8.5,
        "bob": None,
        "cem": None,
        "dan": None,
        "eve": 0,
        "fay": None,
    }
    assert found["bob"].known_points == 5
    assert [standing.why for standing in found.values()] == ["", "", "", WHY, "", ""]


def test_questions_keep_their_order_and_say_what_a_person_did(school):
    school.grade_by_hand("bob", "ps1", essay=3)
    found = read(school, "ps1").by_student
    for student in ("ann", "bob", "eve"):
        names = [graded.question.name for graded in found[student]["ps1"].questions]
        assert names == ["double_test", "half_test", "essay"]
    bob = found["bob"]["ps1"]
    assert (bob.state, bob.points) == (State.GRADED, 8)
    assert [graded.by_hand for graded in bob.questions] == ["", "", "graded"]
    assert bob.submitted == datetime.datetime(2030, 1, 1, 12)


def test_a_due_date_assigns_and_a_penalty_is_deducted_down_to_zero(school):
    with school.gradebook() as gradebook:
        gradebook.find_assignment("later").duedate = datetime.datetime(2030, 1, 1)
    assert set(states(school, "later").values()) == {"NOT_SUBMITTED"}
    school.grade("ann", "ps1", penalty=1.5, double_test=2, half_test=2.5, essay=4)
    school.grade("eve", "ps1", penalty=1.5, double_test=1, half_test=0, essay=0)
    found = read(school, "ps1").by_student
    assert found["ann"]["ps1"].points == 7
    assert found["eve"]["ps1"].points == 0


def test_grades_stay_where_the_submitted_folder_was_put_away(school):
    shutil.rmtree(school.root / "submitted" / "ann")
    assert states(school, "ps1")["ann"] == "GRADED"
    shutil.rmtree(school.root / "autograded" / "ann")
    assert states(school, "ps1")["ann"] == "UNSURE"


def test_everyone_who_submitted_belongs_to_the_class(school):
    school.submit("guest", "ps2")
    assert states(school, "ps2")["guest"] == "NOT_GRADED"


def total(school, student):
    found = read(school)
    person = next(person for person in found.students if person.id == student)
    one = found.total(person)
    return one.points, one.out_of, [standing.assignment.name for standing in one.counted]


def test_a_total_counts_the_whole_or_its_parts(school):
    assert total(school, "ann") == (17.5, 18, ["ps1", "ps2"])
    school.grade("ann", "whole", all_test=18)
    assert total(school, "ann") == (18, 18, ["whole"])
    assert total(school, "cem") == (0, 18, ["ps1", "ps2"])


def test_a_total_says_what_is_open(school):
    found = read(school)
    totals = [found.total(person) for person in found.students]
    still_open = {
        total.student.id: [standing.assignment.name for standing in total.open] for total in totals
    }
    ps1 = ["ps1"]
    assert still_open == {"ann": [], "bob": ps1, "cem": [], "dan": ps1, "eve": [], "fay": ps1}


def test_names_that_are_not_there_are_refused(school, tmp_path):
    with pytest.raises(LookupError, match=r"no assignment ps; did you mean ps\d"):
        read(school, "ps")
    with pytest.raises(LookupError, match="no student anne; did you mean ann"):
        read(school, "ps1", students=["anne"])
    (school.root / "gradebook.db").unlink()
    with pytest.raises(LookupError, match="there is no gradebook"):
        read(school)


def test_the_number_of_statements_does_not_grow_with_the_class(school):
    counts = []

    def count(*_):
        counts[-1] += 1

    def statements():
        counts.append(0)
        sql.event.listen(sql.Engine, "before_cursor_execute", count)
        read(school)
        sql.event.remove(sql.Engine, "before_cursor_execute", count)
        return counts[-1]

    before = statements()
    for student in ("cem", "dan", "fay"):
        school.grade(student, "ps2", square_test=1)
    assert statements() == before <= 24  # 13 of them look for nbjudge's tables


def test_who_is_missing(school):
    """Students without a name, email address or platform id do not count: grading adds them."""
    coursedir, _ = school.course()
    line = "ps1: 1 of 6 have submitted nothing: cem (Cem Yılmaz)"
    assert describe_missing(coursedir, "ps1") == line
    with school.gradebook() as gradebook:
        gradebook.add_student("added_by_grading")
    assert describe_missing(coursedir, "ps1") == line
    assert describe_missing(coursedir, "later") == ""  # nobody has submitted it yet
    school.submit("cem", "ps1")
    assert describe_missing(coursedir, "ps1") == ""  # everybody has submitted it
    with school.gradebook() as gradebook:
        for number in range(30):
            gradebook.add_student(f"s{number:02}", email="s@example.org")
    assert describe_missing(coursedir, "ps1").endswith(", s18, s19 and 10 more")
