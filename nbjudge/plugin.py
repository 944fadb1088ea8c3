"""nbjudge behind `nbgrader autograde`, the formgrader's button and NbGraderAPI.

`nbjudge.configure(c)` in nbgrader_config.py puts these two preprocessors in the place of nbgrader's
own.
"""

import json
import os
import re
import threading
import weakref
from concurrent.futures import Future
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from nbjudge import _engine
from nbjudge._records import Scores
from nbjudge.config import NbJudge
from nbjudge.grading import Assignment, Outcome, Run

__all__ = ["Judge", "Sanitize"]


class Sanitize(NbGraderPreprocessor):
    """Leaves a submitted notebook as it is: nbjudge mends it where it judges it."""

    def preprocess(self, nb, resources):
        return nb, resources


class Judge(NbGraderPreprocessor):
    """Judges a submitted notebook and saves its scores, in place of Execute and SaveAutoGrades."""

    def preprocess(self, nb, resources):
        """Judge the notebook, as it was handed in.

        returns: the graded notebook and the resources
        raises: ValueError where it is no notebook; EngineError, IsolationError
        """
        names = resources["nbgrader"]
        coursedir, settings = CourseDirectory(config=self.config), NbJudge(config=self.config)
        assignment = Assignment(names["assignment"], coursedir, settings)
        try:
            answer = self._queue(settings).judge(
                Run(assignment, again=True), names["student"], names["notebook"]
            )
            return self._save(answer, names, assignment), resources
        finally:
            assignment.close()

    def _queue(self, settings):
        """The queue of the command or the click that this notebook is a part of."""
        converter = getattr(self.parent, "parent", None)
        if not hasattr(converter, "assignments"):
            return _Queue([], 1)
        if converter not in _queues:
            workers = settings.workers or os.cpu_count() or 1
            _queues[converter] = _Queue(_notebooks(converter), workers)
        return _queues[converter]

    def _save(self, answer, names, assignment):
        if "unreadable" in answer:
            raise ValueError(answer["unreadable"])
        for text in answer["mended"]:
            self.log.warning("%s: %s", names["student"], text)
        for text in answer["errors"]:
            self.log.error("The assignment itself: %s", text)
        scores = Scores(answer["scores"], answer["unanswered"], bool(answer["mended"]))
        assignment.records.save_notebook(names["student"], names["notebook"], scores)
        return nbformat.from_dict(json.loads(answer["notebook"]))


_queues: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # by nbgrader's converters


def _notebooks(converter):
    """What nbgrader is going to convert: (student, notebook) pairs, in its order."""
    coursedir = converter.coursedir
    any_one = coursedir.format_path(
        coursedir.submitted_directory, "(?P<student>.*)", "(?P<assignment>.*)", escape=True
    )
    for folder in sorted(converter.assignments):
        found = re.match(any_one, folder)
        if not found:
            continue
        student, assignment = found["student"], found["assignment"]
        graded = coursedir.format_path(coursedir.autograded_directory, student, assignment)
        if converter.force or not os.path.exists(graded):
            for path in sorted(converter.assignments[folder]):
                yield student, Path(path).stem


class _Queue:
    """Judges what nbgrader comes to next while it is busy with what it has.

    nbgrader asks for one notebook after another, and waits for each.

    order: of (student, notebook) pairs; workers: how many are judged at a time
    """

    def __init__(self, order, workers):
        self.order, self.workers = list(order), workers
        self.places = {pair: place for place, pair in enumerate(self.order)}
        self.next = 0  # place in the order
        self.running = {}  # {(student, notebook): (fingerprint, Future)}

    def judge(self, run: Run, student: str, notebook: str) -> dict:
        """Judge a notebook, or wait for what is being found out about it.

        raises: ValueError where there is nothing to judge; EngineError, IsolationError
        """
        why = self._begin(run, student, notebook)
        if why:
            raise ValueError(why)
        place = self.places.get((student, notebook), -1)
        for pair in list(self.running):  # nbgrader may have passed one over
            if self.places.get(pair, place) < place:
                del self.running[pair]
        self.next = max(self.next, place + 1)
        while len(self.running) < self.workers and self.next < len(self.order):
            self._begin(run, *self.order[self.next])
            self.next += 1
        return self.running.pop((student, notebook))[1].result()

    def _begin(self, run, student, notebook):
        """Begin to judge a notebook, unless just this is being judged; says why if it cannot."""
        prepared = run.prepare(student)
        if isinstance(prepared, Outcome):
            return prepared.why
        fingerprint, folder, jobs = prepared
        if notebook not in jobs:
            return "; ".join([f"{notebook}.ipynb is no file that can be read", *folder.left_out])
        if self.running.get((student, notebook), ("", None))[0] != fingerprint:
            future = _in_thread(_engine.judge_submission, run.orders, jobs[notebook])
            self.running[student, notebook] = fingerprint, future
        return ""


def _in_thread(function, *args):
    """Call a function in a thread that does not keep the process alive; returns a Future."""
    future = Future()

    def call():
        try:
            future.set_result(function(*args))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    return future
