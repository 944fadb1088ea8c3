"""Grade submissions of several assignments, and write their feedback: who does what, and when."""

import threading
import time

from nbjudge.course.assignment import Assignment
from nbjudge.course.feedback_pages import write_pages
from nbjudge.course.outcome import printable
from nbjudge.course.queue import Queue, in_parallel
from nbjudge.course.run import Run, writing

FEW = 3  # submissions that can all be wrong


def doubts(assignment, outcomes) -> list[str]:
    """What an instructor should look into: tests in which nobody earned anything."""
    found = []
    for name, spec in assignment.specs.items():
        graded = [o.scores[name] for o in outcomes if name in o.scores]
        for cell in spec.graded if len(graded) >= FEW else ():
            if cell.is_test and cell.points and all(s[cell.grade_id] == 0 for s in graded):
                found.append(
                    f"{cell.grade_id}: nobody of {len(graded)} earned a point; `nbjudge check "
                    f"{assignment.name}` says whether the assignment's own solution does"
                )
    return found


def grade(engine, work, workers, feedback=False, before=None, **options):
    """Grade submissions; yields (assignment, Outcome) as each is done, in no certain order.

    engine: closed by who made it, also where this ends early; work: {assignment: students}
    workers: how many are judged at a time
    feedback: whether feedback pages are written as well; before: called with an assignment and a
        student before that submission is read
    options: as for Run
    raises: IsolationError where the level of isolation cannot be had
    """
    work = {assignment: list(students) for assignment, students in work.items()}
    runs = {assignment: Run(engine, assignment, **options) for assignment in work}
    known = {assignment: assignment.records.seconds() for assignment in work}
    waiting, hooks = Queue(work, known, Assignment.may_be_endless), threading.Lock()

    def one(piece):
        assignment, student = piece
        if before:
            with hooks:
                before(assignment, student)
        start = time.monotonic()
        outcome = runs[assignment].grade(student)
        if outcome.status == "graded":
            waiting.done(assignment, time.monotonic() - start)
        if feedback and outcome.status != "failed":
            outcome.feedback = _write_page(engine, assignment, student)
        outcome.why, outcome.feedback = printable(outcome.why), printable(outcome.feedback)
        return assignment, outcome

    yield from in_parallel(waiting.take, one, workers, engine.processes)


def write_feedback(engine, work, workers, again=False):
    """Write the feedback pages that have changed; yields (assignment, student, what went wrong).

    work: {assignment: students}; again: also what has not changed
    """
    pieces = iter([(a, student) for a, students in work.items() for student in students])
    lock = threading.Lock()

    def take():
        with lock:
            return next(pieces, None)

    def one(piece):
        return *piece, printable(_write_page(engine, *piece, again))

    yield from in_parallel(take, one, workers, engine.processes)


def _write_page(engine, assignment, student, again=False):
    """Write a feedback page; returns what went wrong, or ""."""
    try:
        with writing:
            about = assignment.records.about(student)
        write_pages(engine, assignment, student, about, again)
    except Exception as error:  # the disk, the gradebook, or what the notebook does to its page
        what = [type(error).__name__, *str(error).strip().splitlines()][-1]
        return f"its feedback page cannot be written: {what}"
    return ""
