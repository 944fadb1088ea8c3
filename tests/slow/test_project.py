"""The lesson "Project": nbgrader generates its page."""

import os
import sys
from pathlib import Path

import nbformat

from tools.notebooks import build_lesson


def test_nbgrader_grades_each_row_of_the_rubric_by_hand(tmp_path, monkeypatch):
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # of alembic
    folder = tmp_path / "source" / "project"
    folder.mkdir(parents=True)
    nbformat.write(build_lesson("project_page"), folder / "project.ipynb")
    api = NbGraderAPI(config=Config({"CourseDirectory": {"root": str(tmp_path)}}))
    done = api.generate_assignment("project")
    assert done["success"], done
    with api.gradebook as gradebook:
        assert gradebook.find_assignment("project").max_score == 20
    released = nbformat.read(tmp_path / "release" / "project" / "project.ipynb", as_version=4)
    assert sum(cell.metadata.get("nbgrader", {}).get("task", False) for cell in released.cells) == 6
