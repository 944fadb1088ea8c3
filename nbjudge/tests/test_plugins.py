"""Plug-ins: the packages of docs/plugins.md work as they are, and faults name the package."""

import csv
import importlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nbjudge import plugins
from nbjudge.cli.console import OK, USAGE
from tests.support.classes import AN_HOUR_LATE, PENALTIES, WRONG, set_due
from tests.support.command_line import command_of
from tests.support.small_course import RIGHT, SmallCourse, environment

PAGE = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text()
PACKAGES = re.findall(r"```toml\n(.*?)```\n\n```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL)
GROUP = re.compile(r'\[project\.entry-points\."(.*)"\]\n')


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    yield tmp_path_factory.mktemp("plugins")
    SmallCourse.cool()


@pytest.fixture
def course(place, without_matplotlib):
    return SmallCourse.make(place / "course", place / "template")


@pytest.fixture
def command(course, monkeypatch):
    return command_of(course, monkeypatch)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that installs a package of one module with an entry point."""

    def add(points, module, source):
        (tmp_path / f"{module}.py").write_text(source)
        metadata = tmp_path / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(points)
        importlib.invalidate_caches()
        plugins.find.cache_clear()

    monkeypatch.syspath_prepend(tmp_path)
    yield add
    plugins.find.cache_clear()
    for _, module, _ in PACKAGES:
        sys.modules.pop(module, None)


@pytest.fixture
def documented(install):
    """The packages of the page, installed."""
    assert len(PACKAGES) == 3
    for project, module, source in PACKAGES:
        points = GROUP.sub(r"[\1]\n", project).replace('"', "")
        install(points, module, source)
        lines = [line for line in source.splitlines() if line.strip()]
        assert len(lines) <= 24, "a plug-in fits on half a page"


def test_a_door(command, course, documented):
    course.submit("ann", RIGHT)
    course.submit("ben", WRONG)
    works = [course.root / "submitted" / name / "ps1" / "ps1.ipynb" for name in ("ann", "ben")]
    done = command("grade", *works, "--assignment", "ps1", "--for", "csv")
    assert done.status == OK, done.stderr
    rows = [*csv.DictReader(done.stdout.splitlines())]
    course.grade()
    for work, name in zip(works, ("ann", "ben"), strict=True):
        points = {row["question"]: row["points"] for row in rows if row["file"] == str(work)}
        shown = {question: float(p) if p else None for question, p in points.items()}
        assert shown == {question: course.scores(name)[question] for question in points}


def test_a_door_packs(command, course, documented):
    assert command("pack", "ps1", "--for", "csv", "-o", "ps1.zip").status == OK
    assert "manifest.json" in zipfile.ZipFile(course.root / "ps1.zip").namelist()


def test_a_learning_platform(course, documented, tmp_path):
    """In processes of their own: a process reads the platforms once."""

    def run(*arguments):
        paths = os.pathsep.join([environment()["PYTHONPATH"], str(tmp_path)])
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command,
            cwd=course.root,
            env=environment(PYTHONPATH=paths),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    course.configure("import nbjudge\nnbjudge.configure(c)\n")
    (course.root / "class.csv").write_text("Matriculation,Student,Mail\n12345,Ada,ada@x.org\n")
    run("nbjudge", "students", "class.csv")
    archive = course.root / "downloaded" / "ps1" / "archive"
    archive.mkdir(parents=True)
    course.submit("12345", RIGHT)
    submitted = course.root / "submitted" / "12345"
    (submitted / "ps1" / "ps1.ipynb").rename(archive / "campus-12345-ps1.ipynb")
    shutil.rmtree(submitted)
    run("nbgrader", "zip_collect", "ps1")
    course.grade()
    assert course.scores("12345")["double_test"]


def test_a_late_policy(course, documented):
    set_due(course)
    course.configure(f'{PENALTIES}c.NbJudge.late_policy = "free-days"\n')
    for assignment in ("ps1", "ps2"):
        course.submit("ann", RIGHT, assignment, files={"timestamp.txt": AN_HOUR_LATE})
    later = AN_HOUR_LATE.replace(AN_HOUR_LATE[:4], str(int(AN_HOUR_LATE[:4]) + 1))
    course.submit("ben", RIGHT, files={"timestamp.txt": later})
    course.grade("ps1")
    course.grade("ps2")
    penalties = {(row[1], row[0]): row[4] for row in course.tables()["notebooks"]}
    assert not penalties["ann", "ps1"] and not penalties["ann", "ps2"]
    assert penalties["ben", "ps1"] > 0


def test_an_unknown_late_policy_is_named(command, course):
    course.configure('c.NbJudge.late_policy = "fre-days"\n')
    course.submit("ann", RIGHT)
    done = command("autograde", "ps1")
    assert done.status == USAGE
    assert "there is no 'fre-days' in nbjudge.policies: use one of nbgrader" in done.stderr


def test_a_broken_package_is_named(command, install):
    install("[nbjudge.doors]\nbroken = broken_door", "broken_door", "import nothing_of_this_name")
    done = command("pack", "ps1")
    assert done.status == USAGE
    assert "the package broken_door cannot be loaded: ModuleNotFoundError: No module" in done.stderr
    assert command("check", "ps1").status == OK


def test_a_name_in_use_is_refused(command, install):
    install("[nbjudge.doors]\njson = other_json", "other_json", "")
    done = command("pack", "ps1")
    assert done.status == USAGE
    assert "the package other_json adds json to nbjudge.doors, which exists already" in done.stderr
