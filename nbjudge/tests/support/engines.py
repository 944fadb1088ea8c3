"""Handmade assignments and submissions, and engines that judge them.

There is no course, gradebook or folder: a test writes a notebook spec, derives the student's cells
from it, and sends a single job to an engine.
"""

import contextlib
import copy
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat

from nbjudge.engine.handles import ZygoteProcess
from nbjudge.engine.messages import Job, Preparation, SandboxConfig
from nbjudge.judging.messages import Fault, Graded, NotebookSubmission, TimeLimits, Unreadable
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.sandbox.sandbox import Limits, Sandbox, environment_folders

__all__ = [
    "LIMITS",
    "STUB",
    "Answer",
    "Bench",
    "busy_processes",
    "cells_of",
    "engine_config",
    "grade_id_of",
    "living_processes",
    "make_job",
    "new_cell",
    "no_longer_than",
    "notebook_bytes",
    "spec",
]

LIMITS = TimeLimits(cell_seconds=20.0, test_seconds=20.0, submission_seconds=60.0)
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
KINDS = {
    "plain": {},
    "text": {"cell_type": "markdown"},
    "locked": {"locked": True},
    "locked text": {"locked": True, "cell_type": "markdown"},
    "solution": {"solution": True},
    "test": {"grade": True, "locked": True},
    "child test": {"grade": True, "locked": True, "in_child": True},
    "manual": {"solution": True, "grade": True},
    "essay": {"solution": True, "grade": True, "cell_type": "markdown"},
    "task": {"task": True, "cell_type": "markdown"},
}


def spec(*parts) -> NotebookSpec:
    """Return the notebook spec of an assignment, from tuples (text, kind, grade id, points).

    A cell without a grade id gets one from its kind and position; ordinary cells have none. The
    text of a solution cell is the instructor's; students receive STUB.
    """
    cells = []
    for number, (text, kind, *rest) in enumerate(parts):
        named = kind not in ("plain", "text")
        grade_id = rest[0] if rest else f"{kind.replace(' ', '_')}_{number}" if named else ""
        traits = {"cell_type": "code", **KINDS[kind]}
        if traits.get("grade") or traits.get("task"):
            traits["points"] = float(rest[1]) if len(rest) > 1 else 1.0
        solved = text
        if traits.get("solution"):
            text = STUB if traits["cell_type"] == "code" else "YOUR ANSWER HERE"
        cells.append(CellSpec(grade_id=grade_id, source=text, solved=solved, **traits))
    return NotebookSpec("work", tuple(cells))


def new_cell(source: str, cell_type: str = "code", **metadata) -> dict:
    """Return a cell that a student added."""
    cell = {"cell_type": cell_type, "id": os.urandom(6).hex(), "metadata": metadata}
    if cell_type == "code":
        cell |= {"outputs": [], "execution_count": None}
    return {**cell, "source": source}


def cells_of(spec: NotebookSpec, **answers: str) -> list[dict]:
    """Return a student's cells: the released ones, with the given answers or the instructor's."""
    found = []
    for number, cell in enumerate(spec.cells):
        source = cell.released
        if cell.solution:
            source = answers.pop(cell.grade_id, cell.solved)
        metadata = {}
        if cell.grade_id:
            traits = ("grade", "grade_id", "locked", "solution", "task", "cell_type")
            metadata["nbgrader"] = {name: getattr(cell, name) for name in traits}
            metadata["nbgrader"]["schema_version"] = 3
            if cell.grade or cell.task:
                metadata["nbgrader"]["points"] = cell.points
        made = new_cell(source, cell.cell_type, **metadata)
        found.append({**made, "id": f"cell-{number}"})
    assert not answers, f"no such cells: {answers}"
    return found


def notebook_bytes(cells: list[dict], minor: int = 5, metadata=None) -> bytes:
    """Return the bytes of a notebook file."""
    notebook = {"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": minor}
    return json.dumps(notebook).encode()


@dataclass
class Answer:
    """The result of judging one submission, from the engine's answer."""

    data: Graded
    cells: list[dict] = field(default_factory=list)

    def __post_init__(self):
        notebook = json.loads(self.data.notebook)
        nbformat.validate(nbformat.from_dict(copy.deepcopy(notebook)))
        self.cells = notebook["cells"]

    @property
    def scores(self) -> dict:
        return self.data.scores

    @property
    def faults(self) -> list[Fault]:
        return self.data.faults

    @property
    def repairs(self) -> list[str]:
        return self.data.repairs

    @property
    def remarks(self) -> list[str]:
        return self.data.remarks

    @property
    def suspicions(self) -> dict[str, str]:
        return self.data.suspicions

    @property
    def unanswered(self) -> list[str]:
        return self.data.unanswered

    def cell(self, which) -> dict:
        """Return a cell by its grade id or its index."""
        if isinstance(which, int):
            return self.cells[which]
        named = [c for c in self.cells if grade_id_of(c) == which]
        assert len(named) == 1, f"{len(named)} cells are named {which}"
        return named[0]

    def shown(self, which) -> str:
        """Return the text of all outputs of a cell."""
        return "\n".join(_text_of(output) for output in self.cell(which)["outputs"])


def grade_id_of(cell: dict) -> str | None:
    """Return a cell's grade id from its nbgrader metadata, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _text_of(output):
    if output["output_type"] == "stream":
        return output["text"]
    if output["output_type"] == "error":
        return "\n".join([output["ename"], output["evalue"], *output["traceback"]])
    return json.dumps(output["data"])


class Bench:
    """A zygote, and one worker at a time, which judges the submissions passed to the bench."""

    def __init__(self, config: SandboxConfig):
        self.config = config
        self.worker = self.known = None
        self.zygote = ZygoteProcess({})
        self.zygote.config = config

    @property
    def pid(self) -> int:
        """Process id of the zygote, the ancestor of all other processes."""
        return self.zygote.process.pid

    def __call__(self, spec: NotebookSpec, cells=None, **changes) -> Answer:
        """Judge a submission.

        Parameters
        ----------
        cells
            Student's cells, a dict of answers by grade id, or the bytes of a file.
        changes
            Fields of the job to replace.
        """
        return Answer(self.answer(spec, cells, **changes))

    def answer(self, spec, cells=None, **changes) -> Graded | Unreadable:
        """Judge a submission and return the engine's unchanged answer."""
        job = make_job(spec, cells, **changes)
        if job.submission.key != self.known:
            self._dismiss()
            self.worker, self.known = self.zygote.worker(job.preparation), job.submission.key
        return self.worker.request(job)

    def _dismiss(self):
        if self.worker:
            self.worker.stop()
        self.worker = self.known = None

    def stop(self) -> None:
        """Stop all processes."""
        self._dismiss()
        self.zygote.stop()


def make_job(spec: NotebookSpec, cells=None, master_files=None, modules=None, **changes) -> Job:
    """Return the job that judges a submission.

    Parameters
    ----------
    cells
        Student's cells, a dict of answers by grade id, or the bytes of a file.
    changes
        Fields of the submission to replace; `limits` is a dictionary of the limits that differ.
    """
    if not isinstance(cells, (list, bytes)):
        cells = cells_of(spec, **(cells or {}))
    key = f"{spec}{master_files}{modules}"
    limits = replace(LIMITS, **changes.pop("limits", {}))
    notebook = cells if isinstance(cells, bytes) else notebook_bytes(cells)
    mark = {"seed": changes.get("seed", 1234)}
    submission = NotebookSubmission(
        key=key, notebook=notebook, files={}, seed=1234, limits=limits, draw_all=False, mark=mark
    )
    preparation = Preparation(key, spec, master_files or {}, modules or {})
    return Job(preparation, replace(submission, **changes))


def engine_config(
    level="full", hidden=(), folders=(), output_size=2_000_000, **limits
) -> SandboxConfig:
    """Return the sandbox config for a level of isolation.

    Parameters
    ----------
    folders
        Readable folders besides the Python environment.
    limits
        Limits of one submission.
    """
    hidden = tuple(sorted({str(Path(f).resolve()) for f in hidden}))
    shown = (*environment_folders(), *folders)
    sandbox = Sandbox(level, Limits(**limits), shown, hidden)
    return SandboxConfig(sandbox, output_size, 4 << 30)


def living_processes(ancestor: int) -> dict[int, str]:
    """Return all descendants of a process as {pid: name}, zombies included."""
    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            names[int(entry.name)] = (entry / "comm").read_text().strip()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
    below = {ancestor}
    while True:
        more = {pid for pid, parent in parents.items() if parent in below} - below
        if not more:
            break
        below |= more
    return {pid: names[pid] for pid in below - {ancestor}}


@contextlib.contextmanager
def busy_processes(count):
    """Keep the processors busy with some processes while the block runs.

    The processes end after five minutes even if this one was killed.
    """
    spin = "import time\nend = time.monotonic() + 300\nwhile time.monotonic() < end: pass"
    processes = [subprocess.Popen([sys.executable, "-S", "-c", spin]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@contextlib.contextmanager
def no_longer_than(seconds):
    """Raise TimeoutError if the block hangs; `seconds` is many times its usual duration."""

    def give_up(*_):
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
