"""Whole classes: same scores, folders and gradebook as stock nbgrader, and submitted files."""

import contextlib
import json
import os
import shutil
import socket
import sqlite3
import stat
import threading
import time

import pytest

from tests.support.classes import AN_HOUR_LATE, BROKEN, PENALTIES, UTC, WRONG, set_due, statuses
from tests.support.small_course import HALF, RIGHT, SmallCourse, cell, questions, test_cell

# Scores.


def test_scores(course):
    course.submit("ann")
    course.submit("ben", WRONG)
    course.submit("cid", {})
    course.submit("dan", BROKEN)
    done = course.grade()
    assert {
        name: (o.status, o.judgment.score, o.judgment.points, o.judgment.manual)
        for name, o in done.items()
    } == {
        "ann": ("graded", 5, 20, 3),
        "ben": ("graded", 1, 20, 3),
        "cid": ("graded", 0, 20, 1),
        "dan": ("graded", 0, 20, 3),
    }
    by_hand = {"essay": None, "drawing": None, "project": None}
    assert course.scores("ann") == {"double_test": 2, "half_test": 3} | by_hand
    assert course.scores("ben") == {"double_test": 0, "half_test": 1} | by_hand


def test_a_test_that_takes_a_name_away(course):
    """nbgrader's example course does so to check that one function calls another."""
    cells = questions()[:5]
    cells[3]["source"] = "### BEGIN SOLUTION\n### END SOLUTION"
    cells[4]["source"] = (
        "original = double\ndel double\ntry:\n    double\nexcept NameError:\n    pass\n"
        "else:\n    raise AssertionError('it is still there')\n"
        "try:\n    four(1)\nexcept NameError:\n    pass\n"
        "else:\n    raise AssertionError('four does not use double')\n"
        "finally:\n    double = original\nassert four(1) == 4\nassert double(1) == 2"
    )
    course.write_source("ps3", ps3=cells)
    course.release("ps3")
    double = "def double(x):\n    return 2 * x\n"
    course.submit("ann", {"double": double + "def four(x):\n    return double(double(x))"}, "ps3")
    course.submit("ben", {"double": double + "def four(x):\n    return 4 * x"}, "ps3")
    done = course.grade("ps3")
    assert {n: (o.judgment.score, o.judgment.errors) for n, o in done.items()} == {
        "ann": (2, []),
        "ben": (0, []),
    }


def submit_class(course):
    """Submit the work of students of all kinds, some of whom an instructor has already marked."""
    course.submit("partly", RIGHT | {"half": "def half(x):\n    return x // 2"})
    course.submit("untouched", {}, files={"timestamp.txt": UTC})
    course.submit("spaces", {"double": RIGHT["double"] + "\n\n", "essay": "Your answer.  "})
    course.submit("late", files={"timestamp.txt": AN_HOUR_LATE})
    course.submit("late_and_wrong", BROKEN, files={"timestamp.txt": AN_HOUR_LATE})
    course.submit("extended", files={"timestamp.txt": AN_HOUR_LATE})
    course.submit("marked_before", files={"timestamp.txt": AN_HOUR_LATE})
    course.submit("late", WRONG, assignment="ps2")
    course.submit("half_a_folder", assignment="ps2", notebooks=["one"])
    course.submit("other_half", assignment="ps2", notebooks=["two"], files={"timestamp.txt": UTC})
    shutil.copy(
        course.submitted("other_half", "ps2") / "two.ipynb",
        course.submitted("other_half", "ps2") / "three.ipynb",
    )
    set_due(course)
    with course.here():
        gradebook = course.api().gradebook
        with gradebook:
            gradebook.add_student("extended", first_name="Eve")
            gradebook.add_student("marked_before")
            gradebook.update_or_create_submission("ps1", "extended")
            gradebook.grant_extension("ps1", "extended", hours=2)
            submission = gradebook.update_or_create_submission("ps1", "marked_before")
            for grade in submission.notebooks[0].grades:
                grade.manual_score = {"essay": 3.5, "double_test": 1.0}.get(grade.name)
                grade.extra_credit = {"essay": 0.5}.get(grade.name)
            for comment in submission.notebooks[0].comments:
                comment.manual_comment = {"essay": "Well said."}.get(comment.name)
            gradebook.db.commit()
    course.configure(PENALTIES)


def test_the_gradebook_is_as_stock_writes_it(course, place):
    submit_class(course)
    shutil.rmtree(place / "stock", ignore_errors=True)
    shutil.copytree(course.root, place / "stock")
    stock = SmallCourse(place / "stock")
    stock.configure(PENALTIES)
    for assignment in ("ps1", "ps2"):
        done = stock.python("-m", "nbgrader", "autograde", assignment)
        assert done.returncode == 0, done.stderr
        failed = [o for o in course.grade(assignment).values() if o.status != "graded"]
        assert not failed
    ours, theirs = course.tables(), stock.tables()
    for table in theirs:
        assert ours[table] == theirs[table], table
    assert [row[-1] for row in ours["notebooks"] if row[-1]] == [1.5, 1.5]
    kept = {row[3]: row[4:7] for row in ours["grades"] if row[1] == "marked_before"}
    assert kept["double_test"] == (2, 1, None)
    assert kept["essay"] == (None, 3.5, 0.5)


def test_the_folders_are_as_stock_writes_them(course, place):
    course.submit("ann", files={"data.csv": "mine", "figures/a.txt": "mine", "timestamp.txt": UTC})
    (course.root / "source/ps1/sub").mkdir()
    (course.root / "source/ps1/sub/more.csv").write_text("master")
    shutil.rmtree(place / "stock", ignore_errors=True)
    shutil.copytree(course.root, place / "stock")
    stock = SmallCourse(place / "stock")
    stock.configure()
    assert stock.python("-m", "nbgrader", "autograde", "ps1").returncode == 0
    course.grade()

    def listing(folder):
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(f.relative_to(folder)): oct(f.stat().st_mode) for f in files}

    ours, theirs = course.autograded("ann"), stock.autograded("ann")
    assert listing(ours) == listing(theirs)
    for name in set(listing(ours)) - {"ps1.ipynb"}:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
    assert (ours / "data.csv").read_text() == "1,2,3\n"
    sources = [
        [
            "".join(cell["source"])
            for cell in json.loads((folder / "ps1.ipynb").read_text())["cells"]
            if "figures/a.txt" not in "".join(cell["source"])  # nbjudge lists them below the task
        ]
        for folder in (ours, theirs)
    ]
    assert sources[0] == sources[1]


def test_groupshared_folders_are_for_the_group(course):
    course.configure("c.CourseDirectory.groupshared = True\n")
    course.submit("ann", files={"sub/a.txt": "mine"})
    course.grade()
    folder = course.autograded("ann")
    assert stat.S_IMODE((folder / "ps1.ipynb").stat().st_mode) == 0o664
    for path in (folder, folder / "sub", folder.parent):
        assert path.stat().st_mode & 0o2770 == 0o2770, path


# Files in a submission.


def test_links_and_pipes_are_neither_followed_nor_copied(course, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = course.submit("ann", files={"mine.txt": "mine"})
    (folder / "link.txt").symlink_to(secret)
    (folder / "dangling.txt").symlink_to(tmp_path / "nothing")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening, course.here():
        listening.bind(os.path.relpath(folder / "socket"))
    outcome = course.grade()["ann"]
    assert (outcome.status, outcome.judgment.score) == ("graded", 5)
    graded = course.autograded("ann")
    assert sorted(path.name for path in graded.iterdir()) == ["data.csv", "mine.txt", "ps1.ipynb"]
    for name in ("link.txt", "dangling.txt", "linked", "pipe.txt", "socket"):
        assert any(name in text for text in outcome.judgment.remarks), name
    assert course.rows("select flagged from submitted_notebook") == [(1,)]


def test_a_notebook_that_is_a_link_is_not_read(course):
    folder = course.submit("ann", {})
    neighbor = course.submit("ben") / "ps1.ipynb"
    (folder / "ps1.ipynb").unlink()
    (folder / "ps1.ipynb").symlink_to(neighbor)
    done = course.grade()
    assert statuses(done) == {"ann": "failed", "ben": "graded"}
    assert "ps1.ipynb" in done["ann"].why
    assert not course.autograded("ann").exists()
    assert course.rows("select student_id from submitted_assignment") == [("ben",)]


def test_a_submission_that_is_a_link_elsewhere(course):
    course.submit("ben")
    course.submitted("ann").parent.mkdir()
    course.submitted("ann").symlink_to(course.submitted("ben"))
    done = course.grade()
    assert done["ben"].status == "graded"
    assert course.submitted("ben").is_dir()


def test_master_copies_win_even_over_folders_and_links(course, tmp_path):
    folder = course.submit("ann")
    (folder / "data.csv").mkdir()
    (folder / "data.csv" / "inside.txt").write_text("mine")
    target = tmp_path / "target"
    target.write_text("untouched")
    other = course.submit("ben")
    (other / "data.csv").symlink_to(target)
    done = course.grade()
    assert statuses(done) == {"ann": "graded", "ben": "graded"}
    for student in done:
        assert (course.autograded(student) / "data.csv").read_text() == "1,2,3\n"
    assert target.read_text() == "untouched"


@pytest.mark.parametrize("content", ["", "{}", "[]", "{", "null", '{"cells": 3}', "\x00" * 9])
def test_a_missing_notebook_is_reported_and_the_others_go_on(course, content):
    (course.submit("ann") / "ps1.ipynb").write_text(content)
    course.submit("ben")
    done = course.grade()
    assert statuses(done) == {"ann": "failed", "ben": "graded"}
    assert "ps1" in done["ann"].why or "notebook" in done["ann"].why
    assert not course.autograded("ann").exists()


RENAMED = ["ps1 (1).ipynb", "Übung-1.ipynb", "work/ps1.ipynb", "PS1.IPYNB", "ps1.ipynb.txt"]
RENAMED += ["ps1.ipynb.json", "ps1.json", "ps1"]


@pytest.mark.parametrize("name", RENAMED)
def test_the_one_notebook_under_another_name_is_graded(course, name):
    """autograded/ has it under the right name; the submitted file keeps its name."""
    folder = course.submit("ann")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / "ps1.ipynb").rename(folder / name)
    done = course.grade()["ann"]
    assert (done.status, done.judgment.score, done.judgment.repairs) == ("graded", 5, [])
    graded = course.autograded("ann")
    assert [path.name for path in graded.rglob("*.ipynb")] == ["ps1.ipynb"]
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / name]
    assert {path.name for path in graded.iterdir()} == {"ps1.ipynb", "data.csv"}
    assert course.rows("select flagged from submitted_notebook") == [(0,)]
    assert statuses(course.grade()) == {"ann": "unchanged"}


def test_among_several_other_names_a_person_chooses(course):
    folder = course.submit("ann")
    shutil.copy(folder / "ps1.ipynb", folder / "ps1-1.ipynb")
    (folder / "ps1.ipynb").rename(folder / "draft.ipynb")
    assert course.grade()["ann"].why == (
        "ps1.ipynb is missing; the folder has draft.ipynb, ps1-1.ipynb; in submitted/ann/ps1, "
        "give the right one that name, or remove the others"
    )
    (folder / "draft.ipynb").unlink()
    assert statuses(course.grade()) == {"ann": "graded"}


def test_a_notebook_by_content_counts_only_where_none_is_named_so(course):
    folder = course.submit("ann")
    empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "old.json").write_text(json.dumps(empty))
    (folder / "ps1.ipynb").rename(folder / "ps1-1.ipynb")
    assert course.grade()["ann"].judgment.score == 5
    shutil.copy(folder / "ps1-1.ipynb", folder / "ps1-2.ipynb")
    assert "the folder has ps1-1.ipynb, ps1-2.ipynb; in" in course.grade()["ann"].why


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"ps1.zip": b"PK\3\4" + bytes(30)}, "ps1.zip, and it is a ZIP archive; unpack"),
        ({"ps1.pdf": b"%PDF-1.7"}, "ps1.pdf, and it is a PDF file; submit the original"),
        ({"main.py": b"x = 1", "a.txt": b"a"}, "a.txt, main.py, but no notebook"),
        ({"ps1.json": b'{"a": 1}', "timestamp.txt": b""}, "ps1.json, but no notebook"),
    ],
)
def test_a_file_in_place_of_a_notebook_is_named(course, files, why):
    folder = course.submit("ann")
    (folder / "ps1.ipynb").unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert f"ps1.ipynb is missing; the folder has {why}" in course.grade()["ann"].why


def test_the_right_name_wins(course):
    folder = course.submit("ann")
    (folder / "ps1-1.ipynb").write_text("{")
    done = course.grade()["ann"]
    assert (done.status, done.judgment.score, done.judgment.repairs) == ("graded", 5, [])


def test_the_missing_one_of_two_notebooks_may_have_another_name(course):
    folder = course.submit("ann", assignment="ps2")
    (folder / "two.ipynb").rename(folder / "two-1.ipynb")
    done = course.grade("ps2")["ann"]
    assert (done.judgment.score, done.judgment.remarks) == (3, [])
    shutil.copy(folder / "two-1.ipynb", folder / "two_1.ipynb")
    done = course.grade("ps2")["ann"]
    assert done.judgment.score == 2 and done.judgment.remarks[-1] == "two.ipynb was not submitted."
    others = [text.split()[0] for text in done.judgment.remarks[:-1]]
    assert others == ["two-1.ipynb", "two_1.ipynb"]


def test_an_empty_folder(course):
    course.submitted("ann").mkdir(parents=True)
    (course.root / "submitted" / "ben").mkdir()
    (course.root / "submitted" / "a file").write_text("")
    done = course.grade()
    assert statuses(done) == {"ann": "failed"}
    assert done["ann"].why == "ps1.ipynb is missing; the folder has no files"


def test_a_notebook_that_cannot_be_read(course):
    path = course.submit("ann") / "ps1.ipynb"
    path.unlink()
    path.symlink_to("elsewhere.ipynb")
    why = course.grade()["ann"].why
    text = "it is a symbolic link, which is not followed; submit the file itself"
    assert why == f"there is no readable ps1.ipynb (ps1.ipynb: {text})"


def test_a_folder_of_graded_notebooks_that_cannot_be_made(course):
    course.submit("ann")
    place = course.root / "autograded"
    place.write_text("")
    done = course.nbjudge("autograde", "ps1")
    assert done.returncode == 2
    assert f"{place} cannot be written: {place} must be a folder in which" in done.stderr
    assert "Not graded:" not in done.stderr
    assert course.nbjudge("autograde", "ps1", "--dry-run").returncode == 2


@pytest.mark.parametrize(
    "student",
    [
        "o'brien",
        "Zoë Müller",
        "a b",
        "x+y",
        "100%",
        "*",
        "[ab]",
        "{x}",
        "a;drop table",
        '"q"',
        "-x",
    ],
)
def test_odd_names(course, student):
    course.submit(student)
    course.submit("ann", WRONG)
    assert statuses(course.grade()) == {student: "graded", "ann": "graded"}
    assert course.scores(student)["double_test"] == 2
    assert course.scores("ann")["double_test"] == 0
    assert (course.autograded(student) / "ps1.ipynb").exists()
    assert statuses(course.grade()) == {student: "unchanged", "ann": "unchanged"}


def test_a_name_that_is_no_text(course):
    course.submit("ann")
    os.rename(
        os.fsencode(course.root / "submitted/ann"), os.fsencode(course.root) + b"/submitted/\xff"
    )
    course.submit("ben")
    done = course.grade()
    assert done["ben"].status == "graded"
    other = next(outcome for student, outcome in done.items() if student != "ben")
    assert other.status == "failed"
    assert "there is no readable ps1.ipynb (ps1.ipynb: " in other.why
    assert not (course.root / "autograded/\udcff").exists()


def test_excluded_students(course):
    for student in ("ann", "ben", "cid"):
        course.submit(student)
    course.configure("c.CourseDirectory.student_id_exclude = 'ann,cid'\n")
    assert statuses(course.grade()) == {"ben": "graded"}


def test_another_folder_structure(course):
    course.submit("ann")
    structure = "{nbgrader_step}/{assignment_id}/{student_id}"
    (course.root / "submitted/ps1").mkdir()
    course.submitted("ann").rename(course.root / "submitted/ps1/ann")
    (course.root / "submitted/ann").rmdir()
    (course.root / "source/ps1").rename(course.root / "source/kept")
    (course.root / "source/ps1").mkdir()
    (course.root / "source/kept").rename(course.root / "source/ps1/.")
    course.configure(f"c.CourseDirectory.directory_structure = {structure!r}\n")
    assert statuses(course.grade()) == {"ann": "graded"}
    assert (course.root / "autograded/ps1/ann/ps1.ipynb").exists()


def test_other_folder_names(course):
    course.submit("ann")
    (course.root / "submitted").rename(course.root / "handed_in")
    course.configure(
        "c.CourseDirectory.submitted_directory = 'handed_in'\n"
        "c.CourseDirectory.autograded_directory = 'done'\n"
        "c.CourseDirectory.db_url = 'sqlite:///' + c.CourseDirectory.root + '/other.db'\n"
    )
    course.database.rename(course.root / "other.db")
    assert statuses(course.grade()) == {"ann": "graded"}
    assert (course.root / "done/ann/ps1/ps1.ipynb").exists()


# Several notebooks.


def test_several_notebooks(course):
    course.submit("ann", assignment="ps2")
    course.submit("ben", assignment="ps2", notebooks=["two"])
    extra = course.submit("cid", assignment="ps2")
    (extra / "notes.ipynb").write_text((extra / "two.ipynb").read_text())
    done = course.grade("ps2")
    assert {name: (o.status, o.judgment.score) for name, o in done.items()} == {
        "ann": ("graded", 3),
        "ben": ("graded", 1),
        "cid": ("graded", 3),
    }
    assert done["ben"].judgment.remarks == ["one.ipynb was not submitted."]
    assert sorted(p.name for p in course.autograded("ben", "ps2").iterdir()) == ["two.ipynb"]
    names = sorted(p.name for p in course.autograded("cid", "ps2").iterdir())
    assert names == ["one.ipynb", "two.ipynb"]
    assert course.scores("ben", "ps2") == {"double_test": 0, "square_test": 1}
    waiting = "select count(*) from grade where needs_manual_grade"
    assert course.rows(waiting) == [(0,)]


def test_a_notebook_that_comes_later(course):
    course.submit("ann", assignment="ps2", notebooks=["two"])
    course.grade("ps2")
    course.submit("ann", assignment="ps2")
    assert course.grade("ps2")["ann"].judgment.score == 3
    assert course.scores("ann", "ps2") == {"double_test": 2, "square_test": 1}


def test_one_of_two_notebooks_is_unreadable(course):
    (course.submit("ann", assignment="ps2") / "one.ipynb").write_text("{")
    outcome = course.grade("ps2")["ann"]
    assert outcome.status == "failed"
    assert outcome.why.startswith("one.ipynb: ")
    assert not course.autograded("ann", "ps2").exists()


# The surrounding machine.


def test_a_locked_gradebook_is_waited_for(course):
    course.submit("ann")
    with contextlib.closing(sqlite3.connect(course.database, check_same_thread=False)) as other:
        other.execute("begin immediate")
        other.execute("update assignment set duedate = null")
        timer = threading.Timer(3, other.commit)
        timer.start()
        start = time.monotonic()
        done = course.grade()
        timer.join()
    assert time.monotonic() - start > 2.5
    assert (done["ann"].status, done["ann"].judgment.score) == ("graded", 5)


def test_many_large_files(course):
    size = 25 << 20  # three of them exceed one frame
    files = {f"data/{number}.txt": str(number) * size for number in range(3)}
    read = (
        "import pathlib\nhalf = lambda x: x / 2 if pathlib.Path('data/2.txt').stat().st_size else 0"
    )
    course.submit("ann", RIGHT | {"half": read}, files=files)
    outcome = course.grade()["ann"]
    assert (outcome.status, outcome.judgment.score, outcome.judgment.repairs) == ("graded", 5, [])


def test_files_for_which_there_is_no_room(course):
    course.configure("c.NbJudge.disk = 8\n")
    course.submit("ann", files={"large.txt": "x" * (9 << 20)})
    course.submit("ben")
    done = course.grade()
    assert {name: outcome.judgment.score for name, outcome in done.items()} == {"ann": 5, "ben": 5}
    (said,) = done["ann"].judgment.remarks
    assert "large.txt" in said and "No space left" in said


def test_a_too_large_file_of_the_assignment_is_reported(course):
    (course.root / "source/ps1/big.bin").write_bytes(bytes((32 << 20) + 1))
    course.submit("ann")
    with pytest.raises(ValueError, match=r"big\.bin: 33,554,433 bytes.*at most 32 MB"):
        course.grade()


def test_own_marks_for_hidden_tests(course):
    marks = "c.ClearHiddenTests.begin_test_delimeter = 'VERBORGEN'\n"
    course.configure(marks + "c.ClearHiddenTests.end_test_delimeter = 'OFFEN'\n")
    hidden = "# VERBORGEN\nassert half(SECRET := 8) == 4\n# OFFEN"
    course.write_source(
        "ps3",
        ps3=[cell("half", HALF, solution=True), test_cell("half_test", hidden, 3)],
    )
    done = course.python("-m", "nbgrader", "generate_assignment", "ps3", "--create")
    assert done.returncode == 0, done.stderr
    assert "SECRET" not in (course.root / "release/ps3/ps3.ipynb").read_text()
    course.submit("ann", {"half": "def half(x):\n    return 3"}, "ps3")
    assert course.grade("ps3")["ann"].judgment.score == 0
    cells = json.loads((course.autograded("ann", "ps3") / "ps3.ipynb").read_text())["cells"]
    (shown,) = [output for one in cells for output in one.get("outputs", ())]
    assert "SECRET" not in json.dumps(shown)
    assert "A hidden test failed." in json.dumps(shown)


def test_a_grading_is_repeated_with_its_seed(course):
    drawn = (
        "import random\nimport numpy as np\n"
        "print(random.random(), np.random.default_rng().random())"
    )
    course.write_source("ps3", ps3=[cell("half", HALF, solution=True), test_cell("t", drawn, 3)])
    course.release("ps3")
    course.submit("ann", {}, "ps3")

    def printed(**options):
        course.grade("ps3", **options)
        graded = json.loads((course.autograded("ann", "ps3") / "ps3.ipynb").read_text())
        (output,) = graded["cells"][1]["outputs"]
        return "".join(output["text"]), graded["metadata"]["nbjudge"]["seed"]

    first, seed = printed()
    other, _ = printed(again=True)
    again, _ = printed(again=True, seed=seed)
    assert first == again != other
