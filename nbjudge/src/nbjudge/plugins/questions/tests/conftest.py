"""A course whose tests display questions about the functions that they test."""

import csv
import json

import pytest

from nbjudge.plugins.questions.questions import read_questions
from nbjudge.wire.outputs import QUESTIONS
from tests.support.small_course import SmallCourse, cell, test_cell

NAME = "asked"
STRANGE = "=1+<b>&'x"  # id of a student
TEST = """\
import os
passed = {name}(2) == 4 and {name}(3) in (6, 9)
def question(number, kind):
    right = str({name}(number))
    return {{"kind": kind, "line": 2, "setting": "", "text": f"What is {name}({{number}})?",
            "options": [right, right + "0", "none of <these>"], "right": 0,
            "why": f"It is {{right}}.", "comments": ["", "That is ten times as much.", ""]}}
bundle = {{"version": 1, "question": "{name}", "seed": 1, "passed": passed,
          "numbers": [1, 2], "code": "def {name}(x):\\n    return ...", "refused": "",
          "questions": [question(n, k) for n, k in enumerate("abcd", 5)]}}
if "NBJUDGE_QUESTIONS" in os.environ:
    from IPython.display import display
    display({{"application/vnd.nbjudge.questions+json": bundle}}, raw=True)
assert passed
"""
SOLUTIONS = {
    "double": "def double(x):\n    return 2 * x",
    "square": "def square(x):\n    return x * x",
}


def cells():
    """Return the cells of the assignment; the tests of two functions display questions."""
    made = [cell("setup", "import math\n\ndef helper(x):\n    return x", locked=True)]
    for name, code in SOLUTIONS.items():
        solved = code.replace("\n", "\n    ### BEGIN SOLUTION\n") + "\n    ### END SOLUTION"
        made.append(cell(name, solved, solution=True))
        made.append(test_cell(f"{name}_test", TEST.format(name=name), 2))
    return made


@pytest.fixture(scope="session")
def asked_template(tmp_path_factory):
    root = tmp_path_factory.mktemp("asked") / "template"
    made = SmallCourse.make(root.with_name("first"), root)
    made.write_source(NAME, **{NAME: cells()})
    made.release(NAME)
    return made.root


@pytest.fixture
def course(asked_template, tmp_path, without_matplotlib):
    return SmallCourse.make(tmp_path / "course", asked_template)


@pytest.fixture
def submit(course):
    """Submit solutions of the assignment: submit(student, name=code)."""
    return lambda student, **answers: course.submit(student, SOLUTIONS | answers, NAME)


@pytest.fixture
def folder(course):
    return course.root / "questions" / NAME


@pytest.fixture
def three(command, submit, folder):
    """Three students with sheets; returns their key."""
    for student in ("ann", "ben", STRANGE):
        submit(student)
    done = command("questions", NAME)
    assert done.status == 0 and "3 new sheets" in done.stderr
    return json.loads((folder / "key.json").read_text())["sheets"]


def fill_in(folder, **answers):
    """Write the letters of some students into answers.csv."""
    rows = list(csv.reader((folder / "answers.csv").read_text().splitlines()))
    for row in rows[1:]:
        row[2:] = answers.get(row[0].strip("'"), row[2:])
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    (folder / "answers.csv").write_text(text + "\n")
    return folder / "answers.csv"


def right(sheet):
    return ["abc"[question["right"]] for question in sheet["questions"]]


def asked(**changes):
    """Return what is read from a notebook with one question."""
    question = {"kind": "k", "line": 1, "text": "?", "options": ["1", "2"], "right": 0}
    question |= {"setting": "", "comments": [], "why": ""} | changes
    bundle = {"version": 1, "question": "f", "passed": True, "code": "x\ny", "numbers": [3, 7]}
    bundle["questions"] = [question]
    outputs = [{"data": {QUESTIONS: bundle | changes}}]
    cell = {"metadata": {"nbgrader": {"grade_id": "t"}}, "outputs": outputs}
    other = {"metadata": {"nbgrader": {"grade_id": "u"}}, "outputs": outputs}
    return read_questions(json.dumps({"cells": [cell, other]}).encode(), ["t"])
