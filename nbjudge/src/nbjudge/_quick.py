"""Load nbgrader without what grading does not need, so that a command starts in half a second.

nbgrader's own package loads four extensions of the Jupyter server; a checker of web addresses that
comes with them builds its grammar each time; and to unpack archives it loads setuptools. To be
imported before anything of nbgrader, and only by programs that use none of these.
"""

import importlib
import importlib.machinery
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


_without_extensions()
_without_helpers()
