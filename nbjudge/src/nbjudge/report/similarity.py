"""Find answers with equal syntax trees: hints for the instructor, never a proof.

`nbjudge.report.functions` computes the fingerprint of a function. Honest solutions of an exercise
often have the same fingerprint, even long ones, because they follow the same instructions. Chance
is therefore modeled as a permutation: if the answers to each question were dealt at random among
the n students who gave them, a student with a fingerprint that c students have would share it with
a given other student with probability p = (c - 1) / (n - 1). For an assumed share s of copied
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

Pairs are looked up by fingerprint; no two trees are compared.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.folders import folder_of
from nbjudge.files import is_rubbish
from nbjudge.notebook.reading import read_notebook
from nbjudge.report.functions import fingerprints

CHANCE = 20  # classes; chance produces at most one pair in so many
SHARES = (1 / 8, 1 / 2, 7 / 8)  # assumed shares of copied answers
GROUP = 5  # students; more frequent fingerprints do not count for pairs

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
