"""Cells of lessons, run one at a time, and the functions and classes that they define."""

import ast

import numpy as np

from tools.course import ROOT

LIBRARIES = ("convnet", "numpy", "scipy", "sklearn")


def defined(lesson, *names, **variables):
    """Return functions and classes that a lesson defines, by name.

    Parameters
    ----------
    variables
        Names that they use, in addition to np and to what the lesson imports from `LIBRARIES`.
    """
    tree = ast.parse((ROOT / "course" / f"{lesson}.py").read_text("utf-8"))
    imports = [
        node
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] in LIBRARIES
    ]
    functions = [node for node in tree.body if getattr(node, "name", "") in names]
    space = {"np": np}
    exec(compile(ast.Module(imports, []), lesson, "exec"), space)
    space |= variables
    exec(compile(ast.Module(functions, []), lesson, "exec"), space)
    return space


def run_cell(lesson, part, **variables):
    """Run the code cell that contains a text, and return all variables."""
    text = (ROOT / "course" / f"{lesson}.py").read_text("utf-8")
    (source,) = (cell for cell in text.split("\n# %%\n")[1:] if part in cell)
    space = {"np": np, **variables}
    exec(source.partition("\n# %%")[0], space)
    return space
