"""Declare the shapes of a function's arguments, and check them before each call.

    @checked("x: m n_H_prev n_W_prev n_C_prev; W: f f n_C_prev n_C; b: n_C; stride >= 1")
    def conv2d(x, W, b=None, stride=1, padding=0): ...

The name of an axis stands for the same size in all arguments: here, `x` and `W` must have the same
number of input channels, and `W` must be square. `...` stands for any number of axes, the same ones
in all arguments. Every axis must have length 1 or more, except the batch `m` and the axes of `...`.
Arguments that are None, omitted or not named in the declaration are not checked.
"""

import functools
import inspect
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from convnet.types import Array, Shape

__all__ = [
    "ShapeError",
    "check_array",
    "check_integer",
    "check_labels",
    "check_shape",
    "checked",
]

_Function = TypeVar("_Function", bound=Callable[..., Any])
Arguments = Mapping[str, Any]

BATCH, ANY = "m", "..."  # axes that may be empty
REMEMBERED = 1000  # kinds of arguments of a function
OMITTED = "omitted"  # cache key of an argument that a call leaves to its default
ORDINALS = ("first", "second", "third", "fourth", "fifth")


class ShapeError(ValueError):
    """Raised for an argument of wrong shape or value; the message says what to change."""


class _Axes(NamedTuple):
    """Declared axes of an array."""

    argument: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"({', '.join(self.names)}{',' * (len(self.names) == 1)})"


class _Least(NamedTuple):
    """Declared minimum of an integer."""

    argument: str
    value: int


class _Size(NamedTuple):
    """Size of an axis, and the argument that it comes from."""

    size: int
    argument: str
    shape: tuple[int, ...]
    position: str


Rules = Sequence[_Axes | _Least]


def checked(declaration: str) -> Callable[[_Function], _Function]:
    """Decorate a function to check that its arguments have the declared shapes.

    Arrays are converted to their common floating-point type. Integers and booleans become float64,
    so that uint8 cannot overflow. Arguments that are not declared are passed unchanged. If an
    argument has a wrong shape or value, the function raises a `ShapeError` whose message starts
    with the function's name.

    Parameters
    ----------
    declaration : str
        "argument: axes" for an array, "argument >= least" for an integer, separated by semicolons.

    Raises
    ------
    ValueError
        If the declaration names an argument that the function does not have.
    """
    rules = [_rule(part) for part in declaration.split(";")]

    def decorate(function: _Function) -> _Function:
        signature = inspect.signature(function)
        unknown = [rule.argument for rule in rules if rule.argument not in signature.parameters]
        if unknown:
            raise ValueError(f"{function.__name__} has no argument {unknown[0]!r}")
        names = list(signature.parameters)
        optional = {name for name, p in signature.parameters.items() if p.default is None}
        passed: dict[tuple, Any] = {}  # cached checks: training repeats the same shapes

        @functools.wraps(function)
        def checking(*args: Any, **kwargs: Any) -> Any:
            arguments = {**dict(zip(names, args, strict=False)), **kwargs}
            key = tuple(
                _key_of(arguments[rule.argument]) if rule.argument in arguments else OMITTED
                for rule in rules
            )
            try:
                if key not in passed:
                    given = [
                        rule for rule in rules if _is_given(rule.argument, arguments, optional)
                    ]
                    dtype = _check(given, arguments)
                    if len(passed) < REMEMBERED:
                        passed[key] = dtype
                else:
                    dtype = passed[key]
                if dtype is None:
                    return function(*args, **kwargs)
                arguments = signature.bind(*args, **kwargs).arguments
                return function(**_as_floats(rules, arguments, dtype))
            except ShapeError as error:
                raise ShapeError(f"{function.__name__}: {error}") from None

        return cast(_Function, checking)

    return decorate


def _key_of(value: Any) -> Hashable:
    """Return the cache key of a value: shape and dtype of an array, type and value of an integer.

    Other values get a new object, which equals no key, so they are checked in every call.
    """
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype
    if isinstance(value, Integral):
        return type(value), value
    return None if value is None else object()


def _is_given(name: str, arguments: Arguments, optional: set[str]) -> bool:
    return name in arguments and not (name in optional and arguments[name] is None)


def _rule(part: str) -> _Axes | _Least:
    array = re.fullmatch(r"\s*(\w+):\s*(\S.*?)\s*", part)
    integer = re.fullmatch(r"\s*(\w+) >= (\d+)\s*", part)
    if array:
        return _Axes(array[1], tuple(array[2].split()))
    if integer:
        return _Least(integer[1], int(integer[2]))
    raise ValueError(f"{part!r} declares neither an array's axes nor an integer's minimum")


def _check(rules: Rules, arguments: Arguments) -> np.dtype | None:
    """Check the arguments; return the dtype to convert the arrays to, or None to keep them."""
    sizes: dict[str, Any] = {}
    for rule in rules:
        value = arguments[rule.argument]
        if isinstance(rule, _Least):
            check_integer(rule.argument, value, rule.value)
        else:
            check_array(rule.argument, value)
            _check_number_of_axes(rule, value.shape)
            _bind(rule, value.shape, sizes)
    actual = {arguments[rule.argument].dtype for rule in rules if isinstance(rule, _Axes)}
    common = np.result_type(*map(_floating, actual)) if actual else None
    return None if actual <= {common} else common


def _as_floats(rules: Rules, arguments: Arguments, dtype: np.dtype) -> dict[str, Any]:
    """Convert the declared arrays among the arguments to a floating-point type."""
    declared = {rule.argument for rule in rules if isinstance(rule, _Axes)}
    return {
        name: value.astype(dtype, copy=False) if name in declared and value is not None else value
        for name, value in arguments.items()
    }


def _floating(dtype: np.dtype) -> np.dtype:
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


def check_array(name: str, value: Any) -> None:
    """Raise ShapeError if `value` is not an array of real numbers."""
    if not isinstance(value, np.ndarray):
        raise ShapeError(
            f"{name} is a {type(value).__name__}, expected an array: convert it with np.array"
        )
    if value.dtype.kind not in "fiub":
        raise ShapeError(
            f"{name} holds values of type {value.dtype}, expected real numbers: "
            "convert it with astype(float)"
        )


def _check_number_of_axes(axes: _Axes, shape: Shape) -> None:
    named = len(axes.names) - (ANY in axes.names)
    if len(shape) == named or (ANY in axes.names and len(shape) > named):
        return
    least = "at least " * (ANY in axes.names)
    raise ShapeError(
        f"{axes.argument} has {_count(len(shape), 'axis', 'axes')}, shape {shape}, expected "
        f"{least}{named}, {axes}: {_how_to_reshape(axes, shape)}"
    )


def _how_to_reshape(axes: _Axes, shape: Shape) -> str:
    name = axes.argument
    if len(shape) == 3 and len(axes.names) == 4 and axes.names[0] == BATCH:
        return (
            f"for one image use {name}[np.newaxis], shape {(1, *shape)}; for a batch with one "
            f"channel {name}[..., np.newaxis], shape {(*shape, 1)}"
        )
    if len(axes.names) == 1 and ANY not in axes.names and shape:
        return f"use {name}.reshape(-1)"
    return f"reshape {name}"


def _bind(axes: _Axes, shape: Shape, sizes: dict[str, _Size]) -> None:
    """Compare an array's shape with the sizes of earlier arrays, and add its own sizes."""
    for name, size, position in _named_sizes(axes, shape):
        if name not in (BATCH, ANY) and size < 1:
            raise ShapeError(
                f"{axes.argument} has shape {shape}, {axes}, and {name} is 0, expected at least 1: "
                f"make the {position} of {axes.argument} longer"
            )
        known = sizes.setdefault(name, _Size(size, axes.argument, shape, position))
        if known.size != size:
            raise ShapeError(_disagreement(axes, shape, name, size, position, known))


def _named_sizes(axes: _Axes, shape: Shape) -> Iterator[tuple[str, Any, str]]:
    """Yield (name, size, position) of each axis; the axes of `...` have one entry."""
    before = axes.names.index(ANY) if ANY in axes.names else len(axes.names)
    after = len(axes.names) - before - 1
    for number, name in enumerate(axes.names):
        if name == ANY:
            yield name, shape[before : len(shape) - max(after, 0)], "axes"
        else:
            place = number if number < before else len(shape) + number - len(axes.names)
            ordinal = "last" if place == len(shape) - 1 else ORDINALS[place]
            yield name, shape[place], f"{ordinal} axis"


def _disagreement(
    axes: _Axes, shape: Shape, name: str, size: int | Shape, position: str, known: _Size
) -> str:
    if known.argument == axes.argument:  # a filter that is not square
        return (
            f"{axes.argument} has shape {shape}, {axes}, and {name} is {known.size} and {size}: "
            f"make its {known.position} and its {position} equally long"
        )
    if name == ANY:
        return (
            f"{axes.argument} has shape {shape}, {known.argument} has shape {known.shape}: "
            "give both the same shape"
        )
    return (
        f"{axes.argument} of shape {shape} has {name} = {size}, {known.argument} of shape "
        f"{known.shape} has {name} = {known.size}: the {known.position} of {known.argument} and "
        f"the {position} of {axes.argument} must agree"
    )


def check_shape(name: str, value: Array, expected: Shape, remedy: str) -> None:
    """Raise ShapeError if an array does not have the expected shape; `remedy` ends the message."""
    if value.shape != expected:
        raise ShapeError(f"{name} has shape {value.shape}, expected {expected}: {remedy}")


def check_integer(name: str, value: Any, least: int) -> None:
    """Raise ShapeError if `value` is not an integer of at least `least`."""
    if not isinstance(value, Integral) or value < least:
        remedy = "compute it with //" if isinstance(value, float) else f"use {least} or more"
        raise ShapeError(f"{name} is {value!r}, expected an integer of at least {least}: {remedy}")


def check_labels(labels: Any, m: int, n: int) -> None:
    """Raise ShapeError if `labels` are not m integers from 0 to n - 1."""
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu" or labels.ndim != 1:
        actual = f"a {type(labels).__name__}"
        if isinstance(labels, np.ndarray):
            actual = f"{labels.dtype} of shape {labels.shape}"
        raise ShapeError(
            f"labels are {actual}, expected an array of integers of shape (m,): "
            "use labels.argmax(axis=1) for one-hot labels, labels.astype(int) for others"
        )
    if len(labels) != m:
        raise ShapeError(f"there are {len(labels)} labels for a batch of {m}: pass one per image")
    if labels.min(initial=0) < 0 or labels.max(initial=0) >= n:
        raise ShapeError(
            f"labels run from {labels.min()} to {labels.max()}, expected 0 to {n - 1}, because "
            f"there are scores for {n} classes"
        )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
