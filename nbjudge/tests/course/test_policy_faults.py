"""A late policy that fails is named, loses no points, and changes none."""

import pytest

from nbjudge.cli.console import NOT_GRADED, OK, USAGE
from nbjudge.course.penalties import SubmissionPoints, keep_penalties
from tests.support.classes import AN_HOUR_LATE, WRONG, set_due
from tests.support.small_course import RIGHT

HEAD = (
    "its late penalty cannot be computed: the package faulty does not work: late in "
    "nbjudge.policies: "
)
EXPECTED = "expected None or a number from 0 to 5, the points of the notebook, to deduct from ps1 "
FORM = "expected a dict, {key of a notebook in submission.points: points to deduct}, not "
EACH = "return {key: %s for one in submissions for key in one.points}"


def policy_of(line):
    """Return the source of a policy whose body is a line."""
    return f"def policy(config):\n    def late(submissions):\n        {line}\n    return late\n"


@pytest.fixture
def late(course):
    """Ann submits ps1 an hour late."""
    set_due(course)
    course.submit("ann", RIGHT, files={"timestamp.txt": AN_HOUR_LATE})
    return course


def install(course, site, line):
    site.install("faulty", "[nbjudge.policies]\nlate = faulty:policy", policy_of(line))
    course.configure('c.NbJudge.late_policy = "late"\n')


def state(course):
    """Return the points before penalties and the penalty of each notebook, by student."""
    return {student: penalty for _, student, _, _, penalty in course.tables()["notebooks"]}


FAULTS = [
    (EACH % "99", f"ValueError: {EXPECTED}of ann, not 99"),
    (EACH % "-5", f"ValueError: {EXPECTED}of ann, not -5"),
    (EACH % "float('nan')", f"ValueError: {EXPECTED}of ann, not nan"),
    (EACH % "float('inf')", f"ValueError: {EXPECTED}of ann, not inf"),
    (EACH % "'1'", f"ValueError: {EXPECTED}of ann, not '1'"),
    (EACH % "True", f"ValueError: {EXPECTED}of ann, not True"),
    ("return {one.student: 2 for one in submissions}", f"ValueError: {FORM}one with the key 'ann'"),
    ("return None", f"TypeError: {FORM}None"),
    ("return [1]", f"TypeError: {FORM}[1]"),
    ("return {}['maximum']", "KeyError: 'maximum' (late, faulty.py:3)"),
]


@pytest.mark.parametrize(("line", "problem"), FAULTS)
def test_a_policy_that_fails_is_named_and_the_points_stay(command, late, site, line, problem):
    install(late, site, line)
    done = command("autograde", "ps1")
    assert done.status == NOT_GRADED
    assert f"Not graded: ps1 of ann: {HEAD}{problem}" in done.stderr
    assert "Traceback" not in done.stderr
    assert late.scores("ann")["double_test"] == 2, "the grading stands"
    assert state(late) == {"ann": None}, "nothing invalid is written"
    (why,) = late.rows("select why from nbjudge_failure where assignment = 'ps1'")
    assert HEAD in why[0], "exports give no points"
    again = command("autograde", "ps1")
    assert again.status == NOT_GRADED and HEAD + problem in again.stderr


def test_the_former_penalty_stays_at_most_the_points(command, late, site):
    install(late, site, EACH % "4")
    assert command("autograde", "ps1").status == OK
    assert state(late) == {"ann": 4}
    site.clear()
    (site.folder / "faulty.py").write_text(policy_of("return None") + "# of another size\n")
    late.submit("ann", WRONG, files={"timestamp.txt": AN_HOUR_LATE})
    assert command("autograde", "ps1").status == NOT_GRADED
    assert late.scores("ann")["double_test"] == 0
    assert state(late) == {"ann": 1}, "the points of the new work"


def test_a_policy_that_works_again_removes_the_failure(command, late, site):
    install(late, site, "return None")
    assert command("autograde", "ps1").status == NOT_GRADED
    late.configure("")
    assert command("autograde", "ps1").status == OK
    assert late.rows("select why from nbjudge_failure") == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("def policy():\n    pass\n", "TypeError: policy() takes 0 positional arguments but 1"),
        ("def policy(config):\n    return {}\n", "TypeError: expected a function of submissions"),
        ("def policy(config):\n    return {}['a']\n", "KeyError: 'a' (policy, faulty.py:2)"),
    ],
)
def test_a_policy_that_cannot_be_made_stops_the_run(command, late, site, source, problem):
    site.install("faulty", "[nbjudge.policies]\nlate = faulty:policy", source)
    late.configure('c.NbJudge.late_policy = "late"\n')
    done = command("autograde", "ps1")
    assert done.status == USAGE and "Traceback" not in done.stderr
    head = "the package faulty does not work: late in nbjudge.policies: "
    assert head + problem in done.stderr


@pytest.mark.parametrize(
    "number", ["2.5", "0", "None", "one.points[key]", "__import__('numpy').float32(1)"]
)
def test_valid_penalties_are_stored(command, late, site, number):
    install(late, site, EACH % number)
    assert command("autograde", "ps1").status == OK
    expected = {"None": None, "one.points[key]": 5}.get(number, 1 if "numpy" in number else number)
    assert state(late) == {"ann": expected and float(expected)}


def test_negative_points_become_zero_as_in_nbgrader():
    given = SubmissionPoints(
        student="ann", assignment="ps1", points={"a": -1.0}, penalties={"a": -1.0}
    )
    assert keep_penalties([given]) == {"a": -1}


@pytest.mark.parametrize("graded", [["ps2"], ["ps1", "ps2"]])
def test_a_change_in_another_assignment_is_in_the_summary_once(command, late, site, graded):
    """The policy charges for the latest assignment only."""
    install(
        late,
        site,
        "last = max(one.assignment for one in submissions); "
        "return {key: 1 for one in submissions if one.assignment == last for key in one.points}",
    )
    assert command("autograde", "ps1").status == OK
    late.submit("ann", RIGHT, "ps2", files={"timestamp.txt": AN_HOUR_LATE})
    done = command("autograde", *graded)
    assert "Changed: ps1 of ann: 4 -> 5 points (1 hour late)" in done.stderr
    assert done.stderr.count("Changed: ps1") == 1
