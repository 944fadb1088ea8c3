"""Prepare an assignment's notebook: run the parts that do not depend on a submission, once."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from nbjudge.judging.messages import Fault
from nbjudge.judging.namespace import JudgeShell
from nbjudge.notebook import static_names
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.notebook.texts import given_texts
from nbjudge.wire.values import digest


@dataclass
class PreparedCell:
    """An instructor cell, with the data that do not depend on a submission.

    Attributes
    ----------
    tree
        Syntax tree; empty for a cell without code.
    bound
        The names that the judge computed itself, {name: value}.
    lost
        Names whose values the judge no longer knows after this cell.
    digests
        Digests of the values that the student's process should have too, by name.
    """

    spec: CellSpec
    tree: ast.Module
    bound: dict[str, Any] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    digests: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Prepared:
    """An assignment's notebook, with the data that do not depend on a submission.

    Attributes
    ----------
    cells
        Prepared cells, one for each cell of the spec, in order.
    folder
        Folder with the assignment's files.
    files
        The same files, {path in the folder: content}.
    readable
        Other files and folders that test cells may read outside the Python environment.
    faults
        Errors in the assignment.
    """

    spec: NotebookSpec
    cells: list[PreparedCell]
    folder: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    readable: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    def cell_of(self, cell_spec: CellSpec) -> PreparedCell:
        """Return the prepared cell for a cell of the spec."""
        return self.cells[self.spec.cells.index(cell_spec)]


def prepare(spec: NotebookSpec, shell: JudgeShell) -> Prepared:
    """Run the parts of the instructor's cells that do not depend on a submission.

    These are the imports of all cells, and the definitions and computations of locked cells that do
    not use the student's names. They run in the folder with the assignment's files. The shell's
    namespace is restored afterwards.
    """
    cells = [
        PreparedCell(cell, static_names.parse(cell.solved if cell.cell_type == "code" else ""))
        for cell in spec.cells
    ]
    prepared = Prepared(spec, cells)
    namespace, students = dict(shell.user_ns), set[str]()
    for cell in cells:
        if cell.spec.cell_type != "code" or cell.spec.is_test:
            continue
        modules = {n for n, value in shell.user_ns.items() if isinstance(value, ModuleType)}
        sources, cell.lost, bound_to_them = _own_part(cell, students, modules)
        computed = _compute(sources, shell, cell.spec, prepared.faults)
        cell.bound = {n: value for n, value in computed.items() if n not in cell.lost}
        asked, assigned = set(spec.asked(cell.spec)), static_names.assigned_names(cell.tree)
        students = (students | asked | assigned) - (set(cell.bound) - asked)
        students |= cell.lost | bound_to_them
        if cell.spec.locked:
            cell.lost |= assigned - set(cell.bound)
            digests = {name: digest(value) for name, value in cell.bound.items()}
            cell.digests = {name: value for name, value in digests.items() if value}
    shell.user_ns.clear()
    shell.user_ns.update(namespace)
    given_texts(spec)  # so that judges, which are forked later, find it in the cache
    return prepared


def _own_part(
    cell: PreparedCell, students: set[str], modules: set[str]
) -> tuple[list[str], set[str], set[str]]:
    """Return the part of a cell that the judge runs, as `static_names.independent_part` does.

    For a locked cell, that part is the whole cell or, if the cell uses the student's names, the
    statements that do not depend on them. For a cell that students can change, the part consists of
    the imports, except imports of files that students can change too.
    """
    if cell.spec.locked and not static_names.read_names(cell.tree) & students:
        return [cell.spec.source], set(), set()
    if cell.spec.locked:
        return static_names.independent_part(cell.tree, students, modules)
    return [line for line in static_names.imports(cell.tree) if not _is_beside(line)], set(), set()


def _is_beside(line: str) -> bool:
    """True if an import statement imports a file of the assignment."""
    name = line.split()[1].partition(".")[0].rstrip(",")
    return Path(f"{name}.py").exists() or Path(name).is_dir()


def _compute(
    sources: Iterable[str], shell: JudgeShell, cell: CellSpec, faults: list[Fault]
) -> dict[str, Any]:
    """Run the parts of a cell, even if an earlier part fails; return the names they bind."""
    namespace, assigned = dict(shell.user_ns), set[str]()
    for source in sources:
        assigned |= static_names.assigned_names(static_names.parse(source))
        success, outputs = shell.run(source)
        if success or not cell.locked:
            continue
        last = outputs[-1] if outputs else {}
        reason = f"the judge cannot run it: {last.get('evalue', 'it failed')}"
        lacks_module = last.get("ename") == "ModuleNotFoundError"
        faults.append(Fault(cell.grade_id, reason, lacks_module))
    hidden = {"In", "Out", "exit", "quit", "open"}
    return {
        name: value
        for name, value in shell.user_ns.items()
        if not name.startswith("_")
        and name not in hidden
        # An assignment may bind the same object again, such as a module.
        and (name in assigned or name not in namespace or namespace[name] is not value)
    }
