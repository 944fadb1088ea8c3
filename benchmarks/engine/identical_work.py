"""Measure which students the report names for identical work: honest ones, and copiers.

    python -m benchmarks.engine.identical_work [--classes 100] [--modules FOLDER] [--write]

Classes are drawn from variations of the tests' correct solutions, so that two students have the
same answer only by chance; then one student copies answers from another and renames everything.
Other classes are drawn from real modules: a folder of Python files per student, and the folder
`released`. Dealt classes have the same functions, but each student gets a random student's version
of every function.
"""

import ast
import functools
import inspect
import itertools
import math
import random
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks._figures import argument_parser, show_figures
from exercises import EXERCISES
from nbjudge.plugins.report.functions import Function, fingerprints, read_functions
from nbjudge.plugins.report.identical import find_identical
from tests.exercises.solutions import RIGHT

SEED = 26
SIZES = (24, 100, 500)
VARIED = 100  # honest solutions per exercise
COPIED = (3, 9, 27)  # number of copied answers
MODULES = (24, 80)  # students in a class of real modules
FEWEST = 15  # functions of a student in such a class
DRAWN = 100  # classes of real students
KINDS: dict[str, Callable[[str], str]] = {  # what a copier changes in each line
    "as is": lambda line: line,
    "without comments": lambda line: line.partition("#")[0].strip(),
    "renamed": lambda line: f"renamed: {line}",
}


def honest() -> dict[str, list[str]]:
    """Return the sources of the correct solutions by exercise, starting with the course's own."""
    texts = {name: [exercise.solution_text()] for name, exercise in EXERCISES.items()}
    for name, styles in RIGHT.items():
        for function in styles.values():
            try:
                text = textwrap.dedent(inspect.getsource(function))
            except (OSError, TypeError):  # derived from another function, without source
                continue
            texts[name].append(text.replace("def _(", f"def {name}("))
    return texts


def renamed(text: str) -> str:
    """Return a copy with every local name changed, and an additional comment."""
    tree = ast.parse(text)
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg in own:
            node.arg = f"my_{node.arg}"
        elif isinstance(node, ast.Name) and node.id in own:
            node.id = f"my_{node.id}"
    return f"# all my own work\n{ast.unparse(tree)}"


class _Variation(ast.NodeTransformer):
    """Rewrites code equivalently, at random positions."""

    def __init__(self, luck: random.Random):
        self.luck = luck

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        if not isinstance(node.target, ast.Name) or self.luck.random() < 0.5:
            return node
        value = ast.BinOp(ast.Name(node.target.id), node.op, node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult | ast.Add) and self.luck.random() < 0.25:
            names = ast.Name, ast.Constant
            if isinstance(node.left, names) and isinstance(node.right, names):
                node.left, node.right = node.right, node.left
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        is_range = isinstance(node.func, ast.Name) and node.func.id == "range"
        if is_range and len(node.args) == 1 and self.luck.random() < 0.25:
            node.args.insert(0, ast.Constant(0))
        return node

    def visit_Return(self, node: ast.Return) -> list[ast.stmt] | ast.stmt:
        self.generic_visit(node)
        if node.value is None or isinstance(node.value, ast.Name) or self.luck.random() < 0.5:
            return node
        kept = ast.Assign([ast.Name("result", ast.Store())], node.value)
        return [kept, ast.Return(ast.Name("result"))]


def varied(text: str, luck: random.Random) -> str:
    """Return the same solution as another student would write it."""
    tree = _Variation(luck).visit(ast.parse(text))
    return ast.unparse(ast.fix_missing_locations(tree))


def pool(texts: Mapping[str, Sequence[str]], luck: random.Random) -> dict[str, list[str]]:
    """Return honest solutions of each exercise; the first is the course's own."""
    return {
        name: [styles[0], *(varied(luck.choice(styles), luck) for _ in range(VARIED - 1))]
        for name, styles in texts.items()
    }


def draw(
    texts: Mapping[str, Sequence[str]], size: int, follow: float, luck: random.Random
) -> dict[str, dict[str, str]]:
    """Draw a class: {student: {exercise: source}}.

    Parameters
    ----------
    follow
        Fraction of students who write what the notebook suggests; the others draw a solution of
        each exercise.
    """
    return {
        f"s{number}": {
            name: styles[0] if follows else luck.choice(styles) for name, styles in texts.items()
        }
        for number in range(size)
        for follows in [luck.random() < follow]
    }


def classes(texts: Mapping[str, Sequence[str]], count: int) -> list[str]:
    """Return rows of a table: honest classes with a false positive, and detected copies."""
    luck, rows = random.Random(SEED), list[str]()
    for size, follow in itertools.product(SIZES, (0.0, 0.5)):
        false, found = 0, Counter[int]()
        classes_drawn = count if size < SIZES[-1] else count // 10
        for _ in range(classes_drawn):
            students = draw(texts, size, follow, luck)
            students |= draw(texts, 2, 0.0, luck)  # s0 and s1 do not follow the notebook
            functions = functions_of(students)
            false += bool(find_identical(functions))
            for number in COPIED:
                chosen = luck.sample(sorted(texts), number)
                copied = copy(functions, "s1", "s0", chosen, "renamed")
                found[number] += identical_is_found(copied, "s1", "s0")
        shares = " | ".join(f"{found[n] / classes_drawn:.0%}" for n in COPIED)
        rows.append(f"| {size} | {follow:.0%} | {false} of {classes_drawn} | {shares} |")
    return rows


@functools.cache
def _functions_in(text: str) -> tuple[Function, ...]:
    return read_functions(text)


def functions_of(students: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Function]]:
    """Return the functions of a class by exercise."""
    return {
        student: {
            exercise: replace(function, name=exercise)
            for exercise, text in work.items()
            for function in _functions_in(text)[:1]
        }
        for student, work in students.items()
    }


def copy(
    students: Mapping[str, Mapping[str, Function]],
    owner: str,
    thief: str,
    names: Iterable[str],
    kind: str,
) -> dict[str, Mapping[str, Function]]:
    """Return the class after a student has copied functions."""
    change = KINDS[kind]
    copied = {
        name: replace(function, lines=tuple(filter(None, map(change, function.lines))))
        for name in names
        for function in [students[owner].get(name)]
        if function
    }
    return {**students, thief: {**students[thief], **copied}}


def identical_is_found(
    students: Mapping[str, Mapping[str, Function]], owner: str, thief: str
) -> bool:
    """True if an entry names both students."""
    return any({owner, thief} <= set(one.students) for one in find_identical(students))


def read_modules(folder: Path) -> dict[str, dict[str, Function]]:
    """Read the functions of each student that have frequent names, without released code.

    Docstrings and released lines are dropped, because the students had different releases.
    """
    released = [path.read_text("utf-8", "replace") for path in (folder / "released").glob("*.py")]
    own = set[str]().union(*(fingerprints(text, math.inf) for text in released))
    given = {line.strip() for text in released for line in text.splitlines()}
    students: dict[str, dict[str, Function]] = {}
    for path in sorted(folder.glob("*/*.py")):
        for function in read_functions(path.read_text("utf-8", "replace"), math.inf):
            if path.parent.name != "released" and function.tree not in own:
                kept = (n for n, line in enumerate(function.lines) if not n or line not in given)
                lines = tuple(function.lines[n] for n in kept)
                name = f"{path.stem}.{function.name}"
                mine = students.setdefault(path.parent.name, {})
                mine[name] = Function(name, function.tree, lines)
    counts = Counter(name for work in students.values() for name in work)
    often = {name for name, count in counts.items() if 2 * count >= len(students)}
    frequent = {s: {n: work[n] for n in work if n in often} for s, work in students.items()}
    return {student: work for student, work in frequent.items() if len(work) >= FEWEST}


def dealt(
    students: Mapping[str, Mapping[str, Function]], luck: random.Random
) -> dict[str, dict[str, Function]]:
    """Return a class in which each function is dealt at random among those who have it."""
    dealt_functions: dict[str, dict[str, Function]] = {student: {} for student in students}
    for name in sorted({name for work in students.values() for name in work}):
        owners = [student for student in students if name in students[student]]
        for owner, student in zip(owners, luck.sample(owners, len(owners)), strict=True):
            dealt_functions[student][name] = students[owner][name]
    return dealt_functions


def modules(students: Mapping[str, Mapping[str, Function]]) -> list[str]:
    """Return rows of a table on classes drawn from real students."""
    rows, luck = [], random.Random(SEED)
    for size in MODULES:
        if size > len(students):
            continue
        named, chance, found = 0, 0, Counter[tuple[str, int]]()
        for _ in range(DRAWN):
            some = {name: students[name] for name in luck.sample(sorted(students), size)}
            named += bool(find_identical(some))
            chance += bool(find_identical(dealt(some, luck)))
            owner, thief = luck.sample(sorted(some), 2)
            common = sorted(some[owner].keys() & some[thief].keys())
            for kind, number in itertools.product(KINDS, (3, 9)):
                copied = copy(
                    some, owner, thief, luck.sample(common, min(number, len(common))), kind
                )
                found[kind, number] += identical_is_found(copied, owner, thief)
        shares = (f"{found[kind, n] / DRAWN:.0%}" for n in (3, 9) for kind in KINDS)
        cells = [size, f"{named} of {DRAWN}", f"{chance} of {DRAWN}", *shares]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return rows


def main() -> None:
    """Measure false positives and detected copies, and print the tables."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--classes", type=int, default=100, help="classes of each size [100]")
    parser.add_argument(
        "--modules",
        type=Path,
        action="append",
        default=[],
        help="a folder of real students' modules (repeatable)",
    )
    options = parser.parse_args()
    texts = honest()
    solutions = pool(texts, random.Random(SEED))
    for found in solutions.values():  # a copy has the fingerprints of its original
        assert all(fingerprints(renamed(text)) == fingerprints(text) for text in found)
    total = sum(map(len, texts.values()))
    different = sum(len(set(found)) for found in solutions.values())
    short = [
        name
        for name, found in sorted(solutions.items())
        if sum(map(bool, map(fingerprints, found))) < len(found) / 2
    ]
    lines = [
        f"{total} correct solutions of {len(texts)} exercises, varied: {different} distinct "
        f"texts. Most texts of these exercises are too short to count: {', '.join(short)}.",
        "",
        "| students | follow the notebook | honest classes with a named pair | 3 copied: found | "
        + " | ".join(f"{number} copied" for number in COPIED[1:])
        + " |",
        "|--:|--:|--:|--:|--:|--:|",
        *classes(solutions, options.classes),
    ]
    for folder in options.modules:
        students = read_modules(folder)
        functions = sum(map(len, students.values())) / len(students)
        lines += ["", f"{len(students)} repositories with {functions:.0f} functions on average:"]
        kinds = [f"{n} {kind}" for n in (3, 9) for kind in KINDS]
        titles = ["students", "real classes with a named pair", "dealt classes", *kinds]
        lines += ["", f"| {' | '.join(titles)} |", f"|{'--:|' * len(titles)}", *modules(students)]
    show_figures(__file__, "\n".join(lines) + "\n", options.write)


if __name__ == "__main__":
    main()
