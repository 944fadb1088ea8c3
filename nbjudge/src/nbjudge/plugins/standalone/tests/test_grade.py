"""`nbjudge grade`: the scores of the gradebook without a gradebook, and clear errors."""

import contextlib
import hashlib
import io
import json
import re
import shutil
import zipfile
from dataclasses import replace

import jsonschema
import pytest

from nbjudge.cli.console import NOT_GRADED, OK, USAGE
from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.engine.engine import Engine
from nbjudge.errors import EngineError
from nbjudge.judging.messages import Fault
from nbjudge.plugins.standalone.judging import judge_all
from nbjudge.plugins.standalone.pack_file import make_pack, unpacked
from nbjudge.plugins.standalone.results import SCHEMA, as_document
from nbjudge.plugins.standalone.work import find_work
from tests.support.classes import BROKEN, WRONG
from tests.support.small_course import RIGHT, square_question, test_cell

CLASS = {"ann": RIGHT, "ben": WRONG, "cid": BROKEN, "dan": {}}
# The score is a random number, so it depends on the seed alone.
DRAWN = "import random\nround(random.random(), 6)"


def judged_works(course, paths, assignment="ps1", pack=None, **options):
    """Return the results of judging submissions."""
    with course.here(), contextlib.ExitStack() as stack:
        if pack:
            opened = stack.enter_context(unpacked(pack)).open()
        else:
            opened = Assignment(assignment, *load_course(), for_reading=True)
        stack.callback(opened.close)
        pieces = [(work, opened) for work in find_work(map(str, paths))]
        return list(judge_all(course.engine(), pieces, 1, **options))


def results(course, paths, assignment="ps1", pack=None, **options):
    """Return the results of `nbjudge grade` as JSON data, by path."""
    return as_results(judged_works(course, paths, assignment, pack, **options))


def as_results(judged):
    """Return valid JSON data, by path."""
    document = as_document(judged, "full", "Isolation: full.", 1.0)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    return {result["path"]: result for result in document["results"]}


def points(result):
    """Return the score of each question; the gradebook stores the same numbers."""
    questions = [q for notebook in result["notebooks"] for q in notebook["questions"]]
    return {question["name"]: question["score"] for question in questions}


def packed(course, assignment="ps1", **changed):
    """Return the path of a pack of an assignment whose tests were placed."""
    path = course.root.parent / f"{assignment}.nbpack"
    with (
        course.here(),
        contextlib.closing(Assignment(assignment, *load_course(), for_reading=True)) as opened,
    ):
        path.write_bytes(make_pack(opened, changed))
    return path


@pytest.fixture
def graded(course):
    """The course with a graded class: {student: scores in the gradebook}."""
    for student, answers in CLASS.items():
        course.submit(student, answers)
    course.grade(seed=7)
    return {student: course.scores(student) for student in CLASS}


def test_scores_are_those_of_the_gradebook(course, graded):
    paths = {s: course.submitted(s) / "ps1.ipynb" for s in CLASS}
    for pack in (None, packed(course)):
        found = results(course, paths.values(), pack=pack, seed=7)
        assert {s: points(found[str(path)]) for s, path in paths.items()} == graded
    assert {s: sum(p for p in scores.values() if p) for s, scores in graded.items()} == {
        "ann": 5,
        "ben": 1,
        "cid": 0,
        "dan": 0,
    }


def test_equal_seeds_give_equal_scores(course):
    course.write_source("drawn", drawn=[*square_question(), test_cell("drawn_test", DRAWN, 1)])
    course.release("drawn")
    path = course.submit("ann", assignment="drawn") / "drawn.ipynb"
    course.grade("drawn", seed=7)
    expected = course.scores("ann", "drawn")
    assert 0 < expected["drawn_test"] < 1
    pack = packed(course, "drawn")
    assert points(results(course, [path], "drawn", seed=7)[str(path)]) == expected
    assert points(results(course, [path], pack=pack, seed=7)[str(path)]) == expected
    other = results(course, [path], pack=pack, seed=8)[str(path)]
    assert points(other)["drawn_test"] != expected["drawn_test"]
    (again,) = results(course, [path], pack=pack).values()
    repeated = results(course, [path], pack=pack, seed=again["seed"])[str(path)]
    assert points(repeated) == points(again)


def test_a_missing_notebook_counts_as_in_the_gradebook(course):
    folder = course.submit("ann", assignment="ps2", notebooks=["one"])
    course.grade("ps2", seed=7)
    result = results(course, [folder], "ps2", seed=7)[str(folder)]
    assert points(result) == course.scores("ann", "ps2") == {"double_test": 2, "square_test": 0}
    assert result["remarks"] == ["two.ipynb was not submitted."]
    assert [notebook["file"] for notebook in result["notebooks"]] == ["one.ipynb", None]
    assert (result["score"], result["max_score"]) == (2, 3)


def test_the_result_explains_the_lost_points(course):
    path = course.submit("ben", WRONG | {"half": "raise RuntimeError('no')"}) / "ps1.ipynb"
    result = results(course, [path])[str(path)]
    double, half, *_ = result["notebooks"][0]["questions"]
    assert (double["title"], double["diagnosis"]) == ("double", "AssertionError")
    assert double["error"] == "----> 1 assert double(1) == 2\nAssertionError"
    assert [mistake["name"] for mistake in double["mistakes"]] == ["an error"]
    assert half["diagnosis"] == "The solution cell fails. RuntimeError: no"
    assert "RuntimeError: no" in half["error"]
    assert result["manual"] == 3


def test_no_result_quotes_a_hidden_test(course):
    answers = {"double": "def double(x):\n    return 2 if x == 1 else 1 / 0"}
    path = course.submit("eve", RIGHT | answers) / "ps1.ipynb"
    text = json.dumps(results(course, [path]))
    assert "ZeroDivisionError" in text
    assert "answers" not in text


def test_a_traceback_that_quotes_a_hidden_test_is_left_out(course):
    """The judge does not store such a traceback; if one is stored, results do not show it."""
    path = course.submit("ben", WRONG) / "ps1.ipynb"
    (judged,) = judged_works(course, [path])
    content = json.loads(judged.answers["ps1"].notebook)
    test = next(c for c in content["cells"] if "double_test" in str(c["metadata"]))
    (error,) = (o for o in test["outputs"] if o["output_type"] == "error")
    error["traceback"] = ["----> 4 for x, y in answers.DOUBLES.items():"]
    answer = replace(judged.answers["ps1"], notebook=json.dumps(content).encode())
    shown = as_results([replace(judged, answers={"ps1": answer})])
    assert "DOUBLES" not in json.dumps(shown)
    assert "AssertionError" in json.dumps(shown)


def test_limits_and_repairs_are_reported(course):
    path = course.submit("eve", RIGHT | {"double": "import socket\nsocket.create_connection(())"})
    path = path / "ps1.ipynb"
    content = json.loads(path.read_text())
    content["cells"] = [c for c in content["cells"] if "half_test" not in str(c["metadata"])]
    path.write_text(json.dumps(content))
    result = results(course, [path])[str(path)]
    assert result["repairs"] == ["The cell half_test was missing and was put back."]
    endless = course.submit("fay", RIGHT | {"double": "while True:\n    pass"}) / "ps1.ipynb"
    course.configure("c.NbJudge.cell_seconds = 0.3\n")
    (limit,) = results(course, [endless])[str(endless)]["limits"]
    assert limit["name"] == "time limit"
    assert limit["message"].startswith("The cell with your code ran for more than 0.3 seconds")


# Work that cannot be graded.


def test_a_course_module_that_the_child_lacks_is_no_limit(course):
    """A test that moves to the child finds no module of the course there."""
    number = "class Number:\n    def __init__(self, value):\n        self.value = value\n"
    number += "    def __eq__(self, other):\n        return self.value == other\n"
    other = RIGHT | {"double": f"{number}def double(x):\n    return Number(2 * x)"}
    path = course.submit("eve", other) / "ps1.ipynb"
    result = results(course, [path])[str(path)]
    assert (result["score"], result["limits"]) == (3, [])


def test_a_file_that_is_not_a_notebook(course, tmp_path):
    cases = {
        "ps1.pdf": (b"%PDF-1.7", "it is a PDF file; submit the original notebook"),
        "ps1.ipynb": (b"{}", "not a Jupyter notebook: it has no cells"),
        "empty.ipynb": (b"", "the file is empty"),
    }
    for name, (content, _) in cases.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    found = results(course, sorted(tmp_path.iterdir()))
    for name, (_, why) in cases.items():
        result = found[str(tmp_path / name)]
        assert why in result["why"]
        assert (result["status"], result["score"], result["grader_failed"]) == (
            "failed",
            None,
            False,
        )
        assert (result["max_score"], result["max_auto_score"]) == (20, 5)
    assert "the folder has no files" in found[str(tmp_path / "nothing")]["why"]
    assert "symbolic link" in found[str(tmp_path / "link.ipynb")]["why"]


def test_a_renamed_notebook_is_graded_but_none_of_another_assignment(course, tmp_path):
    right = (course.submit("ann") / "ps1.ipynb").rename(tmp_path / "homework (1).ipynb")
    other = course.submit("ann", assignment="ps2", notebooks=["two"]) / "two.ipynb"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "two.ipynb").write_bytes(other.read_bytes())
    found = results(course, [right, other, folder])
    assert found[str(right)]["score"] == 5
    for path in (other, folder):
        why = "two.ipynb is a notebook of another assignment: its cells (square, square_test)"
        assert why in found[str(path)]["why"]
        assert found[str(path)]["notebooks"] == []


def test_assignments_may_share_a_locked_cell(course, tmp_path):
    submitted = course.submit("ann") / "ps1.ipynb"
    notebook = json.loads(submitted.read_text())
    for one in notebook["cells"]:
        marks = one["metadata"].get("nbgrader", {})
        if marks.get("grade") or marks.get("solution") or marks.get("task"):
            marks["grade_id"] = f"other_{marks['grade_id']}"
    path = tmp_path / "homework.ipynb"
    path.write_text(json.dumps(notebook))
    grade_ids = [one["metadata"].get("nbgrader", {}).get("grade_id") for one in notebook["cells"]]
    assert any(name and not name.startswith("other_") for name in grade_ids)
    assert "is a notebook of another assignment" in results(course, [path])[str(path)]["why"]


def test_a_package_that_is_missing_is_not_the_students_fault(course, monkeypatch):
    path = course.submit("ann") / "ps1.ipynb"
    judge = Engine.judge

    def without_package(self, config, job):
        answer = judge(self, config, job)
        return replace(answer, faults=[Fault("setup", "the judge cannot run it: No x", True)])

    monkeypatch.setattr(Engine, "judge", without_package)
    result = results(course, [path])[str(path)]
    assert (result["status"], result["grader_failed"], result["score"]) == ("failed", True, None)
    assert "this machine lacks a package" in result["why"] and "No x" in result["why"]


def test_of_two_notebooks_neither_is_graded(course):
    folder = course.submit("ann")
    content = (folder / "ps1.ipynb").read_bytes()
    (folder / "ps1.ipynb").unlink()
    for name in ("a.ipynb", "b.ipynb"):
        (folder / name).write_bytes(content)
    why = results(course, [folder])[str(folder)]["why"]
    assert why == (
        "ps1.ipynb is missing; the folder has a.ipynb, b.ipynb; in the folder, give the right one "
        "that name, or remove the others"
    )


def test_a_failure_of_the_grader_is_not_the_students(course, monkeypatch):
    path = course.submit("ann") / "ps1.ipynb"

    def fail(self, config, job):
        raise EngineError("the worker ended")

    monkeypatch.setattr(Engine, "judge", fail)
    result = results(course, [path], pack=packed(course))[str(path)]
    assert (result["why"], result["grader_failed"]) == ("nbjudge failed: the worker ended", True)


# The command.


def state_of(folder):
    """Return a hash of each file below a folder."""
    paths = (path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts)
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()
    }


def test_the_command_writes_nothing_into_the_course(course, command, tmp_path):
    for student in ("ann", "ben"):
        course.submit(student, CLASS[student])
    before = state_of(course.root)
    paths = ["submitted/ann/ps1/ps1.ipynb", "submitted/ben/ps1"]
    done = command("grade", *paths, "--html", tmp_path / "pages", "--json")
    written = [n["page"] for r in json.loads(done.stdout)["results"] for n in r["notebooks"]]
    done = command("grade", *paths, "--html", tmp_path / "pages")
    assert done.status == OK, done.stderr
    assert state_of(course.root) == before
    assert "submitted/ann/ps1/ps1.ipynb (ps1): 5 of 20 points, 3 questions to grade" in done.stdout
    assert re.search(r"double_test +0 +2 +AssertionError", done.stdout)
    assert "Isolation: " in done.stderr
    pages = sorted(path for path in (tmp_path / "pages").rglob("*") if path.is_file())
    assert [str(path.relative_to(tmp_path / "pages")) for path in pages] == [
        "ps1/ps1.html",
        "ps1.html",
    ]
    assert [str(path) for path in reversed(pages)] == written
    assert "5 of 20" in " ".join(pages[1].read_text().split())


def test_pages_stay_in_the_folder_and_never_share_a_file(course, command, tmp_path):
    """Names of submissions may come from students: a folder may be named like a page."""
    content = (course.submit("ann") / "ps1.ipynb").read_bytes()
    for name in ("..ipynb", "...ipynb", "a.ipynb", "a.html/ps1.ipynb", "b/A.ipynb", "c/a.ipynb"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "out.html").write_text("mine")
    works = ["..ipynb", "...ipynb", "a.html", "a.ipynb", "b/A.ipynb", "c/a.ipynb"]
    paths = [tmp_path / "in" / name for name in works]
    done = command("grade", *paths, "--assignment", "ps1", "--html", tmp_path / "out")
    assert "feedback page of" not in done.stderr and done.status == OK, done.stderr
    assert (tmp_path / "out.html").read_text() == "mine"
    pages = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert {str(path.relative_to(tmp_path / "out")) for path in pages} == {
        "..ipynb.html",
        "...ipynb.html",
        "a.html/ps1.html",
        "a-1.html",
        "A-2.html",
        "a-3.html",
    }


def test_pages_beside_the_work_are_not_written_through_its_links(course, command, tmp_path):
    """A clone of a student's repository may have a link where a page is prepared."""
    work, own = tmp_path / "work" / "ann", tmp_path / "own.txt"
    own.write_text("mine")
    shutil.copytree(course.submit("ann"), work)
    for name in ("ps1.html", ".ps1.html.new"):
        (work / name).symlink_to(own)
    done = command("grade", work, "--assignment", "ps1", "--html", work.parent)
    assert done.status == OK, done.stderr
    assert own.read_text() == "mine"
    assert (work / "ps1.html").read_text().startswith("<!DOCTYPE html>")


def test_a_pack_needs_no_course(course, command, tmp_path):
    path = course.submit("ann") / "ps1.ipynb"
    done = command("pack", "ps1", "-o", tmp_path / "ps1.nbpack")
    assert done.status == OK, done.stderr
    path = path.rename(tmp_path / "ps1.ipynb")
    course.root.rename(tmp_path / "gone")
    try:
        pack = tmp_path / "ps1.nbpack"
        course.root.mkdir()
        done = command("grade", path, "--assignment", pack, "--json", cwd=tmp_path)
    finally:
        course.root.rmdir()
        (tmp_path / "gone").rename(course.root)
    assert done.status == OK, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["results"][0]["score"] == 5
    assert document["isolation"]


def test_one_bad_file_does_not_stop_the_others(course, command):
    course.submit("ann")
    (course.root / "submitted/homework.ipynb").write_text("{}")
    paths = ["submitted/homework.ipynb", "submitted/ann/ps1/ps1.ipynb"]
    done = command("grade", *paths, "--json")
    assert done.status == NOT_GRADED
    bad, good = json.loads(done.stdout)["results"]
    assert bad["path"] == paths[0]
    assert "not named after a notebook of this course (one, ps1, two), and no cell" in bad["why"]
    assert bad["assignment"] is None
    assert good["score"] == 5
    assert "Not graded: submitted/homework.ipynb: " in done.stderr


def test_the_folder_of_an_assignment_names_its_course(course, command, tmp_path):
    path = (course.submit("ann") / "ps1.ipynb").rename(tmp_path / "mine.ipynb")
    folder = course.root / "source" / "ps1"
    done = command("grade", path, "--assignment", folder, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["results"][0]["score"] == 5
    done = command("grade", path, "--assignment", tmp_path / "x" / "y", cwd=tmp_path)
    assert done.status == USAGE
    assert "is not in a course" in done.stderr


def test_usage_errors(course, command, tmp_path):
    for name in ("ps3", "week 3"):
        course.write_source(name, ps3=square_question())
    path = course.submit("ann") / "ps1.ipynb"
    (tmp_path / "broken.nbpack").write_bytes(b"PK")
    for name, message in (
        ("ps4", "The course has no assignment 'ps4'; did you mean ps2?"),
        ("ps3", "ps3 is not released: run `nbgrader generate_assignment ps3`"),
        ("week 3", "week 3 is not released: run `nbgrader generate_assignment 'week 3'`"),
        (tmp_path / "broken.nbpack", "broken.nbpack is not a readable pack"),
    ):
        done = command("grade", path, "--assignment", name)
        assert done.status == USAGE
        assert message in " ".join(done.stderr.split())
        assert done.stdout == ""
    done = command("grade", "nowhere.ipynb")
    assert done.status == USAGE
    assert "There is no file or folder nowhere.ipynb." in done.stderr


# Which assignment a notebook belongs to, without --assignment.


def graded_as(command, *paths, status=OK, **options):
    """Return the assignment, or the reason why none was found, and the remarks, by path."""
    done = command("grade", *paths, "--json", **options)
    assert done.status == status, done.stderr
    found = json.loads(done.stdout)["results"]
    return {r["path"]: (r["assignment"] or r["why"], r["remarks"]) for r in found}


BY_CELLS = "recognized as ps1 by the grade ids of its cells"


def test_a_renamed_notebook_is_recognized_by_its_cells(course, command):
    content = json.loads((course.submit("ann") / "ps1.ipynb").read_text())
    folder = course.root / "downloads"
    (folder / "work").mkdir(parents=True)
    other_order = content | {"cells": content["cells"][::-1]}
    works = {"Copy of ps1.ipynb": content, "Kopie von ps1.ipynb": content, "a.ipynb": other_order}
    for name, notebook in {**works, "work/b.ipynb": content}.items():
        (folder / name).write_text(json.dumps(notebook))
    paths = [*(f"downloads/{name}" for name in works), "downloads/work"]
    assert graded_as(command, *paths) == {path: ("ps1", [BY_CELLS]) for path in paths}
    named = "submitted/ann/ps1/ps1.ipynb"
    assert graded_as(command, named) == {named: ("ps1", [])}


def test_a_name_that_contradicts_the_cells_is_refused(course, command):
    """A student who submits an easier assignment under another's name gains nothing."""
    easy = course.submit("ann", assignment="ps2", notebooks=["two"]) / "two.ipynb"
    for name in ("ps1.ipynb", "ps1 (1).ipynb"):
        path = easy.rename(course.root / name)
        ((why, _),) = graded_as(command, name, status=NOT_GRADED).values()
        assert why.startswith("its name is that of ps1, but its cells are those of ps2; choose")
        easy = path
    folder = course.root / "ps1"
    folder.mkdir()
    easy.rename(folder / "two.ipynb")
    ((why, _),) = graded_as(command, "ps1", status=NOT_GRADED).values()
    assert why.startswith("its name is that of ps1, but its cells are those of ps2")


def test_a_name_decides_between_assignments_that_share_cells(course, command):
    course.submit("ann", assignment="ps2", notebooks=["one"])
    path = "submitted/ann/ps2/one.ipynb"  # double, which ps1 asks for too
    assert graded_as(command, path) == {path: ("ps2", ["two.ipynb was not submitted."])}
    (course.root / path).rename(course.root / "copy.ipynb")
    assert graded_as(command, "copy.ipynb")["copy.ipynb"][0] == "ps2", "all cells of one.ipynb"
    notebook = json.loads((course.root / "copy.ipynb").read_text())
    notebook["cells"] = [c for c in notebook["cells"] if "double_test" not in str(c["metadata"])]
    (course.root / "copy.ipynb").write_text(json.dumps(notebook))
    ((why, _),) = graded_as(command, "copy.ipynb", status=NOT_GRADED).values()
    assert why == "it may belong to ps1, ps2; choose one of them with --assignment"


def test_without_grade_ids_the_name_decides(course, command):
    notebook = json.loads((course.submit("ann") / "ps1.ipynb").read_text())
    for one in notebook["cells"]:
        one["metadata"] = {}
    (course.root / "ps1 (1).ipynb").write_text(json.dumps(notebook))
    assert graded_as(command, "ps1 (1).ipynb")["ps1 (1).ipynb"][0] == "ps1"
    (course.root / "ps1 (1).ipynb").rename(course.root / "mine.ipynb")
    ((why, _),) = graded_as(command, "mine.ipynb", status=NOT_GRADED).values()
    assert "not named after a notebook of this course (one, ps1, two), and no cell has" in why


def test_a_notebook_of_several_is_recognized_by_its_cells(course, command, tmp_path):
    two = course.submit("ann", assignment="ps2", notebooks=["two"]) / "two.ipynb"
    path = two.rename(tmp_path / "homework.ipynb")
    for options in ((), ("--assignment", "ps2")):
        (result,) = json.loads(command("grade", path, *options, "--json").stdout)["results"]
        assert result["score"] == 1
        assert [notebook["file"] for notebook in result["notebooks"]] == [None, "homework.ipynb"]


def test_a_notebook_of_several_in_a_folder_is_recognized_by_its_cells(course):
    """Also in the class: it would count as not submitted, which costs all of its points."""
    folder = course.submit("ann", assignment="ps2")
    (folder / "two.ipynb").rename(folder / "Copy of two.ipynb")
    result = results(course, [folder], "ps2")[str(folder)]
    assert [notebook["file"] for notebook in result["notebooks"]] == [
        "one.ipynb",
        "Copy of two.ipynb",
    ]
    assert (result["score"], result["remarks"]) == (3, [])
    assert course.grade("ps2")["ann"].judgment.score == 3
    (folder / "again.ipynb").write_bytes((folder / "Copy of two.ipynb").read_bytes())
    assert results(course, [folder], "ps2")[str(folder)]["score"] == 2, "a person has to decide"


def test_notebooks_with_each_others_names_are_recognized_by_their_cells(course, command):
    folder = course.submit("ann", assignment="ps2")
    one, two = (folder / "one.ipynb").read_bytes(), (folder / "two.ipynb").read_bytes()
    (folder / "one.ipynb").write_bytes(two)
    (folder / "two.ipynb").write_bytes(one)
    result = results(course, [folder], "ps2")[str(folder)]
    assert [notebook["file"] for notebook in result["notebooks"]] == ["two.ipynb", "one.ipynb"]
    assert (result["score"], result["repairs"], result["remarks"]) == (3, [], [])
    assert course.grade("ps2")["ann"].judgment.score == 3
    path = folder / "one.ipynb"
    alone = results(course, [path], "ps2")[str(path)]
    assert [notebook["file"] for notebook in alone["notebooks"]] == [None, "one.ipynb"]
    assert (alone["score"], alone["repairs"]) == (1, [])


def test_of_two_notebooks_the_one_with_the_questions_is_graded(course):
    folder = course.submit("ann")
    (folder / "ps1.ipynb").rename(folder / "homework.ipynb")
    (folder / "scratch.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4}')
    result = results(course, [folder])[str(folder)]
    assert (result["score"], result["notebooks"][0]["file"]) == (5, "homework.ipynb")
    assert any(remark.startswith("scratch.ipynb was also") for remark in result["remarks"])


def test_several_assignments_are_counted(course, command):
    course.submit("ann")
    course.submit("ann", assignment="ps2", notebooks=["two"])
    paths = ["submitted/ann/ps1/ps1.ipynb", "submitted/ann/ps2/two.ipynb"]
    done = command("grade", *paths)
    assert "The notebooks belong to several assignments: ps1 (1), ps2 (1)." in done.stderr
    assert "several assignments" not in command("grade", paths[0]).stderr


@pytest.mark.parametrize("path", ["-", "/dev/stdin"])
def test_standard_input_is_graded(course, command, monkeypatch, path):
    content = (course.submit("ann") / "ps1.ipynb").read_bytes()
    for options in ((), ("--assignment", "ps1")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        (result,) = json.loads(command("grade", path, *options, "--json").stdout)["results"]
        assert (result["path"], result["assignment"], result["score"]) == ("-", "ps1", 5)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    done = command("grade", path, "--assignment", "ps1")
    assert (done.status, "the file is empty" in done.stderr) == (NOT_GRADED, True)
    monkeypatch.setattr("nbjudge.plugins.standalone.work.MAX_FILE", 9)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"1234567890")))
    done = command("grade", path)
    assert (done.status, done.stdout) == (USAGE, "")
    assert "Standard input has more than 9 bytes." in done.stderr


def test_an_archive_is_to_be_unpacked(course, command):
    folder = course.root / "download"
    folder.mkdir()
    for path in (folder / "ps.zip", course.root / "a.zip", course.root / "ps1.zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("ps1.ipynb", "{}")
    found = graded_as(command, "download", "a.zip", status=NOT_GRADED)
    for path, name in (("download", "ps.zip"), ("a.zip", "a.zip")):
        assert found[path][0] == f"it contains no notebook, only {name}: unpack the archive first"
    for options in (("ps1.zip",), ("download", "--assignment", "ps1")):
        assert "unpack" in command("grade", *options).stderr


def test_a_file_that_two_assignments_fit(course, command):
    course.write_source("ps3", one=square_question()[:1])
    course.release("ps3")
    path = course.submit("ann", assignment="ps2") / "one.ipynb"
    notebook = json.loads(path.read_text())
    for one in notebook["cells"]:
        one["metadata"] = {}
    path.write_text(json.dumps(notebook))
    done = command("grade", path)
    assert done.status == NOT_GRADED
    assert "it may belong to ps2, ps3; choose one of them with --assignment" in done.stderr
    assert command("grade", path, "--assignment", "ps2").status == OK


def test_questions_of_several_notebooks_are_named_with_their_notebook(course, command):
    wrong = RIGHT | {"double": "def double(x):\n    return iter([])", "square": "1 / 0"}
    path = course.submit("eve", wrong, "ps2")
    (path / "one.ipynb").write_text((path / "one.ipynb").read_text().replace("double_test", "x"))
    shown = command("grade", path, "--assignment", "ps2").stdout
    assert "double_test (one)" in shown and "square_test (two)" in shown
    assert "Repaired: one: The cell double_test was identified by its text." in shown
    outcome = course.grade("ps2")["eve"]
    assert "one: The cell double_test was identified by its text." in outcome.judgment.repairs
    course.submit("eve", RIGHT, "ps2")
    assert "square_test (two) 0 -> 1" in course.grade("ps2")["eve"].score_change
