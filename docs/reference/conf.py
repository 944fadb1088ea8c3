"""Settings of Sphinx: the reference that `make docs` builds from the docstrings."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "course"), str(ROOT)]

project = "Convolutional networks, step by step"
extensions = ["sphinx.ext.apidoc", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["_build"]
html_theme = "alabaster"

PACKAGES = {
    "convnet": ROOT / "convnet",
    "exercises": ROOT / "exercises",
    "lesson_tools": ROOT / "course/lesson_tools",
    "nbjudge": ROOT / "nbjudge/src/nbjudge",
    "public_tests": ROOT / "public_tests",
    "tools": ROOT / "tools",
}
apidoc_modules = [
    {
        "path": str(path),
        "destination": f"api/{name}",
        "exclude_patterns": [str(path / "**/__main__.py"), str(path / "shared_cells")],
        "separate_modules": True,
        "module_first": True,
        "max_depth": 1,
    }
    for name, path in PACKAGES.items()
]
autodoc_default_options = {"members": True, "member-order": "bysource"}
numpydoc_show_class_members = False
