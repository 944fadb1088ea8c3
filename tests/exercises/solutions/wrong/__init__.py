"""Wrong solutions outside the catalog: none may earn all points or get a wrong diagnosis.

Some are generic mistakes (`broken.BROKEN`); the others belong to one exercise. If the diagnosis of
a known mistake is also true of an entry, the entry names that mistake.
"""

import importlib
import pkgutil

from tests.exercises.solutions.registry import WRONG

__all__ = ["WRONG"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
