"""Load a package without what it imports and does not need for our purpose."""

import contextlib
import sys

__all__ = ["stand_ins"]


@contextlib.contextmanager
def stand_ins(modules: dict):
    """While this is open, imports get these modules by name; None: an ImportError.

    What has already been imported stays as it is.
    """
    missing = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
