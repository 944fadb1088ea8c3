"""The notebooks for a browser: their selection, their links, and Pyodide's files."""

import gzip
import hashlib
import importlib
import io
import json
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tools import lite, lite_on_demand
from tools.course import ROOT, assignments, course_notebooks, lessons
from tools.lite import fetch_pyodide, in_colab, runs_in_browser
from tools.notebooks import BADGE
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


OURS = "https://github.com/convolution-course/convolution-step-by-step/"


def links(cells):
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return [link[1] for text in texts for link in lite.LINK.finditer(text)]


def test_links_lead_to_notebooks_and_pages_of_the_site():
    here = ["01_images_and_convolution", "padding"]
    content = notebooks(here)["01_images_and_convolution"]
    assert "../../course/glossary.html" in links(content["cells"])
    assert "../../course/04_padding.html" in links(content["cells"])
    assert "04_padding.ipynb" not in links(content["cells"])  # which does not run on this site
    more = notebooks([*here, "04_padding"])["01_images_and_convolution"]
    assert "04_padding.ipynb" in links(more["cells"])


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("glossary.md#stride", "../../course/glossary.html#stride"),
        (f"{OURS}blob/main/course/glossary.md#stride", "../../course/glossary.html#stride"),
        ("README.md", "../../course/README.html"),
        ("../course", "../../course/README.html"),
        ("../docs/checks.md", "../../docs/checks.html"),
        ("../docs/index.md", "../../index.html"),
        ("../release/padding/padding.ipynb", "padding.ipynb"),
        ("../release/lenet/lenet.ipynb#end", "../../release/lenet/lenet.html#end"),
        ("../benchmarks/ladder.md", f"{OURS}blob/main/benchmarks/ladder.md"),
        ("https://cs231n.github.io/", "https://cs231n.github.io/"),
        ("#here", "#here"),
    ],
)
def test_a_link_leads_to_a_notebook_else_to_a_page_else_to_github(link, expected):
    pages = lite._site_pages(ROOT)
    new = lite.LINK.sub(
        lambda match: lite._link(["padding"], pages, "course", ROOT, match), f"[x]({link})"
    )
    assert new == f"[x]({expected})"


def test_no_notebook_of_the_site_leads_to_a_page_of_the_course_on_github_or_to_colab():
    names = [name for name in [*assignments(), *course_notebooks()] if runs_in_browser(name)]
    pages = {f"{OURS}blob/main/{text}" for text in lite._site_pages(ROOT)}
    for name, content in notebooks(names).items():
        targets = links(content["cells"])
        assert not pages & set(targets), name
        assert not [target for target in targets if "colab.research.google.com/github" in target]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("01_images_and_convolution", "lesson](../../course/01_images_and_convolution.html)"),
        ("padding", "assignment](../../release/padding/padding.html)"),
        ("milestones", "notebook](../../course/milestones.html)"),
    ],
)
def test_the_first_cell_leads_back_to_the_web_page(name, text):
    content = notebooks([name])[name]
    assert content["cells"][0]["source"] == f"[← The web page of this {text}"
    assert BADGE not in json.dumps(content)


def test_broken_links_from_notebooks_to_the_site_are_reported(tmp_path):
    files = tmp_path / "lite" / "files"
    files.mkdir(parents=True)
    (tmp_path / "page.html").write_text('<h2 id="there">')
    text = "[a](../../page.html#there) [b](../../page.html#not) [c](../../no.html) [d](x.ipynb)"
    text += " [e](https://example.org/) [f](#here)"
    cells = [{"cell_type": "markdown", "source": text}]
    (files / "a.ipynb").write_text(json.dumps({"cells": cells}))
    assert list(lite.broken_links(tmp_path / "lite")) == [
        "a.ipynb: ../../page.html has no id not",
        "a.ipynb: broken link to ../../no.html",
        "a.ipynb: broken link to x.ipynb",
    ]


def test_a_notebook_of_the_site_asks_nobody_for_a_picture_and_names_its_kernel():
    for content in notebooks(["padding", "01_images_and_convolution"]).values():
        markdown = [c for c in content["cells"] if c["cell_type"] == "markdown"]
        text = "\n".join("".join(cell["source"]) for cell in markdown)
        assert "![" not in text.replace("![](attachment", "")
        assert content["metadata"]["kernelspec"]["name"] == "python"


def test_what_students_write_and_what_is_checked_is_that_of_the_release():
    cells = json.loads(for_self_study("padding"))["cells"]
    for theirs, ours in zip(cells, notebooks(["padding"])["padding"]["cells"], strict=True):
        trusted = ours["metadata"].pop("trusted", None)
        assert ours["metadata"] == theirs["metadata"] and ours["id"] == theirs["id"]
        if ours["cell_type"] == "code":
            assert "".join(ours["source"]) == "".join(theirs["source"])
            assert trusted is (ours["outputs"] == [])


# Pyodide's files, from a local server


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def publisher(monkeypatch):
    """Serve a small Pyodide by address; a test may change its files."""
    names = [*lite.FROM_PYODIDE, "needed"]
    wheels = {
        name: lite._zip({f"{name}/__init__.py": b"", f"{name}/core.py": b""})
        for name in [*names, "of no use"]
    }
    packages = {
        name: {
            "name": name,
            "version": "1",
            "file_name": f"{name}-1-py3-none-any.whl",
            "sha256": sha256(wheels[name]),
            "package_type": "package",
            "imports": [name],
            "depends": ["needed"] if name == "numpy" else [],
        }
        for name in [*names, "of no use"]
    }
    lock = {"info": {"python": "3.14.0"}, "packages": packages}
    served = {f"/core/{name}": name.encode() for name in lite.CORE}
    served["/core/pyodide.mjs"] = lite.FETCH.encode()
    served["/core/python_stdlib.zip"] = lite._zip({"statistics.py": b"1"})
    served[f"/core/{lite.LOCK}"] = json.dumps(lock).encode()
    served |= {f"/full/{packages[name]['file_name']}": wheels[name] for name in names}
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
    numpy = f"{lite.PACKAGES}/numpy/core.py"
    monkeypatch.setattr(lite, "_compiled", lambda *arguments: {Path(numpy): b"bytecode"})
    lite._put_pyodide(fetch(tmp_path / "pyodide"), kernel, target, ROOT)
    packages = json.loads((target / lite.LOCK).read_bytes())["packages"]
    assert set(packages) == {*lite.AT_START, lite.LESSONS, "tqdm"}
    assert {"IPython", "matplotlib", "numpy"} <= {*packages[lite.START]["imports"], "IPython"}
    for entry in packages.values():
        assert sha256((target / entry["file_name"]).read_bytes()) == entry["sha256"]
        assert all(name in packages for name in entry["depends"])
    lessons = packages[lite.LESSONS]
    assert set(lessons["imports"]) == {"convnet", "lesson_tools"}
    names = zipfile.ZipFile(io.BytesIO((target / lessons["file_name"]).read_bytes())).namelist()
    assert {"convnet/data.py", "convnet/samples/china.jpg", "lesson_tools/needs.py"} <= set(names)
    assert not any(name.startswith("exercises") for name in names)
    at_start = contents(target / packages[lite.START]["file_name"])
    assert at_start["numpy/core.pyc"] == b"bytecode" and "numpy/core.py" not in at_start
    archives = json.loads(at_start["lite_on_demand.json"])
    assert [name.partition("-")[0] for name in archives] == ["library", "others"]
    library, others = archives.values()
    assert library == ["statistics"]
    assert "numpy" in others and "numpy.core" not in others  # which has no source to compile
    # The kernel imports this package first, and no import searches the notebook's folder before it.
    text = contents(target / next(iter(list(archives)[1:])))["piplite/__init__.py"].decode()
    assert text == f"{lite.FIRST_LINES}from os import path\n"
    # The browser unpacks the WebAssembly.
    assert gzip.decompress((target / "pyodide.asm.packed").read_bytes()) == b"pyodide.asm.wasm"
    assert not (target / lite.WASM).exists()
    assert lite.FETCH_PACKED in (target / "pyodide.mjs").read_text()


def contents(archive):
    with zipfile.ZipFile(archive) as files:
        return {name: files.read(name) for name in files.namelist()}


def test_files_of_packages_load_at_the_start_or_on_demand():
    compiled = {Path(lite.PACKAGES, name): b"1" for name in ("a/__init__.py", "a/fast.so")}
    fonts = {"afmlist": [], "ttflist": [{"fname": f"fonts/ttf/{name}.ttf"} for name in FONTS]}
    names = ["a/__init__.py", "a/slow.py", "a/fast.so", "a/other.so", "a/a.pyi", "a/data.txt"]
    files = {name: b"2" for name in names} | {"m/fontlist.json": json.dumps(fonts).encode()}
    files |= {"late/__init__.py": b"2", "late/data.txt": b"2", "a-1.dist-info/METADATA": b"2"}
    files |= {f"m/fonts/ttf/{name}.ttf": b"3" for name in FONTS}
    at_start, others = lite._split(files, compiled)
    assert set(at_start) == {
        *("a/__init__.pyc", "a/fast.so", "a/data.txt", "m/fontlist.json"),
        *("m/fonts/ttf/DejaVuSans.ttf", "a-1.dist-info/METADATA"),
    }
    assert at_start["a/__init__.pyc"] == b"1" and at_start["a/fast.so"] == b"2"
    assert set(others) == {
        *("a/__init__.py", "a/slow.py", "a/other.so", "a/a.pyi", "m/fonts/ttf/DejaVuSerif.ttf"),
        *("late/__init__.py", "late/data.txt"),
    }
    listed = json.loads(at_start["m/fontlist.json"])["ttflist"]
    assert listed == [{"fname": "fonts/ttf/DejaVuSans.ttf"}]


FONTS = ("DejaVuSans", "DejaVuSerif")


def test_bytecode_of_the_standard_library_replaces_its_modules(tmp_path):
    library = tmp_path / "python_stdlib.zip"
    with zipfile.ZipFile(library, "w") as archive:
        for name in ("email/charset.py", "email/unused.py", "pyodide/http.py"):
            archive.writestr(name, "1")
    compiled = {Path(lite.LIBRARY, "email/charset.py"): b"library"}
    assert lite._compile_library(library, compiled) == {"email/unused.py": b"1"}
    assert contents(library) == {"email/charset.pyc": b"library", "pyodide/http.py": b"1"}


def test_modules_on_demand_are_imported_from_an_archive_that_is_fetched_once(tmp_path, monkeypatch):
    files = {"late/__init__.py": b"", "late/one.py": b"x = 1", "late/two.py": b"x = 2"}
    asked = []
    monkeypatch.setattr(lite_on_demand, "FOLDER", tmp_path)
    monkeypatch.setattr(
        lite_on_demand, "fetch", lambda name: asked.append(name) or lite._zip(files)
    )
    finder = lite_on_demand.OnDemand("others.zip", lite._modules(files))
    assert finder.find_spec("unknown") is None and not asked
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    for number, name in enumerate(("late.one", "late.two"), 1):
        assert importlib.import_module(name).x == number
    assert asked == ["others.zip"]
    for name in ("late", "late.one", "late.two"):
        del sys.modules[name]


def test_the_page_of_notebooks_gets_the_styles_and_the_script(tmp_path):
    page = tmp_path / "index.html"
    page.write_text("<html><head></head></html>")
    lite._extend_page(page)
    assert page.read_text() == f"<html><head>{lite.PAGE.read_text()}</head></html>"
    page.write_text("<html></html>")
    with pytest.raises(ValueError, match="index.html differs"):
        lite._extend_page(page)


def test_the_megabytes_up_to_a_first_check_are_the_ones_of_the_build(tmp_path):
    (tmp_path / lite.MEASURED).write_text('{"bytes": 24500001, "compressed": 17000000}')
    assert lite.megabytes(tmp_path) == 25
    with pytest.raises(OSError, match="no such file|No such file"):
        lite.megabytes(tmp_path / "elsewhere")
