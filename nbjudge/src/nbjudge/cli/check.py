"""See whether an assignment can be judged: its solution earns all, what students get nothing."""

import argparse
import json
import secrets
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nbjudge.cli.console import (
    NOT_GRADED,
    OK,
    Commands,
    add_assignments,
    exit_statuses,
    load,
    report,
)
from nbjudge.engine.engine import Engine
from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import NotReleasedError
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.sandbox.levels import CHOICES
from nbjudge.wording import as_sentence

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment

Line = tuple[str, bool]  # what is said, and whether it is as it must be


def add_parser(commands: Commands) -> None:
    """Add the command to those of nbjudge."""
    look = commands.add_parser(
        "check",
        help="see whether nbjudge can judge an assignment",
        description="Judge the instructor's own solution, which must earn all points, and what "
        "students get, which must earn none. Nothing is written.",
        epilog=exit_statuses("both notebooks are as they must be", "one is not"),
    )
    look.set_defaults(run=run)
    add_assignments(look)
    look.add_argument("--isolation", choices=CHOICES, help="another level than the configured one")


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    with Engine() as engine:
        return _check_all(options, engine)


def _check_all(options: argparse.Namespace, engine: Engine) -> int:
    engine.warm_up()
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment

    good = True
    for name in options.assignment:
        try:
            assignment = Assignment(name, coursedir, settings)
        except NotReleasedError as error:
            report.print(str(error), markup=False, style="red")
            good = False
            continue
        for line, fine in check(engine, assignment, options.isolation):
            report.print(line, markup=False, style=None if fine else "red")
            good &= fine
    return OK if good else NOT_GRADED


def check(engine: Engine, assignment: "Assignment", isolation: str | None = None) -> Iterator[Line]:
    """Judge an assignment's own notebooks, and say line by line how that went."""
    sandbox_config = assignment.settings.sandbox_config(assignment.coursedir, isolation)
    differences = [f"{name}: {text}" for name, of in assignment.differences.items() for text in of]
    for text in differences:
        yield text, False
    if differences:
        yield as_sentence(assignment.describe_graded_version()), False
    for name, spec in assignment.specs.items():
        source = assignment.source / f"{name}.ipynb"
        if not source.exists():
            yield f"{name}: there is no {source}, so nothing can be checked", False
            continue
        answer = _judge(engine, assignment, sandbox_config, spec, source.read_bytes())
        if isinstance(answer, Unreadable):
            yield f"{name}: {answer.reason}", False
            continue
        yield f"{name}: the instructor's solution", True
        failures = _failures(answer)
        faults = {fault.grade_id: _one_line(fault.reason) for fault in answer.faults}
        for cell in spec.cells:
            why = failures.get(cell.grade_id, "")
            if cell.is_test:
                why = faults.get(cell.grade_id, why)
                yield _of_solution(cell, answer.scores.get(cell.grade_id), why)
                continue
            if cell.grade or cell.task:
                yield f"  {cell.grade_id}: {cell.points:g} points, given by hand", True
            if why and cell.grade_id:
                yield f"  {cell.grade_id} fails when it runs: {why}", False
        tests = {cell.grade_id for cell in spec.cells if cell.is_test}
        for fault in answer.faults:
            if fault.grade_id not in tests:  # else its reason is in the line of that test
                yield f"  {fault}", False
        handed_out = assignment.release / f"{name}.ipynb"
        if not handed_out.exists():
            yield (
                f"{name}: what students get: there is no {handed_out}; {assignment.remedy()}",
                False,
            )
            continue
        answer = _judge(engine, assignment, sandbox_config, spec, handed_out.read_bytes())
        if isinstance(answer, Unreadable):
            yield f"{name}: what students get: {answer.reason}", False
            continue
        yield f"{name}: what students get", True
        scores = answer.scores
        for cell in spec.graded:
            if cell.is_test and scores.get(cell.grade_id):
                yield f"  {cell.grade_id}: earns {scores[cell.grade_id]:g} as it is", False
        if not any(scores.get(cell.grade_id) for cell in spec.graded if cell.is_test):
            yield "  earns nothing", True


def _failures(answer: Graded) -> dict[str, str]:
    """The error that a cell ended with, in one line: {grade id: text}."""
    failures: dict[str, str] = {}
    for cell in json.loads(answer.notebook)["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error" and name:
                failures[name] = _one_line(f"{output['ename']}: {output['evalue']}")
    return failures


def _one_line(text: str) -> str:
    return textwrap.shorten(text.strip().splitlines()[0], 300, placeholder=" [...]")


def _of_solution(cell: CellSpec, score: float | None, why: str) -> Line:
    place = " (in the student's process)" if cell.runs_in_child else ""
    if score is not None and abs(score - cell.points) < 1e-9:
        return f"  {cell.grade_id}: {score:g} of {cell.points:g}{place}", True
    got = "cannot be judged" if score is None else f"{score:g} of {cell.points:g}"
    why = f"{':' if score is None else ','} {why.removesuffix('.')}" if why else ""
    advice = (
        ""
        if cell.runs_in_child
        else ". If the test needs the student's own objects, give its cell the tag nbjudge-child"
    )
    return f"  {cell.grade_id}: {got}{place}{why}{advice}", False


def _judge(
    engine: Engine,
    assignment: "Assignment",
    sandbox_config: SandboxConfig,
    spec: NotebookSpec,
    content: bytes,
) -> Graded | Unreadable:
    job = assignment.job("nobody", spec, content, {}, secrets.randbits(32), {})
    return engine.judge(sandbox_config, job)
