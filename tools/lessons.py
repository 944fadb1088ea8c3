"""Run the lessons and compare what their prose says with what their cells give.

    python -m tools.lessons [--changed] [NAME ...]
    python -m tools.lessons --count [NAME ...]

As many lessons run side by side as there are processors. A lesson fails where a cell raises an
error or warns; where a figure in the prose, written as `[0.5]{= accuracy }`, is not what the
expression gives once the cells above have run; where a picture has no text alternative; where a
link leads to no file; where an exercise's solution is missing. Exit status 0 if none fails.

A lesson that holds is kept with its outputs in docs/_build/lessons, for the site. With --changed
only those are run that are not there as they are now: their text, what they import, or the packages
have changed.

With --count nothing is run. A table shows how long the lessons are, how many of the glossary's
terms they use, and how many words that standard terms should replace. Given names, it lists these
words with their lines, and the terms that the glossary expects in a lesson but that it does not
use. Exit status 0.
"""

import argparse
import asyncio
import hashlib
import html.parser
import importlib.metadata
import os
import platform
import re
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from rich.console import Console

from public_tests.report import MIME_TYPE, NOT_WRITTEN
from tools.course import ROOT, course_notebooks, lessons, write_if_changed
from tools.lesson_counts import report
from tools.notebooks import CLAIM, build_lesson
from tools.release import build_bundle, build_cases

__all__ = ["NOBODY", "ONE_THREAD", "check_lesson", "kept", "main", "outputs", "taught"]

SECONDS = 300  # for one cell
# Lessons run at once: the threads of their libraries would wait for each other, spinning.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SHARP = {"LESSON_FIGURE_PIXELS": "2"}  # for the site; lesson_tools.figures reads it
IMPORTED = ("convnet", "course/lesson_tools", "public_tests")
NOBODY = {"PROGRESS_FILE": ""}  # whose progress would be kept
LINK = re.compile(r"\]\((?!https?:|#|attachment:)([^)\s#]+)")

# Runs before the lesson's first cell.
STRICT = """\
import warnings as _warnings

_warnings.simplefilter("error")
_warnings.filterwarnings("ignore", module="ipykernel")  # not the lesson's
# Nor is what Python keeps to itself, where a library does it.
for _kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
    _warnings.simplefilter("ignore", _kind)
_ours = "__main__|convnet|lesson_tools|public_tests"
_warnings.filterwarnings("error", category=DeprecationWarning, module=_ours)
"""
# Runs where the prose claims something.
COMPARE = """\
_claims = {claims!r}
_wrong = []
for _text, _expression in _claims:
    _value = str(eval(_expression))
    if _value != _text:
        _wrong.append(f"the text says {{_text}}, {{_expression}} gives {{_value}}")
if _wrong:
    raise AssertionError("; ".join(_wrong))
"""

# Runs after a prediction: what a page shows on which nobody can answer.
ANSWERS = "from IPython.display import display as _display\n"
ANSWER = "_display(predict.folded_answer({name!r}))\n"
ASKED = re.compile(r'^predict\("(\w+)"', re.M)
ADDED = "added"  # in the metadata of a cell that is not the lesson's own

console = Console(stderr=True, highlight=False, soft_wrap=True)


def check_lesson(name: str, root: Path = ROOT) -> list[str]:
    """Run one lesson from its text; what is wrong with it, one line each."""
    notebook = build_lesson(name, root, claims=True)
    digest = _digest(notebook, root)
    problems = [
        f"the link to {target} leads nowhere"
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for target in LINK.findall(CLAIM.sub(r"\1", cell.source))
        if not _there(root / "course" / target)
    ]
    run = nbformat.v4.new_notebook(metadata=notebook.metadata, cells=_with_comparisons(notebook))
    client = NotebookClient(
        run,
        timeout=SECONDS,
        extra_arguments=["--log-level=ERROR"],  # or each kernel warns of its own connection
        resources={"metadata": {"path": str(root / "course")}},
    )
    try:
        # asyncio.run closes its loop, in any thread.
        asyncio.run(client.async_execute(env=os.environ | ONE_THREAD | SHARP | NOBODY))
    except CellExecutionError as error:
        problems.append(f"{_first_line(_failed_cell(run))}: {error.ename}: {error.evalue}")
    except (CellTimeoutError, DeadKernelError) as error:
        problems.append(f"{_first_line(_failed_cell(run))}: {error}")
    problems += [problem for cell in run.cells for problem in _shortcomings(cell)]
    if not problems:
        run.metadata["digest"] = digest
        write_if_changed(kept(name, root), nbformat.writes(run).encode())
    return problems


def kept(name: str, root: Path = ROOT) -> Path:
    """The file with the outputs of a lesson's last run that held."""
    return root / "docs" / "_build" / "lessons" / f"{name}.ipynb"


def outputs(name: str, root: Path = ROOT) -> list[list[NotebookNode]]:
    """
    The outputs of a lesson's code cells, in their order, from its last run.

    A cell that asks for a prediction has the answer, folded.
    """
    found: list[list[NotebookNode]] = []
    for cell in nbformat.read(kept(name, root), as_version=4).cells:
        if cell.cell_type == "code" and ADDED not in cell.metadata:
            found.append(cell.outputs)
        elif cell.metadata.get(ADDED) == "answer":
            found[-1] = cell.outputs
    return found


def _changed(name: str, root: Path) -> bool:
    """Whether a lesson has not been run as it is now, with what is installed now."""
    if not kept(name, root).exists():
        return True
    run = nbformat.read(kept(name, root), as_version=4)
    return run.metadata.get("digest") != _digest(build_lesson(name, root, claims=True), root)


def _digest(notebook: NotebookNode, root: Path) -> str:
    """A digest of what a lesson's outputs are made from."""
    digest = hashlib.sha256(nbformat.writes(notebook).encode())
    paths = [path for folder in IMPORTED for path in (root / folder).rglob("*") if path.is_file()]
    for path in [Path(__file__), *sorted(paths)]:
        if "__pycache__" not in path.parts:
            digest.update(f"\n{path.name}\n".encode() + path.read_bytes())
    packages = {f"{found.name} {found.version}" for found in importlib.metadata.distributions()}
    digest.update("\n".join([platform.python_version(), *sorted(packages)]).encode())
    return digest.hexdigest()


def taught(root: Path = ROOT) -> dict[int, list[tuple[str, str]]]:
    """
    Which sections teach a subject: by its number, the names of lessons and the headings in them.

    A section says so by a tag of its heading's cell, `row-8` for row 8 of course/README.md's table.
    """
    sections: dict[int, list[tuple[str, str]]] = {}
    for name in lessons(root):
        for cell in jupytext.read(root / "course" / f"{name}.py", fmt="py:percent").cells:
            for tag in cell.metadata.get("tags", []):
                if tag.startswith("row-"):
                    heading = re.search(r"^##+ (.+)$", cell.source, flags=re.M)
                    if not heading:
                        raise ValueError(
                            f"course/{name}.py: a cell with the tag {tag} has no heading"
                        )
                    sections.setdefault(int(tag[4:]), []).append((name, heading[1]))
    return sections


def _there(path: Path) -> bool:
    """Whether a link's target is there, or the text that it is built from."""
    return path.exists() or path.with_suffix(".py").exists()


def _with_comparisons(notebook: NotebookNode) -> list[NotebookNode]:
    """
    The notebook's cells, with one that compares behind every cell of prose that claims, and one
    that answers behind every cell that asks for a prediction.
    """
    cells = [_added(STRICT, "setup")]
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            claims = CLAIM.findall(cell.source)
            if claims:
                cells.append(_added(COMPARE.format(claims=claims), "comparison"))
        elif asked := ASKED.findall(cell.source):
            answers = "".join(ANSWER.format(name=name) for name in asked)
            cells.append(_added(ANSWERS + answers, "answer"))
    return cells


def _added(source: str, why: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata={ADDED: why})


def _failed_cell(run: NotebookNode) -> NotebookNode:
    """The last cell that was begun."""
    begun = [cell for cell in run.cells if cell.cell_type == "code" and cell.execution_count]
    return begun[-1] if begun else run.cells[0]


def _first_line(cell: NotebookNode) -> str:
    if cell.metadata.get(ADDED) == "comparison":
        return "in the prose"
    return f"in the cell {cell.source.strip().splitlines()[0]!r}"


class _Images(html.parser.HTMLParser):
    """The text alternatives of the images in a page, None where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.alternatives: list[str | None] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alternatives.append(dict(attributes).get("alt"))


def _shortcomings(cell: NotebookNode) -> Iterator[str]:
    """What a cell's outputs lack."""
    if cell.cell_type != "code":
        return
    for output in cell.outputs:
        data = output.get("data", {})
        if data.get(MIME_TYPE, {}).get("kind") == NOT_WRITTEN:
            yield f"{_first_line(cell)}: the exercise before it has no solution"
        images = [kind for kind in data if kind.startswith("image/")]
        if any("alt" not in output.metadata.get(kind, {}) for kind in images):
            yield f"{_first_line(cell)}: a picture without a text alternative; use present(...)"
        page = _Images()
        page.feed("".join(data.get("text/html", "")))
        if any(not text for text in page.alternatives):
            yield f"{_first_line(cell)}: a picture with an empty text alternative"
        if page.alternatives and not images:
            yield f"{_first_line(cell)}: HTML without an image beside it; use present(...)"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Returns 0 where all lessons hold or are only counted, 1 where one does not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.lessons",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="all lessons by default")
    parser.add_argument("--changed", action="store_true", help="only those that have changed")
    parser.add_argument("--count", action="store_true", help="count, and run nothing")
    options = parser.parse_args(arguments)
    names = options.names
    known = course_notebooks(root)
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"there is no lesson {unknown[0]!r}; there are {', '.join(known)}")
    if not lessons(root):
        console.print("There is no lesson in course/.")
        return 0
    if options.count:
        for line in report(names or lessons(root), root, words=bool(names)):
            print(line)
        return 0
    build_cases(root)
    build_bundle(root)
    names = names or known
    if options.changed:
        changed = [name for name in names if _changed(name, root)]
        console.print(f"{len(changed)} of {len(names)} lessons to run, the others are unchanged.")
        names = changed
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(_timed, name, root): name for name in names}
        for future in as_completed(running):
            name, (problems, seconds) = running[future], future.result()
            state = "fails" if problems else "holds"
            console.print(f"{name} {state}, {seconds:.0f} s", markup=False)
            for problem in problems:
                console.print(f"  {problem}", style="red", markup=False)
            failed += [name] * bool(problems)
    return 1 if failed else 0


def _timed(name: str, root: Path) -> tuple[list[str], float]:
    """What is wrong with a lesson, and how long it took to find out."""
    begin = time.monotonic()
    try:
        problems = check_lesson(name, root)
    except ValueError as error:  # the text cannot be understood
        problems = [str(error)]
    return problems, time.monotonic() - begin


if __name__ == "__main__":
    sys.exit(main())
