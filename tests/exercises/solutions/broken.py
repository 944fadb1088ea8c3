"""Generic mistakes: ways to turn any correct function into a new wrong one."""

import numpy as np

from exercises import EXERCISES

__all__ = ["BROKEN", "CHANGING", "HARMLESS", "TRUE"]


def _first(change):
    """Change the first output and keep the others."""

    def make(f):
        def changed(*arguments):
            answer = f(*arguments)
            if isinstance(answer, tuple):
                return change(answer[0]), *answer[1:]
            return change(answer)

        return changed

    return make


def _counting(limit):
    """Return correct results for `limit` calls, then wrong ones."""

    def make(f):
        calls = []

        def counted(*arguments):
            calls.append(None)
            return f(*arguments) if len(calls) <= limit else doubled(*arguments)

        doubled = _first(lambda value: value * 2.0)(f)
        return counted

    return make


def _until_asked_again(f):
    return _counting(len(EXERCISES[f.__name__].case_set(0).cases))(f)


def _remembering(key):
    """Return the answer to earlier arguments with the same key."""

    def make(f):
        known = {}
        return lambda *arguments: known.setdefault(key(arguments), f(*arguments))

    return make


def _sizes(value):
    """Return a key that is equal for calls that differ only in the numbers of their arrays."""
    if isinstance(value, dict):
        return tuple((key, _sizes(item)) for key, item in value.items())
    if isinstance(value, tuple):
        return tuple(map(_sizes, value))
    return value if isinstance(value, (int, str)) else np.shape(value)


def _summing(f):
    """Add each result to the last one of its size, like a sum kept outside the function."""
    sums = {}

    def added(value):
        total = sums[np.shape(value)] = sums.get(np.shape(value), 0) + np.asarray(value) * 1.0
        return total

    return _first(added)(f)


def _spoiling(f):
    """Return correct results, but change the first array argument."""

    def spoilt(*arguments):
        answer = f(*arguments)
        next(value for value in arguments if isinstance(value, np.ndarray))[...] += 1
        return answer

    return spoilt


def _masked(value):
    return np.ma.masked_array(value, mask=np.asarray(value) == np.max(value))


BROKEN = {
    "nothing returned": lambda f: lambda *arguments: None,
    "the first argument": lambda f: lambda *arguments: arguments[0],
    "all arguments": lambda f: lambda *arguments: arguments,
    "a string": lambda f: lambda *arguments: "42",
    "a generator": lambda f: lambda *arguments: (f(*arguments) for _ in range(1)),
    "a dictionary": lambda f: lambda *arguments: {"answer": f(*arguments)},
    "the function itself": lambda f: lambda *arguments: f,
    "an argument too few": lambda f: lambda X: f(X, 1),
    "an argument too many": lambda f: lambda *arguments, more: f(*arguments),
    "zero": _first(lambda value: value * 0),
    "one": _first(lambda value: value * 0 + 1),
    "zeros of another shape": _first(lambda value: np.zeros((2, 5))),
    "nan": _first(lambda value: value * np.nan),
    "infinity": _first(lambda value: value * 1.0 + np.inf),
    "complex": _first(lambda value: value + 1j),
    "objects": _first(lambda value: np.asarray(value).astype(str).astype(object)),
    "masked": _first(_masked),
    "texts": _first(lambda value: np.asarray(value).astype(str)),
    "a list in a list": _first(lambda value: [np.asarray(value).tolist()]),
    "in a tuple": lambda f: lambda *arguments: (f(*arguments),),
    "twice": lambda f: lambda *arguments: (f(*arguments), f(*arguments)),
    "two axes more": _first(lambda value: np.asarray(value)[None, ..., None]),
    "flat": _first(lambda value: np.asarray(value).ravel()[None, :]),
    "a little off": _first(lambda value: value + 0.001),
    "negated": _first(lambda value: -1.0 * value),
    "doubled": _first(lambda value: 2.0 * value),
    "random": _first(lambda value: np.random.randn(*np.shape(value))),
    "noisy": _first(lambda value: value + np.random.randn(*np.shape(value)) / 100),
    "spoils its input": _spoiling,
    "sums kept between calls": _summing,
    "the first answer always": _remembering(lambda arguments: None),
    "one answer for each size": _remembering(_sizes),
    "right once": _counting(1),
    "right three times": _counting(3),
    "right until asked again": _until_asked_again,
    "raises IndexError": lambda f: lambda *arguments: [][len(arguments)],
    "raises KeyError": lambda f: lambda *arguments: {}["stride"],
    "leaves": lambda f: lambda *arguments: exit(1),
}
# Combinations that change nothing.
HARMLESS = {("spoils its input", "distribute_value")}  # it gets no array
# These exercises get only numbers, which determine the result.
NUMBERS = ("conv_parameters", "output_size", "padding_amounts", "transposed_size")
HARMLESS |= {("spoils its input", name) for name in NUMBERS}
HARMLESS |= {("one answer for each size", name) for name in NUMBERS}
# Diagnosed as answering differently each time, which is true.
CHANGING = ("started from random numbers", "started from random numbers")
# Other diagnoses that are also true.
TRUE = {
    ("spoils its input", "relu"): "written into Z",
    ("spoils its input", "relu_backward"): "computed in place",
    ("spoils its input", "sigmoid"): "computed in place",
    ("spoils its input", "sigmoid_backward"): "computed in place",
    ("spoils its input", "softmax"): "computed in place",
    ("spoils its input", "softmax_cross_entropy"): "computed in place",
    ("spoils its input", "tanh_backward"): "computed in place",
    ("negated", "sigmoid_backward"): "sign of the second factor",
    ("negated", "softmax_cross_entropy"): "sign of the loss",
    ("negated", "tanh_backward"): "sign of the slope",
    ("the first argument", "relu_backward"): "everything passes",
}
