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
nbjudge.dates          function (coursedir, assignments): returns a function (records, zone,
                       students), which writes an assignment's dates and returns remarks
nbjudge.open_work      function (coursedir, assignment): number of things that wait for a person
nbjudge.remarks        module with the functions of course/class_remarks.py
nbjudge.names          what a name in `nbjudge.__all__` stands for
=====================  =========================================================================

Nothing else in nbjudge names a plug-in. A folder that is deleted takes all that it adds with it.
"""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from nbjudge.wording import did_you_mean, nearest

_CORE = ("nbjudge.cli", "nbjudge.course")  # packages of the core that have entry points as well


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


@functools.cache
def find(group: str) -> Mapping[str, EntryPoint]:
    """Return the entry points of a group by name, nbjudge's own first.

    Raises
    ------
    ValueError
        If another package uses the name of an existing one.
    """
    points = dict(_own().get(group, {}))
    for point in entry_points(group=group):
        if point.name in points:
            raise ValueError(
                f"{_source(point)} adds {point.name} to {group}, which exists already: uninstall "
                "it, or ask its author for another name"
            )
        points[point.name] = point
    return points


def load(group: str, name: str) -> Any:
    """Return the object that an entry point refers to.

    Raises
    ------
    LookupError
        If there is no such entry point.
    ValueError
        If it cannot be imported.
    """
    # Reading the metadata of all installed packages takes longer than importing a command.
    point = _own().get(group, {}).get(name) or find(group).get(name)
    if point is None:
        names = ", ".join(sorted(find(group)))
        meant = did_you_mean(nearest(name, find(group)))
        raise LookupError(f"there is no {name!r} in {group}: use one of {names}{meant}")
    try:
        return point.load()
    except Exception as error:
        if point.dist is None:
            raise
        text = f"{type(error).__name__}: {error}"
        raise ValueError(f"{_source(point)} cannot be loaded: {text}") from error


def load_all(group: str) -> dict[str, Any]:
    """Return the objects that the entry points of a group refer to, by name.

    Raises
    ------
    ValueError
        If one of them cannot be imported.
    """
    return {name: load(group, name) for name in find(group)}


def _source(point: EntryPoint) -> str:
    return f"the package {point.dist.name}" if point.dist else point.value
