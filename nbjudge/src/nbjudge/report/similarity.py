"""Answers that have the same syntax tree: a hint for a person, and never a proof.

The fingerprint of a function is its syntax tree with every name replaced by the order in which
names first occur, and without comments, docstrings and annotations. Honest solutions of an exercise
often have the same fingerprint, long ones too, as they follow the same instructions. So chance is
reckoned with: if the answers to each question were dealt anew among the n students who gave them, a
student would have the same fingerprint as another with the probability p = (c - 1) / (n - 1), where
c have it now. For an assumed share s of copied answers, a question that both have answered is worth

    1 - s + s / p  where the fingerprints are the same,    1 - s  where they are not,

whose mean is 1 (or less) when answers are dealt anew. The product of all questions, averaged over
SHARES, is an e-value (V. Vovk and R. Wang, "E-values: calibration, combination and applications",
Annals of Statistics 49 (2021), 1736-1754): by Markov's inequality, chance gives at most one pair in
e of that value or more. A pair is named where this lets expect at most one in CHANCE classes of the
same size. It follows that no pair is named for one function or two, whatever they are.

That treats functions as independent, which those of one person are not: a style shows in all of
them. So a fingerprint that more than GROUP students have does not count for a pair. Functions of
the course itself do not either; who has these is reckoned in the same way, with p = c / n.

Code is parsed and never run. Pairs are looked up by their fingerprints: no two trees are compared.
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
from nbjudge.files import is_rubbish
from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.static_names import parse_anew

CHANCE = 20  # classes, of which one may have a pair by chance
SMALLEST = 40  # nodes of the syntax tree; a shorter function does not count
SHARES = (1 / 8, 1 / 2, 7 / 8)  # of the answers that somebody may have copied
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
        How many such pairs, or students, chance gives in this class at most, on the average.
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
        functions = _functions(parse_anew(code))
        return {_digest(function) for function in functions if _size(function) >= SMALLEST}
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
        notebooks = Path(folder_of(coursedir, step, ".", name)).glob("*.ipynb")
        for path in (path for path in notebooks if not is_rubbish(path.name)):
            texts += [cell["source"] for cell in read_notebook(path.read_bytes())]
    for path in paths:
        if not path.exists():
            raise LookupError(f"There is no {path}, whose functions were to count as the course's.")
        inside = (file for file in sorted(path.rglob("*.py")) if not is_rubbish(file.name))
        files = inside if path.is_dir() else [path]
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
        # Those that do not count, though they are the same, are worth 1.
        different = [q for q in first.keys() & second.keys() if not set(first[q]) & set(second[q])]
        value = _e_value(same.values(), len(different))
        hints.append(Hint(pair, tuple(sorted(same)), tries / value))
    return _unexplained(hints)


def find_own(students: Mapping[str, Answers], own: Collection[str]) -> list[Hint]:
    """Students who have answers of the course itself, where chance does not explain it."""
    _, of = _by_question(students)
    chances = {
        question: count / of[question] for question, count in count_own(students, own).items()
    }
    hints = []
    for name, answers in students.items():
        same = {q: chances[q] for q, found in answers.items() if any(f in own for f in found)}
        value = _e_value(same.values(), len(answers) - len(same))
        hints.append(Hint((name,), tuple(sorted(same)), len(students) / value))
    return _unexplained(hints)


def count_own(students: Mapping[str, Answers], own: Collection[str]) -> dict[str, int]:
    """How many students have an answer of the course itself, by question."""
    counts = Counter[str]()
    for answers in students.values():
        counts.update(q for q, found in answers.items() if any(f in own for f in found))
    return dict(counts)


def _by_question(
    students: Mapping[str, Answers],
) -> tuple[dict[tuple[str, str], set[str]], dict[str, int]]:
    """{(question, fingerprint): who has it}, and {question: how many have any}."""
    having, of = defaultdict[tuple[str, str], set[str]](set), Counter[str]()
    for name, answers in students.items():
        of.update(answers.keys())
        for question, found in answers.items():
            for fingerprint in found:
                having[question, fingerprint].add(name)
    return having, of


def _e_value(same: Collection[float], different: int) -> float:
    """The mean over SHARES of the worth of all questions.

    Parameters
    ----------
    same
        The probabilities of those whose answers are the same.
    different
        How many others there are.
    """
    values = [
        math.prod(1 - share + share / chance for chance in same) * (1 - share) ** different
        for share in SHARES
    ]
    return sum(values) / len(values)


def _unexplained(hints: Iterable[Hint]) -> list[Hint]:
    """Those that chance does not give in one of CHANCE classes, the least probable first."""
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
    nodes = list(ast.walk(function))
    bound = {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    _Normal(_BUILTINS - bound).visit(function)
    return hashlib.sha256(ast.dump(function).encode("utf-8", "replace")).hexdigest()[:32]


class _Normal(ast.NodeTransformer):
    """Replaces the names of a function, and takes out what changes nothing."""

    def __init__(self, kept: Collection[str]) -> None:
        self.kept, self.names = kept, dict[str, str]()

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
        return name if name in self.kept else self.names.setdefault(name, f"v{len(self.names)}")


def _is_idle(line: ast.AST) -> bool:
    """Whether a line does nothing: a docstring, another constant, or `pass`."""
    is_constant = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return is_constant or isinstance(line, ast.Pass)
