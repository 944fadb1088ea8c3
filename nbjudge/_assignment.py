"""An assignment's notebook as the instructor wrote it: what grading compares a submission with."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nbjudge import _names

__all__ = ["CHILD_TAG", "Cell", "NotebookPlan", "hidden_lines", "plan_notebook"]

CHILD_TAG = "nbjudge-child"  # a test cell with this tag runs in the student's process
BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


@dataclass(frozen=True)
class Cell:
    """One of the instructor's cells.

    grade_id: nbgrader's name for it, "" for an ordinary cell; source: as students get it, with the
        hidden tests; solved: the text in source/, with the solution; points: of a graded cell
    """

    grade_id: str
    cell_type: str
    source: str
    solved: str
    checksum: str = ""
    points: float = 0.0
    grade: bool = False
    solution: bool = False
    locked: bool = False
    task: bool = False
    tags: tuple[str, ...] = ()

    @property
    def is_test(self) -> bool:
        """Whether its outcome gives points by itself."""
        return self.cell_type == "code" and self.grade and not self.solution

    @property
    def released(self) -> str:
        """The text that students get: without the hidden tests."""
        hidden = hidden_lines(self.source)
        lines = enumerate(self.source.splitlines(), 1)
        return "\n".join(line for number, line in lines if number not in hidden)

    @property
    def runs_in_child(self) -> bool:
        """Whether the instructor wants this test cell run in the student's process."""
        return self.is_test and CHILD_TAG in self.tags


def hidden_lines(source: str) -> set[int]:
    """The numbers of the lines between nbgrader's marks for hidden tests, from 1."""
    hidden, inside = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        inside |= BEGIN_HIDDEN in line
        if inside:
            hidden.add(number)
        inside &= END_HIDDEN not in line
    return hidden


@dataclass(frozen=True)
class NotebookPlan:
    """One notebook of an assignment: its cells in order, and how they are to be judged.

    asked: the names that the instructor's solution cells define, {name: kind}, by grade id
    language: as the kernel specification says
    """

    name: str
    cells: tuple[Cell, ...]
    language: str = "python"
    kernelspec: dict = field(default_factory=dict)

    def to_json(self) -> dict:
        """The same as plain data, for another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "NotebookPlan":
        cells = tuple(Cell(**{**cell, "tags": tuple(cell["tags"])}) for cell in data["cells"])
        return cls(data["name"], cells, data["language"], data["kernelspec"])

    @property
    def graded(self) -> list[Cell]:
        """The cells that have a grade in the gradebook."""
        return [cell for cell in self.cells if cell.grade or cell.task]

    def asked(self, cell: Cell) -> dict[str, str]:
        """The names that the instructor's version of a solution cell defines: {name: kind}."""
        if not cell.solution or cell.cell_type != "code":
            return {}
        return _names.defined_names(_names.parse(cell.solved or cell.source))


def plan_notebook(name: str, recorded: list[Cell], source: Path | None) -> NotebookPlan:
    """Put together what the gradebook recorded of a notebook and the notebook in source/.

    recorded: nbgrader's cells, as the gradebook has them, in order
    source: the instructor's notebook; without it, ordinary cells and tags are not known
    raises: ValueError where the two do not belong together
    """
    by_id = {cell.grade_id: cell for cell in recorded}
    if source is None or not source.exists():
        return NotebookPlan(name, tuple(recorded))
    notebook = json.loads(source.read_text(encoding="utf-8"))
    cells = []
    for raw in notebook["cells"]:
        grade_id = raw["metadata"].get("nbgrader", {}).get("grade_id", "")
        text = "".join(raw["source"])
        if grade_id in by_id:
            tags = tuple(raw["metadata"].get("tags", ()))
            known = asdict(by_id.pop(grade_id))
            cells.append(Cell(**{**known, "solved": text, "tags": tags}))
        else:
            cells.append(Cell("", raw["cell_type"], text, text))
    if by_id:
        raise ValueError(
            f"{source} lacks the cells {', '.join(by_id)}, which the gradebook has: "
            "run `nbgrader generate_assignment` again"
        )
    kernelspec = notebook["metadata"].get("kernelspec", {})
    language = kernelspec.get("language") or "python"
    return NotebookPlan(name, tuple(cells), language, kernelspec)
