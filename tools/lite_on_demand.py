"""Fetch the modules that do not load with Python when one of them is imported (in the browser).

`tools/lite.py` puts this module into the package `start`, with `lite_on_demand.json`: the names
of archives beside Pyodide, and the modules in them.
"""

import importlib
import io
import json
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent  # Pyodide's site-packages


class OnDemand:
    """A finder of modules in an archive, which it fetches once, when one of them is imported."""

    def __init__(self, archive: str, modules: Sequence[str]) -> None:
        self.archive, self.modules = archive, set(modules)
        self.fetched = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self.modules:
            return None
        if not self.fetched:
            self.fetched = True
            with zipfile.ZipFile(io.BytesIO(fetch(self.archive))) as archive:
                archive.extractall(FOLDER)
            importlib.invalidate_caches()
        # A package of the standard library is in a zip file, but not its modules in the archive.
        parents = name.split(".")[:-1]
        return PathFinder.find_spec(name, [str(FOLDER.joinpath(*parents))], target)


def fetch(name: str) -> bytes:
    """Return a file beside Pyodide; an import has to wait for it, so the request is synchronous."""
    import js
    import pyodide_js

    request = js.XMLHttpRequest.new()
    request.open("GET", f"{pyodide_js.lockfileBaseUrl}{name}", False)
    request.responseType = "arraybuffer"
    request.send()
    if request.status != 200:
        raise ImportError(f"cannot fetch {name}, which contains modules: status {request.status}")
    return bytes(request.response.to_py())


def install() -> None:
    """Begin to fetch modules on demand."""
    archives = json.loads((FOLDER / "lite_on_demand.json").read_text())
    sys.meta_path += [OnDemand(name, modules) for name, modules in archives.items()]
