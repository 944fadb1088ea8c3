"""Pyodide's files in the site of notebooks: what loads at the start and what on demand."""

import hashlib
import importlib
import io
import json
import sys
import tarfile
import threading
import zipfile
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tools import lite_on_demand, lite_pyodide
from tools.course import ROOT


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def publisher(monkeypatch):
    """Serve a small Pyodide by address; a test may change its files."""
    names = [*lite_pyodide.FROM_PYODIDE, "needed"]
    wheels = {
        name: lite_pyodide._zip({f"{name}/__init__.py": b"", f"{name}/core.py": b""})
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
    served = {f"/core/{name}": name.encode() for name in lite_pyodide.CORE}
    served["/core/pyodide.mjs"] = lite_pyodide.FETCH.encode()
    served["/core/python_stdlib.zip"] = lite_pyodide._zip({"statistics.py": b"1"})
    served[f"/core/{lite_pyodide.LOCK}"] = json.dumps(lock).encode()
    served |= {f"/full/{packages[name]['file_name']}": wheels[name] for name in names}
    hashes = {name: sha256(served[f"/core/{name}"]) for name in lite_pyodide.CORE}
    monkeypatch.setattr(lite_pyodide, "CORE", hashes)
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
    yield (
        served,
        asked,
        lambda folder: lite_pyodide.fetch_pyodide(folder, f"{address}/core", f"{address}/full"),
    )
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


def test_the_lock_file_lists_the_packages_of_the_site(publisher, tmp_path, monkeypatch):
    _, _, fetch = publisher
    kernel = tmp_path / "kernel"
    (kernel / "static" / "pypi").mkdir(parents=True)
    for name in lite_pyodide.FROM_KERNEL:
        module = name.replace("-", "_")
        wheel = kernel / "static" / "pypi" / f"{module}-2-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{module}/__init__.py", "from os import path\n")
    target = tmp_path / "site"
    numpy = f"{lite_pyodide.PACKAGES}/numpy/core.py"
    checks = f"{lite_pyodide.PACKAGES}/nbexercise/checks.py"
    compiled = {Path(numpy): b"bytecode", Path(checks): b"of checks"}
    monkeypatch.setattr(lite_pyodide, "_compiled", lambda *arguments: compiled)
    monkeypatch.setattr(lite_pyodide, "_compress", zlib.compress)
    lite_pyodide.put_pyodide(fetch(tmp_path / "pyodide"), kernel, target, ROOT)
    lock = json.loads((target / lite_pyodide.LOCK).read_bytes())
    assert lock["info"]["packages"] == dict.fromkeys(lite_pyodide.FROM_PYODIDE, "1")
    packages = lock["packages"]
    assert set(packages) == {
        lite_pyodide.CHECK,
        lite_pyodide.START,
        *lite_pyodide.IN_START,
        lite_pyodide.LESSONS,
        "tqdm",
    }
    assert {"ipython", "matplotlib", "numpy"} <= set(packages[lite_pyodide.START]["imports"])
    for entry in packages.values():
        assert sha256((target / entry["file_name"]).read_bytes()) == entry["sha256"]
        assert all(name in packages for name in entry["depends"])
    lessons = packages[lite_pyodide.LESSONS]
    assert set(lessons["imports"]) == {"convnet", "lesson_tools"}
    names = zipfile.ZipFile(io.BytesIO((target / lessons["file_name"]).read_bytes())).namelist()
    assert {"convnet/data.py", "convnet/samples/china.jpg", "lesson_tools/needs.py"} <= set(names)
    assert not any(name.startswith("exercises") for name in names)
    at_start = unpacked(target / packages[lite_pyodide.START]["file_name"])
    assert at_start["numpy/core.pyc"] == b"bytecode" and "numpy/core.py" not in at_start
    on_demand = json.loads(at_start["lite_on_demand.json"])
    assert "numpy" in on_demand["modules"] and "numpy.core" not in on_demand["modules"]
    others = contents(target / on_demand["archive"])
    assert "numpy/__init__.py" in others and "numpy/core.py" not in others
    check = packages[lite_pyodide.CHECK]
    assert unpacked(target / check["file_name"]) == {
        "lite_check.py": (ROOT / "tools" / "lite_check.py").read_bytes(),
        "nbexercise/checks.pyc": b"of checks",
        "numpy/core.pyc": b"bytecode",
        "public_tests/cases/zero_pad.cases": (
            ROOT / "public_tests" / "cases" / "zero_pad.cases"
        ).read_bytes(),
    }
    assert check["imports"] == check["depends"] == []  # notebooks do not load it
    starter = (target / "lite_start.mjs").read_text()
    assert f"const OPTIONS = {json.dumps(lite_pyodide.OPTIONS)};" in starter
    # The kernel imports this package first, and no import searches the notebook's folder before it.
    text = others["piplite/__init__.py"].decode()
    assert text == f"{lite_pyodide.FOLDER_LAST}from os import path\n"


def test_the_browser_unpacks_the_web_assembly(tmp_path):
    (tmp_path / lite_pyodide.WASM).write_bytes(b"code")
    (tmp_path / lite_pyodide.SCRIPT).write_text(f"let x={lite_pyodide.FETCH};")
    lite_pyodide._pack(tmp_path, tmp_path)
    assert zlib.decompress((tmp_path / lite_pyodide.PACKED).read_bytes()) == b"code"
    assert not (tmp_path / lite_pyodide.WASM).exists()
    script = (tmp_path / lite_pyodide.SCRIPT).read_text()
    assert script == f"let x={lite_pyodide.FETCH_PACKED};"


@pytest.mark.parametrize("times", [0, 2])
def test_another_pyodide_is_refused(tmp_path, times):
    (tmp_path / lite_pyodide.SCRIPT).write_text(lite_pyodide.FETCH * times)
    cache = tmp_path / "pyodide-314"
    with pytest.raises(ValueError, match=rf"{cache}/pyodide.mjs differs .*: delete {cache}, and"):
        lite_pyodide._pack(tmp_path, cache)


def unpacked(archive):
    with tarfile.open(fileobj=io.BytesIO(zlib.decompress(archive.read_bytes()))) as files:
        return {member.name: files.extractfile(member).read() for member in files}


def contents(archive):
    with zipfile.ZipFile(archive) as files:
        return {name: files.read(name) for name in files.namelist()}


def test_files_of_packages_load_at_the_start_or_on_demand():
    compiled = {Path(lite_pyodide.PACKAGES, name): b"1" for name in ("a/__init__.py", "a/fast.so")}
    fonts = {"afmlist": [], "ttflist": [{"fname": f"fonts/ttf/{name}.ttf"} for name in FONTS]}
    names = ["a/__init__.py", "a/slow.py", "a/fast.so", "a/other.so", "a/a.pyi", "a/data.txt"]
    files = {name: b"2" for name in names} | {"m/fontlist.json": json.dumps(fonts).encode()}
    files |= {"late/__init__.py": b"2", "late/data.txt": b"2", "a-1.dist-info/METADATA": b"2"}
    files |= {f"m/fonts/ttf/{name}.ttf": b"3" for name in FONTS}
    at_start, others = lite_pyodide._split(files, compiled)
    assert set(at_start) == {
        *("a/__init__.pyc", "a/fast.so", "a/data.txt", "m/fontlist.json"),
        *("m/fonts/ttf/DejaVuSans.ttf", "a-1.dist-info/METADATA"),
    }
    assert at_start["a/__init__.pyc"] == b"1" and at_start["a/fast.so"] == b"2"
    assert set(others) == {
        *("a/slow.py", "a/other.so", "a/a.pyi", "m/fonts/ttf/DejaVuSerif.ttf"),
        *("late/__init__.py", "late/data.txt"),
    }
    listed = json.loads(at_start["m/fontlist.json"])["ttflist"]
    assert listed == [{"fname": "fonts/ttf/DejaVuSans.ttf"}]


FONTS = ("DejaVuSans", "DejaVuSerif")


def test_bytecode_of_the_standard_library_replaces_its_sources(tmp_path):
    library = tmp_path / "python_stdlib.zip"
    library.write_bytes(lite_pyodide._zip({"email/charset.py": b"1", "statistics.py": b"1"}))
    compiled = {Path(lite_pyodide.LIBRARY, "email/charset.py"): b"library"}
    lite_pyodide._compile_library(library, compiled)
    assert contents(library) == {"email/charset.pyc": b"library", "statistics.py": b"1"}


@pytest.fixture
def on_demand(tmp_path, monkeypatch):
    """Return a list of fetched names and a finder; the package `late` is on demand."""
    files = {"late/__init__.py": b"", "late/one.py": b"x = 1", "late/two.py": b"x = 2"}
    asked = []

    def fetch(name):
        asked.append(name)
        return lite_pyodide._zip(files) if name in available else None

    available = {"others.zip"}
    finder = lite_on_demand.OnDemand("others.zip", lite_pyodide._modules(files))
    monkeypatch.setattr(lite_on_demand, "FOLDER", tmp_path)
    monkeypatch.setattr(lite_on_demand, "fetch", fetch)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    monkeypatch.syspath_prepend(tmp_path)
    yield asked, available
    for name in ("late", "late.one", "late.two"):
        sys.modules.pop(name, None)


def test_modules_on_demand_are_imported_from_an_archive_that_is_fetched_once(on_demand):
    asked, _ = on_demand
    for number, name in enumerate(("late.one", "late.two"), 1):
        assert importlib.import_module(name).x == number
    assert asked == ["others.zip"]


def test_an_unknown_module_is_reported_without_a_request(on_demand):
    asked, _ = on_demand
    with pytest.raises(ModuleNotFoundError, match="No module named 'unknown'"):
        importlib.import_module("unknown")
    assert not asked


def test_without_a_network_a_module_on_demand_is_requested_again(on_demand):
    asked, available = on_demand
    available.clear()
    with pytest.raises(ImportError, match="cannot download the module late: check the network"):
        importlib.import_module("late.one")
    available.add("others.zip")
    assert importlib.import_module("late.one").x == 1
    assert asked == ["others.zip"] * 2
