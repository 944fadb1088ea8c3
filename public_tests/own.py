"""The text of a learner's function, with all that it uses of its notebook, as a module."""

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
    """A module's text that defines a function by this name, wherever it is run.

    In front of it stands what it uses of its notebook: imports, numbers and texts, and other
    functions and classes with what these use.

    Raises
    ------
    ValueError
        It uses something else, or its text is not known; the message says which.
    """
    function = inspect.unwrap(function)
    called = getattr(function, "__name__", name)
    texts: dict[str, str] = {}  # by name, each behind what it needs
    _add(name if called == "<lambda>" else called, function, texts)
    lines = [text for text in texts.values() if "\n" not in text]
    imports = sorted(line for line in lines if line.startswith(("import ", "from ")))
    values = [line for line in lines if line not in imports]
    blocks = [text for text in texts.values() if text not in lines]
    if name not in texts:
        blocks.append(f"{name} = {called}")
    return "\n\n\n".join(filter(None, ["\n".join(imports), "\n".join(values), *blocks])) + "\n"


def _add(name: str, value: Any, texts: dict[str, str]) -> None:
    """Add what defines a name, behind what that needs."""
    if isinstance(value, types.ModuleType):
        known = value.__name__
        texts[name] = f"import {known}" + (f" as {name}" if name != known else "")
    elif getattr(value, "__module__", None) == NOTEBOOK and hasattr(value, "__name__"):
        text = _text(name, value)
        texts[name] = ""  # it may call itself
        variables = getattr(value, "__globals__", vars(sys.modules[NOTEBOOK]))
        for used in _used(text):
            if used in variables and used not in texts and not hasattr(builtins, used):
                _add(used, variables[used], texts)
        del texts[name]
        texts[name] = text
    elif _is_imported(value):
        known, module = value.__name__, value.__module__
        texts[name] = f"from {module} import {known}" + (f" as {name}" if name != known else "")
    else:
        texts[name] = f"{name} = {_plain(name, value)}"


def _text(name: str, value: Any) -> str:
    """The statement that defines a name."""
    try:
        text = textwrap.dedent(inspect.getsource(value)).strip()
        bound = {symbol.get_name() for symbol in _table(text).get_symbols()}
    except (OSError, TypeError, SyntaxError):
        raise ValueError(f"the text of {name} is not known") from None
    if name not in bound:
        raise ValueError(f"{name} is written without a name of its own: use def")
    return text


def _table(text: str) -> symtable.SymbolTable:
    return symtable.symtable(text, NOTEBOOK, "exec")


def _used(text: str) -> list[str]:
    """The names that a text takes from its module."""
    tables, names = [_table(text)], []
    for table in tables:
        tables += table.get_children()
        names += [s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()]
    return list(dict.fromkeys(names))


def _is_imported(value: Any) -> bool:
    """Whether a module has it by the name that it has itself."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == NOTEBOOK:
        return False
    return getattr(importlib.import_module(module), name, None) is value


def _plain(name: str, value: Any) -> str:
    """How numbers, texts and what holds them are written."""
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        kind = type(value).__name__
        raise ValueError(f"it uses {name}, of type {kind}, from another cell") from None
    return text
