"""Import the modules of nbgrader without its extensions of the Jupyter server.

The package itself imports these extensions, which takes half a second. Here its code runs when one
of its own names is first used, but not to import its modules.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

NAME = "nbgrader"


class _Package(ModuleType):
    """The package nbgrader, whose code has not run yet."""

    def __getattr__(self, name: str) -> Any:
        spec = PathFinder.find_spec(f"{NAME}.{name}", self.__path__)
        if spec and spec.loader and spec.origin:  # a module, which the package's code would import
            return importlib.import_module(f"{NAME}.{name}")
        self.__class__ = ModuleType  # type: ignore[assignment]
        assert self.__spec__ and self.__spec__.loader
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def install() -> None:
    """Defer the code of the package, unless it has run already."""
    spec = None if NAME in sys.modules else importlib.util.find_spec(NAME)
    if spec:
        package = importlib.util.module_from_spec(spec)
        package.__class__ = _Package
        sys.modules[NAME] = package
        # The extensions import the version, from the package whose code would import them.
        vars(package)["__version__"] = importlib.import_module(f"{NAME}._version").__version__
