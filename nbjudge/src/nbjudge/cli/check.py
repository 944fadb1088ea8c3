"""`nbjudge check`: check that the solution earns all points and the released notebook none."""

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

Line = tuple[str, bool]  # a line of the report, and False if it states a problem


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "check",
        help="check that nbjudge can judge an assignment",
        description="Judge the instructor's solution, which must earn all points, and the released "
        "notebook, which must earn none. Nothing is written.",
        epilog=exit_statuses("both notebooks earn what they must", "one does not"),
    )
    parser.set_defaults(run=run)
    add_assignments(parser)
    parser.add_argument("--isolation", choices=CHOICES, help="override the configured level")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    with Engine() as engine:
        return _check_all(options, engine)


def _check_all(options: argparse.Namespace, engine: Engine) -> int:
    engine.warm_up()
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment

    passed = True
    for name in options.assignment:
        try:
            assignment = Assignment(name, coursedir, settings)
        except NotReleasedError as error:
            report.print(str(error), markup=False, style="red")
            passed = False
            continue
        for line, is_fine in check(engine, assignment, options.isolation):
            report.print(line, markup=False, style=None if is_fine else "red")
            passed &= is_fine
    return OK if passed else NOT_GRADED


def check(engine: Engine, assignment: "Assignment", isolation: str | None = None) -> Iterator[Line]:
    """Judge an assignment's own notebooks, and yield the lines of a report."""
    sandbox_config = assignment.settings.sandbox_config(assignment.coursedir, isolation)
    differences = [
        f"{name}: {text}" for name, texts in assignment.differences.items() for text in texts
    ]
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
                yield f"  {cell.grade_id}: {cell.points:g} points, graded by hand", True
            if why and cell.grade_id:
                yield f"  {cell.grade_id} fails when it runs: {why}", False
        tests = {cell.grade_id for cell in spec.cells if cell.is_test}
        for fault in answer.faults:
            if fault.grade_id not in tests:  # else the test's own line gives the reason
                yield f"  {fault}", False
        handed_out = assignment.release / f"{name}.ipynb"
        if not handed_out.exists():
            yield (
                f"{name}: the released notebook: there is no {handed_out}; {assignment.remedy()}",
                False,
            )
            continue
        answer = _judge(engine, assignment, sandbox_config, spec, handed_out.read_bytes())
        if isinstance(answer, Unreadable):
            yield f"{name}: the released notebook: {answer.reason}", False
            continue
        yield f"{name}: the released notebook", True
        scores = answer.scores
        for cell in spec.graded:
            if cell.is_test and scores.get(cell.grade_id):
                yield f"  {cell.grade_id}: earns {scores[cell.grade_id]:g} unchanged", False
        if not any(scores.get(cell.grade_id) for cell in spec.graded if cell.is_test):
            yield "  earns nothing", True


def _failures(answer: Graded) -> dict[str, str]:
    """Return the errors of cells, shortened to one line: {grade id: text}."""
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
    process = " (in the student's process)" if cell.runs_in_child else ""
    if score is not None and abs(score - cell.points) < 1e-9:
        return f"  {cell.grade_id}: {score:g} of {cell.points:g}{process}", True
    result = "cannot be judged" if score is None else f"{score:g} of {cell.points:g}"
    why = f"{':' if score is None else ','} {why.removesuffix('.')}" if why else ""
    advice = (
        ""
        if cell.runs_in_child
        else ". If the test needs the student's own objects, give its cell the tag nbjudge-child"
    )
    return f"  {cell.grade_id}: {result}{process}{why}{advice}", False


def _judge(
    engine: Engine,
    assignment: "Assignment",
    sandbox_config: SandboxConfig,
    spec: NotebookSpec,
    content: bytes,
) -> Graded | Unreadable:
    job = assignment.job("nobody", spec, content, {}, secrets.randbits(32), {})
    return engine.judge(sandbox_config, job)
