"""One run over the submissions of an assignment: what is judged, and what is written of it."""

import contextlib
import datetime
import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from nbjudge.course.assignment import Assignment
from nbjudge.course.dates import utc_now
from nbjudge.course.gradebook import Change
from nbjudge.course.outcome import GradingOutcome, Judgment, first_line, last_line, listed, said_of
from nbjudge.course.penalties import SubmissionPoints, configured_policy, late_penalties
from nbjudge.course.saving import Result, Saver, Scores, writing
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
    """A submission cannot be graded; the text says why."""


@dataclass(frozen=True)
class _Submission:
    """A submission as it was read.

    Attributes
    ----------
    chosen
        Which of its files is judged as which notebook: {name of the notebook: path}.
    fingerprints
        Hashes of all that its scores depend on, one for each level of isolation that is as strong
        as the one in use or stronger.
    time
        When it was submitted, in UTC, or None.
    time_problem
        Why the file with its time cannot be used, or "".
    """

    student: str
    folder: Folder
    chosen: dict[str, str]
    fingerprints: tuple[str, ...]
    time: datetime.datetime | None
    time_problem: str

    @property
    def is_marked_late(self) -> bool:
        """True if a platform has marked it as late, and its time is not known."""
        return self.time is None and LATE_MARK in self.folder.files

    @property
    def fingerprint(self) -> str:
        """The one for the level in use."""
        return self.fingerprints[-1]

    @property
    def notebooks(self) -> dict[str, bytes]:
        """The files named as notebooks and those judged as such, {path: content}."""
        judged = self.chosen.values()
        return {n: c for n, c in self.folder.files.items() if _is_named_so(n) or n in judged}

    @property
    def unjudged(self) -> list[str]:
        """The paths of notebooks beside those that are judged."""
        return sorted(set(self.notebooks) - set(self.chosen.values()))

    @property
    def others(self) -> dict[str, bytes]:
        """Its other files, {path: content}."""
        return {n: c for n, c in self.folder.files.items() if n not in self.notebooks}


def _is_named_so(path: str) -> bool:
    """True if a file is named as a notebook, in capital letters too."""
    return path.lower().endswith(".ipynb")


def choose_files(names: Collection[str], files: Mapping[str, bytes]) -> dict[str, str]:
    """Which submitted file is judged as which notebook: {name of the notebook: path}.

    A file of the notebook's name, or else the one file that can be it: learning platforms and
    browsers rename what is submitted twice, or add `.json` or `.txt`. Files named as notebooks come
    first, then files whose content is one. Where the assignment has several notebooks, the file's
    name has to begin with the notebook's, as `two-1.ipynb`. Among several files a person chooses.

    Parameters
    ----------
    names
        The assignment's notebooks, without `.ipynb`.
    files
        The submitted ones, {path: content}.
    """
    chosen = {name: f"{name}.ipynb" for name in names if f"{name}.ipynb" in files}
    for fits in (_is_named_so, lambda path: is_notebook(files[path])):
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
    """One run over the submissions of an assignment.

    Parameters
    ----------
    isolation
        Another level than the configured one.
    again
        Also what has not changed.
    seed
        Of the random numbers of all submissions; without it, each has one of its own.
    create
        Whether students that the gradebook does not know are added; by default as configured for
        nbgrader, `c.Autograde.create_student`.
    began
        When the run began, in UTC, which it may share with runs over other assignments.

    Raises
    ------
    IsolationError
        Where the level of isolation cannot be had.
    ValueError
        Where the graded notebooks cannot be written.
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
        self.grader = digest_of([("limits", repr(limits).encode()), *_environment()])
        check_writable(Path(self.coursedir.root, self.coursedir.autograded_directory))
        if not assignment.records.for_reading:
            with writing:
                assignment.set_dates()
        self.began = began or utc_now()
        self.policy = configured_policy(self.settings.config)
        self.saver = Saver(assignment.records, self.policy)
        self.known = assignment.records.fingerprints()
        self.before = assignment.records.submission_points()
        self.failures = assignment.records.failures()
        self.causes = assignment.records.causes()
        if create is None:
            create = self.coursedir.config.get("Autograde", {}).get("create_student", True)
        self.allowed = None if create else assignment.records.students()

    def grade(self, student: str) -> GradingOutcome:
        """Judge a submission, if it has changed, and write what comes of it.

        Its late penalty is made what it has to be now, whether the work has changed or not.
        """
        start = time.monotonic()
        outcome = self._grade(student)
        change = self._change(outcome)
        # The outcome says it all the same; a name that is no text is in no database.
        if outcome.status != "graded" and (change or outcome.why != self._failure(student)):
            with writing, contextlib.suppress(SQLAlchemyError, UnicodeEncodeError):
                self.assignment.records.note(student, outcome.why, change)
        return replace(outcome, seconds=time.monotonic() - start)

    def foresee(self, student: str) -> tuple[str, str]:
        """What `grade` would do with a submission as it is; nothing is judged nor written.

        Returns
        -------
        status
            "new", "changed" since it was graded, "unchanged", "retried" after it failed the last
            time, or "failed".
        why
            It would fail, or failed the last time; "" otherwise.
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
        return ("changed" if student in self.known else "new"), ""

    def _failure(self, student: str) -> str:
        """Why the submission could not be graded before this run, or ""."""
        return self.failures.get(student, "")

    def _change(self, outcome: GradingOutcome) -> Change | None:
        """How the run has changed a submission's points, if it has, to be recorded."""
        student, text = outcome.student, outcome.change
        if not text or text == GradingOutcome(student, "failed", self._failure(student)).change:
            return None
        return Change(self.began, outcome.before, outcome.total, text)

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
        except Exception as error:  # the disk, the gradebook, or a plug-in for late penalties
            why = f"the result cannot be written: {first_line(error)}"
            return self._failed(student, why, error)

    def _failed(self, student: str, why: str, error: BaseException | None) -> GradingOutcome:
        kind = type(error).__name__ if error else ""
        return GradingOutcome(student, "failed", why, kind, before=self._total_before(student))

    def _total_before(self, student: str) -> float | None:
        """The points of a student before this run; None where the work was not graded."""
        return self.before[student].total if student in self.known else None

    def _apply_penalty(self, submission: _Submission) -> GradingOutcome:
        """What becomes of a submission that is graded already: its late penalty may be another."""
        student = submission.student
        points, records = self.before[student], self.assignment.records
        try:
            with writing:
                if points.penalized(late_penalties([points], self.policy)) != points:
                    points = records.transact(
                        lambda db: records.apply_penalties(db, [student], self.policy)
                    )[student]
        except GradebookError:
            raise
        except Exception as error:  # the gradebook, or a plug-in for late penalties
            why = f"its late penalty cannot be computed: {first_line(error)}"
            raise _NotGradedError(why) from error
        return GradingOutcome(
            student,
            "unchanged",
            judgment=Judgment(causes=self.causes.get(student, [])),
            before=self._total_before(student),
            recorded=points,
            marked_late=submission.is_marked_late,
        )

    def _read(self, student: str) -> _Submission:
        if self.allowed is not None and student not in self.allowed:
            raise _NotGradedError("the gradebook knows no student of this name")
        try:
            folder = read_submission(
                Path(self.assignment.submitted(student)), self.coursedir.ignore
            )
        except Exception as error:  # an OSError, or whatever else a folder can be the reason of
            raise _NotGradedError(f"its folder cannot be read: {reason_of(error)}") from error
        when, problem = _read_timestamp(folder, self.assignment.zones)
        work = [("work", folder.digest().encode()), ("key", self.assignment.key.encode())]
        if TIMESTAMP in folder.files:  # it is read by the course's time zones
            work.append(("time", str(when).encode()))
        levels = at_least(self.isolation)
        fingerprints = (digest_of([*work, ("isolation", name.encode())]) for name in levels)
        chosen = choose_files(self.assignment.specs, folder.files)
        return _Submission(student, folder, chosen, tuple(fingerprints), when, problem)

    def _is_unchanged(self, submission: _Submission) -> bool:
        """Whether its scores are those of the work as it is.

        What was graded at a stronger level stays as it is; at a weaker one it is graded again.
        """
        known = self.known.get(submission.student)
        return known in submission.fingerprints and self._is_there(submission, known)

    def _jobs(self, submission: _Submission) -> dict[str, Job]:
        """What is to be judged, by the name of the notebook."""
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
            raise _NotGradedError(self._why_none(submission))
        return jobs

    def _why_none(self, submission: _Submission) -> str:
        """Why no file of a submission is judged."""
        wanted = " or ".join(f"{name}.ipynb" for name in self.assignment.specs)
        reason = "; ".join(submission.folder.left_out)
        if reason and not submission.notebooks:
            return f"there is no {wanted} that can be read ({reason})"
        files = submission.notebooks or submission.others
        files = {name: content for name, content in files.items() if name != TIMESTAMP}
        are = "are" if len(files) > 1 else "is"
        there = f"there {are} {listed(files)}" if files else "the folder has no files"
        why = f"{wanted} is not there; {there}" + (f" ({reason})" if reason else "")
        if not submission.notebooks:
            kinds = (kind_of(content) for content in files.values())
            kind = next(filter(None, kinds), "") if len(files) == 1 else ""
            why += f", and {kind}" if kind else ", and no notebook" if files else ""
        if submission.notebooks:
            folder = self.assignment.submitted(submission.student)
            place = os.path.relpath(folder, self.coursedir.root)
            why += f"; in {place}, give the one to be graded that name or remove the others"
        return why

    def _judge(self, submission: _Submission, jobs: Mapping[str, Job]) -> dict[str, Graded]:
        """What judging gives, by the name of the notebook."""
        try:
            judged = {
                name: self.engine.judge(self.sandbox_config, job) for name, job in jobs.items()
            }
        except (IsolationError, ClusterError, EngineClosedError):
            raise
        except Exception as error:  # an engine's, or what cannot be sent: others are not concerned
            raise _NotGradedError(f"nbjudge failed: {last_line(error)}") from error
        answers: dict[str, Graded] = {}
        for name, answer in judged.items():
            if isinstance(answer, Unreadable):
                raise _NotGradedError(f"{submission.chosen[name]}: {answer.reason}")
            answers[name] = answer
        return answers

    def _is_there(self, submission: _Submission, fingerprint: str) -> bool:
        """True if the gradebook's scores belong to the graded notebooks as they are.

        Work that met a limit or a lack of the grader is graded again where that has changed.
        """
        folder = self._place(submission.student)
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
        """Return what questions are out of: a manual grade is looked at again if that changes."""
        specs = self.assignment.specs.values()
        points = [[cell.grade_id, cell.points] for spec in specs for cell in spec.graded]
        return json.dumps(points).encode()

    def write(self, submission: _Submission, answers: Mapping[str, Graded]) -> GradingOutcome:
        """Put the graded notebooks into place, then the scores into the gradebook."""
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
            "isolation": self.isolation,
            "seconds": round(sum(answer.seconds for answer in answers.values()), 2),
        }

        def change(points: SubmissionPoints) -> Change | None:
            return self._change(replace(outcome, recorded=points))

        # Another run over the same work writes the folder and the scores before this one or after.
        with locked(self._place(student).parent):
            self._put_into_place(submission, answers)
            points = self.saver.save(
                Result(
                    student,
                    submission.time,
                    saved,
                    submission.fingerprint,
                    digest_of([("work", folder.digest().encode()), ("points", self._maxima())]),
                    report,
                    change,
                )
            )
        return replace(outcome, recorded=points)

    def _judgment(
        self, submission: _Submission, answers: Mapping[str, Graded]
    ) -> tuple[Judgment, dict[str, Scores]]:
        """Return the judgment, and the scores to write for each notebook."""
        folder, specs = submission.folder, self.assignment.specs
        given = [answers[name] for name in specs if name in answers]
        remarks = [f"left out: {reason}" for reason in folder.left_out]
        remarks += filter(None, [submission.time_problem])
        remarks += [
            f"{path} was submitted too and is not graded: {listed(submission.chosen.values())} is."
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
            said = answer.repairs or answer.remarks or folder.left_out or submission.time_problem
            saved[name] = Scores(scores, answer.unanswered, bool(said))
        causes = ((cause.name, cause.instructor) for answer in given for cause in answer.causes)
        judgment = Judgment(
            {name: saved[name].scores for name in saved if name in answers},
            sum(cell.points for spec in specs.values() for cell in spec.graded),
            said_of([repair for answer in given for repair in answer.repairs]),
            said_of(remarks),
            said_of(list(dict.fromkeys(str(fault) for answer in given for fault in answer.faults))),
            list(dict.fromkeys(causes)),
            given[-1].machine,
            given[-1].worker,
        )
        return judgment, saved

    def _place(self, student: str) -> Path:
        """Where the graded submission lies."""
        return Path(self.assignment.path(self.coursedir.autograded_directory, student))

    def _put_into_place(self, submission: _Submission, answers: Mapping[str, Graded]) -> None:
        """Write autograded/STUDENT/ASSIGNMENT beside its place, then exchange the two."""
        target = self._place(submission.student)
        new, old = (target.with_name(f".{target.name}.{end}") for end in ("new", "old"))
        for place in (new, old):
            _remove(place)
        files = self.assignment.master | self.assignment.student_files(submission.others)
        files |= {f"{name}.ipynb": answer.notebook for name, answer in answers.items()}
        try:
            self._write_folder(new, files)
        except BaseException:
            _remove(new)  # the disk may be full of it
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


def _environment() -> list[tuple[str, bytes]]:
    """List the Python and the packages of this environment, as names and versions in bytes."""
    places = dict.fromkeys(filter(os.path.isdir, sys.path))
    packages = {
        name
        for place in places
        for name in os.listdir(place)
        if name.endswith((".dist-info", ".egg-info"))
    }
    return [("python", sys.version.encode()), *((name, b"") for name in sorted(packages))]


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def _read_timestamp(
    folder: Folder, zones: Collection[datetime.tzinfo]
) -> tuple[datetime.datetime | None, str]:
    """Return the time of a submission in UTC, or None, and why its file cannot be used, or "".

    Parameters
    ----------
    zones
        Time zones whose abbreviations are understood.
    """
    text = folder.files.get(TIMESTAMP, b"").decode(errors="replace").strip()
    try:
        return read_time(text, datetime.UTC, zones) if text else None, ""
    except ValueError as error:
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        return None, (
            f"{TIMESTAMP} holds {shown!r}: {as_sentence(error)} Until the file is corrected, the "
            "time in the gradebook counts; without one, the work counts as on time"
        )
