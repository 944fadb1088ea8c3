"""Wrong solutions that no catalog holds: none may earn all points or be given a wrong name.

Some are ways to go wrong with any exercise (`broken.BROKEN`); the others are one exercise's own.
If the diagnosis of a known mistake is true of an entry as well, the entry names it.
"""

import importlib
import pkgutil

from tests.exercises.solutions.registry import WRONG

__all__ = ["WRONG"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
