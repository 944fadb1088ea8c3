"""Code beside a student's function: in its process, in its namespace, with the names bound there.

A grader may run the function in another process. It then passes a `Remote`, and nothing else in
this package needs to know where the function runs.
"""

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

__all__ = ["Remote", "beside", "code_of", "global_names", "is_remote", "with_names"]


class Remote(Protocol):
    """A function in another process.

    An object that stays there, as the function returned it, has an attribute `nbjudge_returned`,
    the name of its class. An exception that a limit of the grader caused has `nbjudge_cause`, which
    explains it.

    Attributes
    ----------
    __source__
        The function's source, and the number of its first line in its cell.
    """

    __source__: tuple[str, int]

    def __call__(self, *arguments: Any) -> Any:
        """Call the function with copies of the arguments, and return a copy of its result."""

    def processor_seconds(self) -> float:
        """Return the processor time of that process and its children."""

    def with_names(self, **names: Any) -> Callable[..., Any]:
        """Return this function with names bound in its namespace during each call."""

    def with_source(self, text: str, is_variant: bool = True) -> Any:
        """Return the function that a source defines, in the namespace of this function.

        Parameters
        ----------
        is_variant
            True if a failure of that function is not one of the student's.
        """


def is_remote(function: Any) -> bool:
    """True if a function runs in another process."""
    return hasattr(function, "with_source")


def code_of(function: Any) -> tuple[types.CodeType | None, dict[str, Any]]:
    """Return a function's code and global variables; None and {} if remote or without code."""
    plain = None if is_remote(function) else inspect.unwrap(function)
    return getattr(plain, "__code__", None), getattr(plain, "__globals__", {})


def beside(function: Any, text: str, is_variant: bool = True) -> Any:
    """Return the function that a source defines, in the namespace of a student's function.

    Names that `with_names` has bound for the student's function are bound for it, too.

    Raises
    ------
    Exception
        Whatever the source raises.
    """
    if is_remote(function):
        return function.with_source(text, is_variant)
    own: dict[str, Any] = {}
    exec(_compiled(text), global_names(function) or {}, own)
    defined = own.popitem()[1]
    names = getattr(function, "bound_names", None)
    return with_names(defined, names) if names else defined


_compiled = functools.lru_cache(4)(functools.partial(compile, filename="<variant>", mode="exec"))


def with_names(function: Any, names: Mapping[str, Any]) -> Callable[..., Any]:
    """Return a function that binds names in its namespace, if it has one, during each call.

    Its attribute `plain` is the function without them.
    """
    if hasattr(function, "with_names"):
        remote: Callable[..., Any] = function.with_names(**names)
        return remote
    namespace = global_names(function) or {}

    @functools.wraps(function)
    def bound_function(*arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        with _bound(namespace, names):
            return function(*arguments, **keywords)

    own = {"plain": getattr(function, "plain", function)}
    vars(bound_function).update(own, bound_names={**getattr(function, "bound_names", {}), **names})
    return bound_function


@contextmanager
def _bound(namespace: dict[str, Any], names: Mapping[str, Any]) -> Iterator[None]:
    """Bind names in a namespace while the block runs."""
    before = {name: namespace[name] for name in names if name in namespace}
    namespace.update(names)
    try:
        yield
    finally:
        for name in names.keys() - before.keys():
            namespace.pop(name, None)
        namespace.update(before)


def global_names(function: Any) -> dict[str, Any] | None:
    """Return a function's globals, even inside partials, wrappers and callable instances.

    The globals of a class are those of its methods.
    """
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if isinstance(function, type):
        methods = (v for v in vars(function).values() if isinstance(v, types.FunctionType))
        function = next(methods, function)
    if not hasattr(function, "__globals__"):
        function = type(function).__call__
    return getattr(function, "__globals__", None)
