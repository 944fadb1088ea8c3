"""Repair a submitted notebook so that it can be judged, and report the repairs.

Typical damage: cells deleted, duplicated, moved or changed to another type; metadata lost, changed
or from an old version; notebooks saved by other programs. The grade metadata in a student's file is
never trusted: the role and the points of a cell come from the instructor.

A submission may come from an earlier release. A locked cell that is unchanged from that release
silently gets the current text; only the student's own changes are reported.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nbjudge.notebook import static_names
from nbjudge.notebook.answers import show_files
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.notebook.texts import given_texts, has_text, is_unanswered, squeezed, texts_of
from nbjudge.notebook.typed_code import doubt_restored, new_names, students_version

GUESSED = "another answer was identified only by its position"
ROLES = ("grade", "solution", "locked", "task")
HIDING = ("collapsed", "scrolled", "source_hidden", "outputs_hidden")  # metadata kept if boolean


def repair(
    cells: list[Cell], spec: NotebookSpec, files: Collection[str] = ()
) -> tuple[list[Cell], list[str]]:
    """Return the repaired cells, each with its spec, and a sentence for each repair.

    A cell that may have lost points by a repair has a "doubt", so that a person grades it.

    Parameters
    ----------
    files
        Names of the student's own files. Files that are named in no cell, or only in a released
        text such as a question, are shown below each answer that they may contain.
    """
    repairs: list[str] = []
    cells = [{**cell, "spec": None, "handed_out": _was_handed_out(cell)} for cell in cells]
    _recognize(cells, spec, repairs)
    _find_texts(cells, spec, repairs)
    _find_solutions(cells, spec, repairs)
    has_guessed = _find_answers(cells, spec, repairs)
    _put_in_order(cells, spec, repairs, GUESSED if has_guessed else "")
    typed: dict[str, str] = {}
    cells = [part for cell in cells for part in _restored(cell, repairs, typed)]
    if typed:
        doubt_restored(cells, spec, typed)
    cells = show_files(cells, files, spec)
    _name_cells(cells)
    return cells, repairs


def _grade_id(cell: Cell) -> str:
    """Return the grade id of the instructor's cell that matches; "" if there is none."""
    return cell["spec"].grade_id if cell["spec"] else ""


def _recognize(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """Match cells to specs by their grade ids; if several cells share an id, the last one matches.

    Among several locked cells, the last one with the instructor's text matches; a student has
    written something else in the others. Among several answers, the last one that is not blank
    matches. An unchanged locked cell whose id is unknown comes from an earlier release.
    """
    specs = {cell.grade_id: cell for cell in spec.cells if cell.grade_id}
    claims: dict[str, list[Cell]] = {}
    for cell in cells:
        metadata = cell["metadata"].get("nbgrader")
        if not isinstance(metadata, dict) or not isinstance(metadata.get("grade_id"), str):
            continue
        grade_id = metadata["grade_id"]
        has_role = any(map(metadata.get, ROLES))  # otherwise nbgrader ignores the cell
        if grade_id in specs:
            claims.setdefault(grade_id, []).append(cell)
        elif has_role and not cell["handed_out"]:
            repairs.append(
                f"A cell with the grade id {grade_id[:50]!r} is not part of the assignment."
            )
    for grade_id, claimants in claims.items():
        cell_spec = specs[grade_id]
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
            repairs.append(f"The cell {grade_id} occurred more than once; the {which} counts.")


def _anchors(cells: list[Cell], spec: NotebookSpec) -> dict[int, int]:
    """Return the places of recognized cells: {index in the specification: index in the notebook}.

    An ordinary cell is recognized if its text occurs exactly once in the specification and in the
    notebook.
    """
    ids = {_grade_id(cell): place for place, cell in enumerate(cells) if cell["spec"]}
    texts = Counter(squeezed(cell.source) for cell in spec.cells if not cell.grade_id)
    places = defaultdict[tuple[str, ...], list[int]](list)
    for place, cell in enumerate(cells):
        if not cell["spec"]:
            places[squeezed(cell["source"])].append(place)
    anchors = {}
    for number, cell_spec in enumerate(spec.cells):
        text = squeezed(cell_spec.source)
        if cell_spec.grade_id in ids:
            anchors[number] = ids[cell_spec.grade_id]
        elif not cell_spec.grade_id and text and texts[text] == len(places[text]) == 1:
            anchors[number] = places[text][0]
    return anchors


def _gap(anchors: Mapping[int, int], number: int, end: int) -> range:
    """Return the places where a cell of the specification would be in order.

    Parameters
    ----------
    number
        Index of the cell in the specification.
    end
        Number of cells in the notebook.
    """
    before = (place for other, place in anchors.items() if other < number)
    after = (place for other, place in anchors.items() if other > number)
    return range(max(before, default=-1) + 1, min(after, default=end))


def _find_solutions(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """Identify solution cells that lost their metadata by the names they define.

    The last such cell between the neighbors of the solution counts, otherwise the last one.
    """
    anchors, identified = _anchors(cells, spec), list[str]()
    for number, missing in enumerate(spec.cells):
        asked = set(spec.asked(missing))
        if number in anchors or not asked:
            continue
        gap = _gap(anchors, number, len(cells))
        for place in (*reversed(gap), *reversed(range(len(cells)))):
            cell = cells[place]
            if cell["spec"] or cell["cell_type"] == "raw":
                continue
            if not any(name in cell["source"] for name in asked):  # cheaper than parsing
                continue
            if asked & _defined(cell["source"]):
                cell["spec"] = missing
                if place in gap:
                    anchors[number] = place
                identified.append(missing.grade_id)
                break
    repairs += _by(identified, "the names it defines", "the names they define")


def _defined(source: str) -> set[str]:
    try:
        return set(static_names.defined_names(static_names.parse(source)))
    except RecursionError:  # for example a chain of a thousand `elif` branches
        return set()


def _find_texts(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> None:
    """Identify by their text the locked cells that have lost their metadata."""
    present = {cell["spec"].grade_id for cell in cells if cell["spec"]}
    missing = [cell for cell in spec.cells if cell.locked and cell.grade_id not in present]
    texts = {squeezed(c["source"]): c for c in reversed(cells) if not c["spec"]} if missing else {}
    identified = []
    for cell_spec in missing:
        for text in sorted(texts_of(cell_spec) - {()}):
            if text in texts and not texts[text]["spec"]:
                texts[text]["spec"] = cell_spec
                identified.append(cell_spec.grade_id)
                break
    repairs += _by(identified, "its text", "their texts")


def _find_answers(cells: list[Cell], spec: NotebookSpec, repairs: list[str]) -> bool:
    """Identify answers that lost their metadata by their position; return True if any was found.

    This applies only to answers that define no names, such as prose, which a person grades.
    Several answers between the same two recognized cells are identified only if the student has
    written as many cells there; a single answer is the last of these cells.
    """
    anchors, identified = _anchors(cells, spec), list[str]()
    missing = defaultdict[tuple[int, int, str], list[CellSpec]](list)
    for number, answer in enumerate(spec.cells):
        if answer.solution and number not in anchors and not spec.asked(answer):
            gap = _gap(anchors, number, len(cells))
            missing[gap.start, gap.stop, answer.cell_type].append(answer)
    texts = given_texts(spec) | {()}
    for (start, stop, cell_type), answers in missing.items():
        free = [
            cell
            for cell in cells[start:stop]
            if not cell["spec"]
            and cell["cell_type"] == cell_type
            and squeezed(cell["source"]) not in texts
        ]
        free = free[-1:] if len(answers) == 1 else free
        if len(free) != len(answers):
            continue
        for cell, answer in zip(free, answers, strict=True):
            cell["spec"] = answer
            identified.append(answer.grade_id)
    repairs += _by(identified, "its position", "their positions")
    return bool(identified)


def _by(grade_ids: Sequence[str], of_one: str, of_several: str) -> list[str]:
    """Return a sentence about the cells that were identified, or none if there are none."""
    if len(grade_ids) == 1:
        return [f"The cell {grade_ids[0]} was identified by {of_one}."]
    several = f"The cells {', '.join(grade_ids)} were identified by {of_several}."
    return [several] if grade_ids else []


def _put_in_order(cells: list[Cell], spec: NotebookSpec, repairs: list[str], doubt: str) -> None:
    """Restore the instructor's order of cells, and put missing cells back.

    The fewest possible cells are moved, preferably tests. A moved or restored cell goes directly
    before the next instructor cell, after the student's own cells there; for an answer that a
    person grades, the next cell may be an ordinary text. The student's own cells directly before a
    solution move up with the solution. The order matters: a test must not run after a later cell
    that reveals its solution.

    Parameters
    ----------
    doubt
        Reason why an answer that is missing may be another cell; "" if there is none.
    """
    places = {cell.grade_id: index for index, cell in enumerate(spec.cells) if cell.grade_id}
    earlier = _is_of_earlier_release(cells)
    matched = [cell for cell in cells if cell["spec"]]
    present = set(map(_grade_id, matched))
    moved = _out_of_order(matched, places)
    for cell in moved:
        repairs.append(f"The cell {_grade_id(cell)} was out of order and was moved back.")
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
                    "doubt": doubt if cell_spec.solution else "",
                }
            )
            if not earlier or cell_spec.solution:  # else the current release may have added it
                repairs.append(f"The cell {cell_spec.grade_id} was missing and was put back.")
        elif cell_spec.grade_id and cell_spec.grade_id not in present:
            repairs.append(f"The cell {cell_spec.grade_id} is missing.")
    helpers = {id(cell): _helpers(cells, cell) for cell in moved}
    out = {id(cell) for cell in moved}
    cells[:] = [cell for cell in cells if id(cell) not in out]
    texts = _texts_in_order(cells, spec)
    for cell in sorted(moved, key=lambda cell: places[_grade_id(cell)]):
        index, by_hand = places[_grade_id(cell)], cell["spec"] and cell["spec"].is_by_hand
        later = (
            number
            for number, other in enumerate(cells)
            if (other["spec"] and places[_grade_id(other)] > index)
            or (by_hand and texts.get(id(other), -1) > index)
        )
        target = next(later, len(cells))
        below, along = cells[target:], helpers[id(cell)]
        taken = [other for other in below if id(other) in along]
        cells[target:] = [*taken, cell, *(other for other in below if id(other) not in along)]


def _texts_in_order(cells: list[Cell], spec: NotebookSpec) -> dict[int, int]:
    """Return the ordinary cells that are between their neighbors: {`id()`: index in the spec}."""
    anchors = _anchors(cells, spec)
    named = {number: index for number, index in anchors.items() if spec.cells[number].grade_id}
    return {
        id(cells[index]): number
        for number, index in anchors.items()
        if number not in named and index in _gap(named, number, len(cells))
    }


def _helpers(cells: list[Cell], cell: Cell) -> set[int]:
    """Return the `id()` of each of the student's own cells directly before a solution."""
    index = next((n for n, other in enumerate(cells) if other is cell), 0)
    first = index
    while first and not cells[first - 1]["spec"]:
        first -= 1
    return {id(other) for other in cells[first:index]} if _is_solution(cell) else set()


def _is_solution(cell: Cell) -> bool:
    return bool(cell["spec"] and cell["spec"].solution)


def _out_of_order(matched: list[Cell], places: dict[str, int]) -> list[Cell]:
    """Return the fewest cells to move so that the others are in order; tests first if tied.

    The other cells are a longest increasing subsequence.
    """
    # For the best subsequence that ends at each cell: its (length, solutions), and the index of
    # the previous cell, -1 for none.
    best: list[tuple[tuple[int, int], int]] = []
    for cell in matched:
        place = places[_grade_id(cell)]
        before = (
            (worth, at)
            for at, (worth, _) in enumerate(best)
            if places[_grade_id(matched[at])] < place
        )
        (count, solutions), at = max(before, default=((0, 0), -1))
        best.append(((count + 1, solutions + _is_solution(cell)), at))
    kept, number = set(), max(range(len(best)), key=lambda n: best[n][0], default=-1)
    while number >= 0:
        kept.add(number)
        number = best[number][1]
    return [cell for number, cell in enumerate(matched) if number not in kept]


def _restored(cell: Cell, repairs: list[str], typed: dict[str, str]) -> list[Cell]:
    """Restore a cell's type, text and metadata from the instructor's specification.

    If a student added lines to a locked cell, the student's version is kept in a new cell below.

    Parameters
    ----------
    typed
        Receives the names that code typed into the cell defines: {name: grade id of the cell}.

    Returns
    -------
    list of Cell
        The cell, and the new cell with the student's version, if any.
    """
    cell_spec, kept, below = cell["spec"], _kept(cell["metadata"]), list[Cell]()
    cell["metadata"] = kept
    is_whole = cell_spec is None or _is_whole(cell, cell_spec)
    del cell["handed_out"]
    if cell_spec is None:
        return [cell]
    submitted: Cell = {**cell}
    if cell["cell_type"] != cell_spec.cell_type:
        repairs.append(
            f"The cell {cell_spec.grade_id} had been changed to a {cell['cell_type']} cell."
        )
        cell["cell_type"] = cell_spec.cell_type
    if cell_spec.locked and cell["source"] != cell_spec.source:
        if not is_whole:
            text = f"The text of the cell {cell_spec.grade_id} had been changed"
            if _has_new_lines(submitted, cell_spec):
                text += "; the student's version was kept below it"
                below = [students_version(submitted, cell_spec)]
            if submitted["cell_type"] == "code":
                names = new_names(submitted["source"], cell_spec)
                typed |= dict.fromkeys(names, cell_spec.grade_id)
            repairs.append(f"{text}.")
        cell["source"] = cell_spec.source
    if cell_spec.tags:
        kept["tags"] = list(cell_spec.tags)
    kept["nbgrader"] = _nbgrader_metadata(cell_spec)
    return [cell, *below]


def _has_new_lines(cell: Cell, cell_spec: CellSpec) -> bool:
    """True if a cell has a line that the instructor's text does not have."""
    return not set(squeezed(cell["source"])) <= set().union(*texts_of(cell_spec))


def _kept(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata that controls how a cell is displayed."""
    hiding = {name: value for name, value in metadata.items() if name in HIDING}
    hiding = {name: value for name, value in hiding.items() if isinstance(value, bool)}
    if isinstance(metadata.get("jupyter"), dict):
        hiding["jupyter"] = _kept({**metadata["jupyter"], "jupyter": None})
    return hiding


def _is_whole(cell: Cell, cell_spec: CellSpec) -> bool:
    """True if a locked cell has the instructor's text, from the current or an earlier release."""
    return has_text(cell["source"], cell_spec) or cell["handed_out"]


def _is_of_earlier_release(cells: list[Cell]) -> bool:
    """True if a locked cell comes from an earlier release."""
    return any(
        cell["handed_out"] and not (cell["spec"] and has_text(cell["source"], cell["spec"]))
        for cell in cells
    )


def _was_handed_out(cell: Cell) -> bool:
    """True if a locked cell is unchanged from some release: it matches its nbgrader checksum.

    Forging a checksum gains a student nothing, because the cell gets the current text anyway.
    """
    metadata, text = cell["metadata"].get("nbgrader"), cell["source"]
    if not isinstance(metadata, dict) or metadata.get("solution") or not metadata.get("checksum"):
        return False
    lines = [line.rstrip() for line in text.splitlines()]
    stripped = "\n".join(lines).strip("\n")  # without whitespace that editors add when saving
    variants = dict.fromkeys((text, stripped, f"{stripped}\n"))
    kind = cell["cell_type"]
    return metadata["checksum"] in (checksum(variant, kind, metadata) for variant in variants)


def checksum(text: str, kind: str, metadata: dict[str, Any]) -> str:
    """Return nbgrader's checksum of a cell that is not a solution; "" if its metadata is damaged.

    Reimplements `nbgrader.utils.compute_checksum`: importing it would take a second in each
    submission's judge.

    Parameters
    ----------
    kind
        Type of the cell.
    metadata
        nbgrader's metadata of the cell.
    """
    grade, grade_id = metadata.get("grade", False), metadata.get("grade_id")
    points = metadata.get("points")
    if not isinstance(grade_id, str):
        return ""
    locked = True if grade else metadata.get("locked", False)
    parts = [text, kind, str(grade), str(False), str(locked), grade_id]
    if grade:
        if not isinstance(points, int | float):
            return ""
        parts.append(str(float(points)))
    return hashlib.md5("".join(parts).encode("utf-8", "replace")).hexdigest()


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
    """Keep the cells' ids if they are valid and unique, otherwise generate new ones."""
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
