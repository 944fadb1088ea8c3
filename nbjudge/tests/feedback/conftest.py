"""Fixtures: a course whose pages nbgrader generates."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.support.pages import Course


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """A gradebook to copy, since creating one takes seconds."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader runs `alembic` from PATH when it creates a gradebook.
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        with Gradebook(f"sqlite:///{path}") as book:
            book.add_assignment("ps1")
            book.add_notebook("work", "ps1")
            book.add_solution_cell("exercise", "work", "ps1")
            book.add_grade_cell("check", "work", "ps1", max_score=2, cell_type="code")
            book.add_task_cell("task", "work", "ps1", max_score=2, cell_type="markdown")
            for grade_id in ("exercise", "check", "task"):
                book.add_source_cell(grade_id, "work", "ps1", cell_type="code")
            book.add_student("ada")
            book.add_submission("ps1", "ada")
    return path


@pytest.fixture
def course(tmp_path, gradebook):
    shutil.copy(gradebook, tmp_path)
    return Course(tmp_path)
