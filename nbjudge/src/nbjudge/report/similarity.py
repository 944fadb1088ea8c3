"""Answers that have the same syntax tree: a hint for a person, and never a proof.

The fingerprint of a function is its syntax tree with every name replaced by the order in which
names first occur, and without comments, docstrings and annotations. Honest solutions of an exercise
often have the same fingerprint, long ones too, as they follow the same instructions. So what counts
is how rare it is in the class. Where c of the n students who answered a question have a
fingerprint, an honest answer has it with the probability c / n, and a pair that shares several has
the product of their probabilities. A pair is named only where chance lets expect so few of them
that one in CHANCE classes of that size has any. It follows that no pair is named for one function
or two, whatever they are.

That treats functions as independent, which those of one person are not: a style shows in all of
them. So a fingerprint that more than GROUP students have does not count at all.

Functions of the course itself are compared in the same way, and never count for a pair. Code is
parsed and never run. Pairs are looked up by their fingerprints, so that no two trees are compared.
"""

import ast
import builtins
import hashlib
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.folders import folder_of
from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.static_names import parse

CHANCE = 20  # classes, of which one may have a pair by chance
SMALLEST = 40  # nodes of the syntax tree; a shorter function does not count
GROUP = 5  # students; a fingerprint that more of them have does not count for pairs
_LONGEST = 20_000  # characters of code that are read
_BUILTINS = frozenset(dir(builtins))

# The fingerprints in a student's answers to each question: {question: fingerprints}.
Answers = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Hint:
    """Answers that chance does not explain.

    Attributes
    ----------
    students
        Two who have the same answers, or one who has the course's.
    questions
        Those that they share.
    expected
        How many such pairs, or students, chance would give in this class.
    """

    students: tuple[str, ...]
    questions: tuple[str, ...]
    expected: float


def fingerprints(code: str, longest: float = _LONGEST) -> set[str]:
    """The fingerprints of the functions in a text, without short ones; none where it has errors.

    Parameters
    ----------
    longest
        Characters; a longer text is not read.
    """
    if len(code) > longest:
        return set()
    try:
        # The parser's own tree is not to be changed, and what follows changes it.
        tree = ast.parse(ast.unparse(parse(code)))
        return {_digest(function) for function in _functions(tree) if _size(function) >= SMALLEST}
    except (RecursionError, ValueError, MemoryError):  # nested too deeply
        return set()


def own_fingerprints(
    coursedir: CourseDirectory, names: Iterable[str], paths: Iterable[Path] = ()
) -> set[str]:
    """The fingerprints of the course's own functions.

    Parameters
    ----------
    names
        The assignments whose notebooks are read, with their solutions and as released.
    paths
        Python files, and folders of these.

    Raises
    ------
    LookupError
        Where one of these is not there.
    """
    texts = list[str]()
    steps = coursedir.source_directory, coursedir.release_directory
    for step, name in itertools.product(steps, names):
        for path in Path(folder_of(coursedir, step, ".", name)).glob("*.ipynb"):
            texts += [cell["source"] for cell in read_notebook(path.read_bytes())]
    for path in paths:
        if not path.exists():
            raise LookupError(f"There is no {path}, whose functions were to count as the course's.")
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        texts += [file.read_text("utf-8", "replace") for file in files]
    return set().union(*(fingerprints(text, math.inf) for text in texts))


def find_pairs(students: Mapping[str, Answers], own: Collection[str] = ()) -> list[Hint]:
    """Pairs of students whose same answers chance does not explain, the rarest first.

    Parameters
    ----------
    students
        The answers of each.
    own
        Fingerprints of the course's own functions.
    """
    shared = defaultdict[tuple[str, ...], dict[str, float]](dict)
    for question, having, of in _by_question(students):
        for fingerprint, names in having.items():
            if fingerprint in own or not 2 <= len(names) <= GROUP:
                continue
            bits = math.log2(of / len(names))
            for pair in itertools.combinations(sorted(names), 2):
                shared[pair][question] = max(bits, shared[pair].get(question, 0.0))
    return _unexplained(shared, math.comb(len(students), 2))


def find_own(students: Mapping[str, Answers], own: Collection[str]) -> list[Hint]:
    """Students who have answers of the course itself, where chance does not explain it."""
    shared = defaultdict[tuple[str, ...], dict[str, float]](dict)
    for question, having, of in _by_question(students):
        names = set().union(*(names for f, names in having.items() if f in own))
        for name in names:
            shared[name,][question] = math.log2(of / len(names))
    return _unexplained(shared, len(students))


def count_own(students: Mapping[str, Answers], own: Collection[str]) -> dict[str, int]:
    """How many students have an answer of the course itself, by question."""
    counts = Counter[str]()
    for answers in students.values():
        counts.update(q for q, found in answers.items() if any(f in own for f in found))
    return dict(counts)


def _by_question(
    students: Mapping[str, Answers],
) -> Iterator[tuple[str, dict[str, set[str]], int]]:
    """For each question who has which fingerprint, and how many have any."""
    having = defaultdict[str, dict[str, set[str]]](dict)
    for name, answers in students.items():
        for question, found in answers.items():
            for fingerprint in found:
                having[question].setdefault(fingerprint, set()).add(name)
    for question, names in having.items():
        yield question, names, len(set().union(*names.values()))


def _unexplained(shared: Mapping[tuple[str, ...], Mapping[str, float]], tries: int) -> list[Hint]:
    """Those that chance does not give in one of CHANCE classes.

    Parameters
    ----------
    shared
        For each pair, or student, the bits of the rarest fingerprint of each question.
    tries
        How many pairs, or students, there are.
    """
    hints = [
        Hint(names, tuple(sorted(bits)), tries * 2.0 ** -sum(bits.values()))
        for names, bits in shared.items()
    ]
    found = [hint for hint in hints if hint.expected * CHANCE <= 1]
    return sorted(found, key=lambda hint: (hint.expected, hint.students))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """The functions and methods in a tree, without those inside another."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
        else:
            yield from _functions(node)


def _size(tree: ast.AST) -> int:
    return sum(1 for _ in ast.walk(tree))


def _digest(function: ast.FunctionDef) -> str:
    _Normal().visit(function)
    return hashlib.sha256(ast.dump(function).encode("utf-8", "replace")).hexdigest()[:32]


class _Normal(ast.NodeTransformer):
    """Replaces the names of a function, and takes out what changes nothing."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def visit(self, node: ast.AST) -> ast.AST:
        """A node and all below it; attributes and keywords stay, as libraries give them."""
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
                node.value = ""  # a message, which is easily changed
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [line for line in block if not _is_idle(line)])
        return self.generic_visit(node)

    def _name(self, name: str) -> str:
        return name if name in _BUILTINS else self.names.setdefault(name, f"v{len(self.names)}")


def _is_idle(line: ast.AST) -> bool:
    """Whether a line does nothing: a docstring, another constant, or `pass`."""
    is_constant = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return is_constant or isinstance(line, ast.Pass)
