"""Folders of submissions: a student's damaged folder does not affect the list of the others."""

import itertools
import math
import os

import pytest

from nbjudge import files
from nbjudge.course.folders import list_class
from nbjudge.files import (
    RUBBISH,
    is_rubbish,
    read_folder,
    read_submission,
    remove_folder,
    size_of_folder,
)


def test_a_folder_that_cannot_be_looked_into_is_listed_with_the_reason(broken):
    school, text = broken
    coursedir = school.course()[0]
    listing = list_class(coursedir, "submitted", "ps1")
    assert listing.unreadable == {"gil": text}
    assert listing.students == ["ann", "bob", "dan", "eve", "fay", "gil"]


def test_a_file_in_the_place_of_the_folder_is_a_submission_that_cannot_be_read(school):
    (school.root / "submitted" / "gus").mkdir()
    (school.root / "submitted" / "gus" / "ps1").write_text("my homework")
    (school.root / "submitted" / "README.md").write_text("not a student")
    (school.root / "submitted" / "hal").mkdir()
    (school.root / "submitted" / "hal" / "ps1").symlink_to("nowhere")
    students = list_class(school.course()[0], "submitted", "ps1").students
    assert {"gus", "hal"} < set(students) and "README.md" not in students


def test_a_students_folder_that_is_a_link_to_nowhere_is_named(school):
    for name in ("gil", ".git"):
        (school.root / "submitted" / name).symlink_to("nowhere")
    (school.root / "submitted" / "hal").symlink_to(school.root)  # the course has no folder ps1
    listing = list_class(school.course()[0], "submitted", "ps1")
    assert listing.unreadable == {"gil": "it is a symbolic link"}


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
