"""Correct and wrong solutions for testing the checks: a module for each exercise.

Correct solutions in common styles must not lose a point. Wrong ones, outside the catalog of known
mistakes, must not earn all points or get a wrong diagnosis; an entry names the mistakes whose
diagnosis is also true of it. Some wrong solutions are generic (`broken`, `bounded`).

Helpers that a solution calls are other correct solutions, as in a notebook.
"""

import importlib
import pkgutil

from tests.exercises.solutions.registry import RIGHT, WRONG

__all__ = ["RIGHT", "WRONG"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
