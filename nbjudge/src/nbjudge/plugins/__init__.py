"""Plug-ins: commands, engines, learning platforms, doors and late policies.

Each plug-in is a folder here, with its source, tests and page, or another package. Both name what
they add: a folder in `ENTRY_POINTS` of its `__init__.py`, a package in its pyproject.toml:

    [project.entry-points."nbjudge.doors"]
    csv = "nbjudge_csv"

The groups, and what their entry points are:

=====================  =========================================================================
nbjudge.commands       module with `add_parser(commands)`, which adds a command of that name
nbjudge.engines        module with `add_option(parser)`, which adds an engine to `autograde`
nbjudge.doors          module with the functions of a `Door`: see plugins/standalone/door.py
nbjudge.platforms      a `Platform`: see plugins/lms/platform.py
nbjudge.policies       function of the course's configuration; returns a `LatePolicy`
nbjudge.configuration  function of nbgrader's configuration, which it may complete
nbjudge.checks         module with `find_differences` and `find_slips`, for `Assignment`
nbjudge.sources        function (notebook, config): a notebook of source/ as nbgrader records it,
                       for a course that has another preprocessor in `GenerateAssignment`
nbjudge.dates          function (coursedir, assignments): returns a function (records, zone,
                       students), which writes an assignment's dates and returns remarks
nbjudge.open_work      function (coursedir, assignment): number of things that wait for a person
nbjudge.remarks        module with the functions of course/class_remarks.py
=====================  =========================================================================

The core imports no plug-in. A folder that is deleted takes all that it adds with it.
"""

import contextlib
import functools
import importlib
import pkgutil
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from nbjudge.errors import NbJudgeError, PluginError
from nbjudge.wording import brief, did_you_mean, nearest

_CORE = ("nbjudge.cli", "nbjudge.course")  # packages of the core that have entry points as well
_NEEDED = {  # attributes of the object of an entry point, by group
    "nbjudge.commands": ("add_parser",),
    "nbjudge.engines": ("add_option",),
    "nbjudge.doors": ("add_options", "pack", "report"),
    "nbjudge.platforms": ("name", "example", "download", "read_names", "grades", "class_list"),
    "nbjudge.checks": ("find_differences", "find_slips"),
    "nbjudge.remarks": ("describe_missing", "folder_remarks"),
    **dict.fromkeys(
        (
            f"nbjudge.{group}"
            for group in ("policies", "configuration", "dates", "open_work", "sources")
        ),
        ("__call__",),
    ),
}


@functools.cache
def _own() -> dict[str, dict[str, EntryPoint]]:
    """Return nbjudge's own entry points, by group and name."""
    own: dict[str, dict[str, EntryPoint]] = {}
    folders = sorted(f"{__name__}.{found.name}" for found in pkgutil.iter_modules(__path__))
    for package in (*_CORE, *folders):
        listed = getattr(importlib.import_module(package), "ENTRY_POINTS", {})
        for group, entries in listed.items():
            points = {name: EntryPoint(name, value, group) for name, value in entries.items()}
            own.setdefault(group, {}).update(points)
    return own


entries_installed = functools.cache(entry_points)  # reads a file of every installed package


@functools.cache
def find(group: str) -> Mapping[str, Sequence[EntryPoint]]:
    """Return the entry points of a group by name, nbjudge's own first; there should be one each."""
    points = {name: [point] for name, point in _own().get(group, {}).items()}
    for point in entries_installed().select(group=group):
        points.setdefault(point.name, []).append(point)
    return points


def load(group: str, name: str) -> Any:
    """Return the object that an entry point refers to.

    Raises
    ------
    LookupError
        If there is no such entry point.
    ValueError
        If several packages have it, or it cannot be imported, or lacks what the group needs.
    """
    points = find(group).get(name)
    if points is None:
        names = ", ".join(sorted(find(group)))
        meant = did_you_mean(nearest(name, find(group)))
        raise LookupError(f"there is no {name!r} in {group}: use one of {names}{meant}")
    if len(points) > 1:
        others = " and ".join(_source(point) for point in points[:-1] if point.dist)
        raise ValueError(in_use(points[-1], group, others))
    with naming(group, name):
        found = points[0].load()
        missing = [needed for needed in _NEEDED.get(group, ()) if not hasattr(found, needed)]
        if missing:
            raise TypeError(f"{points[0].value} has no {' and no '.join(missing)}")
    return found


def in_use(point: EntryPoint, place: str, others: str = "") -> str:
    """Return an error message for an entry point whose name exists already in some place.

    Parameters
    ----------
    others
        Packages that have added the name; "" for nbjudge.
    """
    exists, it = (f"as {others} does", "one of them") if others else ("which exists already", "it")
    added = f"{_source(point)} adds {point.name} to {place}, {exists}"
    return f"{added}: uninstall {it}, or ask its author for another name"


def load_all(group: str) -> dict[str, Any]:
    """Return the objects that the entry points of a group refer to, by name.

    Raises
    ------
    ValueError
        As `load` does, for any of them.
    """
    return {name: load(group, name) for name in find(group)}


@contextlib.contextmanager
def naming(group: str, name: str, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Name the package, the function and the line of a plug-in in an error that it raises.

    Parameters
    ----------
    passing
        Exceptions that the plug-in may raise. The message of a ValueError must be a sentence, and
        the subclasses of LookupError, such as KeyError, are faults.

    Raises
    ------
    PluginError
        Instead of any other exception. Those of nbjudge's own plug-ins, and those of class
        NbJudgeError, stay as they are.
    """
    point = find(group)[name][0]
    try:
        yield
    except NbJudgeError:
        raise
    except Exception as error:
        is_meant = isinstance(error, passing)
        if isinstance(error, ValueError):  # `int("")` raises it as well
            is_meant &= type(error) is ValueError and str(error).endswith((".", "?"))
        elif isinstance(error, LookupError):
            is_meant &= type(error) is LookupError
        if point.dist is None or is_meant:
            raise
        message = brief(str(error).strip().partition("\n")[0])
        text = f"{name} in {group}: {type(error).__name__}: {message}{_line_of(error, point)}"
        raise PluginError(f"{_source(point)} does not work: {text}") from error


def _line_of(error: Exception, point: EntryPoint) -> str:
    """Return " (function, file:line)" of the last line of a plug-in that was running, or ""."""
    where, package = "", point.module.partition(".")[0]
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "").split(".")
        if module[0] == package:
            path = Path(frame.f_code.co_filename)
            depth = len(module) + (path.stem == "__init__")
            where = f" ({frame.f_code.co_name}, {'/'.join(path.parts[-depth:])}:{line})"
    return where


def ask(group: str, function: str, *arguments: object) -> dict[str, Any]:
    """Call a function of each plug-in of a group, and return the results by the plug-ins' names.

    Parameters
    ----------
    function
        Name of the function; `__call__` if the plug-ins are functions.

    Raises
    ------
    PluginError
        As `naming` does.
    """
    results = {}
    for name, plugin in load_all(group).items():
        with naming(group, name):
            result = getattr(plugin, function)(*arguments)
            results[name] = [*result] if isinstance(result, Iterator) else result
    return results


def installed() -> tuple[list[str], list[str]]:
    """Return descriptions of other packages' plug-ins, and of those in unknown groups."""
    known, unknown = list[str](), list[str]()
    points = entries_installed()
    for group in sorted(group for group in points.groups if group.startswith("nbjudge.")):
        for point in points.select(group=group):
            if group in _NEEDED:
                known.append(f"{point.name} in {group} ({_source(point)})")
            else:
                meant = did_you_mean(nearest(group, _NEEDED))
                unknown.append(f"{_source(point)} adds {point.name} to {group}{meant}")
    return known, unknown


def public_names(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package whose public names are imported at first use.

    Parameters
    ----------
    places
        {public name: "module:name in it"}, where the module is in the package.
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return EntryPoint(name, f"{package}.{places[name]}", "").load()

    return get


def _source(point: EntryPoint) -> str:
    return f"the package {point.dist.name}" if point.dist else point.value
