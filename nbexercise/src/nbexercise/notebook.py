"""Create a course's package in memory from the data that an assignment's notebook carries.

`nbexercise.packing` puts this module's source in front of the data; the notebook's setup cell runs
it and calls `install`. No file is read or written.

The notebook carries this package as a part of the course's, such as `public_tests.nbexercise`, so
that it cannot be confused with an installed one.
"""

import base64
import bz2
import contextlib
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.resources
import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["ENGINE", "LEFT_OUT", "install", "opened", "sources", "uncovered", "version_of"]

ENGINE = "nbexercise"
# Modules and folders of the engine that notebooks do not carry: their checks need none of them.
LEFT_OUT = ("__main__.py", "building", "defining", "notebook.py", "packing.py", "report.py")
PLACE = "<carried by this notebook>"


class Carried(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
    """Finder and loader of the modules that a notebook carries.

    Parameters
    ----------
    modules
        Sources of the modules by name.
    cases
        File contents of the stored cases, by exercise.
    version
        Version of the packed package, as returned by `version_of`.
    """

    def __init__(
        self, modules: Mapping[str, str], cases: Mapping[str, bytes], version: str
    ) -> None:
        self.modules, self.cases, self.version = modules, cases, version

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self.modules:
            return None
        origin, is_package = self.get_filename(name), self.is_package(name)
        spec = importlib.machinery.ModuleSpec(name, self, origin=origin, is_package=is_package)
        spec.has_location = True  # sets __file__, by which frames in tracebacks are hidden
        return spec

    def is_package(self, name: str) -> bool:
        return any(module.startswith(f"{name}.") for module in self.modules)

    def get_filename(self, name: str) -> str:
        inside = "/__init__" if self.is_package(name) else ""
        return f"{PLACE}/{name.replace('.', '/')}{inside}.py"

    def get_source(self, name: str) -> str:
        return self.modules[name]


def install(carried: bytes, modules: str) -> None:
    """Create the package, or add missing exercises if it exists already; then watch the cells.

    The package has two functions for this, `_add` and `_watch`.

    A package of another version is replaced. So is any other module with this name, such as a file
    next to the notebook.

    Parameters
    ----------
    carried
        A line of JSON with the sizes and the version, and the files of the stored cases.
    modules
        The modules' sources, compressed.
    """
    about, cases = opened(carried)
    package = next(iter(about["modules"]))
    if version_of(sys.modules.get(package)) == about["version"]:
        sys.modules[package]._add(cases)
    else:
        _remove(package)
        finder = Carried(sources(about, modules), cases, about["version"])
        sys.meta_path[:] = [finder, *_other_finders()]
    importlib.import_module(package)._watch()


@contextlib.contextmanager
def uncovered(package: str) -> Iterator[None]:
    """Import the files of a package in a block, although a notebook carries a package of its name.

    Afterwards, the name refers to the carried package again.
    """
    carried = {}
    if _is_carried(sys.modules.get(package)):
        carried = _remove(package)
    finders = sys.meta_path[:]
    sys.meta_path[:] = _other_finders()
    try:
        yield
    finally:
        sys.meta_path[:] = finders
        if carried:
            _remove(package)
            sys.modules.update(carried)


def _is_carried(package: object) -> bool:
    return hasattr(getattr(getattr(package, "__spec__", None), "loader", None), "version")


def _remove(package: str) -> dict[str, Any]:
    """Remove the imported modules of a package, and return them by name."""
    names = [name for name in sys.modules if name.partition(".")[0] == package]
    return {name: sys.modules.pop(name) for name in names}


def _other_finders() -> list[Any]:
    """Return the finders that find no carried modules.

    The class of an earlier notebook is a different object with the same name.
    """
    return [finder for finder in sys.meta_path if type(finder).__name__ != Carried.__name__]


def opened(carried: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the sizes and the version, and the files of stored cases by exercise."""
    line, _, rest = carried.partition(b"\n")
    about = json.loads(line)
    return about, _parts(about["cases"], rest)


def sources(about: Mapping[str, Any], modules: str) -> dict[str, str]:
    """Return the sources of the modules by name; the first one is the package itself."""
    texts = _parts(about["modules"], bz2.decompress(base64.b85decode(modules)))
    return {name: text.decode() for name, text in texts.items()}


def _parts(sizes: Mapping[str, int], content: bytes) -> dict[str, bytes]:
    ends = list(itertools.accumulate(sizes.values()))
    starts = [0, *ends]
    return {name: content[a:b] for name, a, b in zip(sizes, starts, ends, strict=False)}


def version_of(package: Any) -> str:
    """Return a hash of a package's modules and the engine's; "" for another package of its name."""
    if _is_carried(package):
        return str(package.__spec__.loader.version)
    if not hasattr(package, "_watch"):
        return ""
    folders = map(importlib.resources.files, (package.__name__, ENGINE))
    texts = b"\0".join(text for folder in folders for text in _sources(folder))
    return hashlib.sha256(texts).hexdigest()[:16]


def _sources(folder: Any) -> Iterator[bytes]:
    """Yield the contents of the modules in a folder, which may be in an archive."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name in LEFT_OUT:
            continue
        if path.is_dir():
            yield from _sources(path)
        elif path.name.endswith(".py"):
            yield path.read_bytes()
