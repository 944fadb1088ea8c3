"""Load nbgrader without what grading does not need, so that a command starts in a second.

nbgrader's own package loads four extensions of the Jupyter server, and a checker of web addresses
that comes with them builds its grammar each time. To be imported before anything of nbgrader, and
only by programs that use neither.
"""

import importlib.machinery
import sys
import types

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


sys.modules.setdefault("rfc3987_syntax", None)
_without_extensions()
