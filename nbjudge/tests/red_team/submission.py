"""The submission of one student, which an attack or an honest oddity changes.

    def attack(submission):
        submission.first("import builtins")
        submission.answer("square", "def square(x): ...")
        submission.file("answers.py", "TOTAL = 0")

Student code that found a secret prints it with `show`, which the text SHOW defines: it prints the
canaries in a text backwards, so a filter for the plain word does not help. Anything left behind on
purpose contains MARK in its name or content.
"""

import textwrap
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

__all__ = ["FLOOD", "MARK", "READ", "SEARCH", "SHOW", "SubmissionDraft"]

MARK = "red-team-was-here"

# Print, backwards, the canaries in a text or bytes.
SHOW = """
import re

def show(data):
    data = data if isinstance(data, bytes) else str(data).encode(errors="replace")
    for found in sorted(set(re.findall(rb"CANARY[0-9a-f]{20}", data))):
        print(found.decode()[::-1])
"""

# Read files by pattern and show the canaries in them.
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

# Show the canaries in the writable memory of a process.
SEARCH = """
import os

def search(pid):
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                area, rights = line.split()[:2]
                start, end = (int(x, 16) for x in area.split("-"))
                if rights.startswith("rw"):
                    try:
                        memory.seek(start)
                        show(memory.read(min(end - start, 1 << 28)))
                    except (OSError, OverflowError, ValueError):
                        pass
    except OSError:
        pass
"""

# Print forever to the given file descriptor.
FLOOD = """
import os
while True:
    os.write({}, b"flood " * 10000)
"""

_NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


class SubmissionDraft:
    """One student's notebook and files, before they are written to submitted/.

    Parameters
    ----------
    student
        Name of the folder, which an attack may change.
    neighbor
        Name of the folder of an honest student with full marks.

    Attributes
    ----------
    notebook
        The notebook as read by nbformat; `cells` are its cells.
    """

    def __init__(
        self, student: str, released: NotebookNode, right: dict[str, str], neighbor: str
    ) -> None:
        self.student = student
        self.neighbor = neighbor
        self.notebook = deepcopy(released)
        self.right = right
        self.files: dict[str, bytes] = {}
        self.mails: dict[str, bytes] = {}
        self._changes: list[Callable[[bytes], bytes]] = []
        self._last: list[Callable[[Path], None]] = []

    @property
    def cells(self) -> list[NotebookNode]:
        return self.notebook.cells

    def cell(self, grade_id: str) -> NotebookNode:
        """Return a cell by its id: `square` is a solution, `square_test` its test."""
        for cell in self.cells:
            about = cell.metadata.get("nbgrader")
            if isinstance(about, dict) and about.get("grade_id") == grade_id:
                return cell
        raise KeyError(grade_id)

    def answer(self, name: str, source: str) -> None:
        """Set the text of a solution cell."""
        self.cell(name).source = textwrap.dedent(source).strip()

    def in_child(self, source: str, before: str = "") -> None:
        """Answer `vector` wrongly, with objects that run `source` when its test adds them.

        That happens in the child alone, and what it prints becomes output of the test.

        Parameters
        ----------
        before
            Text of the cell before the class.
        """
        body = textwrap.indent(textwrap.dedent(source).strip(), " " * 8)
        lines = "class Vector:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n\n"
        self.answer("vector", f"{before}\n{lines}    def __add__(self, other):\n{body}\n")

    def solve(self, *names: str) -> None:
        """Fill in right solutions: the named ones, or all."""
        for name in names or self.right:
            self.answer(name, self.right[name])

    def add(self, source: str, before=None, after=None, kind="code", **metadata) -> NotebookNode:
        """Add a cell at the end, or before or after a given cell."""
        cell = _NEW[kind](textwrap.dedent(source).strip(), metadata=metadata)
        place = len(self.cells)
        if before is not None:
            place = self.cells.index(self.cell(before))
        if after is not None:
            place = self.cells.index(self.cell(after)) + 1
        self.cells.insert(place, cell)
        return cell

    def first(self, source: str, kind="code", **metadata) -> NotebookNode:
        """Add a cell at the beginning."""
        cell = self.add(source, kind=kind, **metadata)
        self.cells.insert(0, self.cells.pop())
        return cell

    def remove(self, grade_id: str) -> NotebookNode:
        """Delete a cell and return it."""
        cell = self.cell(grade_id)
        self.cells.remove(cell)
        return cell

    def file(self, name: str, content: str | bytes) -> None:
        """Add a file next to the notebook; the name may contain folders."""
        content = textwrap.dedent(content).encode() if isinstance(content, str) else content
        self.files[name] = content

    def mail(self, name: str, content: str | bytes) -> None:
        """Add a regrade request, which the instructor has saved under this name."""
        self.mails[name] = content.encode() if isinstance(content, str) else content

    def change(self, function: Callable[[bytes], bytes]) -> None:
        """Register a function that changes the notebook's bytes before they are written."""
        self._changes.append(function)

    def on_disk(self, function: Callable[[Path], None]) -> None:
        """Register a function to call with the submission's folder after everything is written."""
        self._last.append(function)

    def content(self) -> bytes:
        """Return the content of the notebook."""
        data = nbformat.v4.writes(self.notebook).encode()
        for function in self._changes:
            data = function(data)
        return data

    def write(self, submitted: Path, assignment: str) -> None:
        """Write the submission to submitted/STUDENT/ASSIGNMENT."""
        folder = submitted / self.student / assignment
        folder.mkdir(parents=True)
        (folder / f"{assignment}.ipynb").write_bytes(self.content())
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        for function in self._last:
            function(folder)
