"""Turn whatever a student handed in into a notebook that can be judged, and say what was mended.

Instructors know the cases: cells deleted, copied, moved, turned to another type; metadata lost,
changed or of an old version; notebooks saved by other programs. Nothing a student's file says about
grading is believed: what a cell is and what it is worth comes from the instructor.

A submission may be of an earlier release. A locked cell that is as that one handed it out gets
today's text without a word: only what a student changed is said.
"""

import hashlib

from nbjudge.notebook import static_names
from nbjudge.notebook.spec import Cell, NotebookPlan

HIDING = ("collapsed", "scrolled", "source_hidden", "outputs_hidden")  # metadata kept if bools


def repair(cells: list[dict], plan: NotebookPlan) -> tuple[list[dict], list[str]]:
    """The cells as they are judged, and what was mended, a sentence each.

    returns: cells of nbformat 4.5, each with a key "plan": the instructor's Cell or None
    """
    mended: list[str] = []
    cells = [{**cell, "plan": None, "handed_out": _was_handed_out(cell)} for cell in cells]
    _recognise(cells, plan, mended)
    _find_solutions(cells, plan, mended)
    _find_texts(cells, plan, mended)
    _find_answers(cells, plan, mended)
    _put_in_order(cells, plan, mended)
    for cell in cells:
        _restore(cell, mended)
        del cell["handed_out"]
    _name_cells(cells)
    return cells, mended


def _recognise(cells, plan, mended):
    """Give each cell its plan by its grade id; of several with one id the last has it.

    Of several that are locked it is the last one with the instructor's text: the others are where a
    student has written something else. One that today's assignment has not, and that is as it was
    handed out, is of an earlier release.
    """
    known = {cell.grade_id: cell for cell in plan.cells if cell.grade_id}
    claims = {}
    for cell in cells:
        said = cell["metadata"].get("nbgrader")
        grade_id = said.get("grade_id") if isinstance(said, dict) else None
        if isinstance(grade_id, str) and grade_id in known:
            claims.setdefault(grade_id, []).append(cell)
        elif isinstance(grade_id, str) and not cell["handed_out"]:
            mended.append(f"A cell that calls itself {grade_id[:50]!r} is not the assignment's.")
    for grade_id, claimants in claims.items():
        planned = known[grade_id]
        whole = [c for c in claimants if planned.locked and _is_whole(c, planned)]
        (whole or claimants)[-1]["plan"] = planned
        for _ in claimants[1:]:
            mended.append(f"The cell {grade_id} was there more than once; the last one counts.")


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
            if not any(name in cell["source"] for name in asked):  # parsing takes longer
                continue
            if asked & _defined(cell["source"]):
                cell["plan"] = missing
                mended.append(f"The cell {missing.grade_id} was found by what it defines.")
                break


def _defined(source):
    try:
        return set(static_names.defined_names(static_names.parse(source)))
    except RecursionError:  # a thousand times `elif`
        return set()


def _find_texts(cells, plan, mended):
    """A locked cell that lost its metadata is found by its text."""
    present = {cell["plan"].grade_id for cell in cells if cell["plan"]}
    missing = [cell for cell in plan.cells if cell.locked and cell.grade_id not in present]
    texts = {_squeezed(c["source"]): c for c in reversed(cells) if not c["plan"]} if missing else {}
    for planned in missing:
        for text in sorted(_texts(planned) - {()}):
            if text in texts and not texts[text]["plan"]:
                texts[text]["plan"] = planned
                mended.append(f"The cell {planned.grade_id} was found by its text.")
                break


def _find_answers(cells, plan, mended):
    """An answer that lost its metadata is found by its place, between cells that did not.

    Only answers that define nothing, words for one; a person grades them.
    """
    for number, missing in enumerate(plan.cells):
        places = {c["plan"].grade_id: place for place, c in enumerate(cells) if c["plan"]}
        if not missing.solution or missing.grade_id in places or plan.asked(missing):
            continue
        before = [places[c.grade_id] for c in plan.cells[:number] if c.grade_id in places]
        behind = [places[c.grade_id] for c in plan.cells[number:] if c.grade_id in places]
        others = set().union({()}, *(_texts(c) for c in plan.cells if c is not missing))
        for cell in reversed(cells[max(before, default=-1) + 1 : min(behind, default=len(cells))]):
            free = not cell["plan"] and cell["cell_type"] == missing.cell_type
            if free and _squeezed(cell["source"]) not in others:
                cell["plan"] = missing
                mended.append(f"The cell {missing.grade_id} was found by its place.")
                break


def _put_in_order(cells, plan, mended):
    """The instructor's cells are all there, and in the instructor's order.

    As few as possible are moved, and tests rather than solutions; one that is moved or put back
    stands before the next of the instructor's, behind what the student wrote there. A solution that
    is moved up takes the student's own cells right before it along. A test must not run after a
    later cell that gives away what it asks for.
    """
    places = {cell.grade_id: place for place, cell in enumerate(plan.cells) if cell.grade_id}
    earlier = _is_of_earlier_release(cells)
    found = [cell for cell in cells if cell["plan"]]
    present = {cell["plan"].grade_id for cell in found}
    moved = _out_of_order(found, places)
    for cell in moved:
        mended.append(f"The cell {cell['plan'].grade_id} did not stand in its place.")
    for planned in plan.cells:
        wanted = planned.locked or planned.grade or planned.task
        if planned.grade_id and wanted and planned.grade_id not in present:
            cell = {"id": None, "metadata": {}, "plan": planned, "source": planned.source}
            moved.append({**cell, "cell_type": planned.cell_type, "handed_out": False})
            if not earlier or planned.solution:  # else today's release may have added it
                mended.append(f"The cell {planned.grade_id} was missing and was put back.")
        elif planned.grade_id and planned.grade_id not in present:
            mended.append(f"The cell {planned.grade_id} is missing.")
    helpers = {id(cell): _helpers(cells, cell) for cell in moved}
    out = {id(cell) for cell in moved}
    cells[:] = [cell for cell in cells if id(cell) not in out]
    for cell in sorted(moved, key=lambda cell: places[cell["plan"].grade_id]):
        place = places[cell["plan"].grade_id]
        later = (
            number
            for number, other in enumerate(cells)
            if other["plan"] and places[other["plan"].grade_id] > place
        )
        target = next(later, len(cells))
        below, along = cells[target:], helpers[id(cell)]
        taken = [other for other in below if id(other) in along]
        cells[target:] = [*taken, cell, *(other for other in below if id(other) not in along)]


def _helpers(cells, cell):
    """The student's own cells right before a solution, by their ids."""
    place = next((n for n, other in enumerate(cells) if other is cell), 0)
    first = place
    while first and not cells[first - 1]["plan"]:
        first -= 1
    return {id(other) for other in cells[first:place]} if cell["plan"].solution else set()


def _out_of_order(found, places):
    """The fewest cells without which the others are in order; of equal numbers, no solutions."""
    best = []  # of the best rising row that ends at each cell: its worth, and the cell before
    for cell in found:
        place = places[cell["plan"].grade_id]
        before = (
            (worth, at)
            for at, (worth, _) in enumerate(best)
            if places[found[at]["plan"].grade_id] < place
        )
        (count, solutions), at = max(before, default=((0, 0), None))
        best.append(((count + 1, solutions + cell["plan"].solution), at))
    kept, number = set(), max(range(len(best)), key=lambda n: best[n][0], default=None)
    while number is not None:
        kept.add(number)
        number = best[number][1]
    return [cell for number, cell in enumerate(found) if number not in kept]


def _restore(cell, mended):
    """Make a cell's type, text and metadata what the instructor says."""
    planned, kept = cell["plan"], _kept(cell["metadata"])
    cell["metadata"] = kept
    if planned is None:
        return
    if cell["cell_type"] != planned.cell_type:
        mended.append(f"The cell {planned.grade_id} had become a {cell['cell_type']} cell.")
        cell["cell_type"] = planned.cell_type
    if planned.locked and cell["source"] != planned.source:
        if not _is_whole(cell, planned):
            mended.append(f"The text of the cell {planned.grade_id} had been changed.")
        cell["source"] = planned.source
    if planned.tags:
        kept["tags"] = list(planned.tags)
    kept["nbgrader"] = _nbgrader_metadata(planned)


def _kept(metadata):
    """What metadata says of how a cell is shown."""
    kept = {name: value for name, value in metadata.items() if name in HIDING}
    kept = {name: value for name, value in kept.items() if isinstance(value, bool)}
    if isinstance(metadata.get("jupyter"), dict):
        kept["jupyter"] = _kept({**metadata["jupyter"], "jupyter": None})
    return kept


def _is_whole(cell, planned):
    """Whether a locked cell's text is the instructor's, of today's release or of an earlier one."""
    return _has_text(cell, planned) or cell["handed_out"]


def _is_of_earlier_release(cells):
    """Whether a locked cell is as it was handed out, and is not so any more, or not there."""
    return any(
        cell["handed_out"] and not (cell["plan"] and _has_text(cell, cell["plan"]))
        for cell in cells
    )


def _was_handed_out(cell):
    """Whether a locked cell is as some release handed it out: nbgrader's checksum fits it.

    A student can make one up and gains nothing by it: the text is today's all the same.
    """
    said, text = cell["metadata"].get("nbgrader"), cell["source"]
    if not isinstance(said, dict) or said.get("solution") or not said.get("checksum"):
        return False
    lines = [line.rstrip() for line in text.splitlines()]
    stripped = "\n".join(lines).strip("\n")  # of what programs add as they save
    variants = dict.fromkeys((text, stripped, f"{stripped}\n"))
    return said["checksum"] in (_checksum(one, cell["cell_type"], said) for one in variants)


def _checksum(text, kind, said):
    """nbgrader's checksum of a cell that is no solution; "" where its metadata are damaged.

    As `nbgrader.utils.compute_checksum`, which takes a second to load, in each submission's judge.
    """
    grade, grade_id, points = said.get("grade", False), said.get("grade_id"), said.get("points")
    if not isinstance(grade_id, str) or not (isinstance(points, int | float) or not grade):
        return ""
    locked = True if grade else said.get("locked", False)
    parts = [text, kind, str(grade), str(False), str(locked), grade_id]
    parts += [str(float(points))] if grade else []
    return hashlib.md5("".join(parts).encode("utf-8", "replace")).hexdigest()


def _has_text(cell, planned):
    """Whether a cell's text is what students got, or what the instructor has."""
    return _squeezed(cell["source"]) in _texts(planned)


def _texts(planned):
    return {_squeezed(planned.released), _squeezed(planned.source)}


def _squeezed(text):
    """Text without blank lines and trailing spaces, which programs change as they save."""
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())


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
        valid = valid and name.replace("-", "").replace("_", "").isalnum()
        text = f"{number}{cell['source']}"
        while not valid or name in used:
            text = hashlib.sha256(text.encode()).hexdigest()
            name, valid = text[:12], True
        cell["id"] = name
        used.add(name)
