"""The students' repository is complete, without solutions, and safe to write twice."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from exercises import EXERCISES
from nbexercise.building.filling import SOURCE
from nbexercise.defining.source import BEGIN, END, function_source
from tests.exercises.copying import GIVEN
from tools import student
from tools.course import BUNDLE, ROOT, assignments, bundle_digest, kept_bundle
from tools.student import TITLE, given_answers, write_student_repository
from tools.syllabus import steps

ALLOWED = {"release", "course", "public_tests", "README.md", ".gitignore", "environment.yml"}
ALLOWED |= {"LICENSE", "LICENSE-prose.md", "nbexercise"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    destination = tmp_path_factory.mktemp("student") / "repository"
    write_student_repository(destination)
    return destination


def _files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _solution_lines(name):
    """Return the lines between the solution markers that are long enough to be distinctive."""
    text = function_source(EXERCISES[name].loops, markers=True)
    inside = text.split(BEGIN)[1].split(END)[0]
    return {line.strip() for line in inside.splitlines() if len(line.strip()) > 25}


def test_it_holds_nothing_but_what_students_may_see(repository):
    assert {path.name for path in repository.iterdir()} <= ALLOWED
    assert {path.name for path in (repository / "release").iterdir()} == {BUNDLE, *assignments()}


def test_its_readme_describes_each_assignment(repository):
    rows = re.findall(
        r"^\| \[(\w+)\]\(.+\) \| (.*) \|$", (repository / "README.md").read_text(), re.M
    )
    descriptions = dict(rows)
    assert descriptions.keys() == {*assignments()} and all(descriptions.values())
    assert descriptions["convolution_step_by_step"] == (
        "the functions of padding, single_step, conv_forward, pooling, backprop"
    )


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
    folders = (repository / "nbexercise", repository / "public_tests")
    modules = [path.read_text() for folder in folders for path in folder.rglob("*.py")]
    for exercise, notebooks in texts.items():
        assert notebooks, f"{exercise} is in no assignment"
        for text in [*notebooks, *modules]:
            assert not [line for line in _solution_lines(exercise) if line in text], exercise


def test_the_checks_work_from_within_it(repository):
    program = "from public_tests import *; zero_pad_test(lambda X, pad: X)"
    result = subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=repository, capture_output=True, text=True
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
    with pytest.raises(ValueError, match="this command did not write"):
        write_student_repository(tmp_path)
    assert _files(tmp_path) == [tmp_path / "thesis.txt"]


def test_the_repository_itself_is_refused():
    with pytest.raises(ValueError, match="is this repository or a folder in it"):
        write_student_repository(ROOT)


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text(TITLE)
    with pytest.raises(ValueError, match="is a file"):
        write_student_repository(tmp_path / "file")


FIRST_WEEK = ["padding", "single_step"]


@pytest.fixture(scope="module")
def first_week(tmp_path_factory):
    destination = tmp_path_factory.mktemp("student") / "repository"
    write_student_repository(destination, names=FIRST_WEEK)
    return destination


def _notebooks(folder):
    return sorted(path.stem for path in folder.rglob("*.ipynb"))


def test_only_what_is_named_and_the_lessons_before_it_are_published(first_week):
    assert _notebooks(first_week / "release") == FIRST_WEEK
    assert [name[:2] for name in _notebooks(first_week / "course")] == [
        f"{n:02d}" for n in range(7)
    ]


def test_the_checks_are_those_of_what_is_published(first_week):
    expected = {"zero_pad.cases", "conv_single_step.cases"}
    assert {path.name for path in first_week.glob("public_tests/cases/*")} == expected
    names = zipfile.ZipFile(first_week / "release" / BUNDLE).namelist()
    assert {name.split("/")[-1] for name in names if name.endswith(".cases")} == expected
    assert bundle_digest(first_week) != bundle_digest()
    for path in first_week.glob("course/*.ipynb"):
        text = path.read_text()
        assert bundle_digest(first_week) in text and kept_bundle(bundle_digest(first_week)) in text
        assert bundle_digest()[:12] not in text
    program = "import public_tests; print(*[n for n in dir(public_tests) if n.endswith('_test')])"
    result = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=first_week,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {*result.stdout.split()} - {"make_test"} == {"conv_single_step_test", "zero_pad_test"}


def test_a_collection_comes_with_the_lessons_of_all_its_exercises(tmp_path):
    write_student_repository(tmp_path, names=["convolution_step_by_step"])
    assert _notebooks(tmp_path / "release") == ["convolution_step_by_step"]
    *numbered, last = _notebooks(tmp_path / "course")
    assert (numbered[-1], last) == ("13_backpropagation", "milestones")


def _links(path):
    """Yield the links of a text or notebook to other files."""
    text = path.read_text()
    if path.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
    return [
        link.partition("#")[0]
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
        if not link.startswith(("http", "#", "data:", "attachment:"))
    ]


def _texts(folder):
    return [path for path in _files(folder) if path.suffix in {".md", ".ipynb"}]


def test_no_link_leads_nowhere(first_week, repository):
    for path in [*_texts(first_week), *_texts(repository)]:
        missing = [link for link in _links(path) if not (path.parent / link).exists()]
        assert not missing, f"{path}: {missing}"


def test_running_times_are_not_published(repository):
    assert not list((repository / "course").glob("*.json"))


def test_what_is_not_published_is_named_without_a_link(first_week, repository):
    whole, part = ((folder / "course/README.md").read_text() for folder in (repository, first_week))
    assert part != whole
    assert part == re.sub(
        r"\[([^]]+)\]\((?:(?:0[7-9]|[1-3]\d)_\w+|bonus|milestones|project_page|\.\./release/(?!padding|single_step)\w+/\w+)"
        r"\.ipynb\)",
        r"\1",
        whole,
    )


def test_everything_else_is_as_it_was_built(first_week):
    """So the test of all files in tests/notebooks/test_copying.py covers these files too."""
    digests = bundle_digest(first_week), bundle_digest()  # of the archives that lessons accept
    for path in _files(first_week):
        place = path.relative_to(first_week)
        if path.suffix == ".ipynb":
            texts = [(folder / place).read_text() for folder in (first_week, ROOT)]
            texts[0] = texts[0].replace(digests[0], digests[1])
            texts[0] = texts[0].replace(digests[0][:12], digests[1][:12])
            new, old = map(json.loads, texts)
            codes = [[c for c in nb["cells"] if c["cell_type"] != "markdown"] for nb in (new, old)]
            assert codes[0] == codes[1] != []
        elif path.name == BUNDLE:
            new, old = (zipfile.ZipFile(folder / place) for folder in (first_week, ROOT))
            assert all(new.read(name) == old.read(name) for name in new.namelist())
        elif place.parts[0] == "nbexercise":
            assert path.read_bytes() == (ROOT / "nbexercise/src" / place).read_bytes()
        elif place.parts[0] in {"course", "public_tests"} and path.suffix != ".md":
            assert path.read_bytes() == (ROOT / place).read_bytes()


def test_published_along_the_path_nothing_gives_an_answer_before_it_is_asked_for():
    order = [step for step in steps() if step in assignments()]
    given = {(Path(place).stem, name) for place, _, name in GIVEN}
    assert given == {(giving, name) for giving, name, _ in given_answers(order)}
    for giving, name, asking in given_answers(order):
        assert order.index(asking) < order.index(giving), f"{giving} gives {name}"


def test_no_schedule_releases_an_answer_before_it_is_due():
    _, *schedules = (ROOT / "course" / "README.md").read_text().split("\n| week |")
    assert schedules
    for schedule in schedules:
        due = re.findall(r"\| ([^|]+) \| \d+ \|$", schedule.partition("\n\n")[0], re.M)
        stages = [re.findall(r"\w+", stage) for row in due for stage in row.split(", then ")]
        when = {name: number for number, stage in enumerate(stages) for name in stage}
        given = list(given_answers(when))
        assert given
        for giving, name, asking in given:
            assert when[asking] < when[giving], f"{giving} gives {name}"


def test_what_was_published_stays(tmp_path):
    write_student_repository(tmp_path, names=["padding"])
    write_student_repository(tmp_path, names=["single_step"])
    assert _notebooks(tmp_path / "release") == ["padding", "single_step"]
    assert (tmp_path / "public_tests/cases/zero_pad.cases").exists()


def test_a_lesson_can_be_named(tmp_path):
    write_student_repository(tmp_path, names=["03_mathematics_of_convolution"])
    expected = ["00_start_here", "01_images_and_convolution", "02_kernels"]
    assert _notebooks(tmp_path) == [*expected, "03_mathematics_of_convolution"]
    assert (tmp_path / "release" / BUNDLE).exists()


OFFICIAL = f"{SOURCE.replace('//github.com', '//raw.githubusercontent.com')}/main/release"


@pytest.mark.parametrize(
    ("place", "solutions", "is_warned"),
    [
        (OFFICIAL, "site", True),
        (OFFICIAL, "nowhere", True),
        (OFFICIAL, "everywhere", False),
        ("https://example.org/release", "nowhere", False),
    ],
)
def test_notebooks_that_link_to_the_solutions(
    tmp_path, monkeypatch, capsys, place, solutions, is_warned
):
    text = f'[tool.course]\naddress = "{place}"\nsolutions = "{solutions}"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    monkeypatch.setattr(student, "release", lambda root: [])
    monkeypatch.setattr(student, "write_student_repository", lambda *_: None)
    assert student.main([str(tmp_path / "new")], tmp_path) == 0
    shown = capsys.readouterr()
    assert ("which has the solutions" in shown.out + shown.err) == is_warned
