"""Import the modules of nbgrader without code that takes half of its time and is not used here.

The package itself imports extensions of the Jupyter server, and its modules import an HTTP client
for JupyterHub and a validator of notebooks. Here the code of these packages runs when one of their
own names is first used, but not to import their modules.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

NAMES = "nbgrader", "nbformat", "requests"


class _Package(ModuleType):
    """A package whose code has not run yet."""

    def __getattr__(self, name: str) -> Any:
        module = f"{self.__name__}.{name}"
        spec = PathFinder.find_spec(module, self.__path__)
        if spec and spec.loader and spec.origin:  # a module, which the package's code would import
            return importlib.import_module(module)
        self.__class__ = ModuleType  # type: ignore[assignment]
        assert self.__spec__ and self.__spec__.loader
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def install() -> None:
    """Defer the code of the packages, unless it has run already."""
    for name in NAMES:
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec:
            package = importlib.util.module_from_spec(spec)
            package.__class__ = _Package
            sys.modules[name] = package
    nbgrader = sys.modules["nbgrader"]
    # The extensions import the version, from the package whose code would import them.
    if isinstance(nbgrader, _Package):
        vars(nbgrader)["__version__"] = importlib.import_module("nbgrader._version").__version__
