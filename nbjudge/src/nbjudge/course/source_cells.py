"""Compare an assignment's notebook in source/ with the version recorded in the gradebook.

Grading uses the cells, kinds, points and texts that `nbgrader generate_assignment` recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from nbjudge.notebook.spec import CellSpec


@dataclass(frozen=True)
class Difference:
    """A difference between source/ and the gradebook.

    Attributes
    ----------
    text
        Clause for use in a sentence.
    changes_cells
        True if cells or notebooks were added or removed, or cells are of another kind; nbgrader
        refuses to record such a change after work has been graded.
    """

    text: str
    changes_cells: bool = False

    def __str__(self) -> str:
        return self.text


def find_differences(
    recorded: Sequence[CellSpec], notebook: Mapping[str, Any], config: Config
) -> list[Difference]:
    """Return how the cells in source/ differ from those in the gradebook.

    Parameters
    ----------
    recorded
        Cells in the gradebook.
    notebook
        The instructor's notebook, parsed from JSON.
    config
        nbgrader's configuration of the course.
    """
    unmatched = {cell.grade_id: cell for cell in recorded}
    clear = ClearSolutions(config=config)
    language = notebook["metadata"].get("kernelspec", {}).get("language", "python")
    differences = list[Difference]()
    for raw in notebook["cells"]:
        cell = nbformat.from_dict({**raw, "source": "".join(raw["source"])})
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        kinds = (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
        if not any(is_kind(cell) for is_kind in kinds) and grade_id not in unmatched:
            continue
        try:
            cell, _ = clear.preprocess_cell(cell, {"language": language}, 0)
        except (KeyError, RuntimeError) as error:
            differences.append(Difference(f"{grade_id} cannot be released ({error})"))
            continue
        differences += _differences(cell, grade_id, unmatched.pop(grade_id, None))
    missing = (Difference(f"{grade_id} is only in the gradebook", True) for grade_id in unmatched)
    return [*differences, *missing]


def _differences(cell: Any, grade_id: str, recorded: CellSpec | None) -> Iterator[Difference]:
    """Yield the differences of a cell, its solution removed, from the recorded cell."""
    if recorded is None:
        yield Difference(f"{grade_id} is not in the gradebook", True)
        return
    spec = CellSpec(
        grade_id,
        cell.cell_type,
        cell.source,
        cell.source,
        grade=bool(utils.is_grade(cell)),
        solution=bool(utils.is_solution(cell)),
        locked=bool(utils.is_locked(cell)),
        task=bool(utils.is_task(cell)),
    )
    if (kind := _kind(spec)) != (old := _kind(recorded)):
        yield Difference(
            f"{grade_id} is {kind} but recorded as {old}", _roles(spec) != _roles(recorded)
        )
    elif (points := float(cell.metadata.nbgrader.get("points", 0.0))) != recorded.points and (
        spec.grade or spec.task
    ):
        text = f"{grade_id} has {points:g} points but {recorded.points:g} in the gradebook"
        yield Difference(text)
    if spec.source.strip() != recorded.source.strip():
        yield Difference(f"the text of {grade_id} has changed")


def _roles(cell: CellSpec) -> tuple[bool, ...]:
    """Return whether nbgrader treats a cell as graded, solution, task and recorded."""
    kinds = cell.grade, cell.solution, cell.task
    return *kinds, any(kinds) or cell.locked


def _kind(cell: CellSpec) -> str:
    """Return the kind of a cell in words."""
    type_name = "code" if cell.cell_type == "code" else "text"
    if cell.task:
        return f"a task ({type_name})"
    if cell.grade and cell.solution:
        return f"a manually graded answer ({type_name})"
    if cell.grade:
        return f"a graded locked cell ({type_name})"
    if cell.solution:
        return f"a solution ({type_name})"
    return f"a locked cell ({type_name})" if cell.locked else "an ordinary cell"
