"""The comparison with stock nbgrader on other courses: submissions, courses and counts."""

import contextlib
import json
import re
import sqlite3
import subprocess
from pathlib import Path

import nbformat
import pytest

from benchmarks.engine import foreign
from benchmarks.engine._foreign_courses import (
    Assignment,
    Course,
    SkippedError,
    checkout,
    courses,
    prepare,
)
from benchmarks.engine._foreign_submissions import RAISED, SUBMISSIONS, changed, solved, submissions

ANSWERS = (
    "def area(r):\n    ### BEGIN SOLUTION\n    return 3 * r ** 2\n    ### END SOLUTION\n",
    "### BEGIN SOLUTION\nname = 'ada'\n### END SOLUTION\n",
    "### BEGIN SOLUTION\nsmall = 1 < 2\n### END SOLUTION\n",
)
STUB = "# YOUR CODE HERE\nraise NotImplementedError()\n"


def cell(source, **role):
    own = {"grade": False, "solution": False, "grade_id": "", "schema_version": 3, **role}
    own = {"locked": not own["solution"], "task": False, **own}
    return {
        **{"cell_type": "code", "source": source, "metadata": {"nbgrader": own}},
        **{"outputs": [], "execution_count": None},
    }


def notebook(answers):
    cells = [cell("import math", grade_id="setup")]
    for number, answer in enumerate(answers):
        cells.append(cell(answer, grade_id=f"answer{number}", solution=True))
    cells.append(cell("assert small", grade_id="test", grade=True, points=0))
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


@pytest.fixture
def six():
    return submissions(notebook(ANSWERS), notebook([STUB] * 3))


def answers(submission):
    return [c["source"] for c in submission["cells"] if c["metadata"]["nbgrader"]["solution"]]


def test_the_six_submissions_differ_in_the_answers_alone(six):
    assert list(six) == list(SUBMISSIONS)
    for submission in six.values():
        others = [c for c in submission["cells"] if not c["metadata"]["nbgrader"]["solution"]]
        assert [c["source"] for c in others] == ["import math", "assert small"]


def test_odd_and_even_answers(six):
    complete = answers(six["complete"])
    assert complete == [solved(answer) for answer in ANSWERS]
    assert answers(six["stub"]) == [STUB] * 3
    assert answers(six["odd"]) == [complete[0], STUB, complete[2]]
    assert answers(six["even"]) == [STUB, complete[1], STUB]


def test_the_last_answer_raises(six):
    complete, raising = answers(six["complete"]), answers(six["raises"])
    assert raising[:2] == complete[:2]
    assert raising[2].splitlines()[-1] == RAISED
    with pytest.raises(RuntimeError, match="not finished"):
        exec(raising[2])


def test_every_answer_is_changed_once(six):
    first, second, third = answers(six["changed"])
    assert first.startswith("def area(r):\n    return ") and first.count("\n") == 2
    assert second == "name = 'adax'\n"
    assert third in ("small = (1 <= 2)\n", "small = 2 < 2\n", "small = 1 < 3\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = f(y)\n", "x = f(y)\n"),  # nothing to change
        ("x = (\n", "x = (\n"),  # not Python
        ("%matplotlib inline\n!ls\nx = 'é' + y", "%matplotlib inline\n!ls\nx = ('é' - y)"),
        ('"""Add 1."""\nx = f"{y:3}"\nz = True', '"""Add 1."""\nx = f"{y:3}"\nz = False'),
        (
            "a = 1\n### BEGIN SOLUTION\nb = (c ==\n     d)\n### END SOLUTION\ne = 2",
            "a = 1\n### BEGIN SOLUTION\nb = ((c != d))\n### END SOLUTION\ne = 2",
        ),
    ],
)
def test_only_the_solution_is_changed(text, expected):
    assert changed(text, "id") == expected


def test_the_list_of_courses():
    every = courses()
    assert len({course.repository for course in every}) == len(every)
    assert {course.unseen for course in every} == {False, True}
    for course in every:
        assert re.fullmatch(r"[0-9a-f]{40}", course.commit), course.repository
        names = [assignment.name for assignment in course.assignments]
        assert names and len(set(names)) == len(names), course.repository


def test_a_reason_to_skip_needs_an_assignment(tmp_path):
    path = tmp_path / "courses.toml"
    entry = '[[course]]\nrepository = "a/b"\ncommit = ""\nsubject = ""\nassignments = ["x"]\n'
    path.write_text(entry + 'skip = { x = "no data" }\n')
    assert courses(path)[0].assignments[0].skip == "no data"
    path.write_text(entry + 'skip = { y = "no data" }\n')
    with pytest.raises(ValueError, match="a/b: there is no assignment y"):
        courses(path)


def test_what_cannot_be_compared_is_skipped(tmp_path):
    course = Course("a/b", "", "", ())
    with pytest.raises(SkippedError, match="there is no checkout"):
        checkout(course, tmp_path, tmp_path)
    files = tmp_path / "a+b"
    (files / "x").mkdir(parents=True)
    assert checkout(course, tmp_path, tmp_path) == files
    for assignment, reason in (
        (Assignment("x", "x", skip="no data"), "no data"),
        (Assignment("x", "y"), "there is no folder y"),
        (Assignment("x", "x"), "no notebook has a test"),
    ):
        with pytest.raises(SkippedError, match=reason):
            prepare(course, assignment, files, tmp_path / "work")
    text = notebook(ANSWERS) | {"metadata": {"kernelspec": {"language": "R"}}}
    (files / "x" / "x.ipynb").write_text(json.dumps(text))
    with pytest.raises(SkippedError, match="written in r"):
        prepare(course, Assignment("x", "x"), files, tmp_path / "work")


def test_a_course_is_cloned_at_its_commit(monkeypatch, tmp_path):
    origin = tmp_path / "origin" / "a" / "b.git"
    origin.mkdir(parents=True)

    def git(*words):
        who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
        command = ["git", "-C", str(origin), *who, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "first")
    commit = git("rev-parse", "HEAD")
    git("commit", "--quiet", "--allow-empty", "--message", "second")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{origin.parents[1].as_uri()}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    course = Course("a/b", commit, "", ())
    folder = checkout(course, None, tmp_path / "work")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True)
    assert head.stdout.strip() == commit
    assert checkout(course, None, tmp_path / "work") == folder
    with pytest.raises(SkippedError, match="it could not be cloned: "):
        checkout(Course("a/c", commit, "", ()), None, tmp_path / "work")
    assert not (tmp_path / "work" / "checkouts" / "a+c").exists()


def test_differences_are_counted_and_listed(monkeypatch, tmp_path, capsys):
    cells = [("complete", "x", name) for name in "abcde"] + [("stub", "x", "a")]
    stock = dict(zip(cells, (1.0, 1.0, 1.0, 0.0, None, 0.0), strict=True))
    judged = dict(zip(cells, (1.0, 0.5, None, 1.0, 1.0, None), strict=True))
    monkeypatch.setattr(foreign, "prepare", lambda *_: tmp_path)
    monkeypatch.setattr(foreign, "stock_scores", lambda *_: foreign.Graded(stock, 3.0, 9.0))
    monkeypatch.setattr(foreign, "grade", lambda *_: (tmp_path, foreign.Graded(judged, 1.0, 2.0)))
    course = Course("a/b", "", "subject", (Assignment("x", "x"),))
    found, skipped = foreign.measure([(course, course.assignments[0])], tmp_path, tmp_path, 1)
    assert skipped == ["a/b, x: there is no checkout " + f"{tmp_path / 'a+b'}."]
    (tmp_path / "a+b").mkdir()
    with contextlib.closing(sqlite3.connect(tmp_path / "gradebook.db")) as database, database:
        database.execute("CREATE TABLE nbjudge_placement (in_child TEXT)")
        database.execute("""INSERT INTO nbjudge_placement VALUES ('{"x": ["b", "e"]}')""")
    found, skipped = foreign.measure([(course, course.assignments[0])], tmp_path, tmp_path, 1)
    assert skipped == []
    compared = found["a/b"]
    assert (compared.cells, compared.equal, compared.lower, compared.higher) == (5, 1, 1, 1)
    assert (compared.left, compared.lost, compared.ungraded) == (2, 2, 1)
    assert (compared.tests, compared.outside) == (4, 3)  # e has no score under stock nbgrader
    listed = capsys.readouterr().err.splitlines()
    for line in (
        "complete, x, b: 0.5, not 1.0: not graded",
        "complete, x, c: None, not 1.0: not graded",
        "complete, x, d: 1.0, not 0.0: not graded",
        "stub, x, a: None, not 0.0: not graded",
    ):
        assert line in listed
    row = "| subject | 1 | 5 | 1 | 1 | 1 | 2 | 3 | 2 | 4 | 3 | 3 | 1 | 9 | 2 |"
    monkeypatch.setattr(foreign, "PACKAGES", ("nbgrader",))
    text = foreign.as_text([course], found, ["a/c, x: no data."])
    assert f"| [a/b](https://github.com/a/b) {row}" in text
    assert "gives no score for 1 cells" in text
    assert text.endswith("Skipped:\n\n- a/c, x: no data.\n")


def test_the_error_of_a_cell(tmp_path: Path):
    path = tmp_path / "x.ipynb"
    assert foreign.error_in(path, "test") == "not graded"
    error = nbformat.v4.new_output(
        "error", ename="AssertionError", evalue="\x1b[31mwrong\x1b[0m\nmore", traceback=[]
    )
    said = nbformat.v4.new_output("stream", text="first\nsecond\n")
    for outputs, expected in (
        ([], ""),
        ([said], "first"),
        ([said, error], "AssertionError: wrong"),
    ):
        made = nbformat.from_dict(notebook(ANSWERS))
        made.cells[-1].outputs = outputs
        nbformat.write(made, path)
        assert foreign.error_in(path, "test") == expected
    assert foreign.error_in(path, "other") == "no such cell"


def test_courses_and_assignments_are_chosen_by_name():
    every = courses()
    chosen = list(foreign.choose(every, ["jupyter/"], []))
    assert [assignment.name for _, assignment in chosen] == ["ps1", "ps1_autotest"]
    assert [c.repository for c, _ in foreign.choose(every, [], ["ps1_autotest"])] == [
        "jupyter/nbgrader"
    ]


def test_a_larger_class_hands_in_each_submission_several_times(tmp_path: Path):
    prepared = tmp_path / "prepared"
    for student in SUBMISSIONS:
        (prepared / "submitted" / student).mkdir(parents=True)
        (prepared / "submitted" / student / "work").write_text(student)
    assert foreign.enlarge(prepared, 1) == prepared
    works = [path.read_text() for path in foreign.enlarge(prepared, 3).glob("submitted/*/work")]
    assert sorted(works) == sorted([*SUBMISSIONS] * 3)
    assert len([*prepared.glob("submitted/*")]) == len(SUBMISSIONS)
