"""A released notebook alone in a folder, run as a front end runs it.

A local server replaces the course's web address. The installed packages are those of the
environment that runs the tests: `make test-colab` uses Colab's versions.
"""

import asyncio
import json
import os
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from tests.publisher import published
from tools.course import BUNDLE, ROOT, address, assignments, pinned_bundle
from tools.lessons import ONE_THREAD
from tools.notebooks import build_notebook

SECONDS = 600  # per cell


@pytest.fixture(scope="session")
def server():
    """Serve release/lessons.zip, built from the current files."""
    with published({BUNDLE: (ROOT / "release" / BUNDLE).read_bytes()}) as server:
        yield server


@pytest.fixture
def alone(tmp_path, server):
    """Return a function that copies a notebook alone to an empty folder."""

    def alone(name, solved=False, at=None):
        folder = "release" if name in assignments() else "course"
        place = f"{name}/{name}.ipynb" if folder == "release" else f"{name}.ipynb"
        text = (ROOT / folder / place).read_text(encoding="utf-8")
        if solved:
            text = json.dumps(build_notebook(name))
        at = (at or server.address).rstrip("/")
        text = text.replace(pinned_bundle(), f"{at}/{BUNDLE}").replace(address(), at)
        (tmp_path / "alone").mkdir(exist_ok=True)
        path = tmp_path / "alone" / f"{name}.ipynb"
        path.write_text(text, encoding="utf-8")
        return path

    return alone


@pytest.fixture
def run(tmp_path):
    """Return a function that runs all cells of a notebook, even after errors."""

    def run(path):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:  # runs like a student's: graded cells need the course
            about = cell.metadata.get("nbgrader", {})
            if about.get("grade") and not about.get("solution"):
                cell.source = ""
        client = NotebookClient(
            notebook,
            timeout=SECONDS,
            allow_errors=True,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(path.parent)}},
        )
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        removed = ("PYTHONPATH", "CONVNET_DATA", "MPLBACKEND")
        outer = {name: value for name, value in os.environ.items() if name not in removed}
        mine = {"HOME": str(home), "no_proxy": "*", "PYTHONSAFEPATH": "1"} | ONE_THREAD
        asyncio.run(client.async_execute(env=outer | mine))
        return notebook

    return run


def pytest_report_header():
    from importlib.metadata import version

    names = ("ipython", "ipykernel", "numpy", "matplotlib")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"Python {sys.version.split()[0]}, {versions}"
