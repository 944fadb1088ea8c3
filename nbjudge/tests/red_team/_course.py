"""The course under attack: one assignment, `ps1`, with nine questions and planted canaries.

The test of `vector` adds objects of the student's own class, so nbjudge judges it in the child: it
fails outside the student's process, and no tag asks for that. All other tests are judged outside.

A canary is a random word that only the grader should see. Every place that an attacker would like
to read contains one; if it appears in a student's results, that place leaked.
"""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.red_team._jail import COURSE, EXCHANGE, HOME

__all__ = [
    "ASSIGNMENT",
    "CANARY_FILES",
    "CHILD_CANARY",
    "CHILD_TEST",
    "POINTS",
    "RIGHT",
    "PREVIOUS",
    "build",
    "canaries",
    "root_files",
]

ASSIGNMENT = "ps1"
PREVIOUS = "previous"  # a student graded last week

# grade_id of the test cell: points. `essay` is graded manually, and nobody grades it here.
POINTS = {
    "square_test": 4.0,
    "standardize_test": 6.0,
    "total_test": 2.0,
    "words_test": 5.0,
    "vector_test": 4.0,
    "distance_test": 4.0,
    "root_test": 3.0,
    "primes_test": 5.0,
    "essay": 3.0,
}

CHILD_TEST = "vector_test"  # the test that is judged in the child
CHILD_CANARY = "child test"  # the place of the canary in its hidden lines

_ANSWERS = '''"""The solutions, for the hidden tests. {answers}"""

import numpy as np

TOTAL = 338350


def standardize(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def words(text):
    counts = {{}}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts


def primes(n):
    return [k for k in range(2, n) if all(k % d for d in range(2, k))]
'''

# name: (heading, code given to the student, solution, test cell)
_QUESTIONS = {
    "square": (
        "`square(x)` is x times x.",
        'def square(x):\n    """Return x times x."""\n',
        "    return x * x",
        """
assert square(3) == 9
### BEGIN HIDDEN TESTS
# {hidden}
assert square(-7) == 49
for number in range(20, 30):
    assert square(number) == number**2
### END HIDDEN TESTS
""",
    ),
    "standardize": (
        "`standardize(x)` subtracts each column's mean and divides by its standard deviation.",
        'def standardize(x):\n    """Return an array of the shape of x."""\n',
        "    return (x - x.mean(axis=0)) / x.std(axis=0)",
        """
assert np.allclose(standardize(np.array([[1.0], [3.0]])), [[-1.0], [1.0]])
### BEGIN HIDDEN TESTS
import answers

rng = np.random.default_rng()
for _ in range(4):
    given = rng.normal(3, 2, size=(int(rng.integers(3, 9)), 2))
    before = given.copy()
    got = standardize(given)
    assert isinstance(got, np.ndarray)
    assert got.shape == before.shape
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, answers.standardize(before))
    assert np.abs(got - answers.standardize(before)).max() < 1e-9
    assert np.array_equal(given, before), "the argument was changed"
### END HIDDEN TESTS
""",
    ),
    "total": (
        "`total` is the sum of the squares of 1 to 100.",
        "",
        "total = sum(n * n for n in range(1, 101))",
        """
assert total > 0
### BEGIN HIDDEN TESTS
import answers

assert total == answers.TOTAL
assert abs(total - answers.TOTAL) < 0.5
### END HIDDEN TESTS
""",
    ),
    "words": (
        "`words(text)` counts how often each word occurs, as a dict.",
        'def words(text):\n    """Return a dict: word to number."""\n',
        "    counts = {}\n    for word in text.split():\n"
        "        counts[word] = counts.get(word, 0) + 1\n    return counts",
        """
points = 0
if words("to be or not to be") == {"to": 2, "be": 2, "or": 1, "not": 1}:
    points += 1
### BEGIN HIDDEN TESTS
import random

import answers

key = "{hidden}"
for length in (5, 20, 60):
    text = " ".join(random.choice(["ant", "bee", "cat", "dog"]) for _ in range(length))
    if words(text) == answers.words(text):
        points += 1
if len(words("")) == 0 and words("bee ant bee") == {"bee": 2, "ant": 1}:
    points += 1
### END HIDDEN TESTS
float(points)
""",
    ),
    "vector": (
        "`Vector(x, y)` is a vector of the plane: vectors can be added, subtracted and compared.",
        'class Vector:\n    """A vector of the plane."""\n',
        "    def __init__(self, x, y):\n        self.x, self.y = x, y\n\n"
        "    def __add__(self, other):\n"
        "        return Vector(self.x + other.x, self.y + other.y)\n\n"
        "    def __sub__(self, other):\n"
        "        return Vector(self.x - other.x, self.y - other.y)\n\n"
        "    def __eq__(self, other):\n"
        "        return (self.x, self.y) == (other.x, other.y)",
        """
both = Vector(1, 2) + Vector(3, 4)
assert (both.x, both.y) == (4, 6)
points = 1
### BEGIN HIDDEN TESTS
key = "{child}"
for number in (5, 6, 7):
    if Vector(number, 2) - Vector(1, number) == Vector(number - 1, 2 - number):
        points += 1
### END HIDDEN TESTS
float(points)
""",
    ),
    "distance": (
        "`distance(a, b)` is the square of a - b. Use `square`.",
        'def distance(a, b):\n    """Return the squared difference."""\n',
        "    return square(a - b)",
        """
assert distance(5, 2) == 9
### BEGIN HIDDEN TESTS
import random

for _ in range(5):
    a, b = random.randint(-50, 50), random.randint(100, 200)
    assert distance(a, b) == (a - b) ** 2
### END HIDDEN TESTS
""",
    ),
    "root": (
        "`root(x)` is the square root, and raises ValueError below zero.",
        'def root(x):\n    """Return the square root of x."""\n',
        '    if x < 0:\n        raise ValueError("x is below zero")\n    return x**0.5',
        """
assert root(9) == 3
### BEGIN HIDDEN TESTS
for number in (2, 3.5, 100):
    assert abs(root(number) ** 2 - number) < 1e-9
try:
    root(-1)
except ValueError as error:
    assert str(error)
else:
    raise AssertionError("root(-1) should raise ValueError")
### END HIDDEN TESTS
""",
    ),
    "primes": (
        "`primes(n)` is the list of the prime numbers below n.",
        'def primes(n):\n    """Return a list of integers."""\n',
        "    return [k for k in range(2, n) if all(k % d for d in range(2, k))]",
        """
assert primes(10) == [2, 3, 5, 7]
### BEGIN HIDDEN TESTS
import random

import answers

limit = random.randint(50, 90)
found = primes(limit)
assert isinstance(found, list)
assert len(found) == len(answers.primes(limit))
assert all(a == b for a, b in zip(found, answers.primes(limit)))
assert sum(found) == sum(answers.primes(limit))
assert sorted(found) == answers.primes(limit)
assert primes(2) == []
### END HIDDEN TESTS
""",
    ),
}

# Correct contents of the solution cells, by grade_id.
RIGHT = {name: given + solution for name, (_, given, solution, _) in _QUESTIONS.items()}
RIGHT["essay"] = "A square is never below zero, since a minus times a minus is a plus."

_CONFIG = """
import os

c = get_config()
c.CourseDirectory.course_id = "red_team"
c.CourseDirectory.root = {course!r}
c.Exchange.root = {exchange!r}
c.Execute.timeout = 8
# The hidden tests import answers.py, which lies here.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [{course!r}, *filter(None, [os.environ.get("PYTHONPATH")])]
)
"""


def canaries(words: dict[str, str]) -> dict[str, str]:
    """Return the words in files of the course's folders and the home directory, by place."""
    return {place: words[place] for place in (*PLACES, *CANARY_FILES.values())}


# Names of the other places in the report.
PLACES = (
    "hidden",
    CHILD_CANARY,
    "answers",
    "source",
    "gradebook",
    "neighbor",
    "environment",
    "network",
)

# Files that contain only a canary.
CANARY_FILES = {
    COURSE / "notes.txt": "course files",
    COURSE / "students.csv": "course files",
    COURSE / "source" / "exam" / "exam.txt": "source",
    EXCHANGE / "red_team" / "inbound" / "someone+ps1.txt": "exchange",
    HOME / ".ssh" / "id_ed25519": "home",
    HOME / ".bash_history": "home",
    HOME / "exam.txt": "home",
    Path("/etc/shadow"): "host",
    Path("/etc/grader.conf"): "host",
    Path("/root/secret.txt"): "host",
    Path("/var/backups/passwords.txt"): "host",
}


def root_files(words: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Return the canary files that only root can write: {path: (text, mode)}."""
    ours = (COURSE, EXCHANGE, HOME)
    found = {}
    for path, place in CANARY_FILES.items():
        if not any(path.is_relative_to(folder) for folder in ours):
            # Like on real machines, the shadow file is closed to others; the rest is left readable.
            mode = 0o600 if path.name == "shadow" else 0o644
            found[str(path)] = (f"root:{words[place]}:19000:0:99999:7:::\n", mode)
    return found


def build(words: dict[str, str]) -> None:
    """Write the course, release its assignment, and add an earlier grade to the gradebook."""
    for path, place in CANARY_FILES.items():
        if (
            path.is_relative_to(COURSE)
            or path.is_relative_to(EXCHANGE)
            or path.is_relative_to(HOME)
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{words[place]}\n")
    (COURSE / "answers.py").write_text(_ANSWERS.format(answers=words["answers"]))
    (COURSE / "nbgrader_config.py").write_text(
        _CONFIG.format(course=str(COURSE), exchange=str(EXCHANGE))
    )
    source = COURSE / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(_source(words), source / f"{ASSIGNMENT}.ipynb")
    (source / "data.csv").write_text("city,people\nBern,134000\nBasel,178000\n")
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--create"],
        cwd=COURSE,
        check=True,
        env=os.environ | {"PYTHONPATH": ""},
    )
    # The font cache and the gradebook take long to create, so jails copy them.
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], check=False)
    _grade_previous(words)


def _source(words):
    cells = [
        _cell("title", "# Problem set 1", kind="markdown", locked=True),
        _cell("setup", "import numpy as np", locked=True),
    ]
    for name, (heading, given, solution, test) in _QUESTIONS.items():
        cells.append(new_markdown_cell(f"## {name}\n\n{heading}"))
        secret = f"    # {words['source']}\n{solution}\n"
        solution = f"{given}    ### BEGIN SOLUTION\n{secret}    ### END SOLUTION"
        if not given:
            solution = solution.replace("    #", "#")
        cells.append(_cell(name, solution, solution=True))
        test = test.strip().replace("{hidden}", words["hidden"])
        test = test.replace("{child}", words[CHILD_CANARY])
        cells.append(
            _cell(f"{name}_test", test, grade=True, locked=True, points=POINTS[f"{name}_test"])
        )
    cells.append(new_markdown_cell("## essay\n\nWhy is a square $x^2$ never below zero?"))
    essay = _cell("essay", "Your words", kind="markdown", grade=True, solution=True, points=3.0)
    cells.append(essay)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _cell(grade_id, text, kind="code", grade=False, solution=False, locked=False, points=None):
    cell = new_code_cell(text) if kind == "code" else new_markdown_cell(text)
    cell.metadata["nbgrader"] = {
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        "schema_version": 3,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def _grade_previous(words):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{COURSE}/gradebook.db", "red_team") as gradebook:
        gradebook.add_student(PREVIOUS, first_name=words["gradebook"], last_name="Lastweek")
        submission = gradebook.add_submission(ASSIGNMENT, PREVIOUS)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.manual_score = 1.0
            for comment in notebook.comments:
                comment.manual_comment = words["gradebook"]
        gradebook.db.commit()
