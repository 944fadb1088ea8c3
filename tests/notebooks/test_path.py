"""A released notebook stores a learner's progress, but stores nothing while it is graded."""

import json
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from exercises.loops import zero_pad
from nbexercise.defining.source import function_source
from tools.course import ROOT


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs the solved notebook padding and returns its outputs as text."""
    (tmp_path / "course").mkdir()
    (tmp_path / "release").mkdir()
    shutil.copytree(ROOT / "release" / "padding", tmp_path / "release" / "padding")
    monkeypatch.delenv("PROGRESS_FILE", raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)  # the notebook contains its checks

    def run():
        path = tmp_path / "release" / "padding" / "padding.ipynb"
        notebook = nbformat.read(path, as_version=4)
        wanted = {"setup": None, "zero_pad": function_source(zero_pad), "zero_pad_check": None}
        notebook.cells = [cell for cell in notebook.cells if cell.id in wanted]
        for cell in notebook.cells:
            cell.source = wanted[cell.id] or cell.source
        notebook.cells.append(nbformat.v4.new_code_cell("progress()"))
        place = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=120, resources=place).execute()
        return [
            (output.get("text") or "", output.get("data", {}))
            for cell in notebook.cells
            for output in cell.get("outputs", [])
        ]

    return run


def test_a_learner_sees_what_is_done_and_what_is_next(run, tmp_path):
    outputs = run()
    shown = [data["text/html"] for _, data in outputs if "text/html" in data]
    assert any("All checks of padding pass, 5 of 5 points." in html for html in shown)
    assert "&#10003; done" in shown[-1] and "Lesson 06: The convolution layer" in shown[-1]
    kept = json.loads((tmp_path / "progress.json").read_text())
    assert kept["exercises"]["zero_pad"]["passed"] and kept["last"] == "padding"
    namespace = {}
    exec((tmp_path / "own_layers" / "zero_pad.py").read_text(), namespace)
    assert callable(namespace["zero_pad"])


def test_nothing_is_kept_while_it_is_graded(run, tmp_path, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    outputs = run()
    assert any("zero_pad: all 4 checks passed." in str(output) for output in outputs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "release"]
