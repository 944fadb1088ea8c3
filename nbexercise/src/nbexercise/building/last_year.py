"""Propose mistakes from notebooks that students submitted.

Their code runs in nbjudge's sandbox: in a course of its own, in a temporary folder, a hidden test
prints what each function returns for the public cases, as one line that begins with MARK.
"""

import ast
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..defining.authoring import Definition, DefinitionError
from ..judging.wording import describe_case, short
from .folder import CHECKS, CONFIG, course_root, exercise_named, ready_to_grade
from .new import course_files, notebook_of

__all__ = ["propose", "record"]

MARK = "nbexercise-answers: "
ASSIGNMENT = "answers"
TEST = """\
### BEGIN HIDDEN TESTS
from nbexercise.building.last_year import record

record("{name}", {name})
### END HIDDEN TESTS"""
JUDGED = "import nbjudge\n\nnbjudge.configure(c)\n"


def record(name: str, function: Callable[..., Any]) -> float:
    """Print what a function returns for the public cases, and whether it is right."""
    exercise = ready_to_grade(name).exercise
    diagnosis = exercise.judge_on(exercise.case_set(), function)
    answers = [
        repr(run.outcome.values) + (run.outcome.problem.key if run.outcome.problem else "")
        for run in diagnosis.runs
    ]
    about = {
        "key": hashlib.sha256("\0".join(answers).encode()).hexdigest()[:12],
        "points": diagnosis.points,
        "is_stub": diagnosis.is_not_written,
        "named": [mistake.diagnosis for mistake in diagnosis.mistakes],
        "case": "",
        "answer": "",
    }
    if run := diagnosis.failing:
        values = [
            v.tolist() if isinstance(v, np.ndarray) else v for v in run.outcome.values.values()
        ]
        problem = run.outcome.problem
        about["case"] = describe_case(run.case)
        about["answer"] = problem.text.splitlines()[0] if problem else f"gave {short(values)[1:-1]}"
    print(MARK + json.dumps(about))
    return float(diagnosis.points)


def propose(name: str, folder: Path) -> int:
    """Print the groups of wrong functions in a folder, the most frequent first.

    Raises
    ------
    DefinitionError
        If nbjudge is not installed, or no notebook has the function.
    """
    if importlib.util.find_spec("nbjudge") is None:
        raise DefinitionError(
            "expected nbjudge, which runs students' code in a sandbox, got none: install it"
        )
    root = course_root()
    definition = exercise_named(name, root)
    found = dict(_functions(name, folder))
    if not found:
        raise DefinitionError(f"expected notebooks with a function {name} in {folder}, got none")
    with tempfile.TemporaryDirectory() as place:
        answers = _answers(definition, root, Path(place), found)
    groups = defaultdict(list)
    for text, about in answers:
        if not about["is_stub"] and about["points"] < definition.exercise.points:
            groups[about["key"]].append((text, about))
    print(f"{name}: {len(found)} functions, {sum(map(len, groups.values()))} of them wrong")
    for members in sorted(groups.values(), key=len, reverse=True):
        print(_proposal(definition, members))
    return 0


def _functions(name: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the notebooks in a folder, and the code of the cell that defines the function."""
    for path in sorted(folder.rglob("*.ipynb")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            cells = json.loads(path.read_bytes())["cells"]
            code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
            own = [text for text in code if _defines(text, name)]
            if own:
                yield str(path), own[-1]


def _defines(text: str, name: str) -> bool:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == name for n in body)


def _answers(
    definition: Definition, root: Path, place: Path, found: dict[str, str]
) -> list[tuple[str, dict[str, Any]]]:
    """Grade the functions with nbjudge, and return each one's code and what was recorded."""
    name = definition.name
    shutil.copytree(root / CHECKS, place / CHECKS)
    files = course_files(ASSIGNMENT)
    (place / CONFIG).write_text(files[CONFIG] + JUDGED, encoding="utf-8")
    imports = [
        f"import {module.__name__} as {alias}"
        for alias, module in vars(sys.modules[definition.function.__module__]).items()
        if hasattr(module, "__path__") or getattr(module, "__name__", "").startswith("matplotlib.")
        if not alias.startswith("_")
    ]
    cells = ("\n".join(["import math", *imports]), f"### EXERCISE {name}", TEST.format(name=name))
    source = notebook_of([("code", cell) for cell in cells])
    about = {"grade": True, "solution": False, "locked": True, "task": False, "schema_version": 3}
    points = definition.exercise.points
    source["cells"][2]["metadata"]["nbgrader"] = {"grade_id": "record", "points": points, **about}
    _write(place / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", source)
    _run(place, "nbgrader", "generate_assignment", ASSIGNMENT)
    released = json.loads((place / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes())
    for number, text in enumerate(found.values()):
        for cell in released["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
                cell["source"] = text
        _write(place / "submitted" / f"s{number}" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", released)
    _run(place, "nbjudge", "autograde", ASSIGNMENT)
    answers = []
    for number, text in enumerate(found.values()):
        graded = place / "autograded" / f"s{number}" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        for line in _printed(graded):
            if line.startswith(MARK):
                answers.append((text, json.loads(line.removeprefix(MARK))))
    return answers


def _write(path: Path, notebook: Any) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _run(place: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=place, capture_output=True, text=True, env=os.environ
    )
    if done.returncode:
        raise DefinitionError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _printed(path: Path) -> Iterator[str]:
    if path.is_file():
        for cell in json.loads(path.read_bytes())["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "record":
                for output in cell.get("outputs", ()):
                    yield from "".join(output.get("text", ())).splitlines()


def _proposal(definition: Definition, members: list[tuple[str, dict[str, Any]]]) -> str:
    text, about = min(members, key=lambda member: len(member[0]))
    head = f"\n{len(members)} x {about['points']:g} of {definition.exercise.points:g} points"
    if about["named"]:
        return f"{head}, named: {' '.join(about['named'])}"
    lines = [f"{head}, not named: {about['case']}: {about['answer']}"]
    change = _one_line(definition.exercise.solution_text(), text)
    if change:
        old, new = change
        lines.append(f'ex.mistake({old!r}, {new!r}, "What happened.", hint="A question.")')
    else:
        lines += [f"    {line}" for line in text.strip().splitlines()]
    return "\n".join(lines)


def _one_line(solution: str, text: str) -> tuple[str, str] | None:
    """Return the only line of the solution that a student wrote differently, and theirs."""
    with contextlib.suppress(SyntaxError, ValueError):
        ours, theirs = (ast.unparse(_bare(source)).splitlines() for source in (solution, text))
        pairs = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
        if len(pairs) == 1 and solution.count(pairs[0][0].strip()) == 1:
            return pairs[0][0].strip(), pairs[0][1].strip()
    return None


def _bare(source: str) -> ast.AST:
    """Return a source's tree without the docstring."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return tree
