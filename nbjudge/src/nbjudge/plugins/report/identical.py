"""Find identical work: the same notebook files, and functions with the same text or tree.

Three levels are compared. The text of a function consists of its lines, without blank lines and
indentation; its code is the text without comments; its tree is the fingerprint of
`nbjudge.plugins.report.functions`, to which comments, layout and names make no difference.
Functions are compared by name, wherever they are in the notebook.

Honest students share short texts, and long ones where the notebook suggests nearly every line. The
probability p that two students share a function is therefore estimated for each function and level
from the class itself:

    p = (other pairs in the class that share it + WEIGHT * prior) / (other pairs + WEIGHT)

The prior is the rate of such pairs among all short or all long functions of the class, and at least
PRIORS, the lower the longer the function is; p is at least the last number of PRIORS. These were
fitted to public solutions of the course CS231n, see benchmarks/engine/identical_work.md. The length
of a function is its number of lines that at most half of the class have, so given code does not
count.
What more than GROUP students share does not count, nor does the course's own code.

If chance shared functions independently, the expected number of pairs in the class that share k of
n functions, all as rare as these, would be at most

    pairs * C(n, k) * p_1 * ... * p_k

Work is reported if this number, for the rarest k functions of a pair, is at most 1 / CLASSES.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.folders import folder_of
from nbjudge.files import is_rubbish
from nbjudge.notebook.reading import read_notebook
from nbjudge.plugins.report.functions import Function, fingerprints

CLASSES = 200  # chance names somebody in at most one honest class in so many
GROUP = 5  # students; what more of them share does not count
WEIGHT = 30  # pairs of students that a prior counts for
LONG = 8  # lines of a long function
TREE, CODE, TEXT = range(3)  # levels
_EXACT = 0.1, 0.5, 0.00002
PRIORS = ((0.5, 0.75, 0.0002), _EXACT, _EXACT)  # by level: without lines, factor per line, least

# A function at a level: its level, name and content there.
_Key = tuple[int, str, object]


@dataclass(frozen=True)
class Identical:
    """Students with identical work.

    Attributes
    ----------
    students
        Ids of the students.
    notebooks
        Assignments for which they submitted the same file, byte for byte.
    same
        Functions with the same text.
    changed
        Functions that differ only in comments, layout or names.
    """

    students: tuple[str, ...]
    notebooks: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


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


def find_identical(
    students: Mapping[str, Mapping[str, Function]],
    own: Collection[str] = (),
    files: Mapping[str, Mapping[str, str]] | None = None,
    groups: Mapping[str, str] | None = None,
) -> list[Identical]:
    """Return the students with identical work, the largest amount of it first.

    Parameters
    ----------
    students
        Functions of each student, by name.
    own
        Fingerprints of the course's own functions.
    files
        Digests of the submitted files: {student: {assignment: digest}}.
    groups
        Students who may share work: {student: group}.
    """
    work_of = {
        student: {name: f for name, f in functions.items() if f.tree not in own}
        for student, functions in students.items()
    }
    files, groups = files or {}, groups or {}
    having = defaultdict[tuple[str, str], list[str]](list)
    for student, digests in files.items():
        if work_of.get(student):
            for assignment, digest in digests.items():
                having[assignment, digest].append(student)
    shared = defaultdict[tuple[str, str], set[str]](set)
    for (assignment, _), names in having.items():
        if len(names) <= GROUP:
            for pair in itertools.combinations(sorted(names), 2):
                shared[pair].add(assignment)
    pairs = {*shared, *_unexplained_pairs(work_of)}
    linked = [pair for pair in sorted(pairs) if not _may_share(pair, groups)]
    entries = [_describe(pair, work_of, shared) for pair in linked]
    merged = [_merge(entries, members) for members in _components(linked)]
    return sorted(merged, key=lambda one: (-len(one.notebooks), -len(one.same), one.students))


def _may_share(pair: tuple[str, str], groups: Mapping[str, str]) -> bool:
    """True if two students belong to the same group, of {student: group}."""
    return pair[0] in groups and groups[pair[0]] == groups.get(pair[1])


def _unexplained_pairs(work_of: Mapping[str, Mapping[str, Function]]) -> list[tuple[str, str]]:
    """Return the pairs that share more functions than chance explains."""
    having, lengths = defaultdict[_Key, list[str]](list), _lengths(work_of)
    for student, functions in sorted(work_of.items()):
        for name, function in functions.items():
            for level, content in enumerate((function.tree, _code(function), function.lines)):
                having[level, name, content].append(student)
    rare = {key: names for key, names in having.items() if len(names) <= GROUP}
    length = {key: lengths[names[0], key[1]] for key, names in rare.items()}
    number, equal = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for key, names in rare.items():
        number[key[:2]] += len(names)
        equal[key[:2]] += math.comb(len(names), 2)
    matches, cases = Counter[tuple[int, bool]](), Counter[tuple[int, bool]]()
    for key, names in rare.items():
        kind = key[0], length[key] >= LONG
        matches[kind] += len(names) * (len(names) - 1)
        cases[kind] += len(names) * (number[key[:2]] - 1)
    chances = defaultdict[tuple[str, str], dict[str, float]](dict)
    for key, names in rare.items():
        if len(names) > 1:
            kind, (most, factor, least) = (key[0], length[key] >= LONG), PRIORS[key[0]]
            prior = max(most * factor ** length[key], least, matches[kind] / cases[kind])
            others = math.comb(number[key[:2]], 2) - 1
            chance = max(least, (equal[key[:2]] - 1 + WEIGHT * prior) / (others + WEIGHT))
            for pair in itertools.combinations(names, 2):
                chances[pair][key[1]] = min(chance, chances[pair].get(key[1], 1.0))
    tries = math.comb(len(work_of), 2)
    return [
        (first, second)
        for (first, second), same in chances.items()
        if CLASSES
        * tries
        * _probability(same.values(), len(work_of[first].keys() & work_of[second]))
        <= 1
    ]


def _code(function: Function) -> tuple[str, ...]:
    """Return the lines without comments; strings with # are cut as well, which does no harm."""
    lines = (line.partition("#")[0].rstrip() for line in function.lines)
    return tuple(filter(None, lines))


def _probability(chances: Collection[float], of: int) -> float:
    """Bound the probability that chance shares as many and as rare functions as the k rarest."""
    factors = (chance * (of - k) / (k + 1) for k, chance in enumerate(sorted(chances)))
    # Logarithms, because C(n, k) exceeds the largest float for a thousand functions.
    return math.exp(min(0.0, *itertools.accumulate(map(math.log, factors))))


def _lengths(work_of: Mapping[str, Mapping[str, Function]]) -> dict[tuple[str, str], int]:
    """Return the number of lines that at most half of the class have: {(student, name): number}."""
    counts, of = defaultdict[str, Counter[str]](Counter), Counter[str]()
    for functions in work_of.values():
        of.update(functions.keys())
        for name, function in functions.items():
            counts[name].update(set(function.lines))
    return {
        (student, name): sum(2 * counts[name][line] <= of[name] for line in function.lines)
        for student, functions in work_of.items()
        for name, function in functions.items()
    }


def _describe(
    pair: tuple[str, str],
    work_of: Mapping[str, Mapping[str, Function]],
    shared: Mapping[tuple[str, str], Collection[str]],
) -> Identical:
    first, second = (work_of[student] for student in pair)
    names = sorted(n for n in first.keys() & second.keys() if first[n].tree == second[n].tree)
    same = tuple(name for name in names if first[name].lines == second[name].lines)
    changed = tuple(name for name in names if first[name].lines != second[name].lines)
    return Identical(pair, tuple(sorted(shared.get(pair, ()))), same, changed)


def _components(pairs: Sequence[tuple[str, str]]) -> list[set[str]]:
    """Return the sets of students that pairs connect."""
    components = list[set[str]]()
    for pair in pairs:
        touched = [component for component in components if component & set(pair)]
        components = [component for component in components if component not in touched]
        components.append({*pair}.union(*touched))
    return components


def _merge(found: Sequence[Identical], members: set[str]) -> Identical:
    """Return one entry for students who are connected by pairs."""
    pairs = [one for one in found if members & set(one.students)]
    same = {name for one in pairs for name in one.same}
    return Identical(
        tuple(sorted(members)),
        tuple(sorted({name for one in pairs for name in one.notebooks})),
        tuple(sorted(same)),
        tuple(sorted({name for one in pairs for name in one.changed} - same)),
    )
