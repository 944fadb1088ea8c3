"""Manual points and comments are saved in the gradebook together or not at all."""

import pytest

from nbjudge.plugins.review.manual_grades import ChangedError, ManualGrades


@pytest.fixture
def grades(course):
    assignment = course.assignment()
    yield ManualGrades(assignment.records)
    assignment.close()


def essay(grades):
    return next(grade for grade in grades.all() if grade.cell == "essay")


CHANGES = {
    "points": "update grade set manual_score = 1",
    "points of the tests": "update grade set auto_score = 1",
    "closed": "update grade set manual_score = 0, needs_manual_grade = 0",
    "comment": "update comment set manual_comment = 'Mine.'",
    "deleted": "delete from grade",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_reading_and_writing_undoes_both(course, grades, change):
    seen = essay(grades)
    course.write(CHANGES[change])
    before = course.tables()
    with pytest.raises(ChangedError):
        grades.save(seen, 2, "Ours.", [])
    assert course.tables() == before


def test_a_second_review_takes_the_place_of_the_first(course, grades):
    grades.save(essay(grades), 2, "Good.", ["a", "b"])
    grades.save(essay(grades), 3, "", ["b"])
    grade = essay(grades)
    assert (grade.points, grade.waiting, grade.comment) == (3, False, None)
    assert grades.ticked(grade) == ["b"]
    assert course.rows("select count(*) from nbjudge_review") == [(1,)]


def test_an_unknown_answer(grades):
    with pytest.raises(LookupError, match="no longer has this answer: reload the page"):
        grades.one("0" * 32)
