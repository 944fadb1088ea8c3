"""The report on the class of `tests.support.graded_class`."""

import pytest

from nbjudge.judging.session import USED_UP
from nbjudge.plugins.report.class_report import make_report
from nbjudge.plugins.standings.reading import read_standings
from nbjudge.plugins.standings.standings import State

FULL = {"double_test": 2, "half_test": 3, "essay": 4}


def report_of(school, *names):
    coursedir, settings = school.course()
    return make_report(read_standings(coursedir, parts=settings.parts), names)


def of_ps1(school):
    return next(one for one in report_of(school).assignments if one.assigned.name == "ps1")


def test_the_states_are_those_of_the_standings(school):
    ps1 = of_ps1(school)
    who = {state: [s.student.id for s in found] for state, found in ps1.states.items()}
    assert who == {
        State.NOT_ASSIGNED: [],
        State.NOT_SUBMITTED: ["cem"],
        State.UNSURE: [],
        State.NOT_GRADED: ["fay"],
        State.NOT_GRADABLE: ["dan"],
        State.WAITING: ["bob"],
        State.GRADED: ["ann", "eve"],
    }
    assert ps1.submitted == 5
    assert report_of(school).not_assigned == ("later",)


def test_only_graded_work_is_in_the_mean(school):
    ps1 = of_ps1(school)
    assert (ps1.summary.count, ps1.summary.mean) == (2, 4.25)  # 8.5 and 0
    counts = {one.title: one.summary.count for one in ps1.questions}
    assert counts == {"double": 3, "half": 3, "essay": 2}  # only bob's essay has no score


def test_students_missing_from_the_class_list_are_named_and_not_counted(school):
    before = of_ps1(school)
    with school.gradebook() as gradebook:
        gradebook.add_student("x17")
    errors = {"double_test": ("CodeDied", "The process crashed.")}
    school.grade("x17", "ps1", errors=errors, **FULL)
    after, report = of_ps1(school), report_of(school)
    assert [person.id for person in report.outside] == ["x17"]
    assert (after.summary, after.questions, after.mistakes) == (
        before.summary,
        before.questions,
        before.mistakes,
    )
    (cem,) = after.states[State.UNSURE]  # x17 may be cem
    assert (cem.student.id, cem.why) == ("cem", "x17 (no such id on the class list)")
    assert [person.id for person, _ in after.accidents] == ["x17"]
    assert "x17" in {one.person.id for one in report.students}


def test_without_a_class_list_everybody_counts(school):
    with school.gradebook() as gradebook:
        for person in gradebook.students:
            person.first_name = person.last_name = person.email = person.lms_user_id = None
    assert report_of(school).outside == ()
    assert of_ps1(school).summary.count == 2


def test_a_late_penalty_lowers_the_assignment_and_no_question(school):
    school.grade("ann", "ps1", penalty=1.5, **FULL)
    ps1 = of_ps1(school)
    assert ps1.summary.mean == 7.5 / 2
    assert next(one for one in ps1.questions if one.title == "half").summary.mean == 2


def test_a_question_is_compared_with_all_others_of_the_course(school):
    # On the other questions ann has 6.5 + 9 of 16 points, bob 3 of 3 (his essay awaits grading) and
    # eve 0 of 7; on this question they have 2, 2 and 0. `whole` repeats ps1 and ps2 with higher
    # scores for ann, and is not counted.
    double = next(one for one in of_ps1(school).questions if one.title == "double")
    x, y = (2, 2, 0), (15.5 / 16, 1, 0)
    mean_x, mean_y = sum(x) / 3, sum(y) / 3
    up = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    down = sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y)
    assert double.discrimination == pytest.approx(up / down**0.5)


def test_mistakes_are_counted_and_those_recognized_come_first(school):
    for student, names in {
        "cem": ["no bias"],
        "dan": ["no bias", "no stride"],
        "fay": ["no bias"],
    }.items():
        school.grade(student, "ps1", mistakes={"double_test": names}, **{**FULL, "double_test": 1})
    errors = {"double_test": ("NameError", "n")}
    school.grade("eve", "ps1", errors=errors, **dict.fromkeys(FULL, 0))
    found = [(m.name, [p.id for p in m.students], m.of, m.text) for m in of_ps1(school).mistakes]
    assert found[:2] == [
        ("no bias", ["cem", "fay"], 5, "no bias."),
        ("an error", ["eve"], 5, ""),
    ]
    assert of_ps1(school).most_frequent.name == "no bias"


def test_code_that_ended_python_or_ran_too_long_is_named(school):
    errors = {
        "double_test": ("CodeDied", "The process crashed."),
        "half_test": ("TimeoutError", "It took too long."),
        "essay": ("KeyboardInterrupt", ""),
    }
    school.grade("eve", "ps1", errors=errors, **dict.fromkeys(FULL, 0))
    accidents = [(p.id, a.place, a.kind, a.line) for p, a in of_ps1(school).accidents]
    assert accidents == [
        ("eve", "double", "crash", "The process crashed."),
        ("eve", "half", "time-out", "It took too long."),
        ("eve", "essay", "time-out", "The code was stopped at its time limit."),
    ]


def test_time_that_was_used_up_before_a_cell_is_a_time_out(school):
    errors = dict.fromkeys(FULL, ("CellDied", USED_UP))
    school.grade("eve", "ps1", errors=errors, **dict.fromkeys(FULL, 0))
    ((_, accident),) = of_ps1(school).accidents  # reported once, not for every cell
    assert (accident.place, accident.kind, accident.line) == ("double", "time-out", USED_UP)


def test_the_mistakes_of_most_students_come_first(school):
    for student, name in {"ann": "a", "cem": "b", "fay": "b"}.items():
        school.grade(student, "ps1", mistakes={"half_test": [name]}, **{**FULL, "half_test": 1})
    assert [mistake.name for mistake in of_ps1(school).mistakes] == ["b", "a"]
    assert of_ps1(school).most_frequent.name == "b"


def test_the_most_frequent_mistakes_of_all_questions_come_first(school):
    names = {"ann": ("x", "z"), "cem": ("y", "z")}
    for student, (first, second) in names.items():
        mistakes = {"double_test": [first], "half_test": [second]}
        school.grade(student, "ps1", mistakes=mistakes, double_test=1, half_test=1, essay=4)
    recognized = [mistake.name for mistake in of_ps1(school).mistakes if mistake.text]
    assert recognized == ["z", "x", "y"]


def test_an_unrecognized_mistake_is_never_the_most_frequent_one(school):
    errors = {"double_test": ("NameError", "n")}
    school.grade("eve", "ps1", errors=errors, **dict.fromkeys(FULL, 0))
    assert of_ps1(school).mistakes[-1].name == "an error"
    assert of_ps1(school).most_frequent is None


def test_totals_are_summarized_in_percent_for_students_on_the_class_list(school):
    report = report_of(school, "ps1")
    shares = [100 * one.total.points / one.total.out_of for one in report.students]
    assert len(shares) == report.totals.count == 6
    assert report.totals.mean == pytest.approx(sum(shares) / 6)
    assert sum(report.totals.histogram) == 6
    with school.gradebook() as gradebook:
        gradebook.add_student("x17")
    assert report_of(school).totals.count == 6


def test_a_student_has_a_page_across_assignments(school):
    ann = next(one for one in report_of(school).students if one.person.id == "ann")
    assert (ann.total.points, ann.total.out_of) == (17.5, 18)
    assert [work.standing.assignment.name for work in ann.works] == ["ps1", "ps2", "whole"]


def test_only_the_assignments_that_are_named_are_reported(school):
    report = report_of(school, "ps2")
    assert [one.assigned.name for one in report.assignments] == ["ps2"]
    assert len(report.students) == 6
    assert report.not_assigned == ()
