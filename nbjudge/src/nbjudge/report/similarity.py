"""Find answers with equal syntax trees: hints for the instructor, never a proof.

The fingerprint of a function is its syntax tree with every name replaced by its order of first
occurrence, and without comments, docstrings and annotations. Honest solutions of an exercise often
have the same fingerprint, even long ones, because they follow the same instructions. Chance is
therefore modeled as a permutation: if the answers to each question were dealt at random among the n
students who gave them, a student with a fingerprint that c students have would share it with a
given other student with probability p = (c - 1) / (n - 1). For an assumed share s of copied
answers, a question that both students have answered gets the factor

    1 - s + s / p  if the fingerprints are equal,    1 - s  if they differ,

whose mean is at most 1 under random dealing. The product over all questions, averaged over SHARES,
is an e-value (V. Vovk and R. Wang, "E-values: calibration, combination and applications", Annals of
Statistics 49 (2021), 1736-1754): by Markov's inequality, chance produces a value of e or more for
at most one pair in e. A pair is reported if at most one such pair is expected in CHANCE classes of
the same size. It follows that one or two matching functions are never enough.

The test treats functions as independent, but functions of one person share a style. Therefore a
fingerprint that more than GROUP students have does not count for a pair. Functions of the course
itself do not count either; students who have them are tested in the same way, with p = c / n.

Code is parsed and never run. Pairs are looked up by fingerprint; no two trees are compared.
"""

import ast
import builtins
import functools
import hashlib
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.folders import folder_of
from nbjudge.files import is_rubbish
from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.static_names import parse_anew

CHANCE = 20  # classes; chance produces at most one pair in so many
SMALLEST = 40  # syntax tree nodes; smaller functions do not count
SHARES = (1 / 8, 1 / 2, 7 / 8)  # assumed shares of copied answers
GROUP = 5  # students; more frequent fingerprints do not count for pairs
_LONGEST = 20_000  # characters; longer code is not analyzed
_BUILTINS = frozenset(dir(builtins))

# Fingerprints of a student's answers: {question: fingerprints}.
Answers = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Hint:
    """Matching answers that chance does not explain.

    Attributes
    ----------
    students
        Two students with matching answers, or one student who matches the course's code.
    questions
        Questions with matching answers.
    expected
        Upper bound on the expected number of such pairs, or students, in this class by chance.
    """

    students: tuple[str, ...]
    questions: tuple[str, ...]
    expected: float


@dataclass(frozen=True)
class Function:
    """A function that is large enough to count.

    Attributes
    ----------
    name
        Name, after the name of its class, if any: "Layer.forward".
    tree
        Fingerprint.
    lines
        Lines of its text that are not blank, without indentation.
    """

    name: str
    tree: str
    lines: tuple[str, ...]


@functools.lru_cache(maxsize=1024)  # an answer is also read as a cell, and students share cells
def read_functions(code: str, longest: float = _LONGEST) -> tuple[Function, ...]:
    """Return all but small functions in source code; none if it is invalid.

    Parameters
    ----------
    longest
        Maximum length in characters; longer texts are not analyzed.
    """
    if len(code) > longest:
        return ()
    text = code.splitlines()
    try:
        nodes = [(n, node) for n, node in _functions(parse_anew(code)) if _size(node) >= SMALLEST]
        return tuple(
            Function(name, _digest(node), tuple(filter(None, map(str.strip, text[first:last]))))
            for name, node in nodes
            for first, last in [(node.lineno - 1, node.end_lineno)]
        )
    except (RecursionError, ValueError, MemoryError):  # nested too deeply
        return ()


def fingerprints(code: str, longest: float = _LONGEST) -> set[str]:
    """Return the fingerprints of the functions that `read_functions` returns."""
    return {function.tree for function in read_functions(code, longest)}


def own_fingerprints(
    coursedir: CourseDirectory, names: Iterable[str], paths: Iterable[Path] = ()
) -> set[str]:
    """Return the fingerprints of the course's own functions.

    Parameters
    ----------
    names
        Assignments whose notebooks are read, in source/ and as released.
    paths
        Python files, and folders of Python files.

    Raises
    ------
    LookupError
        If one of the paths does not exist.
    """
    texts = list[str]()
    steps = coursedir.source_directory, coursedir.release_directory
    for step, name in itertools.product(steps, names):
        notebooks = Path(folder_of(coursedir, step, ".", name)).glob("*.ipynb")
        for path in (path for path in notebooks if not is_rubbish(path.name)):
            texts += [cell["source"] for cell in read_notebook(path.read_bytes())]
    for path in paths:
        if not path.exists():
            raise LookupError(f"{path} does not exist: name a file or folder of the course.")
        inside = (file for file in sorted(path.rglob("*.py")) if not is_rubbish(file.name))
        files = inside if path.is_dir() else [path]
        texts += [file.read_text("utf-8", "replace") for file in files]
    return set().union(*(fingerprints(text, math.inf) for text in texts))


def find_pairs(students: Mapping[str, Answers], own: Collection[str] = ()) -> list[Hint]:
    """Return pairs of students whose matching answers chance does not explain, rarest first.

    Parameters
    ----------
    students
        Answers of each student.
    own
        Fingerprints of the course's own functions.
    """
    having, of = _by_question(students)
    chances = {
        key: (len(names) - 1) / (of[key[0]] - 1)
        for key, names in having.items()
        if key[1] not in own and 2 <= len(names) <= GROUP
    }
    shared = defaultdict[tuple[str, str], dict[str, float]](dict)
    for key in chances:
        for pair in itertools.combinations(sorted(having[key]), 2):
            shared[pair][key[0]] = max(
                sum(chances.get((key[0], f), 0.0) for f in students[name][key[0]]) for name in pair
            )
    tries, hints = math.comb(len(students), 2), list[Hint]()
    for pair, same in shared.items():
        first, second = (students[name] for name in pair)
        # Matches that do not count have the factor 1.
        different = [q for q in first.keys() & second.keys() if not set(first[q]) & set(second[q])]
        value = _e_value(same.values(), len(different))
        hints.append(Hint(pair, tuple(sorted(same)), tries / value))
    return _unexplained(hints)


def find_own(students: Mapping[str, Answers], own: Collection[str]) -> list[Hint]:
    """Return students whose matches with the course's code chance does not explain."""
    _, of = _by_question(students)
    chances = {
        question: count / of[question] for question, count in count_own(students, own).items()
    }
    hints = []
    for name, answers in students.items():
        same = {q: chances[q] for q, prints in answers.items() if any(f in own for f in prints)}
        value = _e_value(same.values(), len(answers) - len(same))
        hints.append(Hint((name,), tuple(sorted(same)), len(students) / value))
    return _unexplained(hints)


def count_own(students: Mapping[str, Answers], own: Collection[str]) -> dict[str, int]:
    """Return the number of students whose answer matches the course's code, by question."""
    counts = Counter[str]()
    for answers in students.values():
        counts.update(q for q, prints in answers.items() if any(f in own for f in prints))
    return dict(counts)


def may_share(pair: tuple[str, ...], groups: Mapping[str, str]) -> bool:
    """True if two students belong to the same group, of {student: group}."""
    return len(pair) == 2 and pair[0] in groups and groups[pair[0]] == groups.get(pair[1])


def _by_question(
    students: Mapping[str, Answers],
) -> tuple[dict[tuple[str, str], set[str]], dict[str, int]]:
    """Return {(question, fingerprint): students} and {question: number of students}."""
    having, of = defaultdict[tuple[str, str], set[str]](set), Counter[str]()
    for name, answers in students.items():
        of.update(answers.keys())
        for question, prints in answers.items():
            for fingerprint in prints:
                having[question, fingerprint].add(name)
    return having, of


def _e_value(same: Collection[float], different: int) -> float:
    """Return the mean over SHARES of the product of all questions' factors.

    Parameters
    ----------
    same
        Probabilities p of the questions with matching answers.
    different
        Number of the other questions.
    """
    values = [
        math.prod(1 - share + share / chance for chance in same) * (1 - share) ** different
        for share in SHARES
    ]
    return sum(values) / len(values)


def _unexplained(hints: Iterable[Hint]) -> list[Hint]:
    """Return the hints expected at most once in CHANCE classes, the least probable first."""
    rare = [hint for hint in hints if hint.expected * CHANCE <= 1]
    return sorted(rare, key=lambda hint: (hint.expected, hint.students))


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions and methods in a tree with their names, except nested ones."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        else:
            inside = f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else prefix
            yield from _functions(node, inside)


def _size(tree: ast.AST) -> int:
    return sum(1 for _ in ast.walk(tree))


def _digest(function: ast.FunctionDef) -> str:
    nodes = list(ast.walk(function))
    bound = {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    _Normal(_BUILTINS - bound).visit(function)
    return hashlib.sha256(ast.dump(function).encode("utf-8", "replace")).hexdigest()[:32]


class _Normal(ast.NodeTransformer):
    """Normalizes a function: replaces its names and removes parts without effect."""

    def __init__(self, kept: Collection[str]) -> None:
        self.kept, self.names = kept, dict[str, str]()

    def visit(self, node: ast.AST) -> ast.AST:
        """Return a normalized node; attributes and keywords stay, because libraries define them."""
        for field in ("returns", "annotation", "type_comment"):
            if hasattr(node, field):
                setattr(node, field, None)
        match node:
            case ast.AnnAssign():
                node = ast.Assign([node.target], node.value or ast.Constant(None))
            case ast.FunctionDef():
                node.decorator_list, node.name = [], self._name(node.name)
            case ast.Name():
                node.id = self._name(node.id)
            case ast.arg():
                node.arg = self._name(node.arg)
            case ast.Constant(value=str(text)) if not text.isidentifier():
                node.value = ""  # messages are easily changed
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [line for line in block if not _is_idle(line)])
        return self.generic_visit(node)

    def _name(self, name: str) -> str:
        return name if name in self.kept else self.names.setdefault(name, f"v{len(self.names)}")


def _is_idle(line: ast.AST) -> bool:
    """True if a statement has no effect: a docstring, another constant, or `pass`."""
    is_constant = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return is_constant or isinstance(line, ast.Pass)
