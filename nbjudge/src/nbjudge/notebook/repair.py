"""Turn whatever a student submitted into a notebook that can be judged, and say what was repaired.

Instructors know the cases: cells deleted, copied, moved, turned to another type; metadata lost,
changed or of an old version; notebooks saved by other programs. Nothing a student's file says about
grading is believed: what a cell is and what it is worth comes from the instructor.

A submission may be of an earlier release. A locked cell that is as that one handed it out gets
today's text without a word: only what a student changed is said.
"""

import ast
import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from nbjudge.files import folded
from nbjudge.notebook import static_names
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec, NotebookSpec

HIDING = ("collapsed", "scrolled", "source_hidden", "outputs_hidden")  # metadata kept if bools
MOST_FILES = 20  # shown below an answer
_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}  # Unicode's categories of spaces, controls and formats


def repair(
    cells: list[Cell], spec: NotebookSpec, files: Collection[str] = ()
) -> tuple[list[Cell], list[str]]:
    """The cells as they are judged, each with its spec, and what was repaired, a sentence each.

    Parameters
    ----------
    files
        Names of the student's own files. Those that no cell names, or only a given text such as a
        question, are shown below each answer that may be in them.
    """
    repairs: list[str] = []
    cells = [{**cell, "spec": None, "handed_out": _was_handed_out(cell)} for cell in cells]
    _recognize(cells, spec, repairs)
    _find_solutions(cells, spec, repairs)
    _find_texts(cells, spec, repairs)
    _find_answers(cells, spec, repairs)
    _put_in_order(cells, spec, repairs)
    cells = [part for cell in cells for part in _restored(cell, repairs)]
    if unnamed := _unnamed(files, cells, spec):
        cells = [part for cell in cells for part in _with_files(cell, unnamed)]
    _name_cells(cells)
    return cells, repairs


def _grade_id(cell: Cell) -> str:
    """The grade id of the instructor's cell that a cell is; "" where it is none of them."""
    return cell["spec"].grade_id if cell["spec"] else ""


def _recognize(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """Give each cell its spec by its grade id; of several with one id the last has it.

    Of several that are locked it is the last one with the instructor's text: the others are where a
    student has written something else. Of several answers it is the last one that is not blank. One
    that today's assignment has not, and that is as it was handed out, is of an earlier release.
    """
    known = {cell.grade_id: cell for cell in spec.cells if cell.grade_id}
    claims: dict[str, list[Cell]] = {}
    for cell in cells:
        said = cell["metadata"].get("nbgrader")
        grade_id = said.get("grade_id") if isinstance(said, dict) else None
        if isinstance(grade_id, str) and grade_id in known:
            claims.setdefault(grade_id, []).append(cell)
        elif isinstance(grade_id, str) and not cell["handed_out"]:
            repairs.append(f"A cell that calls itself {grade_id[:50]!r} is not the assignment's.")
    for grade_id, claimants in claims.items():
        cell_spec = known[grade_id]
        whole = [c for c in claimants if cell_spec.locked and _is_whole(c, cell_spec)]
        written = [
            cell
            for cell in claimants
            if cell_spec.solution and not is_unanswered(cell["source"], cell_spec)
        ]
        counts = (whole or written or claimants)[-1]
        counts["spec"] = cell_spec
        which = "last one" if counts is claimants[-1] or not written else "last one with an answer"
        for _ in claimants[1:]:
            repairs.append(f"The cell {grade_id} was there more than once; the {which} counts.")


def _find_solutions(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """A solution whose cell lost its metadata is found by what it defines."""
    present = {cell["spec"].grade_id for cell in cells if cell["spec"]}
    for missing in spec.cells:
        asked = set(spec.asked(missing))
        if missing.grade_id in present or not asked:
            continue
        for cell in reversed(cells):
            if cell["spec"] or cell["cell_type"] == "raw":
                continue
            if not any(name in cell["source"] for name in asked):  # parsing takes longer
                continue
            if asked & _defined(cell["source"]):
                cell["spec"] = missing
                repairs.append(f"The cell {missing.grade_id} was found by what it defines.")
                break


def _defined(source: str) -> set[str]:
    try:
        return set(static_names.defined_names(static_names.parse(source)))
    except RecursionError:  # a thousand times `elif`
        return set()


def _find_texts(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """A locked cell that lost its metadata is found by its text."""
    present = {cell["spec"].grade_id for cell in cells if cell["spec"]}
    missing = [cell for cell in spec.cells if cell.locked and cell.grade_id not in present]
    texts = {_squeezed(c["source"]): c for c in reversed(cells) if not c["spec"]} if missing else {}
    for cell_spec in missing:
        for text in sorted(_texts(cell_spec) - {()}):
            if text in texts and not texts[text]["spec"]:
                texts[text]["spec"] = cell_spec
                repairs.append(f"The cell {cell_spec.grade_id} was found by its text.")
                break


def _find_answers(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """An answer that lost its metadata is found by its place, between cells that did not.

    Only answers that define nothing, words for one; a person grades them.
    """
    for number, missing in enumerate(spec.cells):
        places = {c["spec"].grade_id: place for place, c in enumerate(cells) if c["spec"]}
        if not missing.solution or missing.grade_id in places or spec.asked(missing):
            continue
        before = [places[c.grade_id] for c in spec.cells[:number] if c.grade_id in places]
        behind = [places[c.grade_id] for c in spec.cells[number:] if c.grade_id in places]
        others = set().union({()}, *(_texts(c) for c in spec.cells if c is not missing))
        for cell in reversed(cells[max(before, default=-1) + 1 : min(behind, default=len(cells))]):
            free = not cell["spec"] and cell["cell_type"] == missing.cell_type
            if free and _squeezed(cell["source"]) not in others:
                cell["spec"] = missing
                repairs.append(f"The cell {missing.grade_id} was found by its place.")
                break


def _put_in_order(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """The instructor's cells are all there, and in the instructor's order.

    As few as possible are moved, and tests rather than solutions; one that is moved or put back
    stands before the next of the instructor's, behind what the student wrote there. A solution that
    is moved up takes the student's own cells right before it along. A test must not run after a
    later cell that gives away what it asks for.
    """
    places = {cell.grade_id: place for place, cell in enumerate(spec.cells) if cell.grade_id}
    earlier = _is_of_earlier_release(cells)
    found = [cell for cell in cells if cell["spec"]]
    present = set(map(_grade_id, found))
    moved = _out_of_order(found, places)
    for cell in moved:
        repairs.append(f"The cell {_grade_id(cell)} did not stand in its place.")
    for cell_spec in spec.cells:
        wanted = cell_spec.locked or cell_spec.grade or cell_spec.task
        if cell_spec.grade_id and wanted and cell_spec.grade_id not in present:
            moved.append(
                {
                    "id": None,
                    "cell_type": cell_spec.cell_type,
                    "metadata": {},
                    "source": cell_spec.source,
                    "spec": cell_spec,
                    "handed_out": False,
                }
            )
            if not earlier or cell_spec.solution:  # else today's release may have added it
                repairs.append(f"The cell {cell_spec.grade_id} was missing and was put back.")
        elif cell_spec.grade_id and cell_spec.grade_id not in present:
            repairs.append(f"The cell {cell_spec.grade_id} is missing.")
    helpers = {id(cell): _helpers(cells, cell) for cell in moved}
    out = {id(cell) for cell in moved}
    cells[:] = [cell for cell in cells if id(cell) not in out]
    for cell in sorted(moved, key=lambda cell: places[_grade_id(cell)]):
        place = places[_grade_id(cell)]
        later = (
            number
            for number, other in enumerate(cells)
            if other["spec"] and places[_grade_id(other)] > place
        )
        target = next(later, len(cells))
        below, along = cells[target:], helpers[id(cell)]
        taken = [other for other in below if id(other) in along]
        cells[target:] = [*taken, cell, *(other for other in below if id(other) not in along)]


def _helpers(cells: list[Cell], cell: Cell) -> set[int]:
    """The student's own cells right before a solution, by their ids."""
    place = next((n for n, other in enumerate(cells) if other is cell), 0)
    first = place
    while first and not cells[first - 1]["spec"]:
        first -= 1
    return {id(other) for other in cells[first:place]} if _is_solution(cell) else set()


def _is_solution(cell: Cell) -> bool:
    return bool(cell["spec"] and cell["spec"].solution)


def _out_of_order(found: list[Cell], places: dict[str, int]) -> list[Cell]:
    """The fewest cells without which the others are in order; of equal numbers, no solutions."""
    # Of the best rising row that ends at each cell: its worth, and the cell before, -1 for none.
    best: list[tuple[tuple[int, int], int]] = []
    for cell in found:
        place = places[_grade_id(cell)]
        before = (
            (worth, at)
            for at, (worth, _) in enumerate(best)
            if places[_grade_id(found[at])] < place
        )
        (count, solutions), at = max(before, default=((0, 0), -1))
        best.append(((count + 1, solutions + _is_solution(cell)), at))
    kept, number = set(), max(range(len(best)), key=lambda n: best[n][0], default=-1)
    while number >= 0:
        kept.add(number)
        number = best[number][1]
    return [cell for number, cell in enumerate(found) if number not in kept]


def _restored(cell: Cell, repairs: list[str]) -> list[Cell]:
    """Make a cell's type, text and metadata what the instructor says.

    Words that a student added to a locked text are kept in a cell of their own below it.

    Returns
    -------
    list of Cell
        The cell, and the one with the student's version, if any.
    """
    cell_spec, kept, below = cell["spec"], _kept(cell["metadata"]), list[Cell]()
    cell["metadata"] = kept
    is_whole = cell_spec is None or _is_whole(cell, cell_spec)
    del cell["handed_out"]
    if cell_spec is None:
        return [cell]
    if cell["cell_type"] != cell_spec.cell_type:
        repairs.append(f"The cell {cell_spec.grade_id} had become a {cell['cell_type']} cell.")
        cell["cell_type"] = cell_spec.cell_type
    if cell_spec.locked and cell["source"] != cell_spec.source:
        if not is_whole:
            text = f"The text of the cell {cell_spec.grade_id} had been changed"
            if cell_spec.cell_type == "markdown" and _has_new_words(cell, cell_spec):
                text += "; the student's version was kept below it"
                below = [{**cell, "id": None, "metadata": {}, "spec": None}]
            repairs.append(f"{text}.")
        cell["source"] = cell_spec.source
    if cell_spec.tags:
        kept["tags"] = list(cell_spec.tags)
    kept["nbgrader"] = _nbgrader_metadata(cell_spec)
    return [cell, *below]


def _has_new_words(cell: Cell, cell_spec: CellSpec) -> bool:
    """True if a cell has a line that the instructor's text does not have."""
    return not set(_squeezed(cell["source"])) <= set().union(*_texts(cell_spec))


def _kept(metadata: dict[str, Any]) -> dict[str, Any]:
    """What metadata says of how a cell is shown."""
    kept = {name: value for name, value in metadata.items() if name in HIDING}
    kept = {name: value for name, value in kept.items() if isinstance(value, bool)}
    if isinstance(metadata.get("jupyter"), dict):
        kept["jupyter"] = _kept({**metadata["jupyter"], "jupyter": None})
    return kept


def _is_whole(cell: Cell, cell_spec: CellSpec) -> bool:
    """Whether a locked cell's text is the instructor's, of today's release or of an earlier one."""
    return has_text(cell["source"], cell_spec) or cell["handed_out"]


def _is_of_earlier_release(cells: list[Cell]) -> bool:
    """Whether a locked cell is as it was handed out, and is not so any more, or not there."""
    return any(
        cell["handed_out"] and not (cell["spec"] and has_text(cell["source"], cell["spec"]))
        for cell in cells
    )


def _was_handed_out(cell: Cell) -> bool:
    """Whether a locked cell is as some release handed it out: nbgrader's checksum fits it.

    A student can make one up and gains nothing by it: the text is today's all the same.
    """
    said, text = cell["metadata"].get("nbgrader"), cell["source"]
    if not isinstance(said, dict) or said.get("solution") or not said.get("checksum"):
        return False
    lines = [line.rstrip() for line in text.splitlines()]
    stripped = "\n".join(lines).strip("\n")  # of what programs add as they save
    variants = dict.fromkeys((text, stripped, f"{stripped}\n"))
    return said["checksum"] in (checksum(variant, cell["cell_type"], said) for variant in variants)


def checksum(text: str, kind: str, said: dict[str, Any]) -> str:
    """nbgrader's checksum of a cell that is no solution; "" where its metadata are damaged.

    As `nbgrader.utils.compute_checksum`, which takes a second to load, in each submission's judge.
    """
    grade, grade_id, points = said.get("grade", False), said.get("grade_id"), said.get("points")
    if not isinstance(grade_id, str):
        return ""
    locked = True if grade else said.get("locked", False)
    parts = [text, kind, str(grade), str(False), str(locked), grade_id]
    if grade:
        if not isinstance(points, int | float):
            return ""
        parts.append(str(float(points)))
    return hashlib.md5("".join(parts).encode("utf-8", "replace")).hexdigest()


def has_text(text: str, cell_spec: CellSpec) -> bool:
    """True if a cell's text is what students got, or what the instructor has."""
    return _squeezed(text) in _texts(cell_spec)


def is_unanswered(text: str, cell_spec: CellSpec) -> bool:
    """True if the text of a solution cell is blank or as students got it."""
    return has_text(text, cell_spec) or is_blank(text)


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: spaces of any kind, and characters of no width."""
    return all(unicodedata.category(one) in _INVISIBLE for one in text)


def _texts(cell_spec: CellSpec) -> set[tuple[str, ...]]:
    return {_squeezed(cell_spec.released), _squeezed(cell_spec.source)}


def _given(spec: NotebookSpec) -> set[tuple[str, ...]]:
    """Return the texts that students got, but for blank ones."""
    texts = set[tuple[str, ...]]().union(*map(_texts, spec.cells))
    return (texts | {_squeezed(text) for text in spec.added}) - {()}


def _unnamed(files: Collection[str], cells: list[Cell], spec: NotebookSpec) -> list[str]:
    """Return the files that no cell names, or only a text that students got; those in folders last.

    Such a text may ask for a file by its name.
    """
    if not files:
        return []
    given = _given(spec)
    naming = (
        cell["source"]
        for cell in cells
        if cell["cell_type"] == "code"
        or (cell["spec"] and cell["spec"].solution)
        or _squeezed(cell["source"]) not in given
    )
    text = folded(unquote("\n".join(naming)))
    names = {path: re.escape(folded(PurePosixPath(path).name)) for path in files}
    unnamed = (path for path in files if not re.search(rf"(?<![\w.-]){names[path]}(?!\w)", text))
    return sorted(unnamed, key=lambda path: (path.count("/"), path))


def _with_files(cell: Cell, files: Sequence[str]) -> list[Cell]:
    """Return a cell, and one that shows files if it is an answer without a text, or a task."""
    cell_spec = cell["spec"]
    if not (cell_spec and cell_spec.is_by_hand and is_unanswered(cell["source"], cell_spec)):
        return [cell]
    lines = ["*Submitted files that no cell of this notebook names:*"]
    for path in files[:MOST_FILES]:
        label = re.sub(r"[^\w\s]", r"\\\g<0>", " ".join(path.split()))
        lines.append(f"![{label}]({quote(path)})")
    if more := len(files) - MOST_FILES:
        lines += [f"*... and {more:,} more.*"] if more > 0 else []
    shown: Cell = {
        "id": None,
        "cell_type": "markdown",
        "metadata": {},
        "source": "\n\n".join(lines),
    }
    return [cell, {**shown, "spec": None}]


def own_answers(cells: Sequence[tuple[str, str, str]], spec: NotebookSpec) -> dict[str, list[int]]:
    """Find the student's own cells that may hold each answer that a person grades.

    Students write an answer into new cells above or below the given one. Those up to the nearest
    cell of the instructor's belong to the answer, and those below its marking scheme. To a task
    belongs what stands below it, up to the next cell that has a grade id. If the given cell is
    blank, the answer may also be beside another answer or at the end of the notebook: in words, or
    in code if it is to be code.

    Parameters
    ----------
    cells
        Of a repaired notebook: the grade id, the type and the text of each.

    Returns
    -------
    dict
        The numbers of the cells that are not blank, in order: {grade id: numbers}.
    """
    specs = {cell.grade_id: cell for cell in spec.cells if cell.grade_id}
    schemes = {name for name, cell in specs.items() if cell.has_scheme}
    given = _given(spec)
    is_given = [bool(name) or _squeezed(text) in given for name, _, text in cells]
    own = [at for at, (_, _, text) in enumerate(cells) if not (is_given[at] or is_blank(text))]
    found, blank = dict[str, list[int]](), list[CellSpec]()
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
        found[name] = [at for at in own if first <= at < end]
        blank += [answer] if answer.solution and is_unanswered(text, answer) else []
    end = 1 + max((at for at, of_course in enumerate(is_given) if of_course), default=-1)
    likely = {at for at in own if at >= end}.union(*found.values())
    for answer in blank:
        fitting = (at for at in likely if answer.cell_type == "code" or _is_words(*cells[at][1:]))
        found[answer.grade_id] = sorted({*found[answer.grade_id], *fitting})
    return found


def _is_words(cell_type: str, text: str) -> bool:
    """True if a cell holds no code: also a code cell of comments, or of what cannot be parsed."""
    if cell_type != "code":
        return True
    statements = static_names.parse(text).body
    return all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in statements)


def _squeezed(text: str) -> tuple[str, ...]:
    """Text without blank lines and trailing spaces, which programs change as they save."""
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())


def _nbgrader_metadata(cell_spec: CellSpec) -> dict[str, object]:
    metadata: dict[str, object] = {
        "grade": cell_spec.grade,
        "grade_id": cell_spec.grade_id,
        "locked": cell_spec.locked,
        "solution": cell_spec.solution,
        "task": cell_spec.task,
        "schema_version": 3,
        "cell_type": cell_spec.cell_type,
    }
    if cell_spec.checksum:
        metadata["checksum"] = cell_spec.checksum
    if cell_spec.grade or cell_spec.task:
        metadata["points"] = cell_spec.points
    return metadata


def _name_cells(cells: list[Cell]) -> None:
    """Keep the cells' ids where they are valid and differ; else make new ones."""
    used: set[str] = set()
    for number, cell in enumerate(cells):
        name = cell["id"]
        valid = isinstance(name, str) and 0 < len(name) <= 64 and name.isascii()
        valid = valid and name.replace("-", "").replace("_", "").isalnum()
        text = f"{number}{cell['source']}"
        while not valid or name in used:
            text = hashlib.sha256(text.encode()).hexdigest()
            name, valid = text[:12], True
        cell["id"] = name
        used.add(name)
