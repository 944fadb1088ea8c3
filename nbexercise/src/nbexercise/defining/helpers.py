"""Replace the helpers that a student's function calls with correct ones, during a call."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..diagnosis.repairs.trials import rebound

__all__ = ["own_helper", "with_names"]


def with_names(
    function: Callable[..., Any], helpers: Mapping[str, Callable[..., Any]]
) -> Callable[..., Any] | None:
    """Return `function` with some of its global names replaced; None if that is impossible.

    A remote function has its own method `with_names`. For a plain Python function, the names in its
    module are rebound during each call.
    """
    if hasattr(function, "with_names"):
        return function.with_names(**helpers)
    namespace = _global_names(function)
    if namespace is None:
        return None
    stand_ins = {name: _StandIn(inspect.unwrap(helper)) for name, helper in helpers.items()}
    return rebound(function, namespace, stand_ins)


def own_helper(function: Callable[..., Any], name: str) -> Callable[..., Any] | None:
    """Return the helper that a student's function calls by a name; None if it has none."""
    if not hasattr(function, "with_source"):
        helper = (_global_names(function) or {}).get(name)
        return helper if callable(helper) else None
    try:
        text = f"def helper(*arguments):\n    return {name}(*arguments)\n"
        helper = function.with_source(text)
    except Exception:  # the function has no namespace, as a partial
        return None
    return helper


def _global_names(function: Any) -> dict[str, Any] | None:
    """Return a function's globals, even inside partials, wrappers and callable instances."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if not hasattr(function, "__globals__"):
        function = type(function).__call__
    return getattr(function, "__globals__", None)


class _StandIn:
    """A callable that wraps a correct helper and hides its source from `inspect.getsource`."""

    __slots__ = ("__call",)

    def __init__(self, helper: Callable[..., Any]) -> None:
        self.__call = helper

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return self.__call(*args, **kwargs)
        except Exception as error:
            # The traceback goes into the feedback, which must not show lines of a solution.
            raise error.with_traceback(None) from None
