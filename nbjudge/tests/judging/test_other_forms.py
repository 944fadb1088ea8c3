"""Answers in other forms than the instructor's solution score as in nbgrader.

Each question is a solution, a test, and answers, some right and some wrong. The expected points
come from running the cells in one plain interpreter. The solutions earn everything outside, so that
only the answers decide where a test is judged.
"""

import numpy as np
import pytest

from tests.support.engines import spec

SQUARES = (
    """\
def squares(n):
    return [i * i for i in range(n)]
""",
    "assert list(squares(4)) == [0, 1, 4, 9]",
    [
        """\
def squares(n):
    return map(lambda i: i * i, range(n))
""",
        """\
def squares(n):
    return tuple(i * i for i in range(n))
""",
        """\
def squares(n):
    return {i * i: 0 for i in range(n)}
""",
        """\
def squares(n):
    return {i * i: 0 for i in range(n)}.keys()
""",
        """\
def squares(n):
    return {i: i * i for i in range(n)}.values()
""",
        """\
import numpy as np
def squares(n):
    return np.arange(n) ** 2
""",
        """\
import array
def squares(n):
    return array.array('i', [i * i for i in range(n)])
""",
        """\
import collections
def squares(n):
    return collections.deque(i * i for i in range(n))
""",
        """\
def squares(n):
    return bytes(i * i for i in range(n))
""",
        """\
class squares:
    def __init__(self, n):
        self.left = iter(range(n))
    def __iter__(self):
        return self
    def __next__(self):
        return next(self.left) ** 2
""",
        """\
class squares(list):
    def __init__(self, n):
        super().__init__(i * i for i in range(n))
""",
        """\
def squares(n):
    return map(lambda i: i + i, range(n))
""",
        """\
def squares(n):
    return print(*map(lambda i: i * i, range(n)))
""",
    ],
)
LENGTH = (
    """\
def evens(n):
    return list(range(0, n, 2))
""",
    "assert len(evens(5)) == 3 and evens(5)[1] == 2",
    [
        """\
def evens(n):
    return range(0, n, 2)
""",
        """\
import collections
def evens(n):
    return collections.UserList(range(0, n, 2))
""",
        """\
def evens(n):
    return filter(lambda i: i % 2 == 0, range(n))
""",
        """\
class Evens:
    def __len__(self):
        return 3
    def __getitem__(self, i):
        return 3 * i
def evens(n):
    return Evens()
""",
    ],
)
EQUAL = (
    """\
def firsts(words):
    return [word[0] for word in words]
""",
    "assert firsts(['ab', 'cd']) == ['a', 'c']",
    [
        """\
def firsts(words):
    return map(lambda word: word[0], words)
""",
        """\
def firsts(words):
    return tuple(word[0] for word in words)
""",
        """\
import collections
def firsts(words):
    return collections.UserList(word[0] for word in words)
""",
        """\
class Words(list):
    pass
def firsts(words):
    return Words(word[0] for word in words)
""",
    ],
)
COUNT = (
    """\
def count(text):
    return {letter: text.count(letter) for letter in text}
""",
    """\
counts = count('aba')
assert counts['a'] == 2 and 'c' not in counts
assert dict(counts) == {'a': 2, 'b': 1}
assert sorted(counts.items()) == [('a', 2), ('b', 1)]
""",
    [
        """\
import collections
def count(text):
    return collections.Counter(text)
""",
        """\
import collections
def count(text):
    found = collections.defaultdict(int)
    for letter in text:
        found[letter] += 1
    return found
""",
        """\
import collections
def count(text):
    return collections.OrderedDict(collections.Counter(text))
""",
        """\
import collections
def count(text):
    return collections.UserDict(collections.Counter(text))
""",
        """\
def count(text):
    return [(letter, text.count(letter)) for letter in set(text)]
""",
        """\
def count(text):
    return zip(text, map(text.count, text))
""",
        """\
import collections
def count(text):
    return collections.UserDict(a=1, b=2)
""",
    ],
)
NESTED = (
    """\
def table(n):
    return [[i * j for j in range(n)] for i in range(n)]
""",
    "assert [list(row) for row in table(3)] == [[0, 0, 0], [0, 1, 2], [0, 2, 4]]",
    [
        """\
def table(n):
    return [map(lambda j: i * j, range(n)) for i in range(n)]
""",
        """\
def table(n):
    return map(lambda i: [i * j for j in range(n)], range(n))
""",
        """\
def table(n):
    return {i: (i * j for j in range(n)) for i in range(n)}.values()
""",
        """\
import numpy as np
def table(n):
    return np.outer(range(n), range(n))
""",
    ],
)
PAIRS = (
    """\
def pairs(a, b):
    return [(x, y) for x, y in zip(a, b)]
""",
    """\
result = pairs('ab', [1, 2])
assert dict(result) == {'a': 1, 'b': 2}
""",
    [
        """\
def pairs(a, b):
    return zip(a, b)
""",
        """\
def pairs(a, b):
    return enumerate(b)
""",
        """\
def pairs(a, b):
    return dict(zip(a, b)).items()
""",
        """\
from typing import NamedTuple
class Pair(NamedTuple):
    x: str
    y: int
def pairs(a, b):
    return [Pair(x, y) for x, y in zip(a, b)]
""",
        """\
import itertools
def pairs(a, b):
    return itertools.zip_longest(a, b)
""",
    ],
)
NEXT = (
    """\
class countdown:
    def __init__(self, n):
        self.n = n + 1
    def __next__(self):
        self.n -= 1
        return self.n
    def next_one(self):
        return self.__next__()
""",
    """\
c = countdown(3)
assert [c.next_one(), c.next_one()] == [3, 2]
""",
    [
        """\
class countdown(list):
    def __init__(self, n):
        super().__init__(range(1, n + 1))
    next_one = list.pop
""",
        """\
import collections
class countdown(collections.UserList):
    def __init__(self, n):
        super().__init__(range(1, n + 1))
    next_one = collections.UserList.pop
""",
        """\
class Counter:
    def __init__(self, n):
        self.n = n
    def next_one(self):
        return self.n
def countdown(n):
    return Counter(n)
""",
    ],
)
STACK = (
    """\
class Stack:
    def __init__(self):
        self.items = []
    def push(self, item):
        self.items.append(item)
    def pop(self):
        return self.items.pop()
    def __len__(self):
        return len(self.items)
""",
    """\
stack = Stack()
stack.push(1)
stack.push(2)
assert stack.pop() == 2
assert len(stack) == 1
""",
    [
        """\
class Stack(list):
    def push(self, item):
        self.append(item)
""",
        """\
import collections
class Stack(collections.deque):
    push = collections.deque.append
""",
        """\
import collections
class Stack(collections.UserList):
    push = collections.UserList.append
""",
        """\
class Stack(dict):
    def push(self, item):
        self[len(self)] = item
    def pop(self):
        return dict.pop(self, len(self) - 1)
""",
        """\
class Stack(list):
    def push(self, item):
        self.insert(0, item)
""",
    ],
)
POINT = (
    """\
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5
""",
    """\
p = Point(3, 4)
assert p.norm() == 5
assert p.x == 3
""",
    [
        """\
from typing import NamedTuple
class Point(NamedTuple):
    x: float
    y: float
    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5
""",
        """\
from dataclasses import dataclass
@dataclass
class Point:
    x: float
    y: float
    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5
""",
        """\
class Point(complex):
    x = property(lambda self: self.real)
    norm = complex.__abs__
""",
        """\
class Point(tuple):
    def __new__(cls, x, y):
        return super().__new__(cls, (x, y))
    x = property(lambda self: self[0])
    def norm(self):
        return sum(v * v for v in self) ** 0.5
""",
        """\
from types import SimpleNamespace
def Point(x, y):
    return SimpleNamespace(x=x, y=y, norm=lambda: (x * x + y * y) ** 0.5)
""",
        """\
from collections import namedtuple
Point = namedtuple('Point', 'x y')
""",
    ],
)
VALUE = (
    """\
class Celsius:
    def __init__(self, degrees):
        self.degrees = degrees
    def fahrenheit(self):
        return self.degrees * 1.8 + 32
""",
    "assert Celsius(100).fahrenheit() == 212",
    [
        """\
class Celsius(float):
    def fahrenheit(self):
        return self * 1.8 + 32
""",
        """\
from fractions import Fraction
class Celsius(Fraction):
    def fahrenheit(self):
        return self * Fraction(9, 5) + 32
""",
        """\
from decimal import Decimal
class Celsius(Decimal):
    def fahrenheit(self):
        return self * Decimal('1.8') + 32
""",
        """\
import numpy as np
class Celsius(np.ndarray):
    def __new__(cls, degrees):
        return np.array(degrees).view(cls)
    def fahrenheit(self):
        return float(self) * 1.8 + 32
""",
        """\
class Celsius(str):
    def __new__(cls, degrees):
        return super().__new__(cls, degrees)
    def fahrenheit(self):
        return float(self) * 1.8 + 32
""",
        """\
class Celsius(float):
    def fahrenheit(self):
        return self * 1.8
""",
    ],
)
COLOR = (
    """\
class Color:
    RED = 1
    BLUE = 2
def favorite():
    return Color.RED
""",
    """\
assert favorite() == Color.RED
assert favorite() != Color.BLUE
""",
    [
        """\
from enum import Enum
class Color(Enum):
    RED = 1
    BLUE = 2
def favorite():
    return Color.RED
""",
        """\
from enum import IntEnum
class Color(IntEnum):
    RED = 1
    BLUE = 2
def favorite():
    return Color.RED
""",
        """\
from types import SimpleNamespace
Color = SimpleNamespace(RED='r', BLUE='b')
def favorite():
    return Color.RED
""",
        """\
from enum import Enum
class Color(Enum):
    RED = 1
    BLUE = 2
def favorite():
    return Color.BLUE
""",
    ],
)
ERROR = (
    """\
class TooLow(Exception):
    def __init__(self, balance):
        super().__init__(balance)
        self.balance = balance
def withdraw(balance, amount):
    if amount > balance:
        raise TooLow(balance)
    return balance - amount
""",
    """\
try:
    withdraw(5, 7)
except TooLow as error:
    assert error.balance == 5
else:
    raise AssertionError('no error')
""",
    [
        """\
class TooLow(ValueError):
    @property
    def balance(self):
        return self.args[0]
def withdraw(balance, amount):
    if amount > balance:
        raise TooLow(balance)
""",
        """\
from dataclasses import dataclass
@dataclass
class TooLow(Exception):
    balance: int
def withdraw(balance, amount):
    if amount > balance:
        raise TooLow(balance)
""",
        """\
class TooLow(Exception):
    balance = 4
def withdraw(balance, amount):
    raise TooLow(balance)
""",
    ],
)
COUNTER = (
    """\
def counter():
    n = 0
    def count():
        nonlocal n
        n += 1
        return n
    return count
""",
    """\
a, b = counter(), counter()
assert [a(), a(), b()] == [1, 2, 1]
""",
    [
        """\
class Count:
    n = 0
    def __call__(self):
        self.n += 1
        return self.n
def counter():
    return Count()
""",
        """\
import itertools
def counter():
    return itertools.count(1).__next__
""",
        """\
class counter:
    def __init__(self):
        self.n = 0
    def __call__(self):
        self.n += 1
        return self.n
""",
        """\
def counter(box=[0]):
    def count():
        box[0] += 1
        return box[0]
    return count
""",
    ],
)
MATRIX = (
    """\
import numpy as np
def identity(n):
    return np.eye(n)
""",
    """\
m = identity(3)
assert m.shape == (3, 3) and m.sum() == 3 and m[1, 1] == 1
""",
    [
        """\
import scipy.sparse
def identity(n):
    return scipy.sparse.identity(n, format='csr')
""",
        """\
import numpy as np
def identity(n):
    return np.matrix(np.eye(n))
""",
        """\
import scipy.sparse
def identity(n):
    return 2 * scipy.sparse.identity(n, format='csr')
""",
    ],
)
RECORD = (
    """\
def best(scores):
    name = max(scores, key=scores.get)
    return {'name': name, 'score': scores[name]}['name'], scores[name]
""",
    """\
name, score = best({'ada': 3, 'bob': 2})
assert name == 'ada' and score == 3
""",
    [
        """\
def best(scores):
    return max(zip(scores, scores.values()), key=lambda pair: pair[1])
""",
        """\
def best(scores):
    return map(str, max(scores.items(), key=lambda pair: pair[1]))
""",
        """\
from dataclasses import dataclass, astuple
@dataclass
class Best:
    name: str
    score: int
    def __iter__(self):
        return iter(astuple(self))
def best(scores):
    return Best(*max(scores.items(), key=lambda pair: pair[1]))
""",
        """\
from typing import NamedTuple
class Best(NamedTuple):
    name: str
    score: int
def best(scores):
    return Best(*max(scores.items(), key=lambda pair: pair[1]))
""",
    ],
)
INNER = (
    """\
import numpy as np
def inner(image):
    return image[1:-1, 1:-1].copy()
""",
    """\
image = np.zeros((4, 4))
part = inner(image)
part[0, 0] = 9
assert image[1, 1] == 0
assert part.shape == (2, 2)
""",
    [
        """\
def inner(image):
    return image[1:-1, 1:-1]
""",
        """\
def inner(image):
    return np.array(image)[1:3, 1:3]
""",
    ],
)
FLAT = (
    """\
import numpy as np
def flat(image):
    return image.flatten()
""",
    """\
image = np.arange(6.0).reshape(2, 3)
assert not np.shares_memory(flat(image), image)
assert flat(image).tolist() == [0, 1, 2, 3, 4, 5]
""",
    [
        """\
def flat(image):
    return image.ravel()
""",
        """\
def flat(image):
    return np.hstack(list(image))
""",
    ],
)
HALVES = (
    """\
import numpy as np
def halves(values):
    return values[:2].copy(), values[2:].copy()
""",
    """\
values = np.arange(4)
left, right = halves(values)
left += 10
assert values.tolist() == [0, 1, 2, 3]
assert left.tolist() == [10, 11] and right.tolist() == [2, 3]
""",
    [
        """\
def halves(values):
    return np.split(values, 2)
""",
        """\
def halves(values):
    return values[:2], values[2:]
""",
        """\
def halves(values):
    return np.split(values.copy(), 2)
""",
    ],
)
WINDOWS = (
    """\
import numpy as np
def windows(values):
    return [values[i : i + 2].copy() for i in range(len(values) - 1)]
""",
    """\
first, second = windows(np.arange(3))
first[1] = 7
assert second.tolist() == [1, 2]
""",
    [
        """\
def windows(values):
    return [values[i : i + 2] for i in range(len(values) - 1)]
""",
        """\
def windows(values):
    return np.array([values[:-1], values[1:]]).T
""",
    ],
)
KEPT = (
    """\
class Log:
    def __init__(self, lines):
        self.lines = list(lines)
    def all(self):
        return list(self.lines)
""",
    """\
lines = ["a"]
log = Log(lines)
log.all().append("b")
assert log.all() == ["a"]
lines.append("c")
assert log.all() == ["a"]
""",
    [
        """\
class Log:
    def __init__(self, lines):
        self.lines = lines
    def all(self):
        return list(self.lines)
""",
        """\
import copy
class Log:
    def __init__(self, lines):
        self.lines = copy.copy(lines)
    def all(self):
        return copy.deepcopy(self.lines)
""",
    ],
)
CACHED = (
    """\
import numpy as np
def table(n):
    return np.arange(n)
""",
    """\
one = table(3)
one[0] = 9
assert table(3).tolist() == [0, 1, 2]
""",
    [
        """\
import functools
@functools.cache
def table(n):
    return np.arange(n)
""",
        """\
whole = np.arange(10)
def table(n):
    return whole[:n]
""",
        """\
whole = np.arange(10)
def table(n):
    return whole[:n].copy()
""",
    ],
)
KEPT_ARGUMENT = (
    """\
class Box:
    def __init__(self, items):
        self.items = list(items)
    def add(self, item):
        self.items.append(item)
    def size(self):
        return len(self.items)
""",
    """\
given = [1]
box = Box(given)
assert box.size() == 1
box.add(2)
assert box.size() == 2
assert given == [1]
""",
    [
        """\
class Box:
    def __init__(self, items):
        self.items = items
    def add(self, item):
        self.items.append(item)
    def size(self):
        return len(self.items)
""",
        """\
class Box(list):
    add = list.append
    size = list.__len__
""",
        """\
class Box:
    def __init__(self, items):
        self.items = items
    def add(self, item):
        self.items = [*self.items, item]
    def size(self):
        return len(self.items)
""",
    ],
)
KEPT_ARRAY = (
    """\
import numpy as np
class Signal:
    def __init__(self, samples):
        self.samples = np.array(samples)
    def scale(self, factor):
        self.samples *= factor
""",
    """\
samples = np.array([1.0, 2.0])
signal = Signal(samples)
signal.scale(2)
assert samples.tolist() == [1, 2]
""",
    [
        """\
import numpy as np
class Signal:
    def __init__(self, samples):
        self.samples = np.asarray(samples)
    def scale(self, factor):
        self.samples *= factor
""",
        """\
class Signal:
    def __init__(self, samples):
        self.samples = samples
    def scale(self, factor):
        self.samples = self.samples * factor
""",
    ],
)
KEPT_CLOSURE = (
    """\
def appender(items):
    own = list(items)
    def append(item):
        own.append(item)
        return len(own)
    return append
""",
    """\
base = {"items": [0]}
append = appender(base["items"])
assert append(1) == 2
assert append(2) == 3
assert base == {"items": [0]}
""",
    [
        """\
def appender(items):
    def append(item):
        items.append(item)
        return len(items)
    return append
""",
        """\
def appender(items):
    own = [*items]
    return lambda item: own.append(item) or len(own)
""",
    ],
)
OVERRIDDEN = (
    """\
class Student:
    def __init__(self, name, grades=()):
        self.name = name
        self.grades = list(grades)
    def add(self, grade):
        self.grades.append(grade)
        return self
""",
    """\
ann = Student("Ann", [1])
assert ann.add(2).add(3).grades == [1, 2, 3]
assert ann.name == "Ann"
""",
    [
        """\
class Student(dict):
    def __init__(self, name, grades=()):
        super().__init__(name=name, grades=list(grades))
    __getattr__ = dict.__getitem__
    def add(self, grade):
        self.grades.append(grade)
        return self
""",
        """\
import collections
class Student(collections.deque):
    def __init__(self, name, grades=()):
        super().__init__(grades)
        self.name = name
    def add(self, grade):
        self.append(grade)
        return self
    def __iter__(self):
        return self.missing
    @property
    def grades(self):
        return [self[i] for i in range(len(self))]
""",
        """\
class Student(set):
    def __init__(self, name, grades=()):
        super().__init__(grades)
        self.name = name
    def add(self, grade):
        super().add(grade)
        return self
    def __iter__(self):
        raise NotImplementedError
    @property
    def grades(self):
        return [grade for grade in range(9) if grade in self]
""",
        """\
class Student(bytes):
    def __new__(cls, name, grades=()):
        self = super().__new__(cls, name.encode())
        self.name, self.grades = name, list(grades)
        return self
    def add(self, grade):
        self.grades.append(grade)
        return self
    def __bytes__(self):
        raise TypeError("a student is no text")
""",
        """\
class Student:
    def __init__(self, name, grades=()):
        object.__setattr__(self, "values", {"name": name, "grades": list(grades)})
    def __getattribute__(self, key):
        values = object.__getattribute__(self, "values")
        if key == "add":
            return lambda grade: values["grades"].append(grade) or self
        return values[key]
""",
    ],
)
QUESTIONS = {name.lower(): value for name, value in globals().items() if name.isupper()}


def points_in_nbgrader(cells):
    """Return the points of the tests, each after its answer, in one plain interpreter."""
    space, points = {"__name__": "__main__", "np": np}, {}
    for number, (answer, test) in enumerate(cells):
        exec(answer, space)
        try:
            exec(test, space)
            points[f"t{number}"] = 1.0
        except Exception:
            points[f"t{number}"] = 0.0
    return points


def notebook(cells):
    """Return the spec of a notebook with a question for each solution and test."""
    parts = [("import numpy as np", "locked")]
    for number, (solution, test) in enumerate(cells):
        parts += [(solution, "solution", f"f{number}"), (test, "test", f"t{number}")]
    return spec(*parts)


# A warning is no error in a notebook. numpy warns about np.matrix, unless scipy was just imported.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", QUESTIONS)
def test_other_forms_score_as_in_nbgrader(judge, name):
    solution, test, answers = QUESTIONS[name]
    questions = notebook([(solution, test)] * len(answers))
    given = {f"f{number}": answer for number, answer in enumerate(answers)}
    answer = judge(questions, given, fallback="child")
    assert answer.scores == points_in_nbgrader([(text, test) for text in answers])
    assert judge(questions).data.missed == {}
