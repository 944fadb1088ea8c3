"""Find the course's own modules that test cells import, since scores depend on their code."""

import ast
import contextlib
import functools
import importlib.machinery
import importlib.util
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbjudge.notebook.static_names import parse_anew

# A module's name may contain characters that \w does not match, such as the vowel signs of Hindi.
_NAME = r"[\s\\]*([^\s\\.,;#()]+)"
_FROM = re.compile(f"from(?={_NAME})")  # the next word may be the real `from`
# Up to the end of the statement, which may follow the word in a string on the same line.
_IMPORT = re.compile(r"import(?=((?:[^\n;#\\]|\\\r?.?)+))", re.DOTALL)
_IMPORTED = re.compile("(?:^|,)" + _NAME)


def course_modules(sources: Iterable[str], search_path: Iterable[str]) -> list[Path]:
    """Return all files of the imported modules that are not part of the Python environment.

    Parameters
    ----------
    sources
        Python source texts; the modules that they import are searched in turn.
    search_path
        Folders to search for modules, as in PYTHONPATH; the course's own folder first.
    """
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
            if files and _is_installed(os.path.realpath(files[0]), search_path[0]):
                files = []
            files_by_module[name] = files
            waiting += [_text(file) for file in files if file.suffix == ".py"]
    return sorted({file for files in files_by_module.values() for file in files})


def _is_installed(file: str, course: str) -> bool:
    """True if a file is part of the Python environment, in which the course itself may lie."""
    course = os.path.realpath(course)
    folders = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, "/usr")}
    return any(
        _is_below(file, folder) and not (_is_below(course, folder) and _is_below(file, course))
        for folder in folders
    )


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def _text(file: Path) -> str:
    """Return the text of a module, decoded as Python does."""
    content = file.read_bytes()
    try:
        return importlib.util.decode_source(content)
    except (SyntaxError, UnicodeDecodeError):  # Python cannot import it
        return content.decode(errors="replace")


def _names_in(search_path: Iterable[str]) -> set[str] | None:
    """Return the names of all modules in some folders; None for an archive, which is not listed."""
    names = set[str]()
    for folder in filter(os.path.exists, search_path):
        if not os.path.isdir(folder):
            return None
        with contextlib.suppress(PermissionError):  # nothing can be imported from it
            names.update(name.partition(".")[0] for name in os.listdir(folder))
    return names


@functools.lru_cache(1000)
def _candidates(source: str) -> frozenset[str]:
    """Return all names that a source text may import, and others: parsing it takes far longer."""
    text = source if source.isascii() else unicodedata.normalize("NFKC", source)  # as Python does
    listed = " ,".join(_IMPORT.findall(text))
    return frozenset(_FROM.findall(text) + _IMPORTED.findall(listed))


@functools.lru_cache(1000)
def _imported(source: str) -> list[str]:
    """Return the top-level names of the modules that a source text imports, without duplicates.

    Magics and shell commands are allowed.
    """
    names: list[str] = []
    for node in ast.walk(parse_anew(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.append(node.module)
    return list(dict.fromkeys(name.partition(".")[0] for name in names))


def _files_of(spec: importlib.machinery.ModuleSpec) -> list[Path]:
    if archive := getattr(spec.loader, "archive", None):
        return [Path(archive)]
    folders = list(spec.submodule_search_locations or [])
    if not folders:
        return [Path(spec.origin)] if spec.origin and os.path.exists(spec.origin) else []
    return [file for folder in folders for file in sorted(_files_below(folder))]


def _files_below(folder: str) -> Iterator[Path]:
    """Yield the files of a package; follow linked folders, as imports do."""
    seen = set[str]()
    for place, folders, names in os.walk(folder, followlinks=True):
        if os.path.realpath(place) in seen:  # a link to a folder that contains it
            folders.clear()
            continue
        seen.add(os.path.realpath(place))
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        yield from (path for name in names if (path := Path(place, name)).is_file())
