"""Run the lessons, and compare the numbers in their prose with the results of their cells.

    python -m tools.lessons [--changed] [--write-times] [NAME ...]
    python -m tools.lessons --words [NAME ...]

Lessons run in parallel, one per processor. A lesson fails if a cell raises an error or a warning;
if a number in the prose, written as `[0.5]{= accuracy }`, differs from the value of its expression
after the cells above it; if an image has no text alternative; if a link is broken; or if an
exercise has no solution. The exit status is 0 if no lesson fails.

The outputs of a lesson that passes are stored in docs/_build/lessons, for the site. --changed runs
only the lessons whose text, imports or installed packages have changed since they were stored.
--write-times stores the running times of the lessons that pass in course/running_times.json, from
which `tools.lesson_times` computes the minutes for a lesson.

--words runs nothing. It lists the words that standard terms should replace, with their lines, and
the terms that a lesson should introduce but does not use. The exit status is 0.
"""

import argparse
import asyncio
import hashlib
import html.parser
import importlib.metadata
import os
import platform
import re
import site
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import psutil  # which ipykernel requires
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from nbexercise.showing.report import MIME_TYPE, NOT_WRITTEN
from tools.console import console
from tools.course import ENGINE, ROOT, course_notebooks, lessons, write_if_changed
from tools.lesson_times import record_running_time
from tools.lesson_words import report
from tools.notebooks import CLAIM, build_lesson
from tools.release import build_bundle, build_cases

__all__ = ["NOBODY", "ONE_THREAD", "check_lesson", "kept", "main", "outputs", "taught"]

SECONDS = 300  # for one cell
# Lessons run in parallel, where several threads per lesson would compete for the processors.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Figures of the site, read by lesson_tools.figures: sharp, and also for dark pages.
FIGURES = {"LESSON_FIGURE_PIXELS": "2", "LESSON_FIGURE_DARK": "1"}
IMPORTED = ("convnet", "course/lesson_tools", ENGINE, "public_tests")
NOBODY = {"PROGRESS_FILE": ""}  # so that no progress is stored
LINK = re.compile(r"\]\((?!https?:|#|attachment:)([^)\s#]+)")

# Runs before the lesson's first cell.
STRICT = """\
import warnings as _warnings

_warnings.simplefilter("error")
_warnings.filterwarnings("ignore", module="ipykernel")  # not the lesson's
# Python hides these by default, so a library's are ignored.
for _kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
    _warnings.simplefilter("ignore", _kind)
_ours = "__main__|convnet|lesson_tools|nbexercise|public_tests"
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

# Runs after a prediction: shows the answer on pages that cannot be answered.
ANSWERS = "from IPython.display import display as _display\n"
ANSWER = "_display(predict.folded_answer({name!r}))\n"
ASKED = re.compile(r'^predict\("(\w+)"', re.M)
ADDED = "added"  # metadata of a cell that was added to the lesson


def check_lesson(name: str, root: Path = ROOT) -> list[str]:
    """Run one lesson from its text, and return its problems, one line each."""
    notebook = build_lesson(name, root, claims=True)
    digest = _digest(notebook, root)
    problems = [
        f"broken link to {target}"
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for target in LINK.findall(CLAIM.sub(r"\1", cell.source))
        if not _there(root / "course" / target)
    ]
    run = nbformat.v4.new_notebook(metadata=notebook.metadata, cells=_with_comparisons(notebook))
    client = NotebookClient(
        run,
        timeout=SECONDS,
        extra_arguments=["--log-level=ERROR"],  # silences a warning of each kernel
        resources={"metadata": {"path": str(root / "course")}},
    )
    _measure(client)
    try:
        # asyncio.run closes its event loop, in any thread.
        asyncio.run(client.async_execute(env=os.environ | ONE_THREAD | FIGURES | NOBODY))
    except CellExecutionError as error:
        problems.append(f"{_first_line(_failed_cell(run))}: {error.ename}: {error.evalue}")
    except (CellTimeoutError, DeadKernelError) as error:
        problems.append(f"{_first_line(_failed_cell(run))}: {error}")
    problems += [problem for cell in run.cells for problem in _shortcomings(cell)]
    if not problems:
        run.metadata["digest"] = digest
        write_if_changed(kept(name, root), nbformat.writes(run).encode())
    return problems


def _measure(client: Any) -> None:
    """Store the processor time of each cell, in seconds, in the cell's metadata.

    Unlike elapsed time, it hardly depends on other programs.

    Parameters
    ----------
    client
        A `NotebookClient`; its annotations lack the kernel's process.
    """

    def spent() -> float:
        times = psutil.Process(client.km.provisioner.process.pid).cpu_times()
        return times.user + times.system

    def start(cell: NotebookNode, **_: object) -> None:
        cell.metadata["seconds"] = -spent()

    def end(cell: NotebookNode, **_: object) -> None:
        cell.metadata["seconds"] += spent()

    client.on_cell_execute, client.on_cell_executed = start, end


def kept(name: str, root: Path = ROOT) -> Path:
    """Return the path of the lesson with the outputs of its last run that passed."""
    return root / "docs" / "_build" / "lessons" / f"{name}.ipynb"


def outputs(name: str, root: Path = ROOT) -> list[list[NotebookNode]]:
    """Return the outputs of a lesson's code cells, in order, from its last run.

    The output of a cell that asks for a prediction is the folded answer.
    """
    by_cell: list[list[NotebookNode]] = []
    for cell in nbformat.read(kept(name, root), as_version=4).cells:
        if cell.cell_type == "code" and ADDED not in cell.metadata:
            by_cell.append(cell.outputs)
        elif cell.metadata.get(ADDED) == "answer":
            by_cell[-1] = cell.outputs
    return by_cell


def _own_cells(name: str, root: Path) -> list[NotebookNode]:
    """Return the cells of a lesson's last run, without those that were added to the lesson."""
    cells = nbformat.read(kept(name, root), as_version=4).cells
    return [cell for cell in cells if ADDED not in cell.metadata]


def _changed(name: str, root: Path) -> bool:
    """True if the lesson, its imports or the packages have changed since its stored run."""
    if not kept(name, root).exists():
        return True
    run = nbformat.read(kept(name, root), as_version=4)
    return run.metadata.get("digest") != _digest(build_lesson(name, root, claims=True), root)


def _digest(notebook: NotebookNode, root: Path) -> str:
    """Return a digest of everything that a lesson's outputs depend on."""
    digest = hashlib.sha256(nbformat.writes(notebook).encode())
    paths = [path for folder in IMPORTED for path in (root / folder).rglob("*") if path.is_file()]
    for path in [Path(__file__), *sorted(paths)]:
        if "__pycache__" not in path.parts:
            digest.update(f"\n{path.name}\n".encode() + path.read_bytes())
    # Not those of sys.path, to which setuptools appends a folder with its own.
    installed = importlib.metadata.distributions(path=site.getsitepackages())
    packages = {f"{dist.name} {dist.version}" for dist in installed}
    digest.update("\n".join([platform.python_version(), *sorted(packages)]).encode())
    return digest.hexdigest()


def taught(root: Path = ROOT) -> dict[int, list[tuple[str, str]]]:
    """Return the sections that teach each subject, as pairs of lesson and heading.

    Subjects are row numbers of the table in course/README.md. The cell of a section's heading is
    tagged with the row number: `row-8` for row 8.
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
    """True if a link's target exists, or the text from which the target is built."""
    return path.exists() or path.with_suffix(".py").exists()


def _with_comparisons(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the notebook's cells, interleaved with cells that check them.

    A comparison follows every prose cell with claims, and an answer follows every cell that asks
    for a prediction.
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
    """Return the last cell that was started."""
    begun = [cell for cell in run.cells if cell.cell_type == "code" and cell.execution_count]
    return begun[-1] if begun else run.cells[0]


def _first_line(cell: NotebookNode) -> str:
    if cell.metadata.get(ADDED) == "comparison":
        return "in the prose"
    return f"in the cell {cell.source.strip().splitlines()[0]!r}"


class _Images(html.parser.HTMLParser):
    """Collect the text alternatives of a page's images; None for an image without one."""

    def __init__(self) -> None:
        super().__init__()
        self.alternatives: list[str | None] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alternatives.append(dict(attributes).get("alt"))


def _shortcomings(cell: NotebookNode) -> Iterator[str]:
    """Yield a sentence for each defect of a cell's outputs."""
    if cell.cell_type != "code":
        return
    for output in cell.outputs:
        data = output.get("data", {})
        if data.get(MIME_TYPE, {}).get("kind") == NOT_WRITTEN:
            yield f"{_first_line(cell)}: the exercise above has no solution"
        images = [kind for kind in data if kind.startswith("image/")]
        if any("alt" not in output.metadata.get(kind, {}) for kind in images):
            yield f"{_first_line(cell)}: an image without a text alternative; use present(...)"
        page = _Images()
        page.feed("".join(data.get("text/html", "")))
        if any(not text for text in page.alternatives):
            yield f"{_first_line(cell)}: an image with an empty text alternative"
        if page.alternatives and not images:
            yield f"{_first_line(cell)}: HTML images without an image output; use present(...)"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Return 0 if all lessons pass or are only read, 1 if one fails."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.lessons",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a lesson [all lessons]")
    parser.add_argument("--changed", action="store_true", help="run only lessons that have changed")
    parser.add_argument("--write-times", action="store_true", help="store the running times")
    parser.add_argument("--words", action="store_true", help="list words, and run nothing")
    options = parser.parse_args(arguments)
    names = options.names
    known = course_notebooks(root)
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"unknown lesson {unknown[0]!r}; choose from {', '.join(known)}")
    if not lessons(root):
        console.print("course/ contains no lessons.")
        return 0
    if options.words:
        for line in report(names or lessons(root), root):
            print(line)
        return 0
    build_cases(root)
    build_bundle(root)
    names = names or known
    if options.changed:
        changed = [name for name in names if _changed(name, root)]
        console.print(f"{len(changed)} of {len(names)} lessons to run; the others are unchanged.")
        names = changed
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(_timed, name, root): name for name in names}
        for future in as_completed(running):
            name, (problems, seconds) = running[future], future.result()
            state = "failed" if problems else "passed"
            console.print(f"{name} {state}, {seconds:.0f} s", markup=False)
            for problem in problems:
                console.print(f"  {problem}", style="red", markup=False)
            failed += [name] * bool(problems)
            if options.write_times and not problems and name in lessons(root):
                record_running_time(name, _own_cells(name, root), root)
    return 1 if failed else 0


def _timed(name: str, root: Path) -> tuple[list[str], float]:
    """Check a lesson; return its problems and the seconds it took."""
    start = time.monotonic()
    try:
        problems = check_lesson(name, root)
    except ValueError as error:  # the lesson's text is malformed
        problems = [str(error)]
    return problems, time.monotonic() - start


if __name__ == "__main__":
    sys.exit(main())
