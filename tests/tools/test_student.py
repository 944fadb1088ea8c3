"""The students' repository: complete, without solutions, and safe to write twice."""

import io
import subprocess
import sys
import zipfile

import nbformat
import pytest

from exercises import EXERCISES
from exercises.source import BEGIN, END, function_source
from tools.course import BUNDLE, ROOT, assignments
from tools.student import TITLE, write_student_repository

ALLOWED = {"release", "course", "public_tests", "README.md", ".gitignore", "environment.yml"}
ALLOWED |= {"LICENSE", "LICENSE-prose.md"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    destination = tmp_path_factory.mktemp("student") / "repository"
    write_student_repository(destination)
    return destination


def _files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _solution_lines(name):
    """The lines between the markers that are long enough to mean something."""
    text = function_source(EXERCISES[name].loops, markers=True)
    inside = text.split(BEGIN)[1].split(END)[0]
    return {line.strip() for line in inside.splitlines() if len(line.strip()) > 25}


def test_it_holds_nothing_but_what_students_may_see(repository):
    assert {path.name for path in repository.iterdir()} <= ALLOWED
    assert {path.name for path in (repository / "release").iterdir()} == {BUNDLE, *assignments()}


def test_no_module_of_the_instructors_side_is_named_in_it(repository):
    for path in _files(repository):
        data = path.read_bytes()
        if zipfile.is_zipfile(io.BytesIO(data)) and path.suffix == ".zip":
            data = b"".join(zipfile.ZipFile(path).read(n) for n in zipfile.ZipFile(path).namelist())
        for word in (b"from exercises", b"import exercises", b"exercises.loops", b"HIDDEN TESTS"):
            assert word not in data, f"{path.relative_to(repository)} holds {word!r}"


def test_what_is_not_given_holds_no_solution_line(repository):
    texts = {exercise: set() for exercise in EXERCISES}
    for name in assignments():
        notebook = nbformat.read(repository / "release" / name / f"{name}.ipynb", as_version=4)
        ids = {cell.id for cell in notebook.cells}
        shown = [cell.source for cell in notebook.cells if not cell.id.endswith("_given")]
        for exercise in ids & set(EXERCISES):
            texts[exercise].add("\n".join(shown))
    modules = [path.read_text() for path in (repository / "public_tests").glob("*.py")]
    for exercise, notebooks in texts.items():
        assert notebooks, f"{exercise} is in no assignment"
        for text in [*notebooks, *modules]:
            assert not [line for line in _solution_lines(exercise) if line in text], exercise


def test_the_checks_work_from_within_it(repository):
    program = "from public_tests import *; zero_pad_test(lambda X, pad: X)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert "zero_pad: 0 of 4 checks passed" in result.stderr


def test_writing_again_keeps_a_history(tmp_path):
    destination = tmp_path / "again"
    write_student_repository(destination)
    (destination / ".git").mkdir()
    (destination / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    stale = destination / "release" / "padding" / "notes.txt"
    stale.write_text("left over")
    write_student_repository(destination)
    assert (destination / ".git" / "HEAD").exists()
    assert not stale.exists()


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ValueError, match="not written by this command"):
        write_student_repository(tmp_path)
    assert _files(tmp_path) == [tmp_path / "thesis.txt"]


def test_the_repository_itself_is_refused():
    with pytest.raises(ValueError, match="this repository itself"):
        write_student_repository(ROOT)


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text(TITLE)
    with pytest.raises(ValueError, match="is a file"):
        write_student_repository(tmp_path / "file")
