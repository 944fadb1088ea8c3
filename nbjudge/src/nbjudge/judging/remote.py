"""What the judge sees of the student's objects: stand-ins that act in the student's process.

A stand-in can be called and passed back. Of objects whose class the assignment asks for, attributes
and items can be read too. None ever takes part in a comparison or a computation with the judge's
own values, so that no object of a student's can claim to equal the expected one.
"""

import inspect
import types


def _signature(parameters):
    """What `inspect.signature` gives, from the names, kinds and defaults of the parameters."""
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        inspect.Parameter(str(name), kinds[kind], **({"default": rest[0]} if rest else {}))
        for name, kind, rest in parameters
    )


def _set(remote, **state):
    vars(remote._nbjudge).update(state)


def _name_of(function):
    state = getattr(function, "_nbjudge", None)
    return getattr(state, "name", None) or "the function"


class Remote:
    """A stand-in for one object of the student's."""

    def __init__(self, link, ref):
        state = types.SimpleNamespace(**vars(ref), generation=link.session.generation, name=None)
        object.__setattr__(self, "_link", link)
        object.__setattr__(self, "_nbjudge", state)

    def __call__(self, *args, **kwargs):
        __tracebackhide__ = True
        return self._link.call(self, args, kwargs, {})

    def with_names(self, **names):
        """The same function, for which these names have other values while it runs."""

        def function(*args, **kwargs):
            __tracebackhide__ = True
            return self._link.call(self, args, kwargs, names)

        return function

    def _is_asked_for(self):
        state, classes = self._nbjudge, self._link.classes
        return state.type_name in classes or (state.kind == "class" and state.name in classes)

    def __getattr__(self, name):
        if name in ("__name__", "__qualname__", "__doc__") and self._nbjudge.kind != "object":
            return self._link.apply("get", self, name)
        if name == "__signature__" and self._nbjudge.kind in ("class", "function"):
            return _signature(self._link.apply("signature", self))
        if name.startswith("__") or not self._is_asked_for():
            raise AttributeError(self._refusal(f"its attribute {name}"), name=name, obj=self)
        return self._link.apply("get", self, name)

    def __setattr__(self, name, value):
        if not self._is_asked_for():
            raise AttributeError(self._refusal(f"its attribute {name}"), name=name, obj=self)
        self._link.apply("set", self, name, value)

    def _on_asked(self, operation, *args):
        if not self._is_asked_for():
            raise TypeError(self._refusal("what it holds"))
        return self._link.apply(operation, self, *args)

    def _refusal(self, what):
        return (
            f"{self._nbjudge.name or 'this'} is a {self._nbjudge.type_name}, which stays in the "
            f"student's process; {what} cannot be read from a test"
        )

    def __len__(self):
        return self._on_asked("len")

    def __getitem__(self, key):
        return self._on_asked("item", key)

    def __contains__(self, item):
        return self._on_asked("contains", item)

    def __iter__(self):
        return iter(self._on_asked("list"))

    def __bool__(self):
        return True

    def __str__(self):
        return str(self._on_asked("text")) if self._is_asked_for() else repr(self)

    def __repr__(self):
        if self._is_asked_for() and self._nbjudge.kind == "object":
            return str(self._link.apply("repr", self))
        return f"<{self._nbjudge.type_name} {self._nbjudge.name or ''} of the student's>"

    def __instancecheck__(self, value):
        if self._nbjudge.kind != "class" or not isinstance(value, Remote):
            return False
        return self._link.apply("isinstance", self, value) is True

    def __array__(self, *args, **kwargs):
        raise TypeError(self._refusal("it is no array, and its content"))
