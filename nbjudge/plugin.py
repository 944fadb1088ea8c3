"""nbjudge behind `nbgrader autograde`, the formgrader's button and NbGraderAPI.

`nbjudge.configure(c)` in nbgrader_config.py puts these two preprocessors in the place of nbgrader's
own.
"""

import json
import secrets
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from nbjudge import _engine
from nbjudge._records import Scores
from nbjudge._submission import read_submission
from nbjudge.config import NbJudge
from nbjudge.grading import Assignment

__all__ = ["Judge", "Sanitize"]


class Sanitize(NbGraderPreprocessor):
    """Leaves a submitted notebook as it is: nbjudge mends it where it judges it."""

    def preprocess(self, nb, resources):
        return nb, resources


class Judge(NbGraderPreprocessor):
    """Judges a submitted notebook and saves its scores, in place of Execute and SaveAutoGrades."""

    def preprocess(self, nb, resources):
        """Judge the notebook.

        returns: the graded notebook and the resources
        raises: ValueError where it is no notebook; EngineError, IsolationError
        """
        names = resources["nbgrader"]
        coursedir, settings = CourseDirectory(config=self.config), NbJudge(config=self.config)
        assignment = Assignment(names["assignment"], coursedir, settings)
        try:
            return self._judge(nb, resources, assignment)
        finally:
            assignment.records.close()

    def _judge(self, nb, resources, assignment):
        names, settings = resources["nbgrader"], assignment.settings
        plan = assignment.plans[names["notebook"]]
        folder = Path(assignment._path(assignment.coursedir.submitted_directory, names["student"]))
        files = read_submission(folder, assignment.coursedir.ignore)
        others = {n: c for n, c in files.files.items() if not n.endswith(".ipynb")}
        seed = secrets.randbits(32)
        mark = {"seed": seed, "isolation": settings.isolation}
        content = nbformat.writes(nb).encode("utf-8", "replace")
        job = assignment.job(plan, content, others, seed, mark)
        answer = _engine.judge_submission(settings.orders(assignment.coursedir), job)
        if "unreadable" in answer:
            raise ValueError(answer["unreadable"])
        for text in answer["mended"]:
            self.log.warning("%s: %s", names["student"], text)
        for text in answer["errors"]:
            self.log.error("The assignment itself: %s", text)
        scores = Scores(answer["scores"], answer["unanswered"], bool(answer["mended"]))
        assignment.records.save_notebook(names["student"], plan.name, scores)
        return nbformat.from_dict(json.loads(answer["notebook"])), resources
