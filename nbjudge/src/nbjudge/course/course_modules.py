"""Find the course's own modules that test cells import, since scores depend on their code."""

import ast
import functools
import importlib.machinery
import os
import sys
from collections.abc import Iterable
from pathlib import Path


def course_modules(sources: Iterable[str], search_path: Iterable[str]) -> list[Path]:
    """Return all files of the imported modules that are not part of the Python environment.

    Parameters
    ----------
    sources
        Python source texts; the modules that they import are searched in turn.
    search_path
        Folders to search for modules, as in PYTHONPATH.
    """
    environment = tuple({os.path.realpath(p) for p in (sys.prefix, sys.base_prefix, "/usr")})
    waiting, search_path = list(sources), list(search_path)
    files_by_module: dict[str, list[Path]] = {}
    while waiting:
        for name in _imported(waiting.pop()):
            if name in files_by_module:
                continue
            spec = importlib.machinery.PathFinder.find_spec(name, search_path)
            files = _files_of(spec) if spec else []
            if files and os.path.realpath(files[0]).startswith(environment):
                files = []
            files_by_module[name] = files
            waiting += [f.read_text(errors="replace") for f in files if f.suffix == ".py"]
    return sorted({file for files in files_by_module.values() for file in files})


@functools.lru_cache(1000)
def _imported(source: str) -> list[str]:
    """Return the top-level names of the modules that a source text imports, without duplicates."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.append(node.module)
    return list(dict.fromkeys(name.partition(".")[0] for name in names))


def _files_of(spec: importlib.machinery.ModuleSpec) -> list[Path]:
    folders = list(spec.submodule_search_locations or [])
    if not folders:
        return [Path(spec.origin)] if spec.origin and os.path.exists(spec.origin) else []
    files = [file for folder in folders for file in sorted(Path(folder).rglob("*"))]
    return [f for f in files if f.is_file() and "__pycache__" not in f.parts]
