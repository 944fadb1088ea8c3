"""Find modules that the grader lacks, and unused imports of them."""

import ast
import difflib
import functools
import importlib.util
import re
import sys

from nbjudge.wire.requests import DroppedImport

COLAB = "google.colab"  # a package that exists only in Google Colab
ALIKE = 0.8  # minimum difflib ratio of a misspelling; 1 for equal names
# Packages besides the standard library whose names beginners misspell.
_USUAL = ("matplotlib", "numpy", "pandas", "scipy", "sklearn", "sympy", "torch")


def missing_module(name: str) -> str:
    """Return the missing module that an import of `name` needs; "" if none is missing.

    The result is the top-level package, or Colab's. A misspelled name of an existing module is the
    student's mistake and gives "", as does a missing submodule of an existing package.
    """
    if name == COLAB or name.startswith(f"{COLAB}."):
        return COLAB
    top = name.partition(".")[0]
    return "" if not top or _exists(top) or _is_slip(top) else top


def _exists(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # the student's code has tampered with the module
        return name in sys.modules


def _is_slip(name: str) -> bool:
    close = difflib.get_close_matches(name, _existing_names(), 3, ALIKE)
    return any(abs(len(other) - len(name)) <= 1 for other in close)


@functools.cache
def _existing_names() -> list[str]:
    return [*sys.stdlib_module_names, *filter(_exists, _USUAL)]


def drop_unused_imports(tree: ast.Module) -> list[DroppedImport]:
    """Remove imports of missing modules whose names the cell never uses from its syntax tree.

    Only top-level statements are removed, and never `import *`. A name counts as used if it occurs
    anywhere else in the cell, even as a word in a string, which may be code.
    """
    dropped: list[DroppedImport] = []
    for index, node in enumerate(tree.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        unused = _unused(node, tree)
        for alias in unused:
            bare = ast.Import([alias]) if isinstance(node, ast.Import) else node
            module = missing_module(getattr(bare, "module", None) or alias.name)
            dropped.append(DroppedImport(ast.unparse(bare), module, _bound(alias)))
        if unused:
            aliases = [alias for alias in node.names if alias not in unused]
            remaining = ast.Import(aliases) if aliases else ast.Pass()
            tree.body[index] = ast.copy_location(remaining, node)
    return dropped


def _unused(node: ast.Import | ast.ImportFrom, tree: ast.Module) -> list[ast.alias]:
    """Return the names to remove from an import statement; for `from` imports all or none."""
    if isinstance(node, ast.ImportFrom):
        if node.level or not node.module or not missing_module(node.module):
            return []
        missing = node.names
    else:
        missing = [alias for alias in node.names if missing_module(alias.name)]
    unused = [alias for alias in missing if alias.name != "*" and not _is_used(alias, tree)]
    return unused if isinstance(node, ast.Import) or len(unused) == len(node.names) else []


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _is_used(alias: ast.alias, tree: ast.Module) -> bool:
    name = _bound(alias)
    word = re.compile(rf"\b{re.escape(name)}\b")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name:
            return True
        if isinstance(node, ast.Global) and name in node.names:
            return True
        text = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and word.search(text):
            return True
    return False
