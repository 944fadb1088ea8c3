"""Extract a learner's function, with everything it uses from its notebook, as a module."""

import ast
import builtins
import importlib
import inspect
import symtable
import sys
import textwrap
import types
from collections.abc import Callable
from typing import Any

__all__ = ["own_source"]

NOTEBOOK = "__main__"


def own_source(name: str, function: Callable[..., Any]) -> str:
    """Return the source of a module that defines a function and runs anywhere.

    The module also contains everything that the function uses from its notebook: imports, numbers
    and strings, other functions and classes, and what these use in turn.

    Raises
    ------
    ValueError
        If the function uses other values, or its source is unknown.
    """
    function = inspect.unwrap(function)
    called = getattr(function, "__name__", name)
    texts: dict[str, str] = {}  # definitions by name, each after the ones it needs
    _add(name if called == "<lambda>" else called, function, texts)
    lines = [text for text in texts.values() if "\n" not in text]
    imports = sorted(line for line in lines if line.startswith(("import ", "from ")))
    values = [line for line in lines if line not in imports]
    blocks = [text for text in texts.values() if text not in lines]
    if name not in texts:
        blocks.append(f"{name} = {called}")
    return "\n\n\n".join(filter(None, ["\n".join(imports), "\n".join(values), *blocks])) + "\n"


def _add(name: str, value: Any, texts: dict[str, str]) -> None:
    """Add the definition of a name, after the definitions that it needs."""
    if isinstance(value, types.ModuleType):
        original = value.__name__
        texts[name] = f"import {original}" + (f" as {name}" if name != original else "")
    elif getattr(value, "__module__", None) == NOTEBOOK and hasattr(value, "__name__"):
        text = _text(name, value)
        texts[name] = ""  # stops the recursion if the function calls itself
        variables = getattr(value, "__globals__", vars(sys.modules[NOTEBOOK]))
        for used in _used(text):
            if used in variables and used not in texts and not hasattr(builtins, used):
                _add(used, variables[used], texts)
        del texts[name]
        texts[name] = text
    elif _is_imported(value):
        original, module = value.__name__, value.__module__
        texts[name] = f"from {module} import {original}" + (
            f" as {name}" if name != original else ""
        )
    else:
        texts[name] = f"{name} = {_plain(name, value)}"


def _text(name: str, value: Any) -> str:
    """Return the statement that defines a name."""
    try:
        text = textwrap.dedent(inspect.getsource(value)).strip()
        bound = {symbol.get_name() for symbol in _table(text).get_symbols()}
    except (OSError, TypeError, SyntaxError):
        raise ValueError(f"the source of {name} is not known") from None
    if name not in bound:
        raise ValueError(f"{name} is not defined under its own name: use def")
    return text


def _table(text: str) -> symtable.SymbolTable:
    return symtable.symtable(text, NOTEBOOK, "exec")


def _used(text: str) -> list[str]:
    """Return the global names that a source reads."""
    tables, names = [_table(text)], []
    for table in tables:
        tables += table.get_children()
        names += [s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()]
    return list(dict.fromkeys(names))


def _is_imported(value: Any) -> bool:
    """True if a value can be imported from its module by its own name."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == NOTEBOOK:
        return False
    return getattr(importlib.import_module(module), name, None) is value


def _plain(name: str, value: Any) -> str:
    """Return the literal of a number, a string or a container of these."""
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        kind = type(value).__name__
        raise ValueError(f"it uses {name}, of type {kind}, from another cell") from None
    return text
