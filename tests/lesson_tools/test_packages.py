"""The structure of `lesson_tools`: a package for each lesson, and modules that several use."""

import ast
from pathlib import Path

import pytest

from tools.course import ROOT, course_notebooks, lessons

LESSON_TOOLS = ROOT / "course" / "lesson_tools"
PACKAGES = {path.parent.name for path in LESSON_TOOLS.glob("*/questions.py")}
SHARED = {path.stem for path in LESSON_TOOLS.glob("[!_]*.py")} | {"explorables"}
NOTEBOOKS = (*course_notebooks(), "lesson_template")


def package(notebook):
    """Return the name of the package whose figures and questions a notebook may use."""
    others = {"lesson_template": "template", "project_page": "project"}
    return notebook[3:] if notebook in lessons() else others.get(notebook, notebook)


def imported(*paths):
    """Return the packages of lessons and the shared modules that files import."""
    return {
        f"{node.module}.{alias.name}".split(".")[1]
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lesson_tools")
        for alias in node.names
    }


def files(name):
    """Return the files of a notebook, of a lesson's package, or of a shared module."""
    if name in NOTEBOOKS:
        return ROOT / "course" / f"{name}.py", ROOT / "tools" / "shared_cells" / "lesson_setup.py"
    folder = LESSON_TOOLS / name
    return tuple(folder.glob("*.py")) if folder.is_dir() else (folder.with_suffix(".py"),)


@pytest.fixture(scope="module")
def uses():
    """Return what each notebook, package and module imports of `lesson_tools`."""
    names = {*NOTEBOOKS, *PACKAGES, *SHARED} - {"milestones"}  # a notebook and a module
    return {name: imported(*files(name)) for name in names} | {
        "milestones": imported(*files("milestones"), LESSON_TOOLS / "milestones.py")
    }


def test_each_lesson_has_a_package_of_its_name():
    assert {package(name) for name in (*lessons(), "lesson_template", "bonus")} == PACKAGES
    folders = {path.parent.name for path in LESSON_TOOLS.glob("*/*.*")}
    assert folders <= PACKAGES | {"data", "explorables", "__pycache__"}


def test_only_a_lesson_uses_its_package(uses):
    for name, used in uses.items():
        own = {package(name)} if name in NOTEBOOKS else {name}
        assert used & PACKAGES <= own, f"{name}: what several lessons use is a module beside them"


def test_several_notebooks_use_each_shared_module(uses):
    def reached(name, seen):
        for other in uses[name] - seen:
            seen |= {other} | reached(other, seen | {other})
        return seen

    by_notebook = {notebook: reached(notebook, set()) for notebook in NOTEBOOKS}
    for module in SHARED:
        users = [notebook for notebook, names in by_notebook.items() if module in names]
        assert len(users) > 1, f"{module} belongs to the package of {users}"


def test_the_tests_have_the_names_of_what_they_test():
    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert tested <= PACKAGES | SHARED | {Path(__file__).stem.removeprefix("test_")}
