"""An assignment's notebook as the instructor wrote it: what grading compares a submission with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nbjudge.errors import NotReleasedError
from nbjudge.notebook import static_names
from nbjudge.wire.messages import Message

CHILD_TAG = "nbjudge-child"  # a test cell with this tag runs in the student's process
HIDDEN_MARKS = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"  # where ClearHiddenTests has no others
SCHEME_MARKS = "BEGIN MARK SCHEME", "END MARK SCHEME"  # and ClearMarkScheme
Marks = tuple[str, str]  # what the first line of a region contains, and the last


@dataclass(frozen=True)
class CellSpec(Message):
    """One of the instructor's cells.

    Attributes
    ----------
    grade_id
        nbgrader's name for it; "" for an ordinary cell.
    source
        As students get it, with the hidden tests.
    solved
        The text in source/, with the solution.
    points
        Of a graded cell.
    marks
        Around hidden tests.
    scheme
        Around a marking scheme.
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
    marks: Marks = HIDDEN_MARKS
    scheme: Marks = SCHEME_MARKS

    @property
    def is_test(self) -> bool:
        """Whether its outcome gives points by itself."""
        return self.cell_type == "code" and self.grade and not self.solution

    @property
    def is_by_hand(self) -> bool:
        """True if it is an answer or a task that a person grades."""
        return self.task or (self.grade and self.solution)

    @property
    def has_scheme(self) -> bool:
        """True if it is a text with a marking scheme that has no answer of its own."""
        is_text = not (self.grade or self.solution or self.task)
        return is_text and self.scheme[0] in self.source

    @property
    def released(self) -> str:
        """The text that students get: without the hidden tests and the marking scheme."""
        left_out = self.hidden | self._between(self.scheme)
        lines = enumerate(self.source.splitlines(), 1)
        return "\n".join(line for number, line in lines if number not in left_out)

    @property
    def hidden(self) -> set[int]:
        """The numbers of the lines between the marks for hidden tests, from 1."""
        return self._between(self.marks)

    def _between(self, marks: Marks) -> set[int]:
        (begin, end), found, inside = marks, set(), False
        for number, line in enumerate(self.source.splitlines(), 1):
            inside |= begin in line
            if inside:
                found.add(number)
            inside &= end not in line
        return found

    @property
    def runs_in_child(self) -> bool:
        """Whether the instructor wants this test cell run in the student's process."""
        return self.is_test and CHILD_TAG in self.tags


@dataclass(frozen=True)
class NotebookSpec(Message):
    """One notebook of an assignment: its cells in order, and how they are to be judged.

    Attributes
    ----------
    language
        As the kernel specification says.
    added
        Texts of cells that the released notebook has beside these, such as nbgrader's header.
    """

    name: str
    cells: tuple[CellSpec, ...]
    language: str = "python"
    kernelspec: dict[str, object] = field(default_factory=dict)
    added: tuple[str, ...] = ()

    @property
    def graded(self) -> list[CellSpec]:
        """The cells that have a grade in the gradebook."""
        return [cell for cell in self.cells if cell.grade or cell.task]

    def asked(self, cell: CellSpec) -> dict[str, str]:
        """The names that the instructor's version of a solution cell defines: {name: kind}."""
        if not cell.solution or cell.cell_type != "code":
            return {}
        return static_names.defined_names(static_names.parse(cell.solved or cell.source))


def region_marks(config: Mapping[str, Any]) -> tuple[Marks, Marks]:
    """What the lines around hidden tests and around marking schemes contain, in a course.

    Parameters
    ----------
    config
        The course's, of nbgrader.
    """

    def marks(of: str, name: str, defaults: Marks) -> Marks:
        given, (begin, end) = config.get(of, {}), defaults
        return str(given.get(f"begin_{name}", begin)), str(given.get(f"end_{name}", end))

    return (  # nbgrader spells them so
        marks("ClearHiddenTests", "test_delimeter", HIDDEN_MARKS),
        marks("ClearMarkScheme", "mark_scheme_delimeter", SCHEME_MARKS),
    )


def make_spec(
    name: str,
    recorded: list[CellSpec],
    source: Path | None,
    marks: Marks = HIDDEN_MARKS,
    scheme: Marks = SCHEME_MARKS,
) -> NotebookSpec:
    """Put together what the gradebook recorded of a notebook and the notebook in source/.

    Parameters
    ----------
    recorded
        nbgrader's cells, as the gradebook has them, in order.
    source
        The instructor's notebook; without it, ordinary cells and tags are not known.
    marks, scheme
        Around hidden tests, and around a marking scheme.

    Raises
    ------
    NotReleasedError
        The notebook in source/ lacks cells that the gradebook has.
    """
    recorded = [replace(cell, marks=marks, scheme=scheme) for cell in recorded]
    by_id = {cell.grade_id: cell for cell in recorded}
    if source is None or not source.exists():
        return NotebookSpec(name, tuple(recorded))
    notebook = json.loads(source.read_text(encoding="utf-8"))
    cells = []
    for raw in notebook["cells"]:
        grade_id = raw["metadata"].get("nbgrader", {}).get("grade_id", "")
        text = "".join(raw["source"])
        if grade_id in by_id:
            tags = tuple(raw["metadata"].get("tags", ()))
            cells.append(replace(by_id.pop(grade_id), solved=text, tags=tags))
        else:
            cells.append(CellSpec("", raw["cell_type"], text, text))
    if by_id:
        raise NotReleasedError(
            f"{source} lacks the cells {', '.join(by_id)}, which the gradebook has"
        )
    kernelspec = notebook["metadata"].get("kernelspec", {})
    language = kernelspec.get("language") or "python"
    return NotebookSpec(name, tuple(cells), language, kernelspec)
