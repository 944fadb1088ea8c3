"""Grade the submissions of one assignment: judge what has changed, and save the results."""

import contextlib
import datetime
import json
import shutil
import time
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from nbjudge.course.assignment import Assignment
from nbjudge.course.dates import utc_now
from nbjudge.course.gradebook import Change, Earlier, write_changes
from nbjudge.course.outcome import GradingOutcome, Judgment, first_line
from nbjudge.course.penalties import PenaltyError, SubmissionPoints, configured_policy, penalize
from nbjudge.course.saving import DescribeChange, Result, Saver, save_penalties, writing
from nbjudge.course.submission import (
    NotGradedError,
    Submission,
    SubmissionJudge,
    manually_graded_work,
)
from nbjudge.engine.engine import AnyEngine
from nbjudge.errors import GradebookError, PluginError
from nbjudge.files import check_writable, inside, locked, write_files
from nbjudge.judging.messages import Graded


class Run:
    """A grading run over the submissions of an assignment.

    The life of a run is divided over five classes, in the order in which a submission meets them:

    ===============  ==========================================  ==================================
    class            duty                                        lives as long as
    ===============  ==========================================  ==================================
    Run              skips unchanged work, saves the results     the run, for one assignment
    SubmissionJudge  reads a submission, makes a job of each     its Run, or `nbjudge grade`, which
                     notebook, and saves nothing                 has no Run
    Engine           gives each job to a free worker; retries    the command, for all assignments
    Worker           forks a judge for the job, and watches it   its process, for many submissions
    Session          runs the student's code for the judge, in   a notebook of a submission; its
                     a sandbox                                   sandbox is replaced if it dies
    ===============  ==========================================  ==================================

    `grade` in grading.py makes a Run of each assignment and calls it in threads; a Presenter shows
    what they return.

    Parameters
    ----------
    isolation
        Isolation level; the configured one by default.
    again
        True to grade unchanged work again.
    seed
        Seed of the random numbers of all submissions; by default a new seed for each submission.
    create
        True to add unknown students to the gradebook; by default nbgrader's setting
        `c.Autograde.create_student`.
    began
        Start of the run in UTC, which runs over several assignments may share.

    Raises
    ------
    IsolationError
        If the isolation level is unavailable.
    ValueError
        If the graded notebooks cannot be written.
    """

    def __init__(
        self,
        engine: AnyEngine,
        assignment: Assignment,
        isolation: str | None = None,
        again: bool = False,
        seed: int | None = None,
        create: bool | None = None,
        began: datetime.datetime | None = None,
    ):
        self.assignment, self.again = assignment, again
        self.coursedir, self.settings = assignment.coursedir, assignment.settings
        self.submission_judge = SubmissionJudge(engine, assignment, isolation, seed)
        self.isolation = self.submission_judge.isolation
        check_writable(Path(self.coursedir.root, self.coursedir.autograded_directory))
        if not assignment.records.for_reading:
            with writing:
                assignment.set_dates()
        self.began = began or utc_now()
        self.policy = configured_policy(self.settings)
        self.saver = Saver(assignment.records, self.policy)
        self.recorded = assignment.records.earlier()
        course = assignment.records.course_points()
        self.course = {(one.assignment, one.student): one for one in course}
        self.outdated = set() if assignment.records.for_reading else self._outdated(course)
        if create is None:
            create = self.coursedir.config.get("Autograde", {}).get("create_student", True)
        self.allowed = None if create else assignment.records.students()

    def grade(self, student: str) -> GradingOutcome:
        """Judge a submission if it has changed, and save the results.

        The late penalty is recomputed for unchanged work as well.
        """
        start = time.monotonic()
        files = ""
        try:
            submission = self._read(student)
            files = submission.files
            outcome = self._judge_and_save(submission)
        except NotGradedError as error:
            outcome = self._failed(student, str(error), error.__cause__)
        change = self._change(outcome)
        recorded = self._earlier(student)
        is_recorded = (outcome.why, files or recorded.files) == (recorded.failure, recorded.files)
        # The outcome reports the failure anyway; a name with lone surrogates cannot be stored.
        if outcome.status != "graded" and (change or not is_recorded):
            with writing, contextlib.suppress(SQLAlchemyError, UnicodeEncodeError):
                self.assignment.records.note(student, outcome.why, change, files)
        return replace(outcome, seconds=time.monotonic() - start)

    def preview(self, student: str) -> tuple[str, str]:
        """Predict how `grade` would treat a submission; judge and write nothing.

        Returns
        -------
        status
            "new"; "changed" since it was graded; "unchanged"; "retried" after it failed in the last
            run; or "failed".
        why
            Reason for the expected or the last failure; "" otherwise.
        """
        try:
            submission = self._read(student)
            if self._is_unchanged(submission):
                return "unchanged", ""
            self.submission_judge.jobs(submission)
        except NotGradedError as error:
            return "failed", str(error)
        earlier = self._earlier(student)
        if earlier.failure:
            return "retried", earlier.failure
        return ("new" if earlier.fingerprint is None else "changed"), ""

    def durations(self) -> dict[str, float]:
        """Return the durations of earlier gradings: {student: seconds}."""
        reports = {student: earlier.report for student, earlier in self.recorded.items()}
        return {s: report["seconds"] for s, report in reports.items() if "seconds" in report}

    def _earlier(self, student: str) -> Earlier:
        """Return the submission's grading before this run."""
        return self.recorded.get(student, Earlier())

    def _change(self, outcome: GradingOutcome) -> Change | None:
        """Return the change in a submission's points to record, or None."""
        student, text = outcome.student, outcome.change
        failure = self._earlier(student).failure
        if not text or text == GradingOutcome(student, "failed", failure).change:
            return None
        return Change(self.began, outcome.before, outcome.total, text)

    def _describe_change(self, outcome: GradingOutcome) -> DescribeChange:
        """Return the function that describes changes in points when an outcome is saved.

        The student's submissions of other assignments change if their late penalties do.
        """

        def describe(after: SubmissionPoints) -> Change | None:
            if after.assignment == self.assignment.name:
                return self._change(replace(outcome, recorded=after))
            return self._change_elsewhere(after)

        return describe

    def _change_elsewhere(self, now: SubmissionPoints) -> Change | None:
        """Return the change in this run of a submission of another assignment, or None."""
        before = self.course.get((now.assignment, now.student))
        total = before.total if before else None
        return self._change(GradingOutcome(now.student, "unchanged", before=total, recorded=now))

    def settle(
        self,
        outcome: GradingOutcome,
        now: Mapping[str, SubmissionPoints],
        graded: Container[str],
    ) -> GradingOutcome:
        """Return an outcome with the penalties at the end of the run, and record its change.

        Parameters
        ----------
        now
            Points of the student's submissions, by assignment.
        graded
            Assignments in which the student has an outcome of the run.
        """
        name, student, recorded = self.assignment.name, outcome.student, outcome.recorded
        elsewhere = {
            other: change.text
            for other, points in now.items()
            if other not in graded
            and (change := self._change_elsewhere(points))
            and not change.is_first
        }
        regraded = recorded.regraded if recorded else None
        points = replace(now[name], regraded=regraded, elsewhere=elsewhere)
        settled = replace(outcome, recorded=points)
        if settled.total != outcome.total:
            change = self._change(settled)
            with writing:
                self.assignment.records.transact(
                    lambda db: write_changes(db, name, {student: change})
                )
        return settled

    def _judge_and_save(self, submission: Submission) -> GradingOutcome:
        if not self.again and self._is_unchanged(submission):
            return self._apply_penalty(submission)
        graded = self.submission_judge.run_jobs(submission, self.submission_judge.jobs(submission))
        try:
            return self.write(submission, graded)
        except GradebookError:
            raise
        except PenaltyError as error:
            raise _without_penalty(error) from error.__cause__
        except Exception as error:  # from the disk or the gradebook
            why = f"the result cannot be written: {first_line(error)}"
            raise NotGradedError(why) from error

    def _failed(self, student: str, why: str, error: BaseException | None) -> GradingOutcome:
        kind = type(error).__name__ if error else ""
        return GradingOutcome(student, "failed", why, kind, before=self._total_before(student))

    def _total_before(self, student: str) -> float | None:
        """Return a student's points before this run; None if the work was not graded."""
        is_graded = self._earlier(student).fingerprint is not None
        return self.course[self.assignment.name, student].total if is_graded else None

    def _outdated(self, course: Iterable[SubmissionPoints]) -> set[str]:
        """Return the students with outdated late penalties, in any assignment."""
        by_student = defaultdict[str, list[SubmissionPoints]](list)
        for submission in course:
            by_student[submission.student].append(submission)
        students = set()
        for student, submissions in by_student.items():
            try:
                is_current = penalize(submissions, self.policy) == submissions
            except PenaltyError:  # raised again when the work is graded
                is_current = False
            if not is_current:
                students.add(student)
        return students

    def _apply_penalty(self, submission: Submission) -> GradingOutcome:
        """Return the outcome of unchanged work, with the student's late penalties stored."""
        student, records = submission.student, self.assignment.records
        earlier = self._earlier(student)
        outcome = GradingOutcome(
            student,
            "unchanged",
            judgment=Judgment(
                causes=earlier.causes, suspicions=earlier.report.get("suspicions", [])
            ),
            before=self._total_before(student),
            recorded=self.course[self.assignment.name, student],
            marked_late=submission.is_marked_late,
        )
        if student not in self.outdated:
            return outcome
        describe = {student: self._describe_change(outcome)}
        try:
            with writing:
                points = records.transact(
                    lambda db: save_penalties(db, records, describe, self.policy)
                )
        except GradebookError:
            raise
        except PenaltyError as error:
            raise _without_penalty(error) from error.__cause__
        except Exception as error:  # from the gradebook
            raise NotGradedError(
                f"its late penalty cannot be written: {first_line(error)}"
            ) from error
        return replace(outcome, recorded=points[student])

    def _read(self, student: str) -> Submission:
        if self.allowed is not None and student not in self.allowed:
            raise NotGradedError("the gradebook has no student with this id")
        return self.submission_judge.read(student, Path(self.assignment.submitted(student)))

    def _is_unchanged(self, submission: Submission) -> bool:
        """True if the saved scores are up to date for the submission.

        Work that was graded at a stronger level counts as unchanged; work from a weaker level is
        graded again.
        """
        recorded = self._earlier(submission.student).fingerprint
        return recorded in submission.fingerprints and self._is_recorded(submission, recorded)

    def _is_recorded(self, submission: Submission, fingerprint: str) -> bool:
        """True if the gradebook's scores match the current files of the graded notebooks.

        Work that was affected by a limit or a missing feature of the grader is graded again after
        the grader has changed.
        """
        folder = self._graded_folder(submission.student)
        for name in self.assignment.specs:
            try:
                notebook = json.loads((folder / f"{name}.ipynb").read_bytes())
                mark = notebook["metadata"]["nbjudge"]
                if mark["fingerprint"] != fingerprint:
                    return False
                if mark.get("causes") and mark.get("grader") != self.submission_judge.grader:
                    return False
            except FileNotFoundError:
                if name in submission.chosen:
                    return False
            except (OSError, ValueError, KeyError, TypeError):
                return False
        return True

    def write(self, submission: Submission, graded: Mapping[str, Graded]) -> GradingOutcome:
        """Save the graded notebooks, then write the scores to the gradebook."""
        student = submission.student
        judgment, saved = self.submission_judge.judgment(submission, graded)
        outcome = GradingOutcome(
            student,
            "graded",
            judgment=judgment,
            before=self._total_before(student),
            marked_late=submission.is_marked_late,
        )
        report = {
            "repairs": judgment.repairs,
            "remarks": judgment.remarks,
            "errors": judgment.errors,
            "causes": judgment.causes,
            "suspicions": judgment.suspicions,
            "marked_late": outcome.marked_late,
            "graded": utc_now().isoformat(timespec="seconds"),
            "isolation": self.isolation,
            "seconds": round(sum(notebook.seconds for notebook in graded.values()), 2),
        }

        # The lock keeps concurrent runs over the same work from mixing their folders and scores.
        with locked(self._graded_folder(student).parent):
            self._replace_graded_folder(submission, graded)
            points = self.saver.save(
                Result(
                    student=student,
                    timestamp=submission.time,
                    notebooks=saved,
                    fingerprint=submission.fingerprint,
                    work=manually_graded_work(submission.work, self.assignment.specs.values()),
                    report=report,
                    files=submission.files,
                    change=self._describe_change(outcome),
                )
            )
        return replace(outcome, recorded=points)

    def _graded_folder(self, student: str) -> Path:
        """Return the folder of the graded submission."""
        return Path(self.assignment.path(self.coursedir.autograded_directory, student))

    def _replace_graded_folder(self, submission: Submission, graded: Mapping[str, Graded]) -> None:
        """Write autograded/STUDENT/ASSIGNMENT under a temporary name, then replace the old one."""
        target = self._graded_folder(submission.student)
        new, old = (target.with_name(f".{target.name}.{end}") for end in ("new", "old"))
        for path in (new, old):
            _remove(path)
        files = self.assignment.master | self.assignment.student_files(submission.others)
        files |= {f"{name}.ipynb": each.notebook for name, each in graded.items()}
        try:
            self._write_folder(new, files)
        except BaseException:
            _remove(new)  # free its space: the disk may be full
            raise
        if target.exists():
            target.rename(old)
        new.rename(target)
        _remove(old)

    def _write_folder(self, folder: Path, files: Mapping[str, bytes]) -> None:
        write_files(folder, files)
        for name in files:
            inside(folder, name).chmod(0o664 if self.coursedir.groupshared else 0o444)
        if self.coursedir.groupshared:
            folders = [path for path in folder.rglob("*") if path.is_dir()]
            for path in (folder.parent, folder, *folders):
                path.chmod(path.stat().st_mode | 0o2770)


def _without_penalty(error: PenaltyError) -> NotGradedError:
    """Return the error of a submission whose late penalty cannot be computed."""
    cause = error.__cause__ or error
    text = str(cause) if isinstance(cause, PluginError) else first_line(cause)
    return NotGradedError(f"its late penalty cannot be computed: {text}")


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)
