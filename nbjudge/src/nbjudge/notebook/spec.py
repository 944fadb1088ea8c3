"""The instructor's specification of a notebook, against which submissions are compared."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nbjudge.errors import NotReleasedError
from nbjudge.notebook import static_names
from nbjudge.wire.messages import Message

CHILD_TAG = "nbjudge-child"  # a test cell with this tag is judged in the child
HIDDEN_MARKS = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"  # defaults of nbgrader's ClearHiddenTests
SCHEME_MARKS = "BEGIN MARK SCHEME", "END MARK SCHEME"  # defaults of nbgrader's ClearMarkScheme
Marks = tuple[str, str]  # begin and end delimiter of a region


@dataclass(frozen=True, kw_only=True)
class CellSpec(Message):
    """One of the instructor's cells.

    Attributes
    ----------
    grade_id
        nbgrader's id of the cell; "" for an ordinary cell.
    source
        Released text of the cell, together with the hidden tests.
    solved
        Text in source/, with the solution.
    points
        Maximum points of a graded cell.
    in_child
        True if a test cell is judged in the child: in the student's process, as in nbgrader.
    left_because
        Reason why a test cell needs manual grading; "" if it does not.
    marks
        Delimiters of hidden tests.
    scheme
        Delimiters of a marking scheme.
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
    in_child: bool = False
    left_because: str = ""
    marks: Marks = HIDDEN_MARKS
    scheme: Marks = SCHEME_MARKS

    @property
    def is_test(self) -> bool:
        """True if the cell's outcome determines its points automatically."""
        return self.cell_type == "code" and self.grade and not self.solution

    @property
    def is_scored(self) -> bool:
        """True if a test determines the points, so that no person has to award them."""
        return self.is_test and not self.left_because

    @property
    def has_child_tag(self) -> bool:
        """True if the instructor wants this test judged in the child."""
        return self.is_test and CHILD_TAG in self.tags

    @property
    def is_by_hand(self) -> bool:
        """True if the cell is an answer or a task that a person grades."""
        return self.task or (self.grade and self.solution)

    @property
    def has_scheme(self) -> bool:
        """True if the cell is an ordinary text cell with a marking scheme."""
        is_text = not (self.grade or self.solution or self.task)
        return is_text and self.scheme[0] in self.source

    @functools.cached_property
    def released(self) -> str:
        """Text that students get, without hidden tests and marking schemes."""
        left_out = self.hidden | self._between(self.scheme)
        lines = enumerate(self.source.splitlines(), 1)
        return "\n".join(line for number, line in lines if number not in left_out)

    @functools.cached_property
    def hidden(self) -> set[int]:
        """Line numbers, from 1, of the hidden tests, including the delimiter lines."""
        return self._between(self.marks)

    def _between(self, marks: Marks) -> set[int]:
        (begin, end), numbers, inside = marks, set(), False
        for number, line in enumerate(self.source.splitlines(), 1):
            inside |= begin in line
            if inside:
                numbers.add(number)
            inside &= end not in line
        return numbers


@dataclass(frozen=True)
class NotebookSpec(Message):
    """One notebook of an assignment: its cells in order, and its kernel.

    Attributes
    ----------
    language
        Programming language according to the kernel specification.
    added
        Texts of further cells in the released notebook, such as nbgrader's header.
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

    @property
    def questions(self) -> set[str]:
        """The grade ids of tests, answers and tasks; assignments may share other locked cells."""
        return {cell.grade_id for cell in self.cells if cell.grade or cell.solution or cell.task}

    @property
    def tests(self) -> list[CellSpec]:
        """The test cells, in order."""
        return [cell for cell in self.cells if cell.is_test]

    @property
    def has_child(self) -> bool:
        """True if some tests are judged in the child."""
        return any(test.in_child for test in self.tests)

    def asked(self, cell: CellSpec) -> Mapping[str, str]:
        """Return the names that the instructor's solution in a cell defines: {name: kind}."""
        if not cell.solution or cell.cell_type != "code":
            return {}
        return static_names.defined_names(static_names.parse(cell.solved or cell.source))


def with_tests_in_child(spec: NotebookSpec, grade_ids: Collection[str]) -> NotebookSpec:
    """Return a notebook's spec with these tests judged in the child as well."""
    if not grade_ids:
        return spec
    cells = [replace(c, in_child=c.in_child or c.grade_id in grade_ids) for c in spec.cells]
    return replace(spec, cells=tuple(cells))


def region_marks(config: Mapping[str, Any]) -> tuple[Marks, Marks]:
    """Return a course's delimiters of hidden tests and of marking schemes.

    Parameters
    ----------
    config
        The course's nbgrader configuration.
    """

    def marks(class_name: str, name: str, defaults: Marks) -> Marks:
        settings, (begin, end) = config.get(class_name, {}), defaults
        return str(settings.get(f"begin_{name}", begin)), str(settings.get(f"end_{name}", end))

    return (  # the misspelling is nbgrader's
        marks("ClearHiddenTests", "test_delimeter", HIDDEN_MARKS),
        marks("ClearMarkScheme", "mark_scheme_delimeter", SCHEME_MARKS),
    )


def make_spec(
    name: str,
    recorded: list[CellSpec],
    notebook: Mapping[str, Any] | None,
    marks: Marks = HIDDEN_MARKS,
    scheme: Marks = SCHEME_MARKS,
) -> NotebookSpec:
    """Build the specification of a notebook from the gradebook's cells and the notebook in source/.

    Parameters
    ----------
    recorded
        nbgrader's cells as recorded in the gradebook, in order.
    notebook
        The instructor's notebook, parsed from JSON; if None, ordinary cells and tags are unknown.
    marks, scheme
        Delimiters of hidden tests and of marking schemes.

    Raises
    ------
    NotReleasedError
        If the notebook in source/ lacks cells that the gradebook has.
    """
    recorded = [replace(cell, marks=marks, scheme=scheme) for cell in recorded]
    by_id = {cell.grade_id: cell for cell in recorded}
    if notebook is None:
        return NotebookSpec(name, tuple(recorded))
    cells = []
    for raw in notebook["cells"]:
        grade_id = raw["metadata"].get("nbgrader", {}).get("grade_id", "")
        text = "".join(raw["source"])
        if grade_id in by_id:
            tags = tuple(raw["metadata"].get("tags", ()))
            cell = by_id.pop(grade_id)
            if cell.solution:  # the gradebook has the release version; it has all others as graded
                cell = replace(cell, solved=text)
            cell = replace(cell, tags=tags)
            cells.append(replace(cell, in_child=cell.has_child_tag))
        else:
            cells.append(
                CellSpec(grade_id="", cell_type=raw["cell_type"], source=text, solved=text)
            )
    if by_id:
        raise NotReleasedError(
            f"{name}.ipynb in source/ lacks the cells {', '.join(by_id)}, which the gradebook has"
        )
    kernelspec = notebook["metadata"].get("kernelspec", {})
    language = kernelspec.get("language") or "python"
    return NotebookSpec(name, tuple(cells), language, kernelspec)
