"""Messages about submissions contain only text that a terminal can display."""

from nbjudge.course.outcome import (
    MAX_LISTED,
    GradingOutcome,
    Judgment,
    limits_met,
    listed,
    with_students,
)


def test_only_a_few_of_many_names_are_listed():
    assert listed(["ben", "ada"]) == "ada, ben"
    assert listed(["e\x1b[2J"]) == r"e\x1b[2J"
    many = [f"s{number:02}" for number in range(MAX_LISTED + 2)]
    assert listed(many[:MAX_LISTED]) == ", ".join(many[:MAX_LISTED])
    assert listed(many[::-1]) == f"{', '.join(many[:MAX_LISTED])} and 2 more"


def test_each_limit_of_the_grader_is_a_line_with_the_students_it_touches():
    package = "package missing: p", "p is not installed here: the cells of {students} import it."
    time = "time limit", "Cells of {students} ran for long."
    outcomes = [
        GradingOutcome("ben", "graded", judgment=Judgment(causes=[package, time])),
        GradingOutcome("ada", "graded", judgment=Judgment(causes=[package])),
        GradingOutcome("cleo", "unchanged"),
    ]
    assert limits_met(outcomes) == [
        "p is not installed here: the cells of 2 students (ada, ben) import it.",
        "Cells of 1 student (ben) ran for long.",
    ]


def test_a_message_about_several_submissions_is_one_line():
    outcomes = [
        GradingOutcome("ben", "graded", judgment=Judgment(remarks=["a", "b."])),
        GradingOutcome("ada", "graded", judgment=Judgment(remarks=["b.", ""])),
        *(GradingOutcome(f"s{n}", "graded", judgment=Judgment(remarks=["c"])) for n in range(200)),
    ]
    lines = with_students(outcomes, lambda outcome: outcome.judgment.remarks)
    assert lines[:2] == ["ada, ben: b.", "ben: a."]
    assert len(lines) == 3 and lines[2].count("s") == 200
