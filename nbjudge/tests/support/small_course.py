"""A tiny nbgrader course for nbjudge's tests: two assignments, no figures, no imports.

`ps1` is one notebook with two judged and three manually graded questions; `ps2` has two notebooks.
The hidden tests use a module in the course's root, `answers.py`.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.apps import NbGraderAPI

from nbjudge.course.assignment import Assignment
from nbjudge.course.grading import grade
from nbjudge.course.loading import load_course
from nbjudge.engine.engine import Engine

__all__ = [
    "DOUBLE_TEST",
    "RIGHT",
    "TABLES",
    "SmallCourse",
    "answered",
    "cell",
    "environment",
    "notebook",
    "questions",
    "square_question",
    "test_cell",
]

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "small"
c.CourseDirectory.root = {root!r}
"""
ANSWERS = """\
DOUBLES = {0: 0, 2: 4, -3: -6, 10: 20}


def half(x):
    return x / 2
"""
DOUBLE = """\
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION"""
DOUBLE_TEST = """\
assert double(1) == 2
### BEGIN HIDDEN TESTS
import answers
for x, y in answers.DOUBLES.items():
    assert double(x) == y
### END HIDDEN TESTS"""
HALF = """\
def half(x):
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION"""
HALF_TEST = """\
points = 0
if half(4) == 2:
    points += 1
### BEGIN HIDDEN TESTS
import answers
for x in (3, 5):
    if half(x) == answers.half(x):
        points += 1
### END HIDDEN TESTS
points"""
SQUARE = DOUBLE.replace("double", "square").replace("2 * x", "x * x")
SQUARE_TEST = "assert square(3) == 9"
# Correct contents of the solution cells, by grade_id.
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "half": "def half(x):\n    return x / 2",
    "square": "def square(x):\n    return x * x",
    "essay": "Since twice a half is the whole.",
    "drawing": "print('a drawing')",
}


def cell(grade_id, source, kind="code", tags=(), **nbgrader):
    """Return an instructor's cell: locked and graded if it has points, else as in `nbgrader`."""
    made = new_code_cell(source) if kind == "code" else new_markdown_cell(source)
    fields = {"grade": False, "solution": False, "locked": False, "task": False} | nbgrader
    made.metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **fields}
    if tags:
        made.metadata["tags"] = list(tags)
    return made


def test_cell(grade_id, source, points, tags=()):
    """Return a test cell."""
    return cell(grade_id, source, tags=tags, grade=True, locked=True, points=points)


test_cell.__test__ = False  # pytest must not collect it


def questions():
    """Return the cells of ps1."""
    return [
        cell("title", "# Problem set", "markdown", locked=True),
        cell("setup", "import math", locked=True),
        new_code_cell("print('an ordinary cell')"),
        cell("double", DOUBLE, solution=True),
        test_cell("double_test", DOUBLE_TEST, 2),
        cell("half", HALF, solution=True),
        test_cell("half_test", HALF_TEST, 3),
        cell("essay", "Your answer.", "markdown", grade=True, solution=True, points=4),
        cell("drawing", "# YOUR CODE", grade=True, solution=True, points=5),
        cell("project", "Do it.", "markdown", task=True, locked=True, points=6),
    ]


def notebook(*cells):
    """Return a Python notebook."""
    return new_notebook(cells=list(cells), metadata={"kernelspec": dict(KERNEL)})


def square_question():
    """Return the cells of a notebook with one question."""
    return [cell("square", SQUARE, solution=True), test_cell("square_test", SQUARE_TEST, 1)]


def environment(**variables):
    """Return the environment for commands in a course, without user or system settings."""
    found = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MPLBACKEND")}
    engine = str(Path(__file__).resolve().parents[2] / "src")
    programs = os.pathsep.join([str(Path(sys.executable).parent), found.get("PATH", "")])
    return found | {"PYTHONPATH": engine, "PATH": programs} | variables


class SmallCourse:
    """A course in a folder."""

    warm = None  # the engine shared by all courses

    def __init__(self, root):
        self.root = Path(root)
        self.database = self.root / "gradebook.db"

    @classmethod
    def make(cls, root, template):
        """Create the course in `root` as a copy of `template`, which is built on first use."""
        kept = cls(template)
        if not kept.root.exists():
            kept.root.mkdir(parents=True)
            kept._build()
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)
        course = cls(root)
        course.configure()
        return course

    def _build(self):
        self.configure()
        (self.root / "answers.py").write_text(ANSWERS)
        self.write_source("ps1", ps1=questions())
        (self.root / "source/ps1/data.csv").write_text("1,2,3\n")
        self.write_source("ps2", one=questions()[:5], two=square_question())
        self.release("ps1")
        self.release("ps2")

    def configure(self, text=""):
        """Write nbgrader_config.py: the course's own lines, then `text`."""
        config = CONFIG.format(root=str(self.root))
        (self.root / "nbgrader_config.py").write_text(config + text)

    def write_source(self, assignment, **notebooks):
        """Write notebooks of source/ from lists of cells."""
        folder = self.root / "source" / assignment
        folder.mkdir(parents=True, exist_ok=True)
        for name, cells in notebooks.items():
            nbformat.write(notebook(*cells), folder / f"{name}.ipynb")

    @contextlib.contextmanager
    def here(self):
        """Change to the course's folder and make its modules importable while the block runs."""
        before = dict(os.environ)
        path = os.pathsep.join([str(self.root), environment()["PYTHONPATH"]])
        os.environ.update(environment(PYTHONPATH=path))
        try:
            with contextlib.chdir(self.root):
                yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def api(self):
        """Return nbgrader's Python API for the course."""
        with self.here():
            coursedir = load_course()[0]
            return NbGraderAPI(coursedir, config=coursedir.config)

    def release(self, assignment):
        """Add an assignment to the gradebook and release it, as the formgrader does."""
        with self.here():
            done = self.api().generate_assignment(assignment, force=True, create=True)
        assert done["success"], done

    def submit(self, student, answers=RIGHT, assignment="ps1", notebooks=None, files=None):
        """Submit the released notebooks with changed solution cells, and further files.

        Parameters
        ----------
        answers
            {grade_id: text}.
        notebooks
            Names of the notebooks to submit, by default all.
        files
            {name: text}.
        """
        folder = self.submitted(student, assignment)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in sorted((self.root / "release" / assignment).glob("*.ipynb")):
            if notebooks is None or path.stem in notebooks:
                (folder / path.name).write_text(answered(path, answers))
        for name, text in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    def submitted(self, student, assignment="ps1"):
        """Return the folder that a student submitted."""
        return self.root / "submitted" / student / assignment

    def autograded(self, student, assignment="ps1"):
        """Return the folder of a graded submission."""
        return self.root / "autograded" / student / assignment

    @classmethod
    def engine(cls):
        """Return the engine shared by all courses, which runs until `cool` is called."""
        cls.warm = cls.warm or Engine()
        return cls.warm

    @classmethod
    def cool(cls):
        """Close the shared engine."""
        if cls.warm:
            cls.warm.close()
        cls.warm = None

    def grade(self, assignment="ps1", students=None, workers=1, **options):
        """Grade an assignment in this process; return {student: outcome}.

        Parameters
        ----------
        options
            Keyword arguments of nbjudge's `grade`.
        """
        with self.here():
            one = Assignment(assignment, *load_course())
            try:
                students = one.students() if students is None else students
                done = [o for _, o in grade(self.engine(), {one: students}, workers, **options)]
            finally:
                one.close()
        assert len({outcome.student for outcome in done}) == len(done)
        return {outcome.student: outcome for outcome in done}

    def python(self, *arguments, **options):
        """Run Python in the course's folder, with options for subprocess.run."""
        given = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 300}
        with self.here():
            return subprocess.run([sys.executable, *arguments], **given | options)

    def nbjudge(self, *arguments, **options):
        """Run nbjudge's command line."""
        return self.python("-m", "nbjudge", *arguments, **options)

    def rows(self, query, *values):
        """Return the rows of a query on the gradebook."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=60)) as db:
            return db.execute(query, values).fetchall()

    def write(self, query, *values):
        """Change the gradebook, as an instructor does in the formgrader."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=60)) as db:
            db.execute(query, values)
            db.commit()

    def tables(self):
        """Return the whole gradebook, with names instead of keys: {table: sorted rows}."""
        return {name: sorted(self.rows(query), key=repr) for name, query in TABLES.items()}

    def scores(self, student, assignment="ps1"):
        """Return a student's automatic scores: {grade_id: points}."""
        found = self.rows(TABLES["grades"])
        return {row[3]: row[4] for row in found if row[:2] == (assignment, student)}


_SUBMITTED = """
    from submitted_notebook n join submitted_assignment s on s.id = n.assignment_id
    join assignment a on a.id = s.assignment_id join notebook m on m.id = n.notebook_id
"""
TABLES = {
    "students": "select id, first_name, last_name, email from student",
    "submissions": "select a.name, s.student_id, s.timestamp, s.extension "
    "from submitted_assignment s join assignment a on a.id = s.assignment_id",
    "notebooks": "select a.name, s.student_id, m.name, n.flagged, n.late_submission_penalty"
    + _SUBMITTED,
    "grades": "select a.name, s.student_id, m.name, b.name, g.auto_score, g.manual_score, "
    f"g.extra_credit, g.needs_manual_grade {_SUBMITTED} join grade g on g.notebook_id = n.id "
    "join base_cell b on b.id = g.cell_id",
    "comments": "select a.name, s.student_id, m.name, b.name, c.auto_comment, c.manual_comment "
    f"{_SUBMITTED} join comment c on c.notebook_id = n.id join base_cell b on b.id = c.cell_id",
    "cells": "select a.name, m.name, b.name, b.type, g.max_score, g.cell_type, t.max_score "
    "from base_cell b join notebook m on m.id = b.notebook_id "
    "join assignment a on a.id = m.assignment_id left join grade_cells g on g.id = b.id "
    "left join task_cells t on t.id = b.id",
}


def answered(path, answers):
    """Return the text of a notebook with changed solution cells."""
    content = json.loads(Path(path).read_text())
    for one in content["cells"]:
        grade_id = one["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            one["source"] = answers[grade_id]
    return json.dumps(content)
