"""Prepare an assignment's notebook: run once what does not depend on who submits it."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbjudge.judging.messages import Fault
from nbjudge.judging.namespace import JudgeShell
from nbjudge.notebook import static_names
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.wire.values import digest


@dataclass
class PreparedCell:
    """A cell of the instructor's, with what does not depend on who submits.

    Attributes
    ----------
    tree
        Its syntax tree; of a cell that is no code, an empty one.
    bound
        What the judge computed for itself there, {name: value}.
    lost
        The names whose values it does not know from there on.
    digests
        Those of the values that the student's process is to have as well, by name.
    """

    spec: CellSpec
    tree: ast.Module
    bound: dict[str, Any] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    digests: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Prepared:
    """An assignment's notebook, with what does not depend on who submits.

    Attributes
    ----------
    cells
        One for each cell of the spec, in order.
    folder
        Where the assignment's files lie.
    files
        The same, {path there: content}.
    readable
        What else test cells may read outside the Python environment.
    faults
        What is wrong with the assignment.
    """

    spec: NotebookSpec
    cells: list[PreparedCell]
    folder: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    readable: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    def cell_of(self, cell_spec: CellSpec) -> PreparedCell:
        """What is prepared of a cell of the spec."""
        return self.cells[self.spec.cells.index(cell_spec)]


def prepare(spec: NotebookSpec, shell: JudgeShell) -> Prepared:
    """Run once what the judge has for itself, in the folder of the assignment's files.

    That is what all cells import, and what locked cells define and compute without the student.
    The shell's namespace is left as it was.
    """
    cells = [
        PreparedCell(cell, static_names.parse(cell.solved if cell.cell_type == "code" else ""))
        for cell in spec.cells
    ]
    prepared = Prepared(spec, cells)
    before, theirs = dict(shell.user_ns), set[str]()
    for cell in cells:
        if cell.spec.cell_type != "code" or cell.spec.is_test:
            continue
        sources, cell.lost, bound_to_them = _own_part(cell, theirs)
        computed = _compute(sources, shell, cell.spec, prepared.faults)
        cell.bound = {n: value for n, value in computed.items() if n not in cell.lost}
        asked, assigned = set(spec.asked(cell.spec)), static_names.assigned_names(cell.tree)
        theirs = (theirs | asked | assigned) - (set(cell.bound) - asked)
        theirs |= cell.lost | bound_to_them
        if cell.spec.locked:
            digests = {name: digest(value) for name, value in cell.bound.items()}
            cell.digests = {name: found for name, found in digests.items() if found}
    shell.user_ns.clear()
    shell.user_ns.update(before)
    return prepared


def _own_part(cell: PreparedCell, theirs: set[str]) -> tuple[list[str], set[str], set[str]]:
    """What of a cell the judge runs for itself: as `static_names.independent_part` gives it.

    All of a locked cell, or of one that computes with a student's names what does not depend on
    them; of a cell that students can change its imports, but not of files that they can change too.
    """
    if cell.spec.locked and not static_names.read_names(cell.tree) & theirs:
        return [cell.spec.source], set(), set()
    if cell.spec.locked:
        return static_names.independent_part(cell.tree, theirs)
    return [line for line in static_names.imports(cell.tree) if not _is_beside(line)], set(), set()


def _is_beside(line: str) -> bool:
    """Whether an import statement is of a file of the assignment."""
    name = line.split()[1].partition(".")[0].rstrip(",")
    return Path(f"{name}.py").exists() or Path(name).is_dir()


def _compute(
    sources: Iterable[str], shell: JudgeShell, cell: CellSpec, faults: list[Fault]
) -> dict[str, Any]:
    """Run the parts of a cell, each even if one before it fails; returns the names they bind."""
    before = dict(shell.user_ns)
    for source in sources:
        success, outputs = shell.run(source)
        if success or not cell.locked:
            continue
        last = outputs[-1] if outputs else {}
        reason = f"it cannot be run by the judge: {last.get('evalue', 'it failed')}"
        faults.append(Fault(cell.grade_id, reason))
    hidden = {"In", "Out", "exit", "quit", "open"}
    return {
        name: value
        for name, value in shell.user_ns.items()
        if not name.startswith("_")
        and name not in hidden
        and (name not in before or before[name] is not value)
    }
