"""A submission earns the same points with nbgrader alone as with nbjudge.

tests/notebooks/test_every_assignment_alone.py compares the other assignments.
"""

import json
import shutil
import subprocess
import sys

import pytest

from benchmarks.engine.grading import remove_nbjudge, scores
from tests.files import copy_repository, environment, keep_assignments
from tests.nbgrader_alone import DIFFERENT, autograde, cells_of, compare
from tools.course import ROOT
from tools.sample_class.scenarios import COPIED


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """Return a course with one released assignment."""
    root = tmp_path_factory.mktemp("alone") / "course"
    copy_repository(root)
    keep_assignments(root, ["padding"])
    subprocess.run(
        [sys.executable, "-m", "tools.release"], cwd=root, env=environment(root), check=True
    )
    return root


def test_padding_earns_the_same(released, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(released, root)
    compare(root, "padding", odd=True)


def test_two_cells_with_one_id_are_not_graded(released, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(released, root)
    notebook = cells_of(root / "source/padding/padding.ipynb")
    place = next(n for n, cell in enumerate(notebook["cells"]) if cell["id"] == "zero_pad")
    notebook["cells"].insert(place, notebook["cells"][place] | {"id": "before"})
    folder = root / "submitted" / COPIED.name / "padding"
    folder.mkdir(parents=True)
    (folder / "padding.ipynb").write_text(json.dumps(notebook))
    assert autograde(root, "padding").returncode == 0
    assert scores(root, "padding") == {(COPIED.name, "zero_pad_grade"): 5}
    remove_nbjudge(root)
    assert autograde(root, "padding", "--force").returncode != 0


def test_the_documents_list_what_earns_other_points():
    text = (ROOT / "docs" / "comparison.md").read_text()
    for name in DIFFERENT:
        assert name in text
