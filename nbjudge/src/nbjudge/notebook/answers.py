"""Find a student's answers outside the answer cells: in other cells and in files."""

import ast
import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from nbjudge.files import folded
from nbjudge.notebook import static_names
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.notebook.texts import given_texts, is_blank, is_unanswered, squeezed

MOST_FILES = 20  # files shown below an answer


def own_answers(cells: Sequence[tuple[str, str, str]], spec: NotebookSpec) -> dict[str, list[int]]:
    """Find the student's own cells that may belong to each answer that a person grades.

    Students often write an answer in new cells above or below the answer cell. All cells up to the
    nearest instructor cell belong to the answer, and so do cells below its marking scheme.
    A task includes all cells below it, up to the next cell that has a grade id. If the answer cell
    is blank, the answer may also be next to another answer or at the end of the notebook: as prose,
    or as code if the answer cell is a code cell.

    Parameters
    ----------
    cells
        Grade id, type and text of each cell of a repaired notebook.

    Returns
    -------
    dict
        Indices of the cells that are not blank, in order: {grade id: indices}.
    """
    specs = {cell.grade_id: cell for cell in spec.cells if cell.grade_id}
    schemes = {name for name, cell in specs.items() if cell.has_scheme}
    given = given_texts(spec)
    is_given = [bool(name) or squeezed(text) in given for name, _, text in cells]
    own = [at for at, (_, _, text) in enumerate(cells) if not (is_given[at] or is_blank(text))]
    answers, blank = dict[str, list[int]](), list[CellSpec]()
    for number, (name, _, text) in enumerate(cells):
        answer = specs.get(name)
        if answer is None or not answer.is_by_hand:
            continue
        first, end = number, number + 1
        while first and not is_given[first - 1]:
            first -= 1
        while end < len(cells) and (
            cells[end][0] in schemes if cells[end][0] else answer.task or not is_given[end]
        ):
            end += 1
        answers[name] = [at for at in own if first <= at < end]
        blank += [answer] if answer.solution and is_unanswered(text, answer) else []
    bottom = 1 + max((at for at, released in enumerate(is_given) if released), default=-1)
    likely = {at for at in own if at >= bottom}.union(*answers.values())
    for answer in blank:
        fitting = (at for at in likely if answer.cell_type == "code" or _is_words(*cells[at][1:]))
        answers[answer.grade_id] = sorted({*answers[answer.grade_id], *fitting})
    return answers


def _is_words(cell_type: str, text: str) -> bool:
    """True for a text cell, and for code that has only comments or cannot be parsed."""
    if cell_type != "code":
        return True
    statements = static_names.parse(text).body
    return all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in statements)


def show_files(cells: list[Cell], files: Collection[str], spec: NotebookSpec) -> list[Cell]:
    """Return the cells of a notebook, plus cells that show the files that no student cell names.

    These files are shown below tasks and unanswered questions that a person grades.
    """
    if unnamed := _unnamed(files, cells, spec):
        return [part for cell in cells for part in _with_files(cell, unnamed)]
    return cells


def _unnamed(files: Collection[str], cells: list[Cell], spec: NotebookSpec) -> list[str]:
    """Return the files that no student cell names; files in subfolders come last.

    Released texts do not count, because a question may ask for a file by its name.
    """
    if not files:
        return []
    released = given_texts(spec)
    naming = (
        cell["source"]
        for cell in cells
        if cell["cell_type"] == "code"
        or (cell["spec"] and cell["spec"].solution)
        or squeezed(cell["source"]) not in released
    )
    text = folded(unquote("\n".join(naming)))
    names = {path: re.escape(folded(PurePosixPath(path).name)) for path in files}
    unnamed = (path for path in files if not re.search(rf"(?<![\w.-]){names[path]}(?!\w)", text))
    return sorted(unnamed, key=lambda path: (path.count("/"), path))


def _with_files(cell: Cell, files: Sequence[str]) -> list[Cell]:
    """Return a cell; after a task or an unchanged answer, also a cell that shows files."""
    cell_spec = cell["spec"]
    if not (cell_spec and cell_spec.is_by_hand and is_unanswered(cell["source"], cell_spec)):
        return [cell]
    lines = ["*Submitted files that no cell of this notebook mentions:*"]
    for path in files[:MOST_FILES]:
        label = re.sub(r"[^\w\s]", r"\\\g<0>", " ".join(path.split()))
        lines.append(f"![{label}]({quote(path)})")
    if more := len(files) - MOST_FILES:
        lines += [f"*... and {more:,} more.*"] if more > 0 else []
    listing: Cell = {
        "id": None,
        "cell_type": "markdown",
        "metadata": {},
        "source": "\n\n".join(lines),
    }
    return [cell, {**listing, "spec": None}]
