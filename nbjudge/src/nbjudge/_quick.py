"""Load nbgrader without what grading does not need, so that a command starts in half a second.

nbgrader's own package loads four extensions of the Jupyter server; a checker of web addresses that
comes with them builds its grammar each time; to unpack archives it loads setuptools; and to mark a
new gradebook with its revision it runs alembic, which must be on PATH and takes seconds. To be
imported before anything of nbgrader, and only by programs that use none of the first three.
"""

import importlib
import importlib.machinery
import os
import sys
import types

from nbjudge._stand_ins import stand_ins

__all__ = []


def _without_extensions():
    found = importlib.machinery.PathFinder.find_spec("nbgrader")
    if found is None or "nbgrader" in sys.modules:
        return
    package = types.ModuleType("nbgrader")
    package.__path__ = list(found.submodule_search_locations)
    package.__spec__ = found
    sys.modules["nbgrader"] = package
    from nbgrader._version import __version__

    package.__version__ = __version__


def _without_helpers():
    archives = types.ModuleType("setuptools.archive_util")
    archives.unpack_archive = archives.unpack_tarfile = archives.unpack_zipfile = None
    with stand_ins({"rfc3987_syntax": None, "setuptools.archive_util": archives}):
        importlib.import_module("nbgrader.utils")


def _without_process():
    import nbgrader.api

    nbgrader.api.get_alembic_version = _newest_revision


def _newest_revision() -> str:
    """The revision of nbgrader's tables that its alembic folder ends in."""
    from alembic.script import ScriptDirectory

    (package,) = importlib.import_module("nbgrader").__path__
    return ScriptDirectory(os.path.join(package, "alembic")).get_current_head()


_without_extensions()
_without_helpers()
_without_process()
