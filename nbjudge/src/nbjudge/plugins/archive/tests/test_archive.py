"""`nbjudge archive` moves a term into a course of its own, completely or in several attempts."""

import contextlib
import itertools
import shutil
import sqlite3
from pathlib import Path

import pytest

from nbjudge.cli.main import main
from nbjudge.course.loading import load_course
from nbjudge.plugins.standings.reading import read_standings
from tests.support.graded_class import CONFIG, GradedClass

LEFT_BEHIND = "report.html grades.csv canvas-import.csv feedback-ps1.zip grading.txt dates.toml"


@pytest.fixture
def school(school):
    """A graded class with the files of a term, in which everything is finished."""
    root = school.root
    for student in ("dan", "fay"):
        shutil.rmtree(root / "submitted" / student)
    with sqlite3.connect(root / "gradebook.db") as db:
        db.execute("delete from nbjudge_failure")
    db.close()
    school.grade_by_hand("bob", "ps1", essay=3)
    for name in LEFT_BEHIND.split():
        (root / name).write_text(name)
    (root / "dates.toml").write_text("[due]\nps1 = 2026-11-02\n")
    (root / "submitted" / "collected.json").write_text("[]")
    (root / "submitted" / "README.md").write_text("A folder of the repository.")
    (root / "regrade_requests").mkdir()
    (root / "downloaded/ps1/archive").mkdir(parents=True)
    (root / "source/ps1").mkdir(parents=True)
    (root / "source/ps1/notes.txt").write_text("stays, and is copied")
    (root / ".git").mkdir()
    return school


def archive(school, *arguments):
    with contextlib.chdir(school.root):
        return main(["archive", "../last-term", "grading.txt", *arguments])


def files(root):
    """Return all files below a folder: {path: content}, the gradebooks as their rows."""
    found = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.name == "gradebook.db":
            with contextlib.closing(sqlite3.connect(path)) as db:
                content = sorted(line for line in db.iterdump() if "nbjudge_kept" not in line)
        found[str(path.relative_to(root))] = content
    return found


def test_nothing_of_the_term_stays_and_the_archive_opens(school):
    def tables(root):
        with contextlib.chdir(root):
            for name in ("totals", "questions"):
                assert main(["export", name, "--output", "../found.csv"]) == 0
                yield (root.parent / "found.csv").read_text()

    before, last_term = list(tables(school.root)), school.root.parent / "last-term"
    assert archive(school) == 0
    assert list(tables(last_term)) == before
    assert load_course(last_term)[0].root == str(last_term)
    kept = {str(path.relative_to(school.root)) for path in school.root.rglob("*") if path.is_file()}
    assert kept == {
        "gradebook.db",
        "nbgrader_config.py",
        "source/ps1/notes.txt",
        "submitted/README.md",
    }
    for name in [*LEFT_BEHIND.split(), "submitted/collected.json", "source/ps1/notes.txt"]:
        assert (last_term / name).exists(), name
    assert (last_term / "regrade_requests").is_dir() and (last_term / "downloaded").is_dir()
    assert not (last_term / ".git").exists() and (school.root / ".git").exists()
    assert [path.name for path in school.root.parent.iterdir() if path.name.startswith(".")] == []
    standings = read_standings(load_course(school.root)[0])
    assert standings.students == () and len(standings.assignments) == 4
    assert b"Yilmaz" not in (school.root / "gradebook.db").read_bytes()
    assert "Yılmaz".encode() not in (school.root / "gradebook.db").read_bytes()


def test_unfinished_work_is_named(school, capsys):
    school.submit("fay", "ps1")
    school.fail("dan", "ps1", "because")
    (school.root / "regrade_requests" / "ann.txt").write_text(
        "Assignment: ps1\nNotebook: ps1\nQuestion: half_test\nStudent: ann\n\nReason: Why?"
    )
    school.grade("cem", "ps2", square_test=None)
    before = files(school.root)
    assert archive(school) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert (
        "Nothing was moved, because work is waiting: ps1: 1 not graded yet, 1 not gradable, 1 open "
        "regrade request; ps2: 1 waiting for a person."
    ) in said
    assert files(school.root) == before
    assert archive(school, "--unfinished") == 0


def test_requests_that_cannot_be_read_stop_the_command(school, capsys):
    folder = school.root / "regrade_requests"
    folder.rmdir()
    folder.write_text("a file")
    assert archive(school) == 2
    assert "regrade_requests cannot be read: Not a directory" in " ".join(
        capsys.readouterr().err.split()
    )
    assert folder.exists()
    assert archive(school, "--unfinished") == 0


def test_an_interrupted_command_continues(school, monkeypatch, tmp_path):
    """The disk fails at each of the renames in turn."""

    def copy(name):
        root = tmp_path / name / "school"
        shutil.copytree(school.root, root)
        (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root)))
        return GradedClass(root)

    def everything(folder):
        found = files(folder)
        return {name: found[name] for name in found if "nbgrader_config.py" not in name}

    assert archive(copy("whole")) == 0
    expected, rename = everything(tmp_path / "whole"), Path.rename
    for number in itertools.count(1):
        renames = []

        def failing(path, target, renames=renames, number=number):
            renames.append(path)
            if len(renames) == number:
                raise OSError(28, "No space left on device", str(path))
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", failing)
        interrupted = copy(f"copy{number}")
        if archive(interrupted) == 0:
            break
        assert archive(interrupted) == 0
        assert everything(tmp_path / f"copy{number}") == expected
    assert number > len(LEFT_BEHIND.split())


def test_a_gradebook_in_use_is_refused(school, capsys):
    with contextlib.closing(sqlite3.connect(school.root / "gradebook.db")) as db:
        db.execute("begin immediate")
        before = sorted(path for path in school.root.parent.rglob("*"))
        assert archive(school) == 2
        db.rollback()
    assert "is in use or cannot be written" in " ".join(capsys.readouterr().err.split())
    assert sorted(path for path in school.root.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("inside", "Name a folder outside the course's"),
        ("../school", "Name a folder outside"),
        ("../nowhere/last-term", "There is no folder"),
    ],
)
def test_a_wrong_folder(school, capsys, folder, text):
    with contextlib.chdir(school.root):
        assert main(["archive", folder]) == 2
        assert text in " ".join(capsys.readouterr().err.split())
        (school.root.parent / "there").mkdir()
        assert main(["archive", "../there"]) == 2
        assert "exists already" in capsys.readouterr().err
        assert main(["archive", "../last-term", "nothing.txt"]) == 2
        assert "There is no file or folder nothing.txt" in capsys.readouterr().err
