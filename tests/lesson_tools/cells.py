"""Functions and classes that lessons define in their cells."""

import ast

import numpy as np

from tools.course import ROOT


def defined(lesson, *names, **variables):
    """Return functions and classes that a lesson defines, by name.

    Parameters
    ----------
    variables
        Names that they use, in addition to np.
    """
    tree = ast.parse((ROOT / "course" / f"{lesson}.py").read_text("utf-8"))
    tree.body = [node for node in tree.body if getattr(node, "name", "") in names]
    space = {"np": np, **variables}
    exec(compile(tree, lesson, "exec"), space)
    return space
