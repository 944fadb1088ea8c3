"""Find the course's own modules that test cells import, since scores depend on their code."""

import ast
import functools
import importlib.machinery
import os
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

# In an import statement, a module's name follows one of these words or a comma.
_CANDIDATE = re.compile(r"(?:\b(?:import|from)[\s\\]+|,[\s\\]*)(\w+)")


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
    names = _names_in(search_path)
    while waiting:
        source = waiting.pop()
        if names is not None and not (names - files_by_module.keys()) & _candidates(source):
            continue
        for name in _imported(source):
            if name in files_by_module:
                continue
            spec = importlib.machinery.PathFinder.find_spec(name, search_path)
            files = _files_of(spec) if spec else []
            if files and os.path.realpath(files[0]).startswith(environment):
                files = []
            files_by_module[name] = files
            waiting += [f.read_text(errors="replace") for f in files if f.suffix == ".py"]
    return sorted({file for files in files_by_module.values() for file in files})


def _names_in(search_path: Iterable[str]) -> set[str] | None:
    """Return the names of all modules in some folders; None for an archive, which is not listed."""
    names = set[str]()
    for folder in filter(os.path.exists, search_path):
        if not os.path.isdir(folder):
            return None
        names.update(name.partition(".")[0] for name in os.listdir(folder))
    return names


@functools.lru_cache(1000)
def _candidates(source: str) -> frozenset[str]:
    """Return all names that a source text may import, and others: parsing it takes far longer."""
    text = source if source.isascii() else unicodedata.normalize("NFKC", source)  # as Python does
    return frozenset(_CANDIDATE.findall(text))


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
