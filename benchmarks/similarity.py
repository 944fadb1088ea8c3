"""Measure which students the report names for equal answers: honest ones, and copiers.

    python -m benchmarks.similarity [--classes 100] [--notebooks FOLDER] [--write]

Classes are drawn from variations of the tests' correct solutions, so that two students have the
same answer only by chance; then one student copies answers from another and renames everything.
Real notebooks in a folder, one per student, form another class, and classes are drawn from them.
"""

import argparse
import ast
import inspect
import itertools
import random
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmarks._figures import show_figures
from exercises import EXERCISES
from nbjudge.notebook.reading import read_notebook
from nbjudge.report.similarity import Answers, find_pairs, fingerprints
from tests.exercises.solutions import RIGHT

SEED = 26
SIZES = (24, 100, 500)
VARIED = 100  # honest solutions per exercise
COPIED = (3, 9, 27)  # number of copied answers
DEFINED = re.compile(r"^def (\w+)\(", re.MULTILINE)


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

    follow: fraction of students who write what the notebook suggests; the others draw a solution
        of each exercise
    """
    return {
        f"s{number}": {
            name: styles[0] if follows else luck.choice(styles) for name, styles in texts.items()
        }
        for number in range(size)
        for follows in [luck.random() < follow]
    }


def answers(
    works: Mapping[str, Mapping[str, str]], known: dict[str, set[str]]
) -> dict[str, Answers]:
    """Return the fingerprints of a class.

    known: fingerprints of earlier sources, which are extended
    """
    for text in {text for work in works.values() for text in work.values()} - known.keys():
        known[text] = fingerprints(text)
    return {
        name: {question: known[text] for question, text in work.items() if known[text]}
        for name, work in works.items()
    }


def copied_is_found(
    works: Mapping[str, Answers], owner: str, thief: str, questions: Collection[str]
) -> bool:
    """Return True if the copier and the copied student are the only pair named."""
    mine = {**works[thief], **{q: works[owner][q] for q in questions if q in works[owner]}}
    named = [hint.students for hint in find_pairs({**works, thief: mine})]
    return named == [tuple(sorted((owner, thief)))]


def classes(texts: Mapping[str, Sequence[str]], count: int) -> list[str]:
    """Return rows of a table: honest classes with a named pair, and detected copies."""
    luck, known, rows = random.Random(SEED), dict[str, set[str]](), list[str]()
    for size, follow in itertools.product(SIZES, (0.0, 0.5)):
        false, found = 0, Counter[int]()
        for _ in range(count):
            works = draw(texts, size, follow, luck)
            works |= draw(texts, 2, 0.0, luck)  # s0 and s1 do not follow the notebook
            read = answers(works, known)
            false += bool(find_pairs(read))
            for number in COPIED:
                chosen = luck.sample(sorted(texts), number)
                found[number] += copied_is_found(read, "s1", "s0", chosen)
        shares = " | ".join(f"{found[number] / count:.0%}" for number in COPIED)
        rows.append(f"| {size} | {follow:.0%} | {false} of {count} | {shares} |")
    return rows


def real(folder: Path) -> list[str]:
    """Compare real notebooks: return table rows by function, and a summary of the named pairs."""
    students: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for path in sorted(folder.glob("*.ipynb")):
        for cell in read_notebook(path.read_bytes()):
            defined = DEFINED.search(cell["source"])
            if cell["cell_type"] == "code" and defined:
                students[path.name][defined[1]] = fingerprints(cell["source"])
    having = defaultdict[str, list[frozenset[str]]](list)
    for work in students.values():
        for name, found in work.items():
            having[name].append(frozenset(found))
    rows = []
    for name, found in having.items():
        counts = Counter(one for one in found if one)
        number = counts.total()
        if number < len(students) / 2:
            continue
        same = sum(count * (count - 1) for count in counts.values()) / (number * (number - 1))
        rows.append(f"| {name} | {number} | {len(counts)} | {max(counts.values())} | {same:.0%} |")
    total, luck = sum(map(len, having.values())), random.Random(SEED)
    read = {name: {q: f for q, f in work.items() if f} for name, work in students.items()}
    false, found, drawn = 0, Counter[int](), 200
    for _ in range(drawn):
        some = {name: read[name] for name in luck.sample(sorted(read), 24)}
        false += bool(find_pairs(some))
        owner, thief = luck.sample(sorted(read), 2)
        for number in (4, 8):
            chosen = luck.sample(sorted(having, key=lambda name: -len(having[name]))[:8], number)
            found[number] += copied_is_found(read, owner, thief, chosen)
    rows += [
        "",
        f"Among {len(students)} notebooks with {total} functions, {len(find_pairs(read))} pairs "
        f"are named; among 24 notebooks drawn from them, a pair is named in {false} of {drawn} "
        "cases. If one notebook has four functions of another, the pair is named in "
        f"{found[4] / drawn:.0%} of {drawn} cases; with all eight, in {found[8] / drawn:.0%}.",
    ]
    return rows


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--classes", type=int, default=100, help="classes of each size [100]")
    parser.add_argument("--notebooks", type=Path, help="a folder of real notebooks")
    parser.add_argument("--write", action="store_true", help="put the tables in similarity.md")
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
        "| students | follow the notebook | honest classes with a named pair | 3 copied: found "
        "| " + " | ".join(f"{number} copied" for number in COPIED[1:]) + " |",
        "|--:|--:|--:|--:|--:|--:|",
        *classes(solutions, options.classes),
    ]
    if options.notebooks:
        lines += ["", "| function | notebooks | distinct | largest equal group | equal pairs |"]
        lines += ["|---|--:|--:|--:|--:|", *real(options.notebooks)]
    show_figures(__file__, "\n".join(lines) + "\n", options.write)


if __name__ == "__main__":
    main()
