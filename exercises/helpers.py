"""Right helpers behind the names that a student's function calls, for the length of a call."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["with_names"]


def with_names(
    function: Callable[..., Any], helpers: Mapping[str, Callable]
) -> Callable[..., Any] | None:
    """`function`, with other functions behind the global names it uses; None where impossible.

    A remote function offers `with_names` itself. For a plain Python function the names in its
    module are bound anew for the length of each call.
    """
    if hasattr(function, "with_names"):
        return function.with_names(**helpers)
    namespace = _global_names(function)
    if namespace is None:
        return None
    stand_ins = {name: _StandIn(inspect.unwrap(helper)) for name, helper in helpers.items()}

    @functools.wraps(function)
    def rebound(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with _bound(namespace, stand_ins):
            return function(*args, **kwargs)

    return rebound


def _global_names(function: Any) -> dict[str, Any] | None:
    """Where a function looks its global names up, behind partials, wrappers and instances too."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if not hasattr(function, "__globals__"):
        function = type(function).__call__
    return getattr(function, "__globals__", None)


class _StandIn:
    """Calls a right helper, and shows nothing of it to `inspect.getsource`."""

    __slots__ = ("__call",)

    def __init__(self, helper: Callable) -> None:
        self.__call = helper

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return self.__call(*args, **kwargs)
        except Exception as error:
            # A traceback goes into the feedback: it may not show the lines of a solution.
            raise error.with_traceback(None) from None


@contextmanager
def _bound(namespace: dict[str, Any], names: Mapping[str, Any]) -> Iterator[None]:
    missing = object()
    before = {name: namespace.get(name, missing) for name in names}
    namespace.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                namespace.pop(name, None)
            else:
                namespace[name] = value
