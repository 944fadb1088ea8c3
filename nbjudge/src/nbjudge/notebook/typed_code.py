"""Keep code that students typed into locked cells, and find the questions that need it."""

import ast
import dis
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import CodeType

from nbjudge.notebook import static_names
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec, NotebookSpec

_GLOBAL_READS = {"LOAD_NAME", "LOAD_GLOBAL"}


def students_version(cell: Cell, cell_spec: CellSpec) -> Cell:
    """Return a text cell with the student's version of a locked cell; code in it is not run."""
    source = cell["source"]
    version: Cell = {"id": None, "cell_type": "markdown", "metadata": {}, "source": source}
    version["spec"] = None
    if "code" in (cell["cell_type"], cell_spec.cell_type):
        fence = "`" * (1 + max(map(len, ("``", *re.findall("`+", source)))))
        version["metadata"] = {"nbjudge": {"restored": cell_spec.grade_id}}
        version["source"] = (
            f"*The cell `{cell_spec.grade_id}` was restored. This is the submitted version of it, "
            f"which was not run:*\n\n{fence}python\n{source}\n{fence}"
        )
    elif "attachments" in cell:
        version["attachments"] = cell["attachments"]
    return version


def new_names(source: str, cell_spec: CellSpec) -> set[str]:
    """Return the names that code typed into a locked cell defines."""
    try:
        released = {ast.dump(n) for n in static_names.parse(cell_spec.source).body}
        new = [n for n in static_names.parse(source).body if ast.dump(n) not in released]
        return static_names.assigned_names(ast.Module(new, []))
    except RecursionError:  # for example a chain of a thousand `elif` branches
        return set()


def doubt_restored(cells: list[Cell], spec: NotebookSpec, typed: Mapping[str, str]) -> None:
    """Doubt the tests and answers that need names which code typed into restored cells defines.

    The reason quotes no name that only hidden tests need.
    """
    needed = {cell.grade_id: set(spec.asked(cell)) for cell in spec.cells if cell.solution}
    shown = dict(needed)
    try:
        trees = [static_names.parse(c["source"]) for c in cells if c["cell_type"] == "code"]
        needs = _Needs(trees)
        for test in spec.tests:
            needed[test.grade_id] = needs.of(static_names.parse(test.source))
            released = needs.of(static_names.parse(test.released))
            shown[test.grade_id] = needed[test.grade_id] & released
    except RecursionError:  # no code can be followed
        needed |= {test.grade_id: set(typed) for test in spec.tests}
    for cell in cells:
        grade_id = cell["spec"].grade_id if cell["spec"] else ""
        if grade_id not in needed:
            continue
        # `import *` may define any name.
        names = sorted(typed.keys() & (needed[grade_id] | {"*"}))
        told = [name for name in names if name in shown.get(grade_id, ())][:5]
        if names:
            clause = f"defines {', '.join(told)}" if told else "may define a name that it needs"
            version = f"the submitted version of the cell {typed[(told or names)[0]]}"
            cell["doubt"] = f"{version}, which was restored, {clause}"


class _Needs:
    """Finds the names that a cell needs from others, directly or through cells that define them.

    Parameters
    ----------
    trees
        All cells of a notebook.
    """

    def __init__(self, trees: Iterable[ast.Module]):
        self.external = list[set[str]]()
        self.defining = defaultdict[str, list[int]](list)  # numbers of the cells that define a name
        for number, tree in enumerate(trees):
            self.external.append(_external_names(tree))
            for name in static_names.assigned_names(tree):
                self.defining[name].append(number)

    def of(self, tree: ast.Module) -> set[str]:
        """Return the names that a cell needs from other cells."""
        needed, visited, waiting = set[str](), set[int](), [_external_names(tree)]
        while waiting:
            new = waiting.pop() - needed
            needed |= new
            cells = {number for name in new for number in self.defining.get(name, ())} - visited
            visited |= cells
            waiting += (self.external[number] for number in cells)
        return needed


def _external_names(tree: ast.Module) -> set[str]:
    """Return the global names that a cell reads, except those that it defines."""
    reads, codes = set[str](), list[CodeType]()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # hide warnings about students' code
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            codes.append(compile(tree, "cell", "exec", flags, dont_inherit=True))
    except (SyntaxError, ValueError, MemoryError):  # such as `return` outside a function
        reads |= static_names.read_names(tree)
    while codes:
        code = codes.pop()
        codes += (constant for constant in code.co_consts if isinstance(constant, CodeType))
        reads |= {i.argval for i in dis.get_instructions(code) if i.opname in _GLOBAL_READS}
    return reads - static_names.assigned_names(tree)
