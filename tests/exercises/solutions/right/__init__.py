"""Correct solutions in common styles: none may lose a point.

Each function is registered under its exercise; its style is the test id. Helpers that a solution
calls are other correct solutions, as in a notebook.
"""

import importlib
import pkgutil

from tests.exercises.solutions.registry import RIGHT

__all__ = ["RIGHT"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
