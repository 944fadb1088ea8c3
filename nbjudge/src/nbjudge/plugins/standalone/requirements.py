"""Pin the packages of this environment that grading an assignment needs."""

import ast
import importlib.metadata
import json
import re
import sys
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Requirements of nbgrader that `nbjudge grade` never imports: its interfaces, its converters, and
# what creates a gradebook. A test grades without every package that is not pinned.
_NOT_IMPORTED = {
    *("alembic", "jupyter-client", "jupyter-server", "jupyterlab", "jupyterlab-server"),
    *("nbclient", "nbconvert", "notebook", "rapidfuzz"),
}
_IN_THEIR_PLACE = Requirement("nbformat")  # which nbgrader imports, and those require


def pinned(modules: Iterable[str], recursive: bool = True) -> list[str]:
    """Return the installed versions of the packages that `nbjudge grade` and some modules need.

    Parameters
    ----------
    modules
        Names of modules; those that are not installed as part of a package are skipped.
    recursive
        True to include the dependencies of dependencies: the list can then be installed without
        any other package.

    Returns
    -------
    list of str
        Lines of a requirements file, sorted.

    Raises
    ------
    ValueError
        If a package was not installed from an index, so that its version does not identify it.
    """
    installed = importlib.metadata.packages_distributions()
    waiting = _needed(importlib.metadata.requires("nbjudge"), [""])
    waiting += [Requirement(name) for module in modules for name in installed.get(module, ())]
    versions: dict[str, str] = {}
    visited: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        new = {(name, extra) for extra in ("", *requirement.extras)} - visited
        if name == "nbjudge" or not new:
            continue
        visited |= new
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # pip finds a version
        _check_index(distribution, name)
        versions[name] = distribution.version.partition("+")[0]  # indexes have no local versions
        if recursive:
            needed = _needed(distribution.requires, [extra for _, extra in new])
            if name == "nbgrader":
                unused = [r for r in needed if canonicalize_name(r.name) in _NOT_IMPORTED]
                needed = [_IN_THEIR_PLACE, *(r for r in needed if r not in unused)]
            waiting += needed
    return [f"{name}=={version}" for name, version in sorted(versions.items())]


def _needed(requirements: Iterable[str] | None, extras: Iterable[str]) -> list[Requirement]:
    """Return the requirements that apply here, for a package with some of its extras."""
    parsed = [Requirement(text) for text in requirements or ()]
    return [
        one
        for one in parsed
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras)
    ]


def _check_index(distribution: importlib.metadata.Distribution, name: str) -> None:
    """Raise ValueError if a package was installed from a folder, a repository or a file."""
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if origin and "archive_info" not in origin:
        raise ValueError(
            f"{name} was installed from {origin.get('url')}, so its version cannot be pinned: "
            "name a file with all requirements, --requirements FILE"
        )


def imported(sources: Iterable[str]) -> set[str]:
    """Return the top-level modules that Python source texts import anywhere."""
    names = set[str]()
    for source in sources:
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (SyntaxError, ValueError):
            continue
        for node in nodes:
            if isinstance(node, ast.Import):
                names.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names)


def python_version() -> str:
    """Return the version of Python without its patch level, such as 3.12."""
    return re.sub(r"^(\d+\.\d+).*", r"\1", sys.version.split()[0])
