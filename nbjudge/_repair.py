"""Turn whatever a student handed in into a notebook that can be judged, and say what was mended.

Instructors know the cases: cells deleted, copied, moved, turned to another type; metadata lost,
changed or of an old version; notebooks saved by other programs. Nothing a student's file says about
grading is believed: what a cell is and what it is worth comes from the instructor.
"""

import copy
import hashlib
import json

from nbjudge import _names
from nbjudge._assignment import Cell, NotebookPlan

__all__ = ["Unreadable", "read_notebook", "repair"]

KEPT_METADATA = ("collapsed", "scrolled", "jupyter", "cellView", "name")


class Unreadable(ValueError):
    """A file that is no notebook; the text says why."""


def read_notebook(content: bytes) -> list[dict]:
    """The cells of a notebook file of any version, reduced to type, source, metadata, attachments.

    raises: Unreadable
    """
    try:
        text = content.decode("utf-8-sig", errors="replace")
        notebook = json.loads(text)
        if isinstance(notebook, dict) and notebook.get("nbformat", 4) != 4:
            import nbformat  # takes long to load, and old notebooks are rare

            notebook = nbformat.reads(text, as_version=4)
        cells = notebook["cells"]
    except Exception as error:  # nbformat lets out whatever the content provokes
        what = "it has no cells" if isinstance(error, (KeyError, TypeError)) else error
        raise Unreadable(f"not a Jupyter notebook: {str(what).splitlines()[0][:300]}") from None
    if not isinstance(cells, list):
        raise Unreadable("not a Jupyter notebook: its cells are no list")
    return [_clean(cell) for cell in cells if isinstance(cell, dict)]


def _clean(raw):
    kind = raw.get("cell_type")
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(map(str, source))
    source = str(source).encode("utf-8", "replace").decode().replace("\r\n", "\n")
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    cell = {
        "id": raw.get("id"),
        "cell_type": kind if kind in ("code", "markdown") else "raw",
        "metadata": metadata,
        "source": source,
    }
    if kind in ("heading", "html"):
        cell["cell_type"] = "markdown"
    if isinstance(raw.get("attachments"), dict) and kind == "markdown":
        cell["attachments"] = raw["attachments"]
    return cell


def repair(cells: list[dict], plan: NotebookPlan) -> tuple[list[dict], list[str]]:
    """The cells as they are judged, and what was mended, a sentence each.

    returns: cells of nbformat 4.5, each with a key "plan": the instructor's Cell or None
    """
    mended: list[str] = []
    cells = [{**cell, "plan": None} for cell in copy.deepcopy(cells)]
    _recognise(cells, plan, mended)
    _find_solutions(cells, plan, mended)
    _put_back(cells, plan, mended)
    _restore_order(cells, plan, mended)
    for cell in cells:
        _restore(cell, mended)
    _name_cells(cells)
    return cells, mended


def _recognise(cells, plan, mended):
    """Give each cell its plan by its grade id; of several with one id the last has it."""
    known = {cell.grade_id: cell for cell in plan.cells if cell.grade_id}
    taken = set()
    for cell in reversed(cells):
        said = cell["metadata"].get("nbgrader")
        grade_id = said.get("grade_id") if isinstance(said, dict) else None
        if not isinstance(grade_id, str):
            continue
        if grade_id not in known:
            mended.append(f"A cell that calls itself {grade_id[:50]!r} is not the assignment's.")
        elif grade_id in taken:
            mended.append(f"The cell {grade_id} was there more than once; the last one counts.")
        else:
            taken.add(grade_id)
            cell["plan"] = known[grade_id]


def _find_solutions(cells, plan, mended):
    """A solution whose cell lost its metadata is found by what it defines."""
    present = {cell["plan"].grade_id for cell in cells if cell["plan"]}
    for missing in plan.cells:
        asked = set(plan.asked(missing))
        if missing.grade_id in present or not asked:
            continue
        for cell in reversed(cells):
            if cell["plan"] or cell["cell_type"] == "raw":
                continue
            if asked & set(_names.defined_names(_names.parse(cell["source"]))):
                cell["plan"] = missing
                mended.append(f"The cell {missing.grade_id} was found by what it defines.")
                break


def _put_back(cells, plan, mended):
    """Put the instructor's cells that are gone back where they were."""
    before = None  # the last cell of the instructor's that is there
    present = {cell["plan"].grade_id for cell in cells if cell["plan"]}
    for planned in plan.cells:
        if not planned.grade_id:
            continue
        if planned.grade_id not in present and (planned.locked or planned.grade or planned.task):
            place = _place(cells, before) + 1 if before else 0
            cell = {"id": None, "metadata": {}, "plan": planned, "source": planned.source}
            cells.insert(place, {**cell, "cell_type": planned.cell_type})
            mended.append(f"The cell {planned.grade_id} was missing and was put back.")
            present.add(planned.grade_id)
        if planned.grade_id in present:
            before = planned.grade_id


def _place(cells, grade_id):
    return next(n for n, c in enumerate(cells) if c["plan"] and c["plan"].grade_id == grade_id)


def _restore_order(cells, plan, mended):
    """A test cell that stands before the solution that it tests is moved behind it."""
    solution = None
    present = {cell["plan"].grade_id for cell in cells if cell["plan"]}
    for planned in plan.cells:
        if planned.solution and planned.grade_id in present:
            solution = planned.grade_id
        elif planned.is_test and solution:
            place, behind = _place(cells, planned.grade_id), _place(cells, solution)
            if place < behind:
                cells.insert(behind, cells.pop(place))
                mended.append(f"The cell {planned.grade_id} stood before what it tests.")


def _restore(cell, mended):
    """Make a cell's type, text and metadata what the instructor says."""
    planned, kept = cell["plan"], {}
    for name in KEPT_METADATA:
        if name in cell["metadata"]:
            kept[name] = cell["metadata"][name]
    cell["metadata"] = kept
    if planned is None:
        return
    if cell["cell_type"] != planned.cell_type:
        mended.append(f"The cell {planned.grade_id} had become a {cell['cell_type']} cell.")
        cell["cell_type"] = planned.cell_type
    if planned.locked and cell["source"] != planned.source:
        if _squeezed(cell["source"]) not in (
            _squeezed(planned.released),
            _squeezed(planned.source),
        ):
            mended.append(f"The text of the cell {planned.grade_id} had been changed.")
        cell["source"] = planned.source
    if planned.tags:
        kept["tags"] = list(planned.tags)
    kept["nbgrader"] = _nbgrader_metadata(planned)


def _squeezed(text):
    """Text without blank lines and trailing spaces, which programs change as they save."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _nbgrader_metadata(planned: Cell):
    metadata = {
        "grade": planned.grade,
        "grade_id": planned.grade_id,
        "locked": planned.locked,
        "solution": planned.solution,
        "task": planned.task,
        "schema_version": 3,
        "cell_type": planned.cell_type,
    }
    if planned.checksum:
        metadata["checksum"] = planned.checksum
    if planned.grade or planned.task:
        metadata["points"] = planned.points
    return metadata


def _name_cells(cells):
    """Keep the cells' ids where they are valid and differ; else make new ones."""
    used = set()
    for number, cell in enumerate(cells):
        name = cell["id"]
        valid = isinstance(name, str) and 0 < len(name) <= 64 and name.isascii()
        if not valid or not name.replace("-", "").replace("_", "").isalnum() or name in used:
            text = f"{number}{cell['source']}".encode()
            cell["id"] = name = hashlib.sha256(text).hexdigest()[:12]
        used.add(name)
