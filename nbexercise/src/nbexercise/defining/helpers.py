"""Replace the helpers that a student's function calls with correct ones, during a call."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..judging.beside import beside, global_names, is_remote, with_names

__all__ = ["own_helper", "with_helpers"]


def with_helpers(
    function: Callable[..., Any], helpers: Mapping[str, Callable[..., Any]]
) -> Callable[..., Any] | None:
    """Return `function` with some of its helpers replaced; None if that is impossible."""
    if not is_remote(function):
        if global_names(function) is None:
            return None
        helpers = {name: _StandIn(inspect.unwrap(helper)) for name, helper in helpers.items()}
    return with_names(function, helpers)


def own_helper(function: Callable[..., Any], name: str) -> Callable[..., Any] | None:
    """Return the helper that a student's function calls by a name; None if it has none."""
    if not is_remote(function):
        helper = (global_names(function) or {}).get(name)
        return helper if callable(helper) else None
    try:
        return beside(function, f"def helper(*arguments):\n    return {name}(*arguments)\n")
    except Exception:  # the function has no namespace, as a partial
        return None


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
