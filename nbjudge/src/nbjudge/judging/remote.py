"""Stand-ins for the student's objects, which act in the student's process.

A stand-in can be called and passed back. If the assignment asks for an object's class, its
attributes and items can be read too. A stand-in never takes part in a comparison or computation
with the judge's own values, so no student object can claim to equal the expected value.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from nbjudge.wire.format import Ref
from nbjudge.wording import with_article

if TYPE_CHECKING:
    from nbjudge.judging.link import Link


def _signature(parameters: Iterable[Any]) -> inspect.Signature:
    """Return a signature with parameters of these names, kinds and defaults."""
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        [
            inspect.Parameter(str(name), kinds[kind], **({"default": rest[0]} if rest else {}))
            for name, kind, rest in parameters
        ]
    )


@dataclass
class RemoteState:
    """The judge's data on one of the student's objects.

    Attributes
    ----------
    ref
        Ref of the object.
    generation
        Number of the sandbox that holds the object.
    name
        Name of the object in the notebook, if known.
    is_variant
        True for a function made by `Remote.with_source`, whose failures are not those of the
        student's code.
    """

    ref: Ref
    generation: int
    name: str | None = None
    is_variant: bool = False

    @property
    def type_name(self) -> str:
        """Name of the object's class."""
        return self.ref.type_name

    @property
    def kind(self) -> str:
        """Kind of the object, as in `Ref`."""
        return self.ref.kind


class Remote:
    """A stand-in for one of the student's objects."""

    _link: "Link"
    _nbjudge: RemoteState

    def __init__(self, link: "Link", ref: Ref):
        object.__setattr__(self, "_link", link)
        object.__setattr__(self, "_nbjudge", RemoteState(ref, link.session.generation))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return self._link.call(self, args, kwargs, {})

    def with_names(self, **names: Any) -> Callable[..., Any]:
        """Return this function with other values bound to these names while it runs."""

        def function(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            return self._link.call(self, args, kwargs, names)

        def with_source(text: str, is_variant: bool = True) -> Callable[..., Any]:
            return self.with_source(text, is_variant).with_names(**names)

        def with_names(**more: Any) -> Callable[..., Any]:
            return self.with_names(**names, **more)

        own = {"processor_seconds": self.processor_seconds, "with_source": with_source}
        vars(function).update(own, with_names=with_names, plain=self)
        return function

    def processor_seconds(self) -> float:
        """Return the processor time of the student's processes so far, which calls increase."""
        return self._link.session.processor_seconds()

    @property
    def __source__(self) -> tuple[str, int]:
        """The function's source, and the number of its first line in its cell.

        Raises
        ------
        OSError, TypeError
            If the function has no source.
        ValueError
            If the function can keep state between calls, which a variant would change.
        """
        text, first = self._link.apply("source", self)
        return str(text), int(first)

    def with_source(self, text: str, is_variant: bool = True) -> "Remote":
        """Return the function that a source defines, in the namespace of this function.

        Parameters
        ----------
        is_variant
            True if its failures are not those of the student's code, so that they are not reported
            as limits of the grader.
        """
        variant = self._link.apply("with_source", self, text)
        if not isinstance(variant, Remote):
            raise TypeError(f"expected the source of a function, got one of {variant!r:.50}")
        variant._nbjudge.is_variant = is_variant
        return variant

    @property
    def nbjudge_returned(self) -> str:
        """Name of the object's class, for messages of the test."""
        return self._nbjudge.type_name

    def _is_asked_for(self) -> bool:
        state, classes = self._nbjudge, self._link.classes
        return state.type_name in classes or (state.kind == "class" and state.name in classes)

    def __getattr__(self, name: str) -> Any:
        if name in ("__name__", "__qualname__", "__doc__") and self._nbjudge.kind != "object":
            return self._link.apply("get", self, name)
        if name == "__signature__" and self._nbjudge.kind in ("class", "function"):
            return _signature(self._link.apply("signature", self))
        if name.startswith("__") or not self._is_asked_for():
            raise AttributeError(self._refusal(f"its attribute {name}"), name=name, obj=self)
        return self._link.apply("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not self._is_asked_for():
            raise AttributeError(self._refusal(f"its attribute {name}"), name=name, obj=self)
        self._link.apply("set", self, name, value)

    def _on_asked(self, operation: str, *args: Any) -> Any:
        if not self._is_asked_for():
            raise TypeError(self._refusal("its content"))
        return self._link.apply(operation, self, *args)

    def _refusal(self, what: str) -> str:
        name, kind = self._nbjudge.name or "this", with_article(self._nbjudge.type_name)
        self._link.miss(f"{kind} cannot leave it")
        where = "which stays in the student's process"
        return f"{name} is {kind}, {where}; {what} cannot be read from a test"

    def __eq__(self, other: object) -> bool:
        if self is not other:
            kind = with_article(self._nbjudge.type_name)
            self._link.miss(f"{kind} cannot be compared outside it")
        return True if self is other else NotImplemented

    __hash__ = object.__hash__

    def __len__(self) -> Any:
        return self._on_asked("len")

    def __getitem__(self, key: Any) -> Any:
        return self._on_asked("item", key)

    def __contains__(self, item: Any) -> Any:
        return self._on_asked("contains", item)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._on_asked("list"))

    def __dir__(self) -> list[str]:
        return [str(name) for name in self._on_asked("dir")]

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return str(self._on_asked("text")) if self._is_asked_for() else repr(self)

    def __repr__(self) -> str:
        if self._is_asked_for() and self._nbjudge.kind == "object":
            return str(self._link.apply("repr", self))
        return f"<{self._nbjudge.type_name} {self._nbjudge.name or ''} in the student's process>"

    def __instancecheck__(self, value: object) -> bool:
        if self._nbjudge.kind != "class" or not isinstance(value, Remote):
            return False
        return self._link.apply("isinstance", self, value) is True

    def __subclasscheck__(self, kind: object) -> bool:
        if self._nbjudge.kind != "class" or not isinstance(kind, Remote):
            return False
        return self._link.apply("issubclass", kind, self) is True

    def __mro_entries__(self, bases: tuple[object, ...]) -> NoReturn:
        raise TypeError(
            self._refusal("a class of the test cannot inherit from it, and its content")
        )

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(self._refusal("it is not an array, and its content"))


class RemoteFunction(Remote):
    """A stand-in for a function; not iterable, so that pandas does not treat it as a list."""

    __iter__ = None  # type: ignore[assignment]


Remote.__name__, RemoteFunction.__name__ = "student's", "function"  # shown in Python's messages
