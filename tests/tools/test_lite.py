"""The notebooks for a browser: their selection, their links, and Pyodide's files."""

import hashlib
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools import lite
from tools.course import ROOT, assignments, lessons
from tools.lite import fetch_pyodide, in_colab, runs_in_browser
from tools.solutions import for_self_study


@pytest.fixture
def course(tmp_path):
    """Return a function that writes a one-lesson course with these code cells."""

    def write(*cells):
        folder = tmp_path / "course"
        folder.mkdir(exist_ok=True)
        (folder / "01_lesson.py").touch()
        code = [{"cell_type": "code", "source": text} for text in cells]
        content = {"cells": [{"cell_type": "markdown", "source": "import torch"}, *code]}
        (folder / "01_lesson.ipynb").write_text(json.dumps(content))
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("cells", "runs"),
    [
        (["import numpy as np", "from convnet.data import digits", "import os.path"], True),
        (["import numpy as np, torch"], False),
        (["def f():\n    from sklearn.svm import SVC"], False),
        (["try:\n    import sklearn\nexcept ModuleNotFoundError:\n    import convnet"], True),
        (["try:\n    import sklearn\nexcept ValueError:\n    pass"], False),
        (["try:\n    import numpy\nexcept ImportError:\n    import torch"], False),
        (["%%needs torch\nimport torch", *["x = 1"] * 4], True),
        (["%%needs torch\nimport torch", *["x = 1"] * 3], False),
    ],
)
def test_its_own_cells_say_whether_a_notebook_runs_in_a_browser(course, cells, runs):
    root = course(*cells)
    assert runs_in_browser("01_lesson", root) is runs
    assert in_colab("01_lesson", root) == sum(text.startswith("%%needs") for text in cells)


def test_every_assignment_and_most_lessons_run_in_a_browser():
    assert all(map(runs_in_browser, [*assignments(), "bonus", "milestones"]))
    numpy_alone = [name for name in lessons() if in_colab(name) == 0]
    here = [name for name in lessons() if runs_in_browser(name)]
    assert len(here) > len(lessons()) / 2
    # A lesson that needs no framework may be left out only for another package.
    assert set(numpy_alone) - set(here) <= {"03_mathematics_of_convolution", "31_project"}
    assert "07_convolution_layer_in_libraries" not in here


def notebooks(names):
    return dict(lite._contents(names, ROOT))


def test_links_lead_to_notebooks_of_the_site_or_to_colab():
    here = ["01_images_and_convolution", "padding"]
    text = json.dumps(notebooks(here)["01_images_and_convolution"])
    assert "](../" not in text
    assert "](04_padding.ipynb" not in text  # which is not part of this site
    assert "colab.research.google.com/github/" in text and "/course/04_padding.ipynb" in text
    text = json.dumps(notebooks([*here, "04_padding"])["01_images_and_convolution"])
    assert "](04_padding.ipynb" in text


def test_a_notebook_of_the_site_asks_nobody_for_a_picture_and_names_its_kernel():
    for content in notebooks(["padding", "01_images_and_convolution"]).values():
        markdown = [c for c in content["cells"] if c["cell_type"] == "markdown"]
        text = "\n".join("".join(cell["source"]) for cell in markdown)
        assert "![" not in text.replace("![](attachment", "")
        assert "[Open in Colab](https://colab" in text
        assert content["metadata"]["kernelspec"]["name"] == "python"


def test_what_students_write_and_what_is_checked_is_that_of_the_release():
    cells = json.loads(for_self_study("padding"))["cells"]
    for theirs, ours in zip(cells, notebooks(["padding"])["padding"]["cells"], strict=True):
        assert ours["metadata"] == theirs["metadata"] and ours["id"] == theirs["id"]
        if ours["cell_type"] == "code":
            assert "".join(ours["source"]) == "".join(theirs["source"])


# Pyodide's files, from a local server


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def publisher(monkeypatch):
    """Serve a small Pyodide by address; a test may change its files."""
    names = [*lite.FROM_PYODIDE, "needed"]
    packages = {
        name: {
            "name": name,
            "version": "1",
            "file_name": f"{name}-1-py3-none-any.whl",
            "sha256": sha256(name.encode()),
            "imports": [name],
            "depends": ["needed"] if name == "numpy" else [],
        }
        for name in [*names, "of no use"]
    }
    lock = {"info": {"python": "3.14.0"}, "packages": packages}
    served = {f"/core/{name}": name.encode() for name in lite.CORE}
    served[f"/core/{lite.LOCK}"] = json.dumps(lock).encode()
    served |= {f"/full/{packages[name]['file_name']}": name.encode() for name in names}
    hashes = {name: sha256(served[f"/core/{name}"]) for name in lite.CORE}
    monkeypatch.setattr(lite, "CORE", hashes)
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            data = served.get(self.path)
            self.send_response(200 if data is not None else 404)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield served, asked, lambda folder: fetch_pyodide(folder, f"{address}/core", f"{address}/full")
    server.shutdown()
    thread.join()
    server.server_close()


def test_pyodide_is_fetched_once_with_what_its_packages_need(publisher, tmp_path):
    served, asked, fetch = publisher
    fetch(tmp_path / "pyodide")
    assert {path.name: path.read_bytes() for path in (tmp_path / "pyodide").iterdir()} == {
        path.rpartition("/")[2]: data for path, data in served.items()
    }
    number = len(asked)
    fetch(tmp_path / "pyodide")
    assert len(asked) == number
    (tmp_path / "pyodide" / "needed-1-py3-none-any.whl").write_bytes(b"cut off")
    fetch(tmp_path / "pyodide")
    assert asked[number:] == ["/full/needed-1-py3-none-any.whl"]


@pytest.mark.parametrize("path", ["/core/pyodide.mjs", "/full/numpy-1-py3-none-any.whl"])
def test_another_file_than_expected_is_refused(publisher, tmp_path, path):
    served, _, fetch = publisher
    served[path] = b"a login page"
    with pytest.raises(OSError, match=f"{path} has an unexpected SHA-256 hash"):
        fetch(tmp_path)
    assert not (tmp_path / path.rpartition("/")[2]).exists()


def test_the_command_says_why_no_site_was_built(tmp_path, capsys):
    assert lite.main([str(tmp_path / "site"), "--pyodide", str(tmp_path)]) == 1
    assert "Cannot build the site:" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_the_lock_file_lists_the_packages_of_the_site(publisher, tmp_path, monkeypatch):
    _, _, fetch = publisher
    kernel = tmp_path / "kernel"
    (kernel / "static" / "pypi").mkdir(parents=True)
    for name in lite.FROM_KERNEL:
        module = name.replace("-", "_")
        wheel = kernel / "static" / "pypi" / f"{module}-2-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{module}/__init__.py", "from os import path\n")
    target = tmp_path / "site"
    monkeypatch.setattr(lite, "_bytecode", lambda target: ({}, {}))
    lite._put_pyodide(fetch(tmp_path / "pyodide"), kernel, target, ROOT)
    packages = json.loads((target / lite.LOCK).read_bytes())["packages"]
    assert set(lite.AT_START) <= set(packages) and "of no use" not in packages
    for entry in packages.values():
        assert sha256((target / entry["file_name"]).read_bytes()) == entry["sha256"]
        assert all(name in packages for name in entry["depends"])
    lessons = packages[lite.LESSONS]
    assert set(lessons["imports"]) == {"convnet", "lesson_tools"}
    names = zipfile.ZipFile(io.BytesIO((target / lessons["file_name"]).read_bytes())).namelist()
    assert {"convnet/data.py", "convnet/samples/china.jpg", "lesson_tools/needs.py"} <= set(names)
    assert not any(name.startswith("exercises") for name in names)
    # The kernel imports this package first, and no import searches the notebook's folder before it.
    path = target / packages["piplite"]["file_name"]
    text = zipfile.ZipFile(path).read("piplite/__init__.py").decode()
    assert text == f"{lite.FOLDER_LAST}from os import path\n"


def test_bytecode_lies_where_python_looks_for_it(tmp_path, monkeypatch):
    def compiled(script, arguments):
        _, _, output = arguments
        with zipfile.ZipFile(output, "w") as archive:
            archive.writestr("/lib/python3.14/site-packages/numpy/linalg/__init__.py", b"package")
            archive.writestr("/lib/python3.14/site-packages/convnet/data.py", b"ours")
            archive.writestr("/lib/python314.zip/email/charset.py", b"library")
            archive.writestr("/lib/python3.14/_sysconfigdata.py", b"of no use")

    monkeypatch.setattr(lite, "_node", compiled)
    library = tmp_path / "python_stdlib.zip"
    with zipfile.ZipFile(library, "w") as archive:
        archive.writestr("email/charset.py", "1")
    at_start, of_lessons = lite._bytecode(tmp_path)
    assert at_start == {"numpy/linalg/__pycache__/__init__.cpython-314.pyc": b"package"}
    assert of_lessons == {"convnet/__pycache__/data.cpython-314.pyc": b"ours"}
    assert zipfile.ZipFile(library).read("email/charset.pyc") == b"library"
