"""Fetch the modules that do not load with Python when one of them is imported (in the browser).

`tools/lite_pyodide.py` puts this module into the package `start`, with `lite_on_demand.json`: the
name of an archive beside Pyodide, and the modules in it.
"""

import contextlib
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
        if self.fetched or name not in self.modules:
            return None
        data = fetch(self.archive)
        if data is None:
            raise ImportError(
                f"cannot download the module {name}: check the network connection, then reload "
                "the page",
                name=name,
            )
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(FOLDER)
        self.fetched = True
        importlib.invalidate_caches()
        return PathFinder.find_spec(name, path, target)


def fetch(name: str) -> bytes | None:
    """Return a file beside Pyodide, or None if it is unavailable.

    The request is synchronous, since an import cannot wait for another one.
    """
    import js
    import pyodide_js
    from pyodide.ffi import JsException

    request = js.XMLHttpRequest.new()
    request.open("GET", f"{pyodide_js.lockfileBaseUrl}{name}", False)
    request.responseType = "arraybuffer"
    with contextlib.suppress(JsException):  # without a network
        request.send()
    return request.response.to_bytes() if request.status == 200 else None


def install() -> None:
    """Register the finder of modules that are fetched on demand."""
    sys.meta_path.append(OnDemand(**json.loads((FOLDER / "lite_on_demand.json").read_text())))
