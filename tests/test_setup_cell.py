"""The first code cell finds public_tests, wherever the notebook is.

It is run as a notebook runs it, in an empty folder, with a server on this machine in place of the
course's address.
"""

import contextlib
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from tools.course import address
from tools.release import release

# matplotlib takes a second to import and has no part in this.
RUN = """
import sys, types
sys.modules["matplotlib"] = types.ModuleType("matplotlib")
sys.modules["matplotlib.pyplot"] = types.ModuleType("matplotlib.pyplot")
{before}
exec(compile(sys.argv[1], "setup", "exec"))
zero_pad_test
import public_tests
print("found in", public_tests.__file__)
"""
NOT_WRITABLE = """
import pathlib
_write = pathlib.Path.write_bytes
def write_bytes(self, data):
    if self.resolve().parent == pathlib.Path.cwd():
        raise PermissionError(13, "Permission denied", str(self))
    return _write(self, data)
pathlib.Path.write_bytes = write_bytes
"""


@pytest.fixture(scope="module")
def notebook(course):
    """The released notebook whose setup cell is run."""
    return json.loads((course.root / "release" / "padding" / "padding.ipynb").read_text())


@pytest.fixture(scope="module")
def checks(course):
    """The zip file of the checks."""
    (path,) = (course.root / "release" / "padding").glob("*.zip")
    return path


@contextlib.contextmanager
def served(folder):
    """The address at which a folder is served."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def run(notebook, tmp_path):
    """Runs the setup cell in a folder of its own; by default nobody answers at the address."""
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "setup")
    folder = tmp_path / "alone"
    folder.mkdir()

    def run(at="http://127.0.0.1:9", before="", **variables):
        text = "".join(cell["source"]).replace(address(), at)
        assert f'"{at}"' in text
        return subprocess.run(
            [sys.executable, "-c", RUN.format(before=before), text],
            cwd=folder,
            env={"no_proxy": "*", "PATH": "", **variables},
            capture_output=True,
            text=True,
        )

    run.folder = folder
    return run


def last_line(done):
    return done.stderr.strip().splitlines()[-1]


def test_where_public_tests_is_importable_nothing_is_fetched(run, course):
    done = run(PYTHONPATH=str(course.root))
    assert done.returncode == 0, done.stderr
    assert f"found in {course.root / 'public_tests'}" in done.stdout
    assert list(run.folder.iterdir()) == []


def test_the_zip_file_beside_the_notebook_comes_before_the_network(run, checks):
    (run.folder / checks.name).write_bytes(checks.read_bytes())
    done = run()
    assert done.returncode == 0, done.stderr
    assert f"found in {run.folder / checks.name}" in done.stdout


def test_else_the_zip_file_is_fetched_and_kept(run, course, checks):
    with served(course.root / "release") as at:
        done = run(at)
    assert done.returncode == 0, done.stderr
    assert f"found in {run.folder / checks.name}" in done.stdout
    assert (run.folder / checks.name).read_bytes() == checks.read_bytes()
    again = run()
    assert again.returncode == 0, "the second time, no network is needed"


def test_a_folder_that_cannot_be_written_to_is_enough(run, course, checks):
    with served(course.root / "release") as at:
        done = run(at, before=NOT_WRITABLE)
    assert done.returncode == 0, done.stderr
    assert checks.name in done.stdout
    assert list(run.folder.iterdir()) == []


def test_running_the_cell_twice_does_no_harm(run, checks):
    (run.folder / checks.name).write_bytes(checks.read_bytes())
    done = run(before='exec(compile(sys.argv[1], "setup", "exec"))')
    assert done.returncode == 0, done.stderr


def test_without_a_network_it_says_what_to_do(run, checks):
    done = run()
    assert done.returncode == 1
    said = last_line(done)
    assert said.startswith("ModuleNotFoundError: public_tests is missing")
    assert f"http://127.0.0.1:9/{checks.name}" in said
    assert "put that file beside this notebook" in said


def test_an_address_without_the_file_says_so(run, tmp_path):
    (tmp_path / "empty").mkdir()
    with served(tmp_path / "empty") as at:
        done = run(at)
    assert done.returncode == 1
    assert "404" in last_line(done)
    assert list(run.folder.iterdir()) == []


def test_another_file_under_that_name_is_not_imported(run, checks):
    (run.folder / checks.name).write_bytes(checks.read_bytes() + b"x")
    done = run()
    assert done.returncode == 1
    assert last_line(done).startswith(f"ImportError: {checks.name} is not the file")
    assert "delete it" in last_line(done)


def test_another_file_from_the_address_is_neither_imported_nor_kept(run, checks, tmp_path):
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / checks.name).write_bytes(b"<html>Please log in</html>")
    with served(tmp_path / "wrong") as at:
        done = run(at)
    assert done.returncode == 1
    assert "its checksum differs" in last_line(done)
    assert list(run.folder.iterdir()) == []


def test_the_name_carries_the_checksum(notebook, checks):
    digest = hashlib.sha256(checks.read_bytes()).hexdigest()
    assert checks.name == f"public_tests-{digest[:12]}.zip"
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "setup")
    assert f'"{digest}",' in "".join(cell["source"])


def test_the_cell_asks_for_the_address_that_pyproject_sets(notebook):
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "setup")
    assert f'"{address()}",' in "".join(cell["source"])


def test_other_checks_get_another_name_and_the_old_file_stays(
    course, checks, tmp_path, monkeypatch
):
    """A notebook that was saved last year still finds what it asks for."""
    for name in ("PATH", "PYTHONPATH"):  # nbgrader_config.py changes them
        monkeypatch.setenv(name, os.environ.get(name, ""))
    root = tmp_path / "course"
    shutil.copytree(course.root, root)
    for path in (root / "source").glob("*.py"):
        if path.stem != "padding":
            path.unlink()
    with (root / "public_tests" / "_text.py").open("a") as file:
        file.write("# changed\n")
    assert release(root) == []
    (new,) = (path.name for path in (root / "release" / "padding").glob("*.zip"))
    assert new != checks.name
    assert {new, checks.name} <= {path.name for path in (root / "release").glob("*.zip")}
    text = (root / "release" / "padding" / "padding.ipynb").read_text()
    assert new in text and checks.name not in text
