"""Tiny exercises whose functions take or return more than arrays, with right and wrong functions.

`EXERCISES` holds them by name, and `FUNCTIONS` rows (exercise, label, function, lost checks).
"""

import collections
import importlib.util
import itertools
import math
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from nbexercise.building.folder import exercise_named
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return, Within, fn, stream, table
from nbexercise.judging.model import Step

EXAMPLE = Path(__file__).parents[1] / "example"
HINTS = ("One.", "Two.", "Three.")
EXERCISES, FUNCTIONS = {}, []


def exercise(loops, cases, returns, checks, *mistakes, vectorized=None):
    """Register an exercise; a mistake is (old, new, names of failed checks).

    By default, a mistake fails all checks.
    """
    EXERCISES[loops.__name__] = Exercise(
        loops=loops,
        vectorized=vectorized or loops,
        title=loops.__name__,
        assignment="values",
        section="Values",
        returns=returns if isinstance(returns, tuple) else (returns,),
        cases=cases,
        checks=tuple(
            Check(name, 2, name) if name == "unchanged" else Check(name, 2, groups=(name,))
            for name in checks
        ),
        mistakes=tuple(
            Mistake(old, {old: new}, (), f"This is {new}.", "Look again.")
            for old, new, *_ in mistakes
        ),
        hints=HINTS,
    )
    judged(loops, checks, {old: fails for old, _, *rest in mistakes for fails in rest})


def of_example(name, lost):
    """Register an exercise of the example course, and return its function.

    `lost` holds the failed checks of mistakes by name; all others fail all.
    """
    made = EXERCISES[name] = exercise_named(name, EXAMPLE).exercise
    judged(made.loops, [check.name for check in made.checks], lost)
    return made.loops


def judged(loops, checks, lost):
    """Register the right function, the mistakes, and functions without an answer."""
    submitted(loops, loops, label="right")
    for mistake in EXERCISES[loops.__name__].mistakes:
        wrong = EXERCISES[loops.__name__].wrong_function(mistake)
        submitted(loops, wrong, *lost.get(mistake.name, checks), label=mistake.name)
    submitted(loops, nothing, *checks, label="None")
    submitted(loops, stub, *checks, label="stub")


def submitted(of, function, *lost, label=""):
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
submitted(caesar, lambda text, shift: np.str_(caesar(text, shift)), label="np.str_")
submitted(caesar, lambda text, shift: list(text), "letters", "others", label="a list")
submitted(caesar, lambda text, shift: Stack(), "letters", "others", label="an object")


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
submitted(word_counts, lambda text: collections.Counter(text.lower().split()), label="a Counter")
submitted(word_counts, lambda text: {}, "words", "spaces", label="an empty dictionary")


# A function as an argument


trapezoid = of_example("trapezoid", {"The last inner point was left out": ["areas"]})


@lambda function: submitted(trapezoid, function, "areas", "one trapezoid")
def unnamed(f, a, b, n):
    h = (b - a) / n
    area = (f(a) + f(b)) / 2
    for i in range(n):
        area += f(a + i * h)
    area *= h
    return area


@lambda function: submitted(trapezoid, function, "areas", "one trapezoid")
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
submitted(derivative, lambda f, h: [0.25, 3.25, 12.25], "slopes", label="the slopes")


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
submitted(evens, lambda start: itertools.count(start, 2), label="itertools")
submitted(evens, lambda start: [start + 2 * i for i in range(5)], "numbers", label="a list")


# A class


Stack = of_example("Stack", {"An empty stack gave None": ["empty"]})


@lambda kind: submitted(Stack, kind)
class Linked:
    """Another right one."""

    def __init__(self, items=()):
        self.top = None
        for item in items:
            self.push(item)

    def push(self, item):
        self.top = item, self.top

    def pop(self):
        if self.top is None:
            raise IndexError
        item, self.top = self.top
        return item


@lambda kind: submitted(Stack, kind, "order", "empty")
class Misspelled(Stack):
    def push(self, item):
        self.itms.append(item)


@lambda kind: submitted(Stack, kind, "order", "empty")
class Empty:
    def push(self, item):
        raise NotImplementedError

    def pop(self):
        raise NotImplementedError


@lambda kind: submitted(Stack, kind, "order", "empty")
class WithoutItems:
    def __init__(self):
        self.items = []

    push, pop = Stack.push, Stack.pop


# A constructor that raises an exception


class Account:
    """A bank account."""

    def __init__(self, balance, limit=0):
        if balance < 0:
            raise ValueError("a debt at the start")
        self.balance, self.limit = balance, limit

    def withdraw(self, amount):
        if amount > self.balance + self.limit:
            raise ValueError("not enough money")
        self.balance -= amount


def accounts(rng):
    withdrawn = [Step("withdraw", (4,)), Step("withdraw", (6,)), Step("balance")]
    yield "withdrawals", {"calls": [Step("Account", (9,)), *withdrawn]}
    yield "withdrawals", {"calls": [Step("Account", (1, 5)), *withdrawn[1:]]}
    yield "debts", {"calls": [Step("Account", (-1,))]}


exercise(
    Account,
    accounts,
    Return("Account", "class", raises=("ValueError",)),
    ("withdrawals", "debts"),
    ("balance < 0", "balance < -5", ["debts"]),
    ("amount > self.balance + self.limit", "amount > self.balance", ["withdrawals"]),
    ('raise ValueError("not enough money")', "return", ["withdrawals"]),
)


@lambda kind: submitted(Account, kind, "withdrawals", "debts")
class Returning(Account):
    def __init__(self, balance, limit=0):
        self.balance, self.limit = abs(balance), limit

    def withdraw(self, amount):
        try:
            super().withdraw(amount)
        except ValueError as error:
            return error


@lambda kind: submitted(Account, kind, "withdrawals")
class Unowned(Account):
    def withdraw(self, amount):
        if amount > self.balance + limit:  # noqa: F821 - the mistake
            raise ValueError
        self.balance -= amount


@lambda kind: submitted(Account, kind, "withdrawals")
class Asking:
    def __init__(self, balance, limit=0):
        if balance < 0:
            raise ValueError
        self.account = Account(balance, limit)

    def withdraw(self, amount):
        self.account.withdraw(amount)

    def balance(self):
        return self.account.balance


# Functions that raise an exception


def columns(x):
    """Return the mean of each column."""
    if not len(x):
        raise ValueError("no rows")
    means = x.mean(axis=0)
    return means


def matrices(rng):
    yield "means", {"x": rng.normal(size=(4, 2))}
    yield "no rows", {"x": np.zeros((0, 3))}


exercise(
    columns,
    matrices,
    Return("means", raises=("ValueError",)),
    ("means", "no rows"),
    ("axis=0", "axis=1", ["means"]),
    ('raise ValueError("no rows")', "return np.zeros(x.shape[1])", ["no rows"]),
    ('raise ValueError("no rows")\n', "return\n", ["no rows"]),
    ("not len(x)", "x is None", ["no rows"]),
)
submitted(columns, lambda x: Stack() if not len(x) else x.mean(0), "no rows", label="an object")
submitted(columns, lambda x: x.means(axis=0), "means", "no rows", label="another exception")
submitted(columns, lambda x: {}[0], "means", "no rows", label="a KeyError")


def roots(p, q):
    """Return the two solutions of x**2 + 2*p*x = q, the smaller one first."""
    width = (p**2 + q) ** 0.5 if p**2 + q >= 0 else math.sqrt(-1)
    return -p - width, -p + width


def equations(rng):
    yield "two", {"p": float(rng.integers(1, 9)), "q": 2.0}
    yield "none", {"p": 1.0, "q": -5.0}


exercise(
    roots,
    equations,
    (Return("low", "number", raises=("ValueError",)), Return("high", "number")),
    ("two", "none"),
    ("-p - width", "p - width", ["two"]),
    ("math.sqrt(-1)", "0", ["none"]),
)
submitted(roots, lambda p, q: None if q < 0 else roots(p, q), "none", label="None for no root")
submitted(roots, lambda p, q: p.no, "two", "none", label="an AttributeError")


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
submitted(mean_of, lambda rng, n: float(np.mean(rng.random(n))), label="another order")
submitted(mean_of, lambda rng, n: 0.5, "means", label="the expected value")


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
submitted(estimate, lambda rng, n: 4 * np.mean(np.hypot(*np.random.rand(2, n)) < 1), label="own")


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


@lambda function: submitted(sines, function)
def by_axes(frequency, n):
    figure, axes = plt.subplots()
    x = np.linspace(0, 1, n)
    axes.set_xlabel("time (s)")
    axes.scatter(np.pi / 2 / frequency, 1)
    axes.plot(x, np.sin(frequency * x), label="sine")
    axes.legend()
    return axes


@lambda function: submitted(sines, function, "sines")
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
    submitted(totals, lambda sales: sales.groupby("shop", as_index=False).sum(), label="another")
    submitted(totals, lambda sales: {"shop": ["a"]}, "sums", "missing", "unchanged", label="a dict")

    @lambda function: submitted(totals, function, "unchanged")
    def in_place(sales):
        right = totals(sales)
        sales.loc[sales.index[0], "price"] = 0.0
        return right
