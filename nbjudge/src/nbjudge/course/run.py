"""Grade the submissions of one assignment: judge what has changed, and save the results."""

import contextlib
import datetime
import json
import os
import re
import secrets
import shutil
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from nbjudge.course.assignment import Assignment, environment
from nbjudge.course.dates import utc_now
from nbjudge.course.gradebook import Change
from nbjudge.course.outcome import (
    GradingOutcome,
    Judgment,
    first_line,
    last_line,
    listed,
    shortened,
)
from nbjudge.course.penalties import SubmissionPoints, configured_policy, penalize
from nbjudge.course.saving import DescribeChange, Result, Saver, Scores, save_penalties, writing
from nbjudge.course.times import LATE_MARK, TIMESTAMP, read_time
from nbjudge.engine.engine import AnyEngine
from nbjudge.engine.messages import Job
from nbjudge.errors import ClusterError, EngineClosedError, GradebookError, IsolationError
from nbjudge.files import Folder, check_writable, digest_of, locked, read_submission, reason_of
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.reading import is_notebook, kind_of
from nbjudge.sandbox.levels import at_least
from nbjudge.wording import as_sentence


class _NotGradedError(Exception):
    """Raised if a submission cannot be graded; the message is the reason."""


@dataclass(frozen=True)
class _Submission:
    """A submission, read from its folder.

    Attributes
    ----------
    chosen
        Submitted files to judge: {name of the notebook: path}.
    fingerprints
        Hashes of everything that the scores depend on, one for each isolation level that is at
        least as strong as the current one; the current level's is last.
    time
        Time of the submission in UTC, or None.
    time_problem
        Why the file with the time is invalid, or "".
    """

    student: str
    folder: Folder
    chosen: dict[str, str]
    fingerprints: tuple[str, ...]
    time: datetime.datetime | None
    time_problem: str

    @property
    def is_marked_late(self) -> bool:
        """True if a platform has marked the submission as late and its time is unknown."""
        return self.time is None and LATE_MARK in self.folder.files

    @property
    def fingerprint(self) -> str:
        """Fingerprint for the current isolation level."""
        return self.fingerprints[-1]

    @property
    def notebooks(self) -> dict[str, bytes]:
        """Files that are named like notebooks or judged as notebooks, {path: content}."""
        judged = self.chosen.values()
        return {
            n: c for n, c in self.folder.files.items() if _has_notebook_extension(n) or n in judged
        }

    @property
    def unjudged(self) -> list[str]:
        """Paths of notebooks that are not judged."""
        return sorted(set(self.notebooks) - set(self.chosen.values()))

    @property
    def others(self) -> dict[str, bytes]:
        """Files other than notebooks, {path: content}."""
        return {n: c for n, c in self.folder.files.items() if n not in self.notebooks}


def _has_notebook_extension(path: str) -> bool:
    """True if a path has the extension of a notebook, in upper or lower case."""
    return path.lower().endswith(".ipynb")


def choose_files(names: Collection[str], files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the submitted file to judge as each notebook: {name of the notebook: path}.

    A file with the notebook's name is chosen. Otherwise the only file that fits is chosen, since
    learning platforms and browsers rename files that are submitted twice, or append `.json` or
    `.txt`. Files with the extension of a notebook are preferred to files that only contain one. If
    the assignment has several notebooks, the file's name must begin with the notebook's, as in
    `two-1.ipynb`. If several files fit, none is chosen and the instructor has to decide.

    Parameters
    ----------
    names
        Names of the assignment's notebooks, without `.ipynb`.
    files
        Submitted files, {path: content}.
    """
    chosen = {name: f"{name}.ipynb" for name in names if f"{name}.ipynb" in files}
    for fits in (_has_notebook_extension, lambda path: is_notebook(files[path])):
        if len(chosen) == len(names):
            break
        others = {path for path in files if fits(path)} - set(chosen.values())
        for name in sorted(set(names) - set(chosen), key=len, reverse=True):
            begins = re.compile(rf"{re.escape(name)}(?![^\W_])", re.IGNORECASE)
            fitting = [path for path in others if len(names) == 1 or begins.match(Path(path).name)]
            if len(fitting) == 1:
                chosen[name] = fitting[0]
                others.remove(fitting[0])
    return chosen


class Run:
    """A grading run over the submissions of an assignment.

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
        self.engine = engine
        self.assignment, self.again, self.seed = assignment, again, seed
        self.coursedir, self.settings = assignment.coursedir, assignment.settings
        self.sandbox_config = self.settings.sandbox_config(
            self.coursedir, isolation, engine.missing_levels
        )
        self.isolation = self.sandbox_config.sandbox.level_name
        limits = self.settings.limits(assignment.name), self.sandbox_config.sandbox.limits
        self.grader = digest_of([("limits", repr(limits).encode()), *environment()])
        check_writable(Path(self.coursedir.root, self.coursedir.autograded_directory))
        if not assignment.records.for_reading:
            with writing:
                assignment.set_dates()
        self.began = began or utc_now()
        self.policy = configured_policy(self.settings.config)
        self.saver = Saver(assignment.records, self.policy)
        self.fingerprints = assignment.records.fingerprints()
        course = assignment.records.course_points()
        self.before = {one.student: one for one in course if one.assignment == assignment.name}
        self.outdated = set() if assignment.records.for_reading else self._outdated(course)
        self.failures = assignment.records.failures()
        self.causes = assignment.records.causes()
        if create is None:
            create = self.coursedir.config.get("Autograde", {}).get("create_student", True)
        self.allowed = None if create else assignment.records.students()

    def grade(self, student: str) -> GradingOutcome:
        """Judge a submission if it has changed, and save the results.

        The late penalty is recomputed for unchanged work as well.
        """
        start = time.monotonic()
        outcome = self._grade(student)
        change = self._change(outcome)
        # The outcome reports the failure anyway; a name with lone surrogates cannot be stored.
        if outcome.status != "graded" and (change or outcome.why != self._failure(student)):
            with writing, contextlib.suppress(SQLAlchemyError, UnicodeEncodeError):
                self.assignment.records.note(student, outcome.why, change)
        return replace(outcome, seconds=time.monotonic() - start)

    def preview(self, student: str) -> tuple[str, str]:
        """Return how `grade` would treat a submission; judge and write nothing.

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
            self._jobs(submission)
        except _NotGradedError as error:
            return "failed", str(error)
        if why := self._failure(student):
            return "retried", why
        return ("changed" if student in self.fingerprints else "new"), ""

    def _failure(self, student: str) -> str:
        """Return why the submission could not be graded before this run, or ""."""
        return self.failures.get(student, "")

    def _change(self, outcome: GradingOutcome) -> Change | None:
        """Return the change in a submission's points to record, or None."""
        student, text = outcome.student, outcome.change
        if not text or text == GradingOutcome(student, "failed", self._failure(student)).change:
            return None
        return Change(self.began, outcome.before, outcome.total, text)

    def _describe_change(self, outcome: GradingOutcome) -> DescribeChange:
        """Return the function that describes changes in points when an outcome is saved.

        The student's submissions of other assignments change if their late penalties do.
        """

        def describe(before: SubmissionPoints, after: SubmissionPoints) -> Change | None:
            if after.assignment == self.assignment.name:
                return self._change(replace(outcome, recorded=after))
            other = GradingOutcome(after.student, "unchanged", before=before.total, recorded=after)
            return self._change(other)

        return describe

    def _grade(self, student: str) -> GradingOutcome:
        try:
            submission = self._read(student)
            if not self.again and self._is_unchanged(submission):
                return self._apply_penalty(submission)
            answers = self._judge(submission, self._jobs(submission))
        except _NotGradedError as error:
            return self._failed(student, str(error), error.__cause__)
        try:
            return self.write(submission, answers)
        except GradebookError:
            raise
        except Exception as error:  # from the disk, the gradebook, or a late-penalty plug-in
            why = f"the result cannot be written: {first_line(error)}"
            return self._failed(student, why, error)

    def _failed(self, student: str, why: str, error: BaseException | None) -> GradingOutcome:
        kind = type(error).__name__ if error else ""
        return GradingOutcome(student, "failed", why, kind, before=self._total_before(student))

    def _total_before(self, student: str) -> float | None:
        """Return a student's points before this run; None if the work was not graded."""
        return self.before[student].total if student in self.fingerprints else None

    def _outdated(self, course: Iterable[SubmissionPoints]) -> set[str]:
        """Return the students with outdated late penalties, in any assignment."""
        by_student = defaultdict[str, list[SubmissionPoints]](list)
        for submission in course:
            by_student[submission.student].append(submission)
        students = set()
        for student, submissions in by_student.items():
            try:
                is_current = penalize(submissions, self.policy) == submissions
            except Exception:  # from a late-penalty plug-in; raised again when the work is graded
                is_current = False
            if not is_current:
                students.add(student)
        return students

    def _apply_penalty(self, submission: _Submission) -> GradingOutcome:
        """Return the outcome of unchanged work, with the student's late penalties stored."""
        student, records = submission.student, self.assignment.records
        outcome = GradingOutcome(
            student,
            "unchanged",
            judgment=Judgment(causes=self.causes.get(student, [])),
            before=self._total_before(student),
            recorded=self.before[student],
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
        except Exception as error:  # from the gradebook, or a late-penalty plug-in
            why = f"its late penalty cannot be computed: {first_line(error)}"
            raise _NotGradedError(why) from error
        return replace(outcome, recorded=points[student])

    def _read(self, student: str) -> _Submission:
        if self.allowed is not None and student not in self.allowed:
            raise _NotGradedError("the gradebook has no student with this id")
        try:
            folder = read_submission(
                Path(self.assignment.submitted(student)), self.coursedir.ignore
            )
        except Exception as error:  # an OSError, or any other error that a folder can cause
            raise _NotGradedError(f"its folder cannot be read: {reason_of(error)}") from error
        when, problem = _read_timestamp(folder, self.assignment.zones)
        work = [("work", folder.digest().encode()), ("key", self.assignment.key.encode())]
        if TIMESTAMP in folder.files:  # its meaning depends on the course's time zones
            work.append(("time", str(when).encode()))
        levels = at_least(self.isolation)
        fingerprints = (digest_of([*work, ("isolation", name.encode())]) for name in levels)
        chosen = choose_files(self.assignment.specs, folder.files)
        return _Submission(student, folder, chosen, tuple(fingerprints), when, problem)

    def _is_unchanged(self, submission: _Submission) -> bool:
        """True if the saved scores are up to date for the submission.

        Work that was graded at a stronger level counts as unchanged; work from a weaker level is
        graded again.
        """
        recorded = self.fingerprints.get(submission.student)
        return recorded in submission.fingerprints and self._is_recorded(submission, recorded)

    def _jobs(self, submission: _Submission) -> dict[str, Job]:
        """Return the jobs for a submission, by the name of the notebook."""
        jobs: dict[str, Job] = {}
        seed = secrets.randbits(32) if self.seed is None else self.seed
        mark: dict[str, object] = {
            "fingerprint": submission.fingerprint,
            "seed": seed,
            "isolation": self.isolation,
            "grader": self.grader,
        }
        notebooks, others = submission.notebooks, submission.others
        for name, path in submission.chosen.items():
            spec = self.assignment.specs[name]
            jobs[name] = self.assignment.job(
                submission.student, spec, notebooks[path], others, seed, mark
            )
        if not jobs:
            raise _NotGradedError(self._explain_missing_notebook(submission))
        return jobs

    def _explain_missing_notebook(self, submission: _Submission) -> str:
        """Return the reason why no file of a submission can be judged."""
        wanted = " or ".join(f"{name}.ipynb" for name in self.assignment.specs)
        reason = "; ".join(submission.folder.left_out)
        if reason and not submission.notebooks:
            return f"there is no readable {wanted} ({reason})"
        files = submission.notebooks or submission.others
        files = {name: content for name, content in files.items() if name != TIMESTAMP}
        contents = f"the folder has {listed(files)}" if files else "the folder has no files"
        why = f"{wanted} is missing; {contents}" + (f" ({reason})" if reason else "")
        if not submission.notebooks:
            kinds = (kind_of(content) for content in files.values())
            kind = next(filter(None, kinds), "") if len(files) == 1 else ""
            why += f", and {kind}" if kind else ", but no notebook" if files else ""
        if submission.notebooks:
            folder = self.assignment.submitted(submission.student)
            path = os.path.relpath(folder, self.coursedir.root)
            why += f"; in {path}, give the right one that name, or remove the others"
        return why

    def _judge(self, submission: _Submission, jobs: Mapping[str, Job]) -> dict[str, Graded]:
        """Return the judged notebooks, by name."""
        try:
            judged = {
                name: self.engine.judge(self.sandbox_config, job) for name, job in jobs.items()
            }
        except (IsolationError, ClusterError, EngineClosedError):
            raise
        except Exception as error:  # from the engine; other submissions are not affected
            raise _NotGradedError(f"nbjudge failed: {last_line(error)}") from error
        answers: dict[str, Graded] = {}
        for name, answer in judged.items():
            if isinstance(answer, Unreadable):
                raise _NotGradedError(f"{submission.chosen[name]}: {answer.reason}")
            answers[name] = answer
        return answers

    def _is_recorded(self, submission: _Submission, fingerprint: str) -> bool:
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
                if mark.get("causes") and mark.get("grader") != self.grader:
                    return False
            except FileNotFoundError:
                if name in submission.chosen:
                    return False
            except (OSError, ValueError, KeyError, TypeError):
                return False
        return True

    def _maxima(self) -> bytes:
        """Return the questions' maximum points; a change calls for a review of manual grades."""
        specs = self.assignment.specs.values()
        points = [[cell.grade_id, cell.points] for spec in specs for cell in spec.graded]
        return json.dumps(points).encode()

    def write(self, submission: _Submission, answers: Mapping[str, Graded]) -> GradingOutcome:
        """Save the graded notebooks, then write the scores to the gradebook."""
        student, folder = submission.student, submission.folder
        judgment, saved = self._judgment(submission, answers)
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
            "marked_late": outcome.marked_late,
            "graded": utc_now().isoformat(timespec="seconds"),
            "isolation": self.isolation,
            "seconds": round(sum(answer.seconds for answer in answers.values()), 2),
        }

        # The lock keeps concurrent runs over the same work from mixing their folders and scores.
        with locked(self._graded_folder(student).parent):
            self._replace_graded_folder(submission, answers)
            points = self.saver.save(
                Result(
                    student,
                    submission.time,
                    saved,
                    submission.fingerprint,
                    digest_of([("work", folder.digest().encode()), ("points", self._maxima())]),
                    report,
                    self._describe_change(outcome),
                )
            )
        return replace(outcome, recorded=points)

    def _judgment(
        self, submission: _Submission, answers: Mapping[str, Graded]
    ) -> tuple[Judgment, dict[str, Scores]]:
        """Return the judgment, and the scores to save for each notebook."""
        folder, specs = submission.folder, self.assignment.specs
        given = [answers[name] for name in specs if name in answers]
        remarks = [f"left out: {reason}" for reason in folder.left_out]
        remarks += filter(None, [submission.time_problem])
        graded = listed(submission.chosen.values())
        remarks += [
            f"{path} was also submitted but not graded; graded instead: {graded}."
            for path in submission.unjudged
        ]
        saved = {}
        for name, spec in specs.items():
            if name not in answers:
                remarks.append(f"{name}.ipynb was not submitted.")
                saved[name] = Scores({}, [], missing=True)
                continue
            answer = answers[name]
            remarks += answer.remarks
            scores = {cell.grade_id: answer.scores.get(cell.grade_id) for cell in spec.graded}
            reasons = answer.repairs or answer.remarks or folder.left_out or submission.time_problem
            saved[name] = Scores(scores, answer.unanswered, flagged=bool(reasons))
        causes = ((cause.name, cause.instructor) for answer in given for cause in answer.causes)
        judgment = Judgment(
            {name: saved[name].scores for name in saved if name in answers},
            sum(cell.points for spec in specs.values() for cell in spec.graded),
            shortened([repair for answer in given for repair in answer.repairs]),
            shortened(remarks),
            shortened(
                list(dict.fromkeys(str(fault) for answer in given for fault in answer.faults))
            ),
            list(dict.fromkeys(causes)),
            given[-1].machine,
            given[-1].worker,
        )
        return judgment, saved

    def _graded_folder(self, student: str) -> Path:
        """Return the folder of the graded submission."""
        return Path(self.assignment.path(self.coursedir.autograded_directory, student))

    def _replace_graded_folder(
        self, submission: _Submission, answers: Mapping[str, Graded]
    ) -> None:
        """Write autograded/STUDENT/ASSIGNMENT under a temporary name, then replace the old one."""
        target = self._graded_folder(submission.student)
        new, old = (target.with_name(f".{target.name}.{end}") for end in ("new", "old"))
        for path in (new, old):
            _remove(path)
        files = self.assignment.master | self.assignment.student_files(submission.others)
        files |= {f"{name}.ipynb": answer.notebook for name, answer in answers.items()}
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
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o664 if self.coursedir.groupshared else 0o444)
        if self.coursedir.groupshared:
            inside = [path for path in folder.rglob("*") if path.is_dir()]
            for path in (folder.parent, folder, *inside):
                path.chmod(path.stat().st_mode | 0o2770)


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def _read_timestamp(
    folder: Folder, zones: Collection[datetime.tzinfo]
) -> tuple[datetime.datetime | None, str]:
    """Return the time of a submission in UTC, or None, and an error message, or "".

    Parameters
    ----------
    zones
        Time zones whose abbreviations are accepted.
    """
    text = folder.files.get(TIMESTAMP, b"").decode(errors="replace").strip()
    try:
        return read_time(text, datetime.UTC, zones) if text else None, ""
    except ValueError as error:
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        return None, (
            f"{TIMESTAMP} contains {shown!r}: {as_sentence(error)} Until the file is corrected, "
            "the time in the gradebook counts; without one, the work counts as on time"
        )
