"""What an attack or an honest oddity is given to change: one student's submission.

    def attack(submission):
        submission.first("import builtins")
        submission.answer("square", "def square(x): ...")
        submission.file("answers.py", "TOTAL = 0")

Student code that found something it should not know prints it with `show`, which the text SHOW
defines: it prints the canaries in a text backwards, so that a filter for the plain word is no
defense. What is left somewhere on purpose contains MARK, in its name or its content.
"""

import textwrap
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

__all__ = ["FLOOD", "MARK", "READ", "SHOW", "SubmissionDraft"]

MARK = "red-team-was-here"

# Prints, backwards, the canaries in a text or bytes.
SHOW = """
import re

def show(data):
    data = data if isinstance(data, bytes) else str(data).encode(errors="replace")
    for found in sorted(set(re.findall(rb"CANARY[0-9a-f]{20}", data))):
        print(found.decode()[::-1])
"""

# Reads files by pattern and shows what they hold.
READ = (
    SHOW
    + """
import glob

def read(*patterns):
    for pattern in patterns:
        for path in glob.glob(pattern, recursive=True, include_hidden=True):
            try:
                with open(path, "rb") as file:
                    show(file.read())
            except OSError:
                pass
"""
)

# Prints for ever to the file descriptor given.
FLOOD = """
import os
while True:
    os.write({}, b"flood " * 10000)
"""

_NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


class SubmissionDraft:
    """One student's notebook and files, before they are written to submitted/.

    student: the folder's name; an attack may choose another
    neighbor: the folder's name of an honest student with full marks
    notebook: the notebook, as nbformat reads it; cells, its cells
    """

    def __init__(
        self, student: str, released: NotebookNode, right: dict[str, str], neighbor: str
    ) -> None:
        self.student = student
        self.neighbor = neighbor
        self.notebook = deepcopy(released)
        self.right = right
        self.files: dict[str, bytes] = {}
        self._changes: list[Callable[[bytes], bytes]] = []
        self._last: list[Callable[[Path], None]] = []

    @property
    def cells(self) -> list[NotebookNode]:
        return self.notebook.cells

    def cell(self, grade_id: str) -> NotebookNode:
        """The cell of that name: `square` is a solution, `square_test` its test."""
        for cell in self.cells:
            about = cell.metadata.get("nbgrader")
            if isinstance(about, dict) and about.get("grade_id") == grade_id:
                return cell
        raise KeyError(grade_id)

    def answer(self, name: str, source: str) -> None:
        """Write a solution cell."""
        self.cell(name).source = textwrap.dedent(source).strip()

    def solve(self, *names: str) -> None:
        """Write right solutions: those named, or all."""
        for name in names or self.right:
            self.answer(name, self.right[name])

    def add(self, source: str, before=None, after=None, kind="code", **metadata) -> NotebookNode:
        """Add a cell: at the end, or before or after the cell of a name."""
        cell = _NEW[kind](textwrap.dedent(source).strip(), metadata=metadata)
        place = len(self.cells)
        if before is not None:
            place = self.cells.index(self.cell(before))
        if after is not None:
            place = self.cells.index(self.cell(after)) + 1
        self.cells.insert(place, cell)
        return cell

    def first(self, source: str, kind="code", **metadata) -> NotebookNode:
        """Add a cell at the very top."""
        cell = self.add(source, kind=kind, **metadata)
        self.cells.insert(0, self.cells.pop())
        return cell

    def remove(self, grade_id: str) -> NotebookNode:
        """Delete a cell, and return it."""
        cell = self.cell(grade_id)
        self.cells.remove(cell)
        return cell

    def file(self, name: str, content: str | bytes) -> None:
        """Hand in a file beside the notebook; the name may contain folders."""
        content = textwrap.dedent(content).encode() if isinstance(content, str) else content
        self.files[name] = content

    def change(self, function: Callable[[bytes], bytes]) -> None:
        """Have the notebook's bytes changed just before they are written."""
        self._changes.append(function)

    def on_disk(self, function: Callable[[Path], None]) -> None:
        """Have a function called with the submission's folder when all is written."""
        self._last.append(function)

    def write(self, submitted: Path, assignment: str) -> None:
        """Write it to submitted/STUDENT/ASSIGNMENT."""
        folder = submitted / self.student / assignment
        folder.mkdir(parents=True)
        data = nbformat.v4.writes(self.notebook).encode()
        for function in self._changes:
            data = function(data)
        (folder / f"{assignment}.ipynb").write_bytes(data)
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        for function in self._last:
            function(folder)
