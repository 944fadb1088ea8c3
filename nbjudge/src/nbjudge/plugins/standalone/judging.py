"""Judge submissions without saving scores, and render their feedback pages."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbjudge.course.assignment import Assignment
from nbjudge.course.dates import utc_now
from nbjudge.course.outcome import Judgment
from nbjudge.course.page_settings import with_settings
from nbjudge.course.placement import place_tests
from nbjudge.course.queue import in_parallel, locked_iterator
from nbjudge.course.saving import Scores
from nbjudge.course.submission import NotGradedError, Submission, SubmissionJudge
from nbjudge.engine.engine import AnyEngine
from nbjudge.errors import EngineError, IsolationError
from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.pictures import show_pictures
from nbjudge.files import write_files
from nbjudge.judging.messages import Graded
from nbjudge.notebook.spec import NotebookSpec
from nbjudge.plugins.standalone.work import Work, read_work


@dataclass(frozen=True)
class JudgedWork:
    """The result of judging one submission.

    Attributes
    ----------
    assignment
        None if the work belongs to no assignment of the course.
    why
        Reason why the work was not graded, or "".
    is_graders_fault
        True if the grader failed, so that the same work may be graded in another attempt.
    seed
        Seed of the random numbers; None if the work was not judged.
    chosen
        Files that were judged, {name of the notebook: path in the submission}.
    answers, saved
        Judged notebooks, and the scores of all notebooks of the assignment, by name.
    abouts
        Data for the feedback pages, by name of the notebook.
    pages
        Feedback pages as HTML, by name of the notebook; None if a page could not be rendered.
    """

    work: Work
    assignment: Assignment | None
    why: str = ""
    is_graders_fault: bool = False
    seed: int | None = None
    seconds: float = 0.0
    chosen: Mapping[str, str] = field(default_factory=dict)
    judgment: Judgment = Judgment()
    answers: Mapping[str, Graded] = field(default_factory=dict)
    saved: Mapping[str, Scores] = field(default_factory=dict)
    abouts: Mapping[str, About] = field(default_factory=dict)
    pages: Mapping[str, str | None] = field(default_factory=dict)


def judge_all(
    engine: AnyEngine,
    submissions: Sequence[tuple[Work, Assignment]],
    workers: int,
    isolation: str | None = None,
    seed: int | None = None,
    with_pages: bool = False,
) -> Iterator[JudgedWork]:
    """Judge submissions in parallel; yield each result as soon as it is available, in any order.

    Parameters
    ----------
    submissions
        Submissions, each with its assignment.
    workers
        Maximum number of submissions judged at a time.
    isolation, seed
        Parameters of `SubmissionJudge`.
    with_pages
        True to render the feedback pages.

    Raises
    ------
    IsolationError
        If the isolation level is unavailable.
    """
    judges: dict[Assignment, SubmissionJudge] = {}
    for assignment in dict.fromkeys(assignment for _, assignment in submissions):
        judges[assignment] = judge = SubmissionJudge(engine, assignment, isolation, seed)
        if not assignment.is_placed:
            place_tests(engine, assignment, judge.sandbox_config, engine.capacity(workers))

    def judge_one(submission: tuple[Work, Assignment]) -> JudgedWork:
        work, assignment = submission
        return _judge_work(work, judges[assignment], with_pages)

    yield from in_parallel(
        locked_iterator(submissions), judge_one, lambda: workers, engine.processes
    )


def _judge_work(work: Work, judge: SubmissionJudge, with_pages: bool) -> JudgedWork:
    start, assignment = time.monotonic(), judge.assignment
    try:
        submission = read_work(work, judge)
        jobs = judge.jobs(submission)
        answers = judge.run_jobs(submission, jobs)
    except NotGradedError as error:
        seconds = time.monotonic() - start
        return JudgedWork(work, assignment, str(error), error.is_graders_fault, seconds=seconds)
    faults = (fault for answer in answers.values() for fault in answer.faults)
    lacking = next((fault for fault in faults if fault.lacks_module), None)
    if lacking:  # right work would lose its points
        why = f"this machine lacks a package that the assignment imports: {lacking}"
        return JudgedWork(work, assignment, why, True, seconds=time.monotonic() - start)
    judgment, saved = judge.judgment(submission, answers)
    abouts = {name: _about(work, judge, name, saved[name]) for name in answers}
    pages = _make_pages(judge, submission, answers, abouts) if with_pages else {}
    return JudgedWork(
        work,
        assignment,
        seed=next(iter(jobs.values())).submission.seed,
        seconds=time.monotonic() - start,
        chosen=submission.chosen,
        judgment=judgment,
        answers=answers,
        saved=saved,
        abouts=abouts,
        pages=pages,
    )


def _about(work: Work, judge: SubmissionJudge, notebook: str, scores: Scores) -> About:
    """Return the data for a notebook's feedback page, in place of the gradebook's."""
    assignment = judge.assignment
    about = About(
        assignment.name,
        notebook,
        work.absolute.name,
        graded=utc_now().date().isoformat(),
        cells=_grades(assignment.specs[notebook], scores),
    )
    return with_settings(about, assignment.coursedir.config)


def _grades(spec: NotebookSpec, scores: Scores) -> dict[str, CellGrade]:
    grades = {
        cell.grade_id: CellGrade(
            scores.scores.get(cell.grade_id),
            cell.points,
            unanswered=cell.grade_id in scores.unanswered,
        )
        for cell in spec.graded
    }
    answers = [name for name in scores.unanswered if name not in grades]
    return grades | {name: CellGrade(unanswered=True) for name in answers}


def _make_pages(
    judge: SubmissionJudge,
    submission: Submission,
    answers: Mapping[str, Graded],
    abouts: Mapping[str, About],
) -> dict[str, str | None]:
    """Return the feedback pages of a judged submission, by notebook."""
    assignment, pages = judge.assignment, dict[str, str | None]()
    with tempfile.TemporaryDirectory(prefix="nbjudge-page-") as folder:
        files = assignment.master | assignment.student_files(submission.others)
        write_files(folder, files)  # images that a page may show
        for name, answer in answers.items():
            try:
                page = judge.engine.make_page(answer.notebook, abouts[name])
            except IsolationError:
                raise
            except EngineError:  # the scores are not affected
                pages[name] = None
            else:
                pages[name] = show_pictures(page, Path(folder))
    return pages
