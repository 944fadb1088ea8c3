"""Tiny exercises whose functions take or return more than arrays, with right and wrong functions.

`EXERCISES` holds them by name, and `FUNCTIONS` rows (exercise, label, function, lost checks).
"""

import collections
import importlib.util
import itertools

import matplotlib.pyplot as plt
import numpy as np

from nbexercise.defining.exercise import Check, Exercise, Mistake, Return, Within, fn, stream, table

HINTS = ("One.", "Two.", "Three.")
EXERCISES, FUNCTIONS = {}, []


def exercise(loops, cases, returns, checks, *mistakes, vectorized=None):
    """Register an exercise; a mistake is (old, new, names of failed checks)."""
    EXERCISES[loops.__name__] = Exercise(
        loops=loops,
        vectorized=vectorized or loops,
        title=loops.__name__,
        assignment="values",
        section="Values",
        returns=(returns,),
        cases=cases,
        checks=tuple(
            Check(name, 2, name) if name == "unchanged" else Check(name, 2, groups=(name,))
            for name in checks
        ),
        mistakes=tuple(
            Mistake(old, {old: new}, fails, f"This is {new}.", "Look again.")
            for old, new, *fails in mistakes
        ),
        hints=HINTS,
    )
    handed_in(loops, loops, label="right")
    for mistake in EXERCISES[loops.__name__].mistakes:
        handed_in(
            loops,
            EXERCISES[loops.__name__].wrong_function(mistake),
            *mistake.fails[0] if mistake.fails else checks,
            label=mistake.name,
        )
    handed_in(loops, nothing, *checks, label="None")
    handed_in(loops, stub, *checks, label="stub")


def handed_in(of, function, *lost, label=""):
    FUNCTIONS.append((of.__name__, label or function.__name__, function, set(lost)))
    return function


def nothing(*arguments):
    return None


def stub(*arguments):
    raise NotImplementedError


# A string


def caesar(text, shift):
    """Shift the letters of a text."""
    shifted = ""
    for letter in text:
        if letter.isalpha():
            start = ord("A") if letter.isupper() else ord("a")
            letter = chr((ord(letter) - start + shift) % 26 + start)
        shifted += letter
    return shifted


def texts(rng):
    yield "letters", {"text": "abcxyz", "shift": int(rng.integers(1, 25))}
    yield "letters", {"text": "hello", "shift": 3}
    yield "others", {"text": "Hello, World!", "shift": 5}
    yield "others", {"text": "", "shift": 1}


exercise(
    caesar,
    texts,
    Return("shifted", "value"),
    ("letters", "others"),
    ("% 26", "% 27"),
    ('ord("A") if letter.isupper() else ord("a")', 'ord("a")', ["others"]),
)
handed_in(caesar, lambda text, shift: np.str_(caesar(text, shift)), label="np.str_")
handed_in(caesar, lambda text, shift: list(text), "letters", "others", label="a list")
handed_in(caesar, lambda text, shift: Stack(), "letters", "others", label="an object")


# A dictionary, with keys that depend on the case


def word_counts(text):
    """Count the words of a text, in lower case."""
    counts = {}
    for word in text.lower().split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def words(rng):
    yield "words", {"text": " ".join(rng.choice(["ant", "bee", "cat"], 9))}
    yield "spaces", {"text": "The the  THE end"}


exercise(
    word_counts,
    words,
    Return("counts", "value"),
    ("words", "spaces"),
    ("text.lower()", "text", ["spaces"]),
    (".split()", '.split(" ")', ["spaces"]),
)
handed_in(word_counts, lambda text: collections.Counter(text.lower().split()), label="a Counter")
handed_in(word_counts, lambda text: {}, "words", "spaces", label="an empty dictionary")


# A function as an argument


def trapezoid(f, a, b, n):
    """Integrate f from a to b with n trapezoids."""
    h = (b - a) / n
    area = (f(a) + f(b)) / 2
    for i in range(1, n):
        area += f(a + i * h)
    area *= h
    return area


def areas(rng):
    yield "areas", {"f": fn("np.exp(x)"), "a": 0.0, "b": 1.0, "n": 4}
    yield "areas", {"f": fn("x**3 - x"), "a": -1.0, "b": 2.0, "n": int(rng.integers(5, 9))}
    yield "one", {"f": fn("lambda t: np.exp(-t)"), "a": 1.0, "b": 3.0, "n": 1}


exercise(
    trapezoid,
    areas,
    Return("area", "number"),
    ("areas", "one"),
    ("(f(a) + f(b)) / 2", "f(a) + f(b)"),
    ("range(1, n)", "range(1, n - 1)", ["areas"]),
)


@lambda function: handed_in(trapezoid, function, "areas", "one")
def unnamed(f, a, b, n):
    h = (b - a) / n
    area = (f(a) + f(b)) / 2
    for i in range(n):
        area += f(a + i * h)
    area *= h
    return area


@lambda function: handed_in(trapezoid, function, "areas", "one")
def midpoint(f, a, b, n):
    return f((a + b) / 2) * (b - a)


# A function as a result


def derivative(f, h):
    """Return the central difference quotient of f as a function."""

    def quotient(x):
        return (f(x + h) - f(x - h)) / (2 * h)

    return quotient


def functions(rng):
    yield "slopes", {"f": fn("x**3"), "h": 0.5}
    yield "slopes", {"f": fn("np.sin(x)"), "h": 0.25}


exercise(
    derivative,
    functions,
    Return("slope", "function", calls=(0.0, 1.0, (2.0,))),
    ("slopes",),
    ("(2 * h)", "h"),
    ("f(x - h)", "f(x)"),
)
handed_in(derivative, lambda f, h: [0.25, 3.25, 12.25], "slopes", label="the slopes")


# A generator


def evens(start):
    """Yield start, start + 2, and so on."""
    while True:
        yield start
        start += 2


def starts(rng):
    yield "numbers", {"start": 2}
    yield "numbers", {"start": int(rng.integers(3, 9))}


exercise(
    evens,
    starts,
    Return("numbers", "generator", items=5),
    ("numbers",),
    ("start += 2", "start += 1"),
    ("while True", "for _ in range(3)"),
)
handed_in(evens, lambda start: itertools.count(start, 2), label="itertools")
handed_in(evens, lambda start: [start + 2 * i for i in range(5)], "numbers", label="a list")


# A class


class Stack:
    """A stack."""

    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def pop(self):
        if not self.items:
            raise IndexError("the stack is empty")
        return self.items.pop()

    def size(self):
        return len(self.items)


def scripts(rng):
    yield "order", {"calls": [("push", 3), ("push", 4), ("size",), ("pop",), ("pop",)]}
    yield "empty", {"calls": [("pop",), ("size",)]}


exercise(
    Stack,
    scripts,
    Return("stack", "class", parts=("IndexError",)),
    ("order", "empty"),
    ("self.items.pop()", "self.items.pop(0)", ["order"]),
    ('raise IndexError("the stack is empty")', "return None", ["empty"]),
)


@lambda kind: handed_in(Stack, kind)
class Linked:
    """Another right one."""

    def __init__(self):
        self.top, self.count = None, 0

    def push(self, item):
        self.top, self.count = (item, self.top), self.count + 1

    def pop(self):
        if self.top is None:
            raise IndexError
        item, self.top = self.top
        self.count -= 1
        return item

    def size(self):
        return self.count


@lambda kind: handed_in(Stack, kind, "order")
class Misspelled(Stack):
    def push(self, item):
        self.itms.append(item)


@lambda kind: handed_in(Stack, kind, "order", "empty")
class Empty:
    def push(self, item):
        raise NotImplementedError

    def pop(self):
        raise NotImplementedError


# A stream of random numbers


def mean_of(rng, n):
    """Return the mean of n random numbers."""
    total = 0.0
    for _ in range(n):
        total += rng.random()
    return total / n


def streams(rng):
    yield "means", {"rng": stream(int(rng.integers(1000))), "n": 4}
    yield "means", {"rng": stream(7), "n": 6}


exercise(
    mean_of,
    streams,
    Return("mean", "number"),
    ("means",),
    ("total / n", "total"),
    ("range(n)", "range(n + 1)"),
)
handed_in(mean_of, lambda rng, n: float(np.mean(rng.random(n))), label="another order")
handed_in(mean_of, lambda rng, n: 0.5, "means", label="the expected value")


# A function that draws in its own way


def estimate(rng, n):
    """Estimate pi from n random points."""
    x, y = rng.random(n), rng.random(n)
    inside = (x**2 + y**2 < 1).mean()
    return 4 * inside


def bounds(rng, n):
    return Within(np.pi, (np.pi * (4 - np.pi) / n) ** 0.5)


def points(rng):
    yield "estimates", {"rng": stream(int(rng.integers(1000))), "n": 1000}
    yield "estimates", {"rng": stream(5), "n": 5000}


exercise(
    estimate,
    points,
    Return("pi", "number"),
    ("estimates",),
    ("4 * inside", "inside"),
    ("< 1", "< 2"),
    vectorized=bounds,
)
handed_in(estimate, lambda rng, n: 4 * np.mean(np.hypot(*np.random.rand(2, n)) < 1), label="own")


# A figure


def sines(frequency, n):
    """Plot a sine and mark its maximum."""
    x = np.linspace(0, 1, n)
    plt.plot(x, np.sin(frequency * x), label="sine")
    plt.scatter([np.pi / 2 / frequency], [1])
    plt.xlabel("time (s)")
    plt.legend()
    return plt.gcf()


def frequencies(rng):
    yield "sines", {"frequency": float(rng.integers(2, 9)), "n": 20}
    yield "sines", {"frequency": 5.0, "n": 30}


exercise(
    sines,
    frequencies,
    Return("plot", "figure"),
    ("sines",),
    ("np.sin(", "np.cos("),
    ('"time (s)"', '"time"'),
    ("    plt.legend()\n", ""),
)


@lambda function: handed_in(sines, function)
def by_axes(frequency, n):
    figure, axes = plt.subplots()
    x = np.linspace(0, 1, n)
    axes.set_xlabel("time (s)")
    axes.scatter(np.pi / 2 / frequency, 1)
    axes.plot(x, np.sin(frequency * x), label="sine")
    axes.legend()
    return axes


@lambda function: handed_in(sines, function, "sines")
def without_import(frequency, n):
    pyplot.plot([1])  # noqa: F821


# A table


def totals(sales):
    """Return the sum of the prices of each shop, in a new table."""
    grouped = sales.groupby("shop")["price"].sum()
    return grouped.reset_index()


def sales(rng):
    prices = [float(price) for price in rng.integers(1, 9, 4)]
    yield "sums", {"sales": table({"shop": ["b", "a", "b", "a"], "price": prices})}
    prices[1] = float("nan")
    yield "missing", {"sales": table({"shop": ["b", "a", "b", "c"], "price": prices}, [4, 2, 1, 0])}


if importlib.util.find_spec("pandas"):
    exercise(
        totals,
        sales,
        Return("totals", "table"),
        ("sums", "missing", "unchanged"),
        (".sum()", ".mean()"),
        (".reset_index()", ""),
    )
    handed_in(totals, lambda sales: sales.groupby("shop", as_index=False).sum(), label="another")
    handed_in(totals, lambda sales: {"shop": ["a"]}, "sums", "missing", "unchanged", label="a dict")

    @lambda function: handed_in(totals, function, "unchanged")
    def in_place(sales):
        right = totals(sales)
        sales.loc[sales.index[0], "price"] = 0.0
        return right
