"""A folder that cannot be entered affects one student: every command names it and goes on."""

import shutil

import pytest

from tests.support.closed import closed, obey_modes

READ = "its folder cannot be read: Permission denied"


@pytest.fixture
def nbjudge(course):
    """A function that runs a command for which closed folders are closed, even as root.

    It returns (exit status, stdout and stderr).
    """
    course.configure("import nbjudge\nnbjudge.configure(c)\n")
    course.submit("ann")
    course.submit("dan")

    def run(*arguments, module="nbjudge"):
        done = course.python("-m", module, *arguments, preexec_fn=obey_modes)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.parametrize("of_assignment", [False, True], ids=["student", "assignment"])
def test_a_closed_submission(course, nbjudge, of_assignment):
    folder = course.submitted("dan") if of_assignment else course.submitted("dan").parent
    with closed(folder):
        code, said = nbjudge("autograde", "ps1", "--dry-run")
        assert code == 1 and f"ps1 of dan cannot be graded: {READ}\n" in said
        code, said = nbjudge("autograde", "ps1", "--feedback")
        assert code == 1 and said.count(f"Not graded: ps1 of dan: {READ}.\n") == 1
        assert course.scores("ann")["double_test"] == 2
        assert (course.root / "feedback/ann/ps1/ps1.html").exists()
        assert f"Not graded: ps1 of dan: {READ}.\n" in nbjudge("status", "ps1")[1]
        code, said = nbjudge("autograde", "ps1", module="nbgrader")
        assert code == 1 and f"Not graded: ps1 of dan: {READ}.\n" in said
        assert "ps1 of ann has not changed" in said
    code, said = nbjudge("autograde", "ps1")
    assert code == 0 and course.scores("dan")["double_test"] == 2


def test_a_closed_graded_folder(course, nbjudge):
    assert nbjudge("autograde", "ps1", "--feedback")[0] == 0
    with closed(course.autograded("dan").parent):
        code, said = nbjudge("report")
        assert code == 0 and "ps1.ipynb cannot be read: Permission denied" in said
        assert nbjudge("export", "mistakes")[0] == nbjudge("status")[0] == 0
        code, said = nbjudge("feedback", "ps1", "--force")
        assert code == 1 and "ps1 of dan: its feedback page cannot be written: " in said
        code, said = nbjudge("autograde", "ps1", "--force")
        assert code == 1 and "Not graded: ps1 of dan: the result cannot be written: " in said
    with closed(course.autograded("ann").parent, course.autograded("dan").parent):
        # Exits, since it has no answers to show.
        code, said = nbjudge("review", "ps1", "--no-browser")
        assert "6 answers left out: the graded notebook is missing or unreadable." in said


def test_feedback_of_a_student_who_was_removed_is_named(course, nbjudge):
    assert nbjudge("autograde", "ps1", "--feedback")[0] == 0
    assert "there is old feedback for" not in nbjudge("feedback", "ps1")[1]
    for step in ("submitted", "autograded"):
        shutil.rmtree(course.root / step / "dan")
    assert nbjudge("db", "student", "remove", "dan", "--force", module="nbgrader")[0] == 0
    text = (
        "ps1: there is old feedback for dan, but no submission in the gradebook. Remove "
        "feedback/STUDENT/ps1 before you release feedback.\n"
    )
    assert text in nbjudge("feedback", "ps1")[1]


def test_a_variable_that_keeps_python_open_changes_no_exit_status(course, monkeypatch):
    monkeypatch.setenv("PYTHONINSPECT", "1")
    done = course.nbjudge("--version")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_feedback_folder(course, nbjudge):
    assert nbjudge("autograde", "ps1", "--feedback")[0] == 0
    with closed(course.root / "feedback" / "dan"):
        code, said = nbjudge("autograde", "ps1", "--feedback", "--force")
        assert code == 1 and "ps1 of dan: its feedback page cannot be written: " in said
        assert "ps1 of ann: " not in said
        assert nbjudge("feedback", "ps1")[0] == 1
