"""Folders of submissions: a student's damaged folder does not affect the list of the others."""

import contextlib
import errno
import itertools
import math
import os
import shutil

import pytest

from nbjudge import files
from nbjudge.cli import main
from nbjudge.course.folders import list_class
from nbjudge.course.loading import load_course
from nbjudge.course.standings import State
from nbjudge.course.standings_reading import read_standings, read_submissions
from nbjudge.files import (
    RUBBISH,
    is_rubbish,
    read_folder,
    read_submission,
    remove_folder,
    size_of_folder,
)
from tests.support.command_line import available

ERRORS = [
    errno.EACCES,
    errno.ESTALE,
    errno.EIO,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ETIMEDOUT,
]


@pytest.fixture(params=ERRORS, ids=lambda code: errno.errorcode[code])
def broken(request, school, monkeypatch):
    """A class in which every access to gil's files fails: (class, error message of the system)."""
    school.submit("gil", "ps1")
    text = os.strerror(request.param)

    def failing(call):
        def raises(path, *arguments, **options):
            if not isinstance(path, int) and "/gil" in os.fspath(path):
                raise OSError(request.param, text, os.fspath(path))
            return call(path, *arguments, **options)

        return raises

    for name in ("lstat", "stat", "listdir", "scandir", "open"):
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    yield school, text
    monkeypatch.undo()


def test_a_folder_that_cannot_be_looked_into_is_listed_with_the_reason(broken):
    school, text = broken
    coursedir = school.course()[0]
    listing = list_class(coursedir, "submitted", "ps1")
    assert listing.unreadable == {"gil": text}
    assert listing.students == ["ann", "bob", "dan", "eve", "fay", "gil"]


def test_the_others_keep_their_standing_and_the_reason_is_reported(broken):
    school, text = broken
    coursedir = school.course()[0]
    why = f"its folder cannot be read: {text}"
    submissions = read_submissions(coursedir, ["ps1"])["ps1"]
    assert submissions.states["gil"] is State.NOT_GRADABLE and submissions.why["gil"] == why
    assert submissions.states["ann"] is State.GRADED
    standings = read_standings(coursedir)
    assert standings.by_student["gil"]["ps1"].why == why
    assert standings.by_student["ann"]["ps1"].points == 8.5


def test_an_assignment_is_not_assigned_by_a_folder_that_cannot_be_looked_into(broken):
    school, _ = broken
    before = [one.name for one in read_standings(school.course()[0]).assignments if one.is_assigned]
    assert before == ["ps1", "ps2", "whole"]
    school.fail("gil", "later", "its folder cannot be read")  # as a run over all assignments would
    standings = read_standings(school.course()[0])
    assert [one.name for one in standings.assignments if one.is_assigned] == before


def test_commands_go_on_and_say_the_reason(broken, capsys):
    school, text = broken
    why = f"its folder cannot be read: {text}"
    expected = {
        ("status", "ps1"): f"ps1 of gil was not graded: {why}\n",
        ("export", "totals"): f"Not gradable: ps1 of gil: {why}.\n",
        ("report",): "Wrote report.html: 7 students.\n",
    }
    for command in available(*expected):
        with contextlib.chdir(school.root):
            assert main.main([*command]) == 0
        assert expected[command] in capsys.readouterr().err
    assert all(why in page.read_text() for page in school.root.glob("report.html"))


def test_a_graded_notebook_that_cannot_be_read_is_named(school, capsys):
    damaged = school.root / "autograded" / "ann" / "ps1" / "ps1.ipynb"
    for content in ("{", "[]", "{}", "3"):
        damaged.write_text(content)
        for command in available(["report"], ["export", "mistakes"]):
            with contextlib.chdir(school.root):
                assert main.main(command) == 0
            said = capsys.readouterr().err
            assert said.count("ps1 of ann: the graded notebook ps1.ipynb cannot be read: ") == 1
    damaged.unlink()
    damaged.mkdir()
    for command in available(["report"]):
        with contextlib.chdir(school.root):
            assert main.main(command) == 0
        assert "ps1.ipynb cannot be read: Is a directory" in capsys.readouterr().err


def test_a_class_that_cannot_be_listed_is_reported_in_one_sentence(school, monkeypatch, capsys):
    def listdir(path):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", listdir)
    with contextlib.chdir(school.root):
        assert main.main(["status"]) == 2
    assert f"{school.root}/submitted/ cannot be listed: Permission denied. " in (
        capsys.readouterr().err
    )


def test_a_file_in_the_place_of_the_folder_is_a_submission_that_cannot_be_read(school):
    (school.root / "submitted" / "gus").mkdir()
    (school.root / "submitted" / "gus" / "ps1").write_text("my homework")
    (school.root / "submitted" / "README.md").write_text("not a student")
    (school.root / "submitted" / "hal").mkdir()
    (school.root / "submitted" / "hal" / "ps1").symlink_to("nowhere")
    students = list_class(school.course()[0], "submitted", "ps1").students
    assert {"gus", "hal"} < set(students) and "README.md" not in students


def test_a_students_folder_that_is_a_link_to_nowhere_is_named(school, capsys):
    for name in ("gil", ".git"):
        (school.root / "submitted" / name).symlink_to("nowhere")
    (school.root / "submitted" / "hal").symlink_to(school.root)  # the course has no folder ps1
    listing = list_class(school.course()[0], "submitted", "ps1")
    assert listing.unreadable == {"gil": "it is a symbolic link"}
    with contextlib.chdir(school.root):
        assert main.main(["status", "ps1"]) == 0
    why = "its folder cannot be read: it is a symbolic link"
    assert f"ps1 of gil was not graded: {why}\n" in capsys.readouterr().err


# Points without a submission, and folders that are skipped


def test_points_of_a_submission_that_is_gone_are_named(school, capsys):
    old = school.root / "submitted" / "ann" / "ps1"
    old.rename(school.root / "submitted" / "eve" / "old")
    text = (
        "ps1: still counted, although their submissions are no longer in submitted/: ann. If a "
        "folder was renamed or the work was withdrawn, remove autograded/STUDENT/ps1.\n"
    )
    commands = ["status"], ["report"], ["export", "totals"], ["export", "moodle"]
    for command in available(*commands):
        with contextlib.chdir(school.root):
            assert main.main(command) == 0
        assert capsys.readouterr().err.count(text) == 1
    shutil.rmtree(school.root / "autograded" / "ann" / "ps1")
    assert read_submissions(school.course()[0], ["ps1"])["ps1"].remarks == []
    ann = read_standings(school.course()[0]).by_student["ann"]["ps1"]
    assert ann.state is State.UNSURE  # the gradebook still has her points
    assert ann.why == "ann (graded, but its folders are gone)"


def test_a_hidden_folder_is_named(school, capsys):
    for name in (".gil", ".git", "._ann"):
        school.submit(name, "ps1" if name != ".git" else "hooks")
    with contextlib.chdir(school.root):
        assert main.main(["status", "ps1"]) == 0
    text = (
        "ps1: skipped because their names begin with a dot: .gil. If these are students, rename "
        "their folders in submitted/.\n"
    )
    assert text in capsys.readouterr().err
    assert read_submissions(load_course(school.root)[0], ["ps1"])["ps1"].states.get(".gil") is None


# Junk files

LEFT = [
    "__MACOSX",
    "._ps1.ipynb",
    ".DS_Store",
    "Thumbs.db",
    "Desktop.ini",
    ".ipynb_checkpoints",
    "ps1.ipynb~",
    ".#ps1.ipynb",
    ".ps1.ipynb.swp",
    "~$essay.docx",
]


@pytest.mark.parametrize("name", LEFT)
def test_junk_files_are_not_part_of_a_submission(tmp_path, name):
    assert is_rubbish(name)
    (tmp_path / "ps1.ipynb").write_text("{}")
    plain = read_folder(tmp_path).digest()
    (tmp_path / name).write_text("x")
    (tmp_path / "inside" / name).mkdir(parents=True)
    (tmp_path / "inside" / name / "ps1.ipynb").write_text("{}")
    assert list(read_folder(tmp_path).files) == ["ps1.ipynb"]
    assert read_folder(tmp_path).digest() == plain


def test_every_pattern_is_tried_and_nothing_else_is_rubbish():
    assert len(LEFT) == len(RUBBISH)
    for name in ("ps1.ipynb", "data.csv", "_draft.py", ".hidden", "~notes", "$x", "MACOSX", "a.sw"):
        assert not is_rubbish(name)


def test_a_folder_replaced_by_a_link_while_it_is_read_is_not_followed(tmp_path, monkeypatch):
    for place, content in (("submitted", "own"), ("elsewhere", "secret")):
        (tmp_path / place / "sub" / "deep").mkdir(parents=True)
        (tmp_path / place / "sub" / "deep" / "x.txt").write_text(content)
    (tmp_path / "submitted" / "sub" / "first.ipynb").write_text("{}")
    read = files.read_file

    def exchange(*arguments):
        content = read(*arguments)
        if content == b"{}":
            (tmp_path / "submitted" / "sub").rename(tmp_path / "moved")
            (tmp_path / "submitted" / "sub").symlink_to(tmp_path / "elsewhere" / "sub")
        return content

    monkeypatch.setattr(files, "read_file", exchange)
    found = read_submission(tmp_path / "submitted")
    assert found.files == {"sub/first.ipynb": b"{}", "sub/deep/x.txt": b"own"}


def test_the_size_of_a_folder_counts_files_at_any_depth_and_empty_ones(tmp_path):
    nested = tmp_path / "a" / "b"
    nested.mkdir(parents=True)
    (nested / "file").write_bytes(bytes(1 << 20))
    (nested / "link").symlink_to(tmp_path)
    assert 1 << 20 <= size_of_folder(str(tmp_path)) < 2 << 20
    assert size_of_folder(str(tmp_path / "missing")) == 0
    for number in range(300):
        (tmp_path / str(number)).touch()
    assert size_of_folder(str(tmp_path)) > (1 << 20) + 300 * 4096
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(2000):  # deeper than paths and recursion can be
        os.mkdir("n" * 20, dir_fd=descriptor)
        below = os.open("n" * 20, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    file = os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=descriptor)
    os.write(file, bytes(2 << 20))
    os.close(file)
    os.close(descriptor)
    assert size_of_folder(str(tmp_path)) > 3 << 20
    remove_folder(str(tmp_path))


@pytest.mark.parametrize(("times", "is_measured"), [(1, True), (100, False)])
def test_a_folder_that_moves_while_it_is_measured_is_measured_again(
    tmp_path, monkeypatch, times, is_measured
):
    """From a folder that was moved, `..` leads elsewhere."""
    nested = tmp_path / "a" / "b"
    nested.mkdir(parents=True)
    (tmp_path / "file").write_bytes(bytes(1 << 20))
    measure, moves = files._sizes, iter(range(times))

    def measure_and_move(descriptor):
        if os.path.samestat(os.fstat(descriptor), nested.stat()):
            for number in itertools.islice(moves, 1):
                nested.rename(tmp_path / f"c{number}")
                nested.mkdir()
        return measure(descriptor)

    monkeypatch.setattr(files, "_sizes", measure_and_move)
    size = size_of_folder(str(tmp_path))
    assert (1 << 20 <= size < 2 << 20) if is_measured else size == math.inf
