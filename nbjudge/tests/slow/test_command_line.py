"""`nbjudge autograde`, `check` and `doctor`, as seen by people and scripts."""

import contextlib
import csv
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from nbjudge import IsolationError, __version__
from nbjudge.engine.engine import Engine
from nbjudge.errors import KEPT, EngineError
from tests.support.command_line import command_of
from tests.support.engines import no_longer_than
from tests.support.interruptions import Tree
from tests.support.small_course import (
    DOUBLE,
    RIGHT,
    SmallCourse,
    cell,
    questions,
    square_question,
    test_cell,
)
from tests.support.waiting import wait_until

WRONG = RIGHT | {"double": "def double(x):\n    return x"}
SLOW = RIGHT | {"double": "import time\ntime.sleep(60)\n" + RIGHT["double"]}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("command_line")
    SmallCourse.cool()


@pytest.fixture
def course(place):
    return SmallCourse.make(place / "course", place / "template")


@pytest.fixture
def command(course, monkeypatch):
    return command_of(course, monkeypatch)


def flat(text):
    return " ".join(text.split())


# Grading.


def test_a_class_from_a_shell(course):
    """This run is a separate process, with its own imports and environment."""
    for student in ("ann", "ben", "cid"):
        course.submit(student)
    done = course.nbjudge("autograde", "ps1", "--workers", "2", "--json")
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert sorted(o["student"] for o in outcome["assignments"]["ps1"]) == ["ann", "ben", "cid"]
    assert {o["score"] for o in outcome["assignments"]["ps1"]} == {5}
    assert "3 submissions in" in done.stderr
    assert "\x1b" not in done.stderr
    assert course.scores("cid")["double_test"] == 2


def test_programs_that_the_instructors_cells_start_write_nothing_into_the_summary(course):
    starts = "import subprocess\nsubprocess.run('echo fatal >&2', shell=True)"
    setup, (answer, test) = cell("setup", starts, locked=True), square_question()
    test["source"] = f"{starts}\n{test['source']}"
    course.write_source("ps3", ps3=[setup, answer, test])
    course.release("ps3")
    course.submit("ann", assignment="ps3")
    done = course.nbjudge("autograde", "ps3")
    assert done.returncode == 0, done.stderr
    assert "1.0" in done.stderr and "fatal" not in done.stderr


def test_the_summary(course, command):
    course.submit("ann")
    course.submit("ben", {})
    (course.submit("cid") / "ps1.ipynb").write_text("{")
    done = command("autograde", "ps1", "--workers", "2")
    assert done.status == 1
    assert done.stdout == ""
    assert "Not graded: ps1 of cid: ps1.ipynb: not a Jupyter notebook" in flat(done.stderr)
    assert re.search(r"ps1 +2 +0 +1 +2\.5 +20 +4 +0", done.stderr)
    again = command("autograde", "ps1", "--workers", "2")
    assert again.status == 1
    assert re.search(r"ps1 +0 +2 +1", again.stderr)
    assert "The longest" not in done.stderr


def test_the_summary_counts_as_repaired_what_was(course, command):
    course.submit("ann", files={"timestamp.txt": "soon"})
    cells = json.loads((course.submit("ben") / "ps1.ipynb").read_text())
    cells["cells"] = [c for c in cells["cells"] if "half_test" not in str(c["metadata"])]
    (course.root / "submitted/ben/ps1/ps1.ipynb").write_text(json.dumps(cells))
    done = command("autograde", "ps1", "--json")
    assert re.search(r"ps1 +2 +0 +0 +5\.0 +20 +6 +1\n", done.stderr)
    assert "ps1 of ann: timestamp.txt contains 'soon': expected a date" in flat(done.stderr)
    assert "ps1 of ben: The cell half_test was missing and was put back." in flat(done.stderr)
    ann, ben = json.loads(done.stdout)["assignments"]["ps1"]
    assert not ann["repairs"] and len(ann["remarks"]) == 1
    assert len(ben["repairs"]) == 1 and not ben["remarks"]
    assert course.rows("select flagged from submitted_notebook") == [(1,), (1,)]


def test_the_summary_says_who_is_missing(course, command):
    course.write("insert into student (id, email) values ('ann', 'a@x'), ('zoe', 'z@x')")
    course.submit("ann")
    line = "ps1: 1 of 2 have submitted nothing: zoe."
    assert line in command("autograde", "ps1").stderr
    assert line not in command("autograde", "ps1", "--student", "ann").stderr


def test_the_summary_names_a_submission_that_takes_long(course, command):
    course.configure("import nbjudge.cli.autograde as cli\ncli.LONG = 0.01\n")
    course.submit("ann")
    done = command("autograde", "ps1", "--json")
    assert re.search(r"The slowest submission took \d+ s: ps1 of ann\.", flat(done.stderr))
    assert json.loads(done.stdout)["assignments"]["ps1"][0]["seconds"] > 0


def test_a_question_that_nobody_answers(course, command):
    """The test may be wrong. Nothing is reported if anyone earns points, or for two students."""
    for student in ("ann", "ben", "cid"):
        course.submit(student, WRONG)
    done = command("autograde", "ps1")
    doubt = "double_test: none of 3 students earned a point; `nbjudge check ps1`"
    assert doubt in flat(done.stderr)
    assert "half_test: nobody" not in flat(done.stderr)
    course.submit("ann")
    done = command("autograde", "ps1", "--force", "--json")
    assert "nobody" not in done.stderr
    scores = {o["student"]: o["scores"] for o in json.loads(done.stdout)["assignments"]["ps1"]}
    assert scores["ann"]["ps1"]["double_test"] == 2
    assert scores["ben"]["ps1"]["double_test"] == 0
    (course.submit("ann", {}) / "ps1.ipynb").write_text("{")
    assert "nobody" not in command("autograde", "ps1", "--force").stderr


def test_names_of_folders_and_files_do_not_steer_the_terminal_or_forge_lines(course, command):
    course.submit("good")
    evil = "evil\x1b]0;x\x07\nNot graded: ps1 of good"
    folder = course.submit(evil)
    (folder / "a\nps1 of good: changed").symlink_to("/etc")
    (course.submit("worse\x1b[2J") / "ps1.ipynb").write_text("{")
    done = command("autograde", "ps1")
    assert done.status == 1
    assert "\x1b" not in done.stderr
    assert "\nNot graded: ps1 of good" not in done.stderr
    text = flat(done.stderr)
    assert "Note: ps1 of evil\\x1b]0;x\\x07\\nNot graded: ps1 of good: left out: 'a\\n" in text
    assert "Not graded: ps1 of worse\\x1b[2J: " in text


def test_several_assignments(course, command):
    course.submit("ann")
    course.submit("ann", assignment="ps2")
    done = command("autograde", "ps1", "ps2", "--json")
    assert done.status == 0, done.stderr
    outcome = json.loads(done.stdout)["assignments"]
    assert [outcome[name][0]["score"] for name in ("ps1", "ps2")] == [5, 3]


@pytest.mark.parametrize("options", [["--workers=1"], ["--workers=4"], ["--isolation=none"]])
def test_options(course, command, options):
    for student in ("ann", "ben", "cid", "dan", "eve"):
        course.submit(student, WRONG if student == "eve" else RIGHT)
    done = command("autograde", "ps1", "--json", *options)
    assert done.status == 0, done.stderr
    outcome = json.loads(done.stdout)["assignments"]["ps1"]
    assert {o["student"]: o["score"] for o in outcome} == {
        "ann": 5,
        "ben": 5,
        "cid": 5,
        "dan": 5,
        "eve": 3,
    }
    level = options[0].partition("--isolation=")[2]
    assert f"Isolation: {level}" in done.stderr


def test_reduced_isolation_grades_or_refuses(course, command):
    course.submit("ann")
    done = command("autograde", "ps1", "--isolation", "reduced")
    if "cannot sandbox" in done.stderr:
        assert done.status == 1
        assert not course.autograded("ann").exists()
    else:
        assert done.status == 0, done.stderr
        assert course.scores("ann")["double_test"] == 2
        report = json.loads(course.rows("select report from nbjudge_submission")[0][0])
        assert report["isolation"] == "reduced"


def test_another_level_is_what_the_notebook_says(course, command):
    course.submit("ann")
    assert command("autograde", "ps1", "--isolation", "none").status == 0
    notebook = json.loads((course.autograded("ann") / "ps1.ipynb").read_text())
    assert notebook["metadata"]["nbjudge"]["isolation"] == "none"


def test_only_some_students(course, command):
    for student in ("ann", "ben", "cid"):
        course.submit(student)
    done = command("autograde", "ps1", "--student", "ann", "--student", "cid", "--json")
    assert done.status == 0
    outcome = json.loads(done.stdout)["assignments"]["ps1"]
    assert sorted(o["student"] for o in outcome) == ["ann", "cid"]
    assert not course.autograded("ben").exists()


def test_force(course, command):
    course.submit("ann")
    course.grade()
    done = command("autograde", "ps1", "--json", "--force")
    assert json.loads(done.stdout)["assignments"]["ps1"][0]["status"] == "graded"


def test_nobody_submitted(command):
    done = command("autograde", "ps1", "--json")
    assert done.status == 0
    assert json.loads(done.stdout)["assignments"] == {"ps1": []}
    assert "No submissions of ps1: expected in " in flat(done.stderr)
    assert "submitted/STUDENT/ps1" in flat(done.stderr)


# Usage errors.


def test_help(command):
    text = command("--help")
    assert text.status == 0
    for word in ("autograde", "check", "doctor", "nbgrader_config.py"):
        assert word in text.stdout
    text = command("autograde", "--help")
    assert text.status == 0
    for word in ("--student", "--workers", "--isolation", "--force", "--json", "130", "resume"):
        assert word in text.stdout
    for other in ("check", "doctor"):
        text = command(other, "--help")
        assert text.status == 0
        assert "Exit status: 0" in text.stdout


def test_version(command):
    said = command("--version")
    assert said.status == 0
    assert said.stdout == f"nbjudge {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["grade"],
        ["autograde"],
        ["autograde", "ps1", "--workers", "0"],
        ["autograde", "ps1", "--workers", "two"],
        ["autograde", "ps1", "--isolation", "some"],
        ["check"],
        ["review"],
        ["review", "ps1", "ps2"],
        ["review", "ps1", "--port", "65536"],
        ["doctor", "ps1"],
    ],
)
def test_wrong_usage(command, arguments):
    done = command(*arguments)
    assert done.status == 2
    assert "usage: nbjudge" in done.stderr


def test_an_unknown_assignment(course, command):
    done = command("autograde", "ps9")
    assert done.status == 2
    assert "The gradebook has no assignment 'ps9'" in done.stderr
    assert "nbgrader generate_assignment ps9" in flat(done.stderr)


def test_the_review_of_an_unknown_assignment_names_those_there_are(course, command):
    done = command("review", "ps9")
    assert done.status == 2
    assert "The gradebook has no assignment 'ps9'; it has ps1, ps2." in flat(done.stderr)


def test_a_review_without_answers_says_why_and_ends(course, command):
    done = command("review", "ps1", "--no-browser")
    assert done.status == 0
    assert flat(done.stdout) == ("ps1 has not been graded yet: run `nbjudge autograde ps1` first.")


def test_an_unknown_student(course, command):
    course.submit("ann")
    done = command("autograde", "ps1", "--student", "ann", "--student", "zoe")
    assert done.status == 2
    assert flat(done.stderr).endswith("There is no work by zoe for ps1")
    assert not course.autograded("ann").exists()


def test_a_folder_that_is_no_course(command, tmp_path):
    done = command("autograde", "ps1", cwd=tmp_path)
    assert done.status == 2
    assert "nbgrader_config.py" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("c.NbJudge.isolation = 'ful'", "isolation"),
        ("c.NbJudge.workers = -1", "workers"),
        ("c.NbJudge.memory = 'much'", "memory"),
        ("c.NbJudge.test_files = 1", "test_files"),
        ("c.NbJudge.isolation = none", "none"),
        ("c.NbJudge.isolation = 'none", "SyntaxError"),
        ("import no_such_module", "no_such_module"),
    ],
)
def test_wrong_settings(course, command, setting, text):
    """A wrong setting is never skipped: the next line of the file might set the isolation."""
    course.submit("ann")
    course.configure(setting + "\n")
    done = command("autograde", "ps1")
    assert done.status == 2
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert not course.autograded("ann").exists()


def test_a_notebook_in_another_language(course, command):
    path = course.root / "source/ps1/ps1.ipynb"
    content = json.loads(path.read_text())
    content["metadata"]["kernelspec"] = {"display_name": "R", "language": "R", "name": "ir"}
    path.write_text(json.dumps(content))
    done = command("autograde", "ps1")
    assert done.status == 2
    assert "ps1 is written in R" in done.stderr


# Unavailable isolation.


def as_student_user(course, *arguments):
    """Run nbjudge with user namespaces forbidden and without the capabilities to replace them."""
    limit = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set -all "
    limit += '--no-new-privs --inh-caps -all "$@"'
    start = ["unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh"]
    with course.here():
        return subprocess.run(
            [*start, sys.executable, "-m", "nbjudge", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )


def needs_namespaces(course):
    try:
        done = as_student_user(course, "--help")
    except FileNotFoundError:
        pytest.skip("needs unshare and setpriv")
    if done.returncode:
        pytest.skip(f"user namespaces cannot be limited here: {done.stderr.strip()[-200:]}")


def test_refused_isolation_grades_nothing(course):
    needs_namespaces(course)
    course.submit("ann")
    before = course.tables()
    done = as_student_user(course, "autograde", "ps1", "--json", "--isolation", "full")
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Nothing was graded: this machine cannot sandbox student code (full: " in done.stderr
    assert "nbjudge doctor" in done.stderr
    assert "Traceback" not in done.stderr
    assert not course.autograded("ann").exists()
    assert course.tables() == before
    doctor = as_student_user(course, "doctor")
    assert (doctor.returncode == 0) == ("reduced works" in flat(doctor.stdout)), doctor.stderr
    assert "full is unavailable" in flat(doctor.stdout)
    assert "none works" in flat(doctor.stdout)
    done = as_student_user(course, "autograde", "ps1", "--isolation", "none")
    assert done.returncode == 0, done.stderr
    assert course.scores("ann")["double_test"] == 2


def test_a_level_that_ends_in_the_middle_of_a_class(course, command, monkeypatch):
    """No further submission is graded, at any level."""
    for student in ("ann", "ben", "cid"):
        course.submit(student)
    judge, calls = Engine.judge, []

    def refuse(engine, config, job):
        calls.append(1)
        if len(calls) > 1:
            raise IsolationError("The sandbox could not be created:\nno more namespaces")
        return judge(engine, config, job)

    monkeypatch.setattr(Engine, "judge", refuse)
    done = command("autograde", "ps1", "--workers", "1")
    assert done.status == 1
    assert "no more namespaces" in done.stderr
    found = course.rows("select student_id from submitted_assignment")
    assert found in ([], [("ann",)])


# doctor and check.


def test_doctor(course, command):
    done = command("doctor")
    text = flat(done.stdout)
    assert done.status == (0 if "full works" in text or "reduced works" in text else 1)
    for words in ("user namespaces", "Landlock", "libseccomp", "none works"):
        assert words in text
    assert "c.NbJudge.isolation = 'auto'" in text
    course.configure("c.NbJudge.isolation = 'none'\n")
    assert command("doctor").status == 0


def test_root_of_a_container_with_few_users(course):
    """As in an unprivileged container: root in a user namespace with a single user."""
    possible = subprocess.run(["unshare", "-Ur", "true"], capture_output=True)
    if possible.returncode:
        pytest.skip(f"no user namespaces here: {possible.stderr}")
    course.submit("ann")
    program = [sys.executable, "-m", "nbjudge", "autograde", "ps1"]
    with course.here():
        done = subprocess.run(["unshare", "-Ur", *program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert course.scores("ann")["double_test"] == 2


def test_check_of_a_good_assignment(command):
    done = command("check", "ps1", "ps2")
    assert done.status == 0, done.stderr
    text = flat(done.stdout)
    assert "ps1: ps1 question judged solution released double_test outside 2 of 2 0" in text
    assert "half_test outside 3 of 3 0" in text and "essay by hand of 4" in text


INSIDE = """\
import inspect
assert 'return' in inspect.getsource(double)
assert type(double).__name__ == 'function'"""


@pytest.mark.parametrize("tags", [(), ("nbjudge-child",)])
def test_a_test_that_looks_inside_is_judged_in_the_child(course, command, tags):
    cells = questions()[:5]
    cells[4] = test_cell("inside_test", INSIDE, 2, tags)
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    done = command("check", "ps3", "--stock")
    assert done.status == 0, done.stdout
    text = flat(done.stdout)
    assert "inside_test child 2 of 2 0" in text
    assert ("tagged nbjudge-child" in text) == bool(tags)
    assert "Compared 2 scores with those of nbgrader itself." in text
    assert "1 of 1 tests is judged in the student's process, as in nbgrader: inside_test." in text
    course.submit("ann", assignment="ps3")
    outcome = course.grade("ps3")["ann"]
    assert outcome.judgment.score == 2
    assert len(outcome.judgment.errors) == 0


def test_tests_that_look_inside_can_be_left_to_a_person(course, command):
    cells = questions()[:5]
    cells[4] = test_cell("inside_test", INSIDE, 2)
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    course.configure("c.NbJudge.tests_in_child = False\n")
    assert "inside_test by hand 2 of 2" in flat(command("check", "ps3").stdout)
    course.submit("ann", assignment="ps3")
    outcome = course.grade("ps3")["ann"]
    assert (outcome.judgment.score, outcome.judgment.manual) == (0, 1)
    assert "tests_in_child" in outcome.judgment.errors[0]


HIDDEN_FACTOR = "### BEGIN HIDDEN TESTS\nfactor = 2\n### END HIDDEN TESTS\n"


def two_tests(course, tags=()):
    """Release ps3 with a test outside, and one that looks inside and needs its hidden lines."""
    cells = questions()[:5]
    cells[4] = test_cell("first_test", f"{HIDDEN_FACTOR}assert double(2) == 4", 2)
    cells.append(test_cell("inside_test", f"{INSIDE}\nassert double(3) == 3 * factor", 2, tags))
    cells.append(test_cell("last_test", "assert double(4) == 8", 1))
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    course.submit("ann", assignment="ps3")


@pytest.mark.parametrize("tags", [(), ("nbjudge-child",)])
def test_a_test_whose_hidden_lines_the_child_needs_goes_there_too(course, command, tags):
    two_tests(course, tags)
    assert course.grade("ps3")["ann"].judgment.score == 5
    ((stored,),) = course.rows("select in_child from nbjudge_placement")
    chosen = ["first_test"] if tags else ["first_test", "inside_test"]
    assert json.loads(stored) == {"ps3": chosen}
    done = command("check", "ps3", "--stock")
    assert done.status == 0, done.stdout
    assert "a later test there uses names from the hidden lines of this one" in flat(done.stdout)


def test_no_test_is_judged_in_the_child_where_the_setting_forbids_it(course, command):
    two_tests(course)
    course.configure("c.NbJudge.tests_in_child = False\n")
    outcome = course.grade("ps3")["ann"]
    assert outcome.judgment.scores == {
        "ps3": {"first_test": None, "inside_test": None, "last_test": 1.0}
    }
    said = "2 of 3 tests are left to a person, because c.NbJudge.tests_in_child forbids judging"
    assert any(said in problem for problem in command("check", "ps3").stdout.split("\n"))


def test_a_placement_that_failed_is_not_stored(course, monkeypatch):
    two_tests(course)
    judge = Engine.judge

    def fail(engine, config, job):
        if job.title.endswith(" of nobody"):
            raise EngineError("a judge that died")
        return judge(engine, config, job)

    monkeypatch.setattr(Engine, "judge", fail)
    assert course.grade("ps3")["ann"].judgment.score < 5
    assert course.rows("select * from nbjudge_placement") == []
    monkeypatch.undo()
    assert course.grade("ps3")["ann"].judgment.score == 5


def test_the_placement_of_tests_is_stored_and_made_anew_for_another_assignment(course, command):
    cells = questions()[:5]
    cells[4] = test_cell("inside_test", INSIDE, 2)
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    course.submit("ann", assignment="ps3")
    said = "1 of 1 tests is judged in the student's process"
    assert said in flat(command("autograde", "ps3").stderr)
    stored = course.rows("select in_child from nbjudge_placement")
    assert stored == [('{"ps3": ["inside_test"]}',)]
    again = flat(command("autograde", "ps3").stderr)
    assert said not in again and "ps3 0 1 0" in again  # unchanged
    cells[4]["source"] = "assert double(2) == 4"
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    assert said not in flat(command("autograde", "ps3").stderr)
    assert course.rows("select in_child from nbjudge_placement") == [("{}",)]
    assert course.scores("ann", "ps3")["inside_test"] == 2


def test_check_of_a_solution_that_fails(course, command):
    cells = square_question()
    cells[1]["source"] = "assert square(3) == 10"
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    done = command("check", "ps3")
    assert done.status == 1
    said = "the instructor's solution earns 0 of 1: AssertionError in `assert square(3) == 10`"
    assert f"square_test: {said}" in flat(done.stdout)


def test_check_of_an_assignment_that_is_at_fault_says_where_once(course, command):
    setup = cell("setup", "limits = [1, 2]\nlimits[2]", locked=True)
    question = square_question()
    question[1]["source"] = "2"
    course.write_source("ps3", ps3=[setup, *question])
    course.release("ps3")
    done = command("check", "ps3")
    assert done.status == 1
    text = flat(done.stdout)
    assert "setup fails when it runs: IndexError: list index out of range" in text
    assert "cannot run it" not in text, "the same error is reported once"
    said = "square_test: the instructor's solution has no score: its last line gives a score of 2"
    assert said in text
    course.submit("ann", assignment="ps3")
    assert course.grade("ps3")["ann"].judgment.errors == [
        "setup: the judge cannot run it: list index out of range",
        "square_test: its last line gives a score of 2 out of 1",
    ]


def test_check_of_points_for_nothing(course, command):
    cells = square_question()
    cells[1]["source"] = "1"
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    done = command("check", "ps3")
    assert done.status == 0
    assert "square_test: the released notebook earns 1 as it is" in flat(done.stderr)


def change_source(course, change):
    """Change ps1's notebook in source/ without generating it: change(cells by grade id, cells)."""
    cells = questions()
    change({cell.metadata.nbgrader.grade_id: cell for cell in cells if cell.metadata}, cells)
    course.write_source("ps1", ps1=cells)


def turn_into_a_locked_cell(cells, _):
    cells["double"].metadata.nbgrader.update(solution=False, locked=True)
    cells["double"].source = "def double(x):\n    return 2 * x"


SOURCE_CHANGES = {
    "double_test has 7 points but 2 in the gradebook": lambda cells, _: cells[
        "double_test"
    ].metadata.nbgrader.update(points=7),
    "project has 8 points but 6 in the gradebook": lambda cells, _: cells[
        "project"
    ].metadata.nbgrader.update(points=8),
    "more_test is not in the gradebook": lambda _, cells: cells.append(
        test_cell("more_test", "assert double(3) == 6", 2)
    ),
    "notes is not in the gradebook": lambda _, cells: cells.append(
        cell("notes", "Read.", "markdown", locked=True)
    ),
    "the text of double_test has changed": lambda cells, _: cells["double_test"].update(
        source="assert double(2) == 4"
    ),
    "the text of double has changed": lambda cells, _: cells["double"].update(
        source=DOUBLE.replace("(x):", "(x, y=0):")
    ),
    "double is a locked cell (code) but recorded as a solution (code)": turn_into_a_locked_cell,
    "essay is a manually graded answer (code) but recorded as a manually graded answer "
    "(text)": lambda cells, _: cells["essay"].update(
        cell_type="code", outputs=[], execution_count=None
    ),
    "setup is an ordinary cell but recorded as a locked cell (code)": lambda cells, _: cells[
        "setup"
    ].metadata.nbgrader.update(locked=False),
}


@pytest.mark.parametrize("difference", SOURCE_CHANGES)
def test_a_source_that_differs_from_the_gradebook(course, command, difference):
    change_source(course, SOURCE_CHANGES[difference])
    done = command("check", "ps1")
    assert done.status == 1
    assert f"ps1: {difference}" in flat(done.stdout)
    counts = "The version in the gradebook is graded until you "
    generate = f"{counts}run `nbgrader generate_assignment ps1 --force`"
    undo = (
        f"{counts}undo the changes in source/ that add, remove or convert cells: nbgrader rejects"
    )
    assert f"{generate}." in flat(done.stdout)
    course.submit("ann")
    done = command("autograde", "ps1")
    assert done.status == 0
    text = flat(done.stderr)
    assert f"ps1: source/ differs from the gradebook: {difference}" in text
    assert course.scores("ann")["double_test"] == 2
    again = flat(command("check", "ps1").stdout)
    with course.here():
        records = course.api().generate_assignment("ps1", force=True)["success"]
    advice = generate if records else undo
    assert advice in text and advice in again and (generate in again) == records
    assert (course.root / "release/ps1").exists() == records


def test_nbgraders_interface_names_differences_too(course):
    course.configure("import nbjudge\nnbjudge.configure(c)\n")
    difference = "double_test has 7 points but 2 in the gradebook"
    change_source(course, SOURCE_CHANGES[difference])
    course.submit("ann")
    done = course.python("-m", "nbgrader", "autograde", "ps1")
    assert done.returncode == 0, done.stderr
    assert f"ps1: source/ differs from the gradebook: {difference}. " in done.stderr


def test_a_solution_may_change_and_so_may_ordinary_cells(course, command):
    def change(cells, order):
        cells["double"]["source"] = DOUBLE.replace("2 * x", "x + x")
        cells["essay"]["source"] = "Another model answer."
        order[2]["source"] = "print('something else')"

    change_source(course, change)
    done = command("check", "ps1")
    assert done.status == 0, done.stdout
    course.submit("ann")
    assert "differs" not in command("autograde", "ps1").stderr


def test_check_of_cells_notebooks_and_releases_that_are_gone(course, command):
    course.write_source("ps1", ps1=questions()[:5])
    course.write_source("ps2", three=square_question())
    (course.root / "release/ps2/two.ipynb").unlink()
    done = command("check", "ps1", "ps2")
    assert done.status == 1
    text = flat(done.stdout)
    assert "lacks the cells half, half_test, essay, drawing, project, which the gradebook" in text
    assert "has: run `nbgrader generate_assignment ps1 --force`" in text
    assert "three: the notebook is not in the gradebook" in text
    assert "ps2: one question judged" in text
    assert "two.ipynb; run `nbgrader generate_assignment ps2 --force`" in text


def test_an_assignment_that_was_never_generated(course, command):
    """The state after the formgrader's "Add new assignment" or a failed generate_assignment."""
    with course.here(), course.api().gradebook as gradebook:
        gradebook.add_assignment("never")
    course.write_source("never", never=square_question())
    folder = course.root / "submitted/ann/never"
    folder.mkdir(parents=True)
    (folder / "never.ipynb").write_text((course.root / "source/never/never.ipynb").read_text())
    said = "never has no notebooks in the gradebook: run `nbgrader generate_assignment never`"
    done = command("check", "never", "ps2")
    assert done.status == 1
    assert said in flat(done.stdout) and "ps2: two" in done.stdout
    for arguments in (["autograde", "never"], ["autograde", "never", "--dry-run"]):
        done = command(*arguments)
        assert (done.status, flat(done.stderr).count(said)) == (2, 1), arguments
    done = command("status", "never")
    assert (done.status, flat(done.stderr)) == (0, f"{said}.")
    command("export", "grades")
    (row,) = (
        row
        for row in csv.DictReader((course.root / "grades.csv").read_text().splitlines())
        if row["assignment"] == "never"
    )
    assert (row["state"], row["why"]) == ("not gradable", said)
    course.configure("import nbjudge\nnbjudge.configure(c)\n")
    done = course.python("-m", "nbgrader", "autograde", "never")
    assert done.returncode == 1 and said in done.stderr
    course.release("never")
    assert command("check", "never").status == 0
    assert command("autograde", "never").status == 0


def test_check_writes_nothing(course, command):
    before = course.tables(), sorted(course.root.rglob("*"))
    command("check", "ps1")
    kept = [path for path in before[1] if "__pycache__" not in path.parts]
    found = [path for path in sorted(course.root.rglob("*")) if "__pycache__" not in path.parts]
    assert (course.tables(), found) == (before[0], kept)


# Ctrl-C and SIGTERM.


def to_all(process):
    """Send SIGTERM to each process of a run, as systemd and SLURM do."""
    for pids in Tree(process.pid).look().values():
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda process: os.killpg(process.pid, signal.SIGINT), 130),
        (lambda process: process.terminate(), 143),
        (to_all, 143),
    ],
    ids=["Ctrl-C", "SIGTERM", "SIGTERM to all"],
)
def test_interrupted(course, send, status):
    course.submit("ann")
    course.submit("zoe", SLOW)
    with course.here():
        process = subprocess.Popen(
            [sys.executable, "-m", "nbjudge", "autograde", "ps1", "--workers", "2"],
            # As in a terminal: shells start background jobs with SIGINT ignored.
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    tree = Tree(process.pid)
    with process:
        query = "select 1 from submitted_assignment where student_id = 'ann'"
        assert wait_until(lambda: course.rows(query), 60)
        tree.look()
        send(process)
        with no_longer_than(40):  # zoe's cell sleeps for a minute
            text = process.stderr.read()
            assert process.wait() == status, text
    assert f"Stopped. {KEPT}" in text
    assert "Traceback" not in text
    assert "Not graded:" not in text
    assert tree.left() == []
    assert course.rows("select student_id from submitted_assignment") == [("ann",)]
    assert course.rows("select * from nbjudge_failure") == []
    assert not course.autograded("zoe").exists()
    shutil.rmtree(course.root / "submitted/zoe")
    assert course.grade()["ann"].status == "unchanged"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_review_ends_in_order(course, number):
    course.submit("ann")
    course.grade()
    with course.here():
        process = subprocess.Popen(
            [sys.executable, "-m", "nbjudge", "review", "ps1", "--no-browser"],
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    with process, no_longer_than(60):
        while "Ctrl-C" not in process.stdout.readline():
            assert process.poll() is None, process.stderr.read()
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert "ps1: graded 0 answers, 3 still waiting." in out
