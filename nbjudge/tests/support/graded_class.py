"""A course with a gradebook that nbgrader's API writes, and a student in each state.

Nothing is judged. `ps1` has two judged questions, of 2 and 3 points, and an essay of 4; `ps2` has
one question of 9 points; `whole` combines both; `later` was never assigned.
"""

import contextlib
import datetime
import json
import os
import shutil
from unittest import mock

from nbgrader.api import Gradebook

from nbjudge.course.database import open_database
from nbjudge.course.loading import load_course
from nbjudge.course.schema import failures
from nbjudge.wire.outputs import REPORT
from tests.support.small_course import environment

__all__ = ["CONFIG", "GradedClass"]

CONFIG = """\
c = get_config()
import nbjudge
nbjudge.configure(c)
c.CourseDirectory.root = {root!r}
c.NbJudge.parts = {{"whole": ["ps1", "ps2"]}}
"""
QUESTIONS = {
    "later": {"later_test": 1},
    "ps1": {"double_test": 2, "half_test": 3, "essay": 4},
    "ps2": {"square_test": 9},
    "whole": {"all_test": 18},
}
# Students: first name, last name, email, id in the learning platform.
PEOPLE = {
    "ann": ("Ann", "Müller", "ann@example.org", "101"),
    "bob": ("=cmd", "O'Neil, Jr.", "bob@example.org", "102"),
    "cem": ("Cem", "Yılmaz", "cem@example.org", "103"),
    "dan": ("Dan", "Roe", "dan@example.org", "104"),
    "eve": ("Eve", "Zoë", "eve@example.org", "105"),
    "fay": ("Fay", "Nil", "fay@example.org", "106"),
}
WHY = "ps1.ipynb is not there; there is homework.ipynb"


class GradedClass:
    """A class in which each student of `ps1` is in another state.

    ann is graded, bob is waiting, cem has not submitted, dan's submission cannot be graded, eve has
    zero points, and fay's submission has not been processed yet. Only ann has `ps2` and `whole`.
    """

    def __init__(self, root):
        self.root = root
        self.url = f"sqlite:///{root}/gradebook.db"

    @classmethod
    def make(cls, root, template):
        """Create the class in `root` as a copy of `template`, which is built on first use."""
        if not template.exists():
            template.mkdir(parents=True)
            cls(template)._build()
        shutil.copytree(template, root)
        made = cls(root)
        (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root)))
        return made

    def _build(self):
        with self.gradebook() as gradebook:
            for name, questions in QUESTIONS.items():
                gradebook.add_assignment(name)
                gradebook.add_notebook(name, name)
                for grade_id, points in questions.items():
                    kind = "markdown" if grade_id == "essay" else "code"
                    options = {"max_score": points, "cell_type": kind}
                    gradebook.add_grade_cell(grade_id, name, name, **options)
            for student, values in PEOPLE.items():
                names = "first_name", "last_name", "email", "lms_user_id"
                gradebook.add_student(student, **dict(zip(names, values, strict=True)))
        self.grade("ann", "ps1", double_test=2, half_test=2.5, essay=4)
        self.grade("bob", "ps1", double_test=2, half_test=3, essay=None)
        self.grade("eve", "ps1", double_test=0, half_test=0, essay=0)
        self.grade("ann", "ps2", square_test=9)
        self.grade("ann", "whole", all_test=10)
        self.submit("fay", "ps1")
        self.fail("dan", "ps1", WHY)

    @contextlib.contextmanager
    def gradebook(self):
        """Open the gradebook and save the changes that the block makes."""
        path = environment()["PATH"]  # nbgrader finds alembic on the path
        with mock.patch.dict(os.environ, PATH=path), Gradebook(self.url) as gradebook:
            yield gradebook
            gradebook.db.commit()

    def submit(self, student, assignment):
        """Create a student's folder in submitted/."""
        (self.root / "submitted" / student / assignment).mkdir(parents=True, exist_ok=True)

    def fail(self, student, assignment, why):
        """Record that a submission could not be graded."""
        self.submit(student, assignment)
        engine = open_database(self.url)
        with engine.begin() as db:
            row = {"assignment": assignment, "student": student, "why": why}
            db.execute(failures.insert().values(row))
        engine.dispose()

    def grade(
        self, student, assignment, penalty=0.0, mistakes=None, errors=None, answers=None, **scores
    ):
        """Write the scores of a submission; None stands for a question that awaits manual grading.

        For the graded notebook, by grade id: the names of mistakes, an error's name and message,
        and the text of the solution cell before the test.
        """
        self.submit(student, assignment)
        with self.gradebook() as gradebook:
            when = datetime.datetime(2030, 1, 1, 12)
            gradebook.update_or_create_student(student)  # grading does the same
            submission = gradebook.update_or_create_submission(assignment, student, timestamp=when)
            submission.notebooks[0].late_submission_penalty = penalty or None
            for grade in submission.notebooks[0].grades:
                grade.auto_score = scores[grade.name]
                grade.needs_manual_grade = grade.auto_score is None
        cells = []
        for name in scores:
            if name in (answers or {}):
                cells.append(_cell(f"{name}_answer", answers[name], solution=True))
            error = (errors or {}).get(name)
            shown = _error(*error) if error else _report((mistakes or {}).get(name, ()))
            cells.append(_cell(name, "", grade=True, solution=name == "essay", outputs=[shown]))
        folder = self.root / "autograded" / student / assignment
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{assignment}.ipynb").write_text(json.dumps({"cells": cells}))
        page = self.root / "feedback" / student / assignment / f"{assignment}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<title>{assignment} of {student}</title>")

    def grade_by_hand(self, student, assignment, **scores):
        """Set manual scores, as an instructor does in the formgrader."""
        with self.gradebook() as gradebook:
            for grade in gradebook.find_submission(assignment, student).notebooks[0].grades:
                if grade.name in scores:
                    grade.manual_score, grade.needs_manual_grade = scores[grade.name], False

    def course(self):
        """Load the course's settings as commands do."""
        return load_course(self.root)


def _cell(grade_id, source, outputs=(), **about):
    nbgrader = {"grade_id": grade_id, "grade": False, "solution": False, **about}
    return {
        "cell_type": "code",
        "metadata": {"nbgrader": nbgrader},
        "source": source,
        "outputs": list(outputs),
    }


def _error(name, message):
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": []}


def _report(names):
    found = [{"name": name, "text": f"{name}.", "next": ""} for name in names]
    data = {REPORT: {"version": 1, "diagnoses": found}}
    return {"output_type": "display_data", "data": data, "metadata": {}}
