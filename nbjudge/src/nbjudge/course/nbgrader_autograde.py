"""Integrate with `nbgrader autograde`, the formgrader's button and NbGraderAPI.

All three start nbgrader's Autograde converter, which creates an exporter before it reads any
submission. `nbjudge.configure(c)` sets that exporter to the class below.
"""

import fnmatch
import functools
import logging
import os
import sys
from typing import Any, NoReturn

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from traitlets import TraitError

from nbjudge.course.assignment import Assignment
from nbjudge.course.grading import grade
from nbjudge.course.loading import check_settings, configured
from nbjudge.course.outcome import GradingOutcome
from nbjudge.course.presenter import Presenter
from nbjudge.engine.engine import Engine
from nbjudge.errors import REMEDY, GradebookError, IsolationError
from nbjudge.settings import NbJudge


class GradingExporter(NotebookExporter):
    """Exporter that grades with nbjudge in place of its converter; it exports nothing.

    nbgrader then neither reads nor copies submissions, and several submissions are judged at a
    time. `autograde_preprocessors` are not enough: they see one notebook at a time, after nbgrader
    has copied the submission. If a course could configure the converter of nbgrader's app,
    formgrader and API, this class would not be needed.
    """

    def __init__(self, **options: Any):
        super().__init__(**options)
        if isinstance(self.parent, Autograde):
            self.parent.convert_notebooks = functools.partial(_grade, self.parent)

    def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> NoReturn:
        """Refuse to export, so that nothing is graded without nbjudge.

        Raises
        ------
        RuntimeError
            Always.
        """
        raise RuntimeError(
            "nbjudge.course.nbgrader_autograde.GradingExporter cannot export notebooks: use it "
            "only as c.Autograde.exporter_class, which nbjudge.configure(c) sets"
        )


def _grade(converter: Autograde) -> None:
    """Grade the submissions that a converter was started for.

    Raises NbGraderException if one of them is not graded; the log has the reasons.
    """
    coursedir, log = configured(converter.coursedir, converter.config), converter.log
    presenter = Presenter(_Log(log), sys.maxsize)
    try:
        check_settings(converter.config)
        settings = NbJudge(config=converter.config)
        assignment = Assignment(coursedir.assignment_id, coursedir, settings)
        if coursedir.notebook_id != "*":
            log.warning("Ignored --notebook: all notebooks of a submission are graded.")
    except (LookupError, ValueError, TraitError) as error:
        log.error("%s", error)
        raise NbGraderException(str(error)) from None
    try:
        presenter.say(settings.level(coursedir)[1])
        with Engine() as engine:
            work = {assignment: _students(converter, assignment)}
            graded = grade(
                engine,
                work,
                settings.count_workers(),
                before=functools.partial(_run_hook, converter),
                again=converter.force,
                create=converter.create_student,
            )
            for _, outcome in presenter.follow(work, graded):
                _say_outcome(presenter, assignment.name, outcome)
                converter.run_post_convert_hook()
    except IsolationError as error:
        log.error("%s %s", str(error).strip().splitlines()[-1], REMEDY)
        raise NbGraderException(str(error)) from None
    except (GradebookError, ValueError) as error:
        log.error("%s", error)
        raise NbGraderException(str(error)) from None
    finally:
        assignment.close()
    presenter.show_notes(is_whole_class=False)
    if presenter.status:
        message = "Some submissions were not graded; the log above has the reasons."
        log.error(message)
        raise NbGraderException(message)


def _students(converter: Autograde, assignment: Assignment) -> list[str]:
    """Return the students whose work is graded."""
    wanted = converter.coursedir.student_id
    return [name for name in assignment.students() if fnmatch.fnmatchcase(name, wanted)]


def _run_hook(converter: Autograde, assignment: Assignment, student: str) -> None:
    """Run the course's pre-convert hook before a submission is read."""
    folder = os.path.realpath(assignment.submitted(student))  # resolves loops, unlike Path.resolve
    folders = {
        os.path.realpath(name): notebooks for name, notebooks in converter.assignments.items()
    }
    converter.notebooks = sorted(folders.get(folder, ()))
    converter.run_pre_convert_hook()


class _Log:
    """A log as the place where a run is presented; it shows no progress."""

    def __init__(self, log: logging.Logger):
        self.say = log.log

    def track(self, pieces: Any, *_: object) -> Any:
        return pieces


def _say_outcome(presenter: Presenter, assignment: str, outcome: GradingOutcome) -> None:
    whose = f"{assignment} of {outcome.student}"
    if outcome.status == "graded":
        judgment = outcome.judgment
        by_hand = f"; {outcome.waiting} to be graded by hand" if outcome.waiting else ""
        late = f"; {outcome.lateness}" if outcome.lateness else ""
        points = f"{judgment.score:g} of {judgment.points:g} points{by_hand}{late}"
        presenter.say(f"{whose}: {points}")
    elif outcome.status == "unchanged":
        presenter.say(f"{whose} has not changed since it was graded")
    else:
        presenter.say_not_graded(whose, outcome.why)
