"""Packages of plug-ins, installed for a test."""

import importlib
import re
import sys
from pathlib import Path

from nbjudge import plugins

__all__ = ["PACKAGES", "TESTS", "Site"]

PAGE = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text()
_PROJECT = re.compile(r'\[project\.entry-points\."(.*)"\]\n(.*)\n```\n\n```python\n# (\w+)\.py\n')
_PART = re.compile(r"```python\n# (\w+)\.py.*\n((?s:.*?))```")
# The packages of docs/plugins.md: {module: (entry points, parts of the source)}.
PACKAGES = {
    module: (
        f"[{group}]\n{point}".replace('"', ""),
        [part for name, part in _PART.findall(PAGE) if name == module],
    )
    for group, point, module in _PROJECT.findall(PAGE)
}
TESTS = next(part for name, part in _PART.findall(PAGE) if name.startswith("test_"))  # of these


class Site:
    """A folder in which packages are installed; it must be on the path."""

    def __init__(self, folder):
        self.folder, self.modules = folder, []

    def install(self, module, points, source):
        """Install a package of one module with entry points."""
        (self.folder / f"{module}.py").write_text(source)
        metadata = self.folder / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(points)
        self.modules.append(module)
        importlib.invalidate_caches()
        self.clear_caches()

    def install_documented(self, module):
        """Install a package of docs/plugins.md."""
        points, parts = PACKAGES[module]
        self.install(module, points, "".join(parts))

    def clear_caches(self):
        """Forget which packages are installed."""
        plugins.entries_installed.cache_clear()
        plugins.find.cache_clear()

    def clear(self):
        """Forget what was imported."""
        self.clear_caches()
        for module in self.modules:
            sys.modules.pop(module, None)
