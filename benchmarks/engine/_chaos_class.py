"""The class of `benchmarks.engine.chaos`: distinct submissions of a few kinds.

A kind is a correct solution of zero_pad, a known mistake, or a broken or hostile submission.
Differences within a kind do not affect the points: comments, equivalent expressions, cell ids,
outputs, and additional cells.
"""

import inspect
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.engine.identical_work import varied
from exercises import EXERCISES
from nbexercise.defining.source import function_source
from tests.exercises.solutions import RIGHT
from tests.slow.test_robustness import ATTACKS

__all__ = ["ASSIGNMENT", "KINDS", "SOUND", "hand_in", "kind_of"]

ASSIGNMENT, SOLUTION = "padding", "zero_pad"
FILE = f"{ASSIGNMENT}.ipynb"
BROKEN_SHARE = 50  # one submission in 50 is broken
HOSTILE = (  # attacks from nbjudge's tests
    "an endless loop",
    "an exit",
    "a fork bomb",
    "a full disk",
    "a kill of all",
    "a segmentation fault",
    "memory",
    "printing",
)
COMMENTS = ("# my solution", "# done", "# TODO ask in the forum", "# works on my machine")
Notebook = dict[str, Any]
Files = dict[str, bytes]
Make = Callable[[Notebook, random.Random], Files]


def _solved(text: str) -> Make:
    """Return a function that writes the notebook with a variation of a solution."""

    def make(notebook: Notebook, luck: random.Random) -> Files:
        answer = varied(text, luck) if luck.random() < 0.8 else text
        lines = answer.splitlines()
        lines.insert(luck.randrange(1, len(lines)), f"    {luck.choice(COMMENTS)}")
        before = "\n".join(luck.choices(["", *COMMENTS], k=luck.randrange(3)))
        return {FILE: _saved(notebook, f"{before}\n" + "\n".join(lines), luck)}

    return make


def _saved(notebook: Notebook, answer: str, luck: random.Random) -> bytes:
    """Return a notebook with an answer, as Jupyter saves it after some work."""
    cells = []
    for number, cell in enumerate(notebook["cells"]):
        mine = {**cell, "id": f"{luck.getrandbits(48):012x}"}
        if cell["cell_type"] == "code":
            mine["execution_count"] = number
            text = f"{luck.random()}\n" * luck.randrange(4)
            mine["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == SOLUTION:
            mine["source"] = answer
        cells.append(mine)
        if luck.random() < 0.03:
            own = {"cell_type": "markdown", "metadata": {}, "source": luck.choice(COMMENTS)}
            cells.append({**own, "id": f"{luck.getrandbits(48):012x}"})
    return json.dumps({**notebook, "cells": cells}).encode()


def _cut_off(notebook: Notebook, luck: random.Random) -> Files:
    content = json.dumps(notebook).encode()
    return {FILE: content[: luck.randrange(len(content) // 2, len(content) - 2)]}


def _wrong_types(notebook: Notebook, luck: random.Random) -> Files:
    """Give a field of every student cell a wrong type."""
    fields, values = ("source", "metadata", "outputs", "id"), (5, None, [[{}]], {"a": []}, True)
    cells = [
        {**cell, fields[number % 4]: values[luck.randrange(5)]}
        for number, cell in enumerate(notebook["cells"])
        if "nbgrader" not in cell["metadata"]
    ]
    return {FILE: json.dumps({**notebook, "cells": cells}).encode()}


def _renamed(notebook: Notebook, luck: random.Random) -> Files:
    return {f"{ASSIGNMENT} ({luck.randrange(1, 9)}).ipynb": _solution(notebook, luck)[FILE]}


def _large(megabytes: int) -> Make:
    """Return a function that writes a correct solution with this many megabytes of output."""

    def make(notebook: Notebook, luck: random.Random) -> Files:
        text = "x" * 1_000_000 + "\n"
        output = {"output_type": "stream", "name": "stdout", "text": [text] * megabytes}
        notebook = json.loads(_solution(notebook, luck)[FILE])
        notebook["cells"][-1] = {**notebook["cells"][-1], "outputs": [output]}
        return {FILE: json.dumps(notebook).encode()}

    return make


def _hostile(source: str) -> Make:
    """Return a function that writes the notebook with an attack in place of the solution."""
    return lambda notebook, luck: {FILE: _saved(notebook, source, luck)}


_catalogue = EXERCISES[SOLUTION]
_rights = [
    _catalogue.solution_text(),
    *(
        function_source(function).replace("def _(", f"def {SOLUTION}(")
        for function in RIGHT[SOLUTION].values()
        if inspect.isfunction(function)
    ),
]
_solution = _solved(_rights[0])
SOUND: dict[str, Make] = {
    **{f"right, {number}": _solved(text) for number, text in enumerate(_rights)},
    **{m.name: _solved(_catalogue.solution_text(m)) for m in _catalogue.mistakes},
}
BROKEN: dict[str, Make] = {
    "200 MB": _large(200),  # the first two occur once, the others repeat
    "25 MB": _large(25),
    "an empty file": lambda notebook, luck: {FILE: b""},
    "no notebook": lambda notebook, luck: {"notes.txt": b"I did it on paper."},
    "cut off": _cut_off,
    "wrong types": _wrong_types,
    "a list": lambda notebook, luck: {FILE: b"[1, 2, 3]"},
    "renamed": _renamed,
    **{name: _hostile(ATTACKS[name]) for name in HOSTILE},
}
KINDS = SOUND | BROKEN


def kind_of(number: int) -> str:
    """Return the kind of a submission by its number."""
    if number % BROKEN_SHARE != BROKEN_SHARE // 2:
        return list(SOUND)[random.Random(f"kind {number}").randrange(len(SOUND))]
    broken, names = number // BROKEN_SHARE, list(BROKEN)
    return names[broken] if broken < len(names) else names[2 + broken % (len(names) - 2)]


def hand_in(course: Path, students: Iterator[tuple[str, str]]) -> None:
    """Write submissions to submitted/.

    Parameters
    ----------
    students
        Name and kind of work of each student.
    """
    notebook = json.loads((course / "release" / ASSIGNMENT / FILE).read_text())
    for student, kind in students:
        folder = course / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in KINDS[kind](notebook, random.Random(f"{student} {kind}")).items():
            (folder / name).write_bytes(content)
