"""Find the names that a function uses from its notebook, and possible faults in them."""

import builtins
import dis
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ..judging.beside import code_of
from ..judging.deciding import decide
from ..judging.model import CaseSet
from .findings import Diagnosis

__all__ = ["in_notebook"]


def in_notebook(
    diagnosis: Diagnosis, function: Callable[..., Any], case_sets: Mapping[str, CaseSet]
) -> Diagnosis:
    """Return the diagnosis with the circumstances of the function in its notebook.

    Parameters
    ----------
    case_sets
        Case sets on which helpers are judged; a helper without one is not judged.
    """
    if not diagnosis.passed and (overwritten := _overwritten(function)):
        return replace(diagnosis, remark=overwritten)
    code, values = code_of(function)
    wrong = [
        helper
        for helper in diagnosis.case_set.helpers
        if code is not None and helper in code.co_names and helper in case_sets
        if callable(values.get(helper))
        if not decide(case_sets[helper], values[helper]).passed
    ]
    data = (np.ndarray, np.generic, int, float, dict, list, tuple)
    names = _globals_of(code, {n for n, value in values.items() if isinstance(value, data)})
    return replace(
        diagnosis,
        wrong_helpers=tuple(helper for helper in wrong if not case_sets[helper].is_given),
        changed_helpers=tuple(helper for helper in wrong if case_sets[helper].is_given),
        variables=tuple(names),
    )


def _overwritten(function: Callable[..., Any]) -> str:
    """Return a sentence about np or a built-in that the notebook has overwritten; "" if none.

    Only names that the function reads count, directly or through functions of the notebook.
    """
    functions, seen = [function], set[str]()
    for plain in functions:
        code, values = code_of(plain)
        for name in sorted(_globals_of(code, values.keys() - seen)):
            seen.add(name)
            value, known = values[name], name == "np" or callable(getattr(builtins, name, None))
            if isinstance(value, FunctionType) and value.__globals__ is values:
                functions.append(value)
            elif known and not callable(value) and not isinstance(value, ModuleType):
                was = "NumPy" if name == "np" else f"Python's {name}"
                again = "the setup cell again" if name == "np" else f"del {name}"
                return (
                    f"{name} is no longer {was}: a cell of this notebook has assigned a value of "
                    f"type {type(value).__name__} to it. Give that variable another name, then run "
                    f"{again}."
                )
    return ""


def _globals_of(code: CodeType | None, among: Collection[str]) -> list[str]:
    """Return those of some names that code reads as global ones, including nested functions."""
    if code is None:
        return []
    found = []
    if not {*among}.isdisjoint(code.co_names):  # which hold attributes as well
        steps = dis.get_instructions(code)
        found = [s.argval for s in steps if s.opname == "LOAD_GLOBAL" and s.argval in among]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found += _globals_of(constant, among)
    return [*dict.fromkeys(found)]
