"""Read submissions and judge them; nothing is saved."""

import datetime
import functools
import json
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbjudge.course.assignment import Assignment, environment
from nbjudge.course.outcome import Judgment, last_line, listed, printable, shortened
from nbjudge.course.saving import Scores
from nbjudge.course.times import LATE_MARK, TIMESTAMP, read_time
from nbjudge.engine.engine import AnyEngine
from nbjudge.engine.messages import Job
from nbjudge.errors import ClusterError, EngineClosedError, IsolationError
from nbjudge.files import Folder, digest_of, read_submission, reason_of
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.reading import is_notebook, kind_of
from nbjudge.notebook.recognition import notebooks_of
from nbjudge.notebook.spec import NotebookSpec
from nbjudge.points import add_points
from nbjudge.sandbox.levels import at_least
from nbjudge.wording import as_sentence, brief


class NotGradedError(Exception):
    """Raised if a submission cannot be graded; the message is the reason.

    Attributes
    ----------
    is_graders_fault
        True if the grader failed, so that the same work may be graded in another attempt.
    """

    def __init__(self, reason: str, is_graders_fault: bool = False):
        super().__init__(reason)
        self.is_graders_fault = is_graders_fault


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The files of a submission.

    Attributes
    ----------
    place
        Path of its folder in messages.
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
    place: str
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
    def work(self) -> str:
        """Hash of the student's files; the time of the submission is not part of the work."""
        times = (TIMESTAMP, LATE_MARK)
        return Folder({n: c for n, c in self.folder.files.items() if n not in times}).digest()

    @property
    def files(self) -> str:
        """Hash of all submitted files."""
        return self.folder.digest()

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


def choose_files(specs: Mapping[str, NotebookSpec], files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the submitted file to judge as each notebook: {name of the notebook: path}.

    Students, learning platforms and browsers rename files, so no file is chosen as one notebook of
    the assignment whose cells are those of another. Of the other files, the one with the notebook's
    name is chosen; otherwise the only one whose name begins with it, as in `two-1.ipynb`, or any
    name if the assignment has one notebook; otherwise the only one with its cells. Files with the
    extension of a notebook are preferred to files that only contain one. A file whose cells
    contradict its name is judged by its name only if no file has the cells. If several files fit,
    none is chosen and the instructor has to decide.

    Parameters
    ----------
    specs
        The assignment's notebooks, by name.
    files
        Submitted files, {path: content}.
    """
    beginnings = {n: re.compile(rf"{re.escape(n)}(?![^\W_])", re.IGNORECASE) for n in specs}

    def begins(path: str, name: str) -> bool:
        return len(specs) == 1 or bool(beginnings[name].match(Path(path).name))

    @functools.cache
    def by_cells(path: str) -> set[str] | None:
        return notebooks_of(files[path], specs, [name for name in specs if begins(path, name)])

    def may_be(path: str, name: str) -> bool:
        fitting = by_cells(path)
        return fitting is None or name in fitting

    def has_name(path: str, name: str) -> bool:
        return path == f"{name}.ipynb"

    chosen: dict[str, str] = {}
    by_content: list[Callable[[str, str], bool]] = [
        lambda path, name: has_name(path, name) and may_be(path, name),
        lambda path, name: begins(path, name) and may_be(path, name),
        lambda path, name: by_cells(path) == {name},
    ]
    for rules in (by_content, [has_name, begins]):
        for is_notebook_file in (_has_notebook_extension, lambda path: is_notebook(files[path])):
            if len(chosen) == len(specs):
                return chosen
            candidates = [path for path in files if is_notebook_file(path)]
            for rule in rules:
                for name in sorted(specs.keys() - chosen.keys(), key=len, reverse=True):
                    free = (path for path in candidates if path not in chosen.values())
                    fitting = [path for path in free if rule(path, name)]
                    if len(fitting) == 1:
                        chosen[name] = fitting[0]
    return chosen


def manually_graded_work(work: str, specs: Iterable[NotebookSpec]) -> str:
    """Return a hash of work and its questions' maximum points: a change calls for a new review.

    Parameters
    ----------
    work
        Hash of the student's files.
    """
    points = [[cell.grade_id, cell.points] for spec in specs for cell in spec.graded]
    return digest_of([("work", work.encode()), ("points", json.dumps(points).encode())])


class SubmissionJudge:
    """Reads and judges submissions of an assignment; it saves nothing.

    `Run` describes its part in the life of a run.

    Parameters
    ----------
    isolation
        Isolation level; the configured one by default.
    seed
        Seed of the random numbers of all submissions; by default a new seed for each submission.

    Raises
    ------
    IsolationError
        If the isolation level is unavailable.
    """

    def __init__(
        self,
        engine: AnyEngine,
        assignment: Assignment,
        isolation: str | None = None,
        seed: int | None = None,
    ):
        self.engine, self.assignment, self.seed = engine, assignment, seed
        settings = assignment.settings
        self.sandbox_config = settings.sandbox_config(
            assignment.coursedir, isolation, engine.missing_levels
        )
        self.isolation = self.sandbox_config.sandbox.level_name
        limits = settings.limits(assignment.name), self.sandbox_config.sandbox.limits
        self.grader = digest_of([("limits", repr(limits).encode()), *environment()])

    def read(self, student: str, path: Path, place: str = "") -> Submission:
        """Read a submission from its folder.

        Parameters
        ----------
        place
            Name of the folder in messages; by default its path in the course.

        Raises
        ------
        NotGradedError
            If the folder cannot be read.
        """
        coursedir = self.assignment.coursedir
        try:
            folder = read_submission(path, coursedir.ignore)
        except Exception as error:  # an OSError, or any other error that a folder can cause
            raise NotGradedError(f"its folder cannot be read: {reason_of(error)}") from error
        return self.submission(student, place or os.path.relpath(path, coursedir.root), folder)

    def submission(self, student: str, place: str, folder: Folder) -> Submission:
        """Return the submission that consists of these files."""
        when, problem = read_timestamp(folder, self.assignment.zones)
        work = [("work", folder.digest().encode()), ("key", self.assignment.key.encode())]
        if TIMESTAMP in folder.files:  # its meaning depends on the course's time zones
            work.append(("time", str(when).encode()))
        levels = at_least(self.isolation)
        fingerprints = (digest_of([*work, ("isolation", name.encode())]) for name in levels)
        chosen = choose_files(self.assignment.specs, folder.files)
        return Submission(
            student=student,
            place=place,
            folder=folder,
            chosen=chosen,
            fingerprints=tuple(fingerprints),
            time=when,
            time_problem=problem,
        )

    def jobs(self, submission: Submission) -> dict[str, Job]:
        """Return the jobs for a submission, by the name of the notebook.

        Raises
        ------
        NotGradedError
            If no file of the submission can be judged.
        """
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
            raise NotGradedError(self._explain_missing_notebook(submission))
        return jobs

    def _explain_missing_notebook(self, submission: Submission) -> str:
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
            why += f"; in {submission.place}, give the right one that name, or remove the others"
        return why

    def run_jobs(self, submission: Submission, jobs: Mapping[str, Job]) -> dict[str, Graded]:
        """Return the judged notebooks, by name.

        Raises
        ------
        NotGradedError
            If a file is not a notebook, or the engine failed.
        """
        try:
            judged = {
                name: self.engine.judge(self.sandbox_config, job) for name, job in jobs.items()
            }
        except (IsolationError, ClusterError, EngineClosedError):
            raise
        except Exception as error:  # from the engine; other submissions are not affected
            raise NotGradedError(f"nbjudge failed: {last_line(error)}", True) from error
        graded: dict[str, Graded] = {}
        for name, answer in judged.items():
            if isinstance(answer, Unreadable):
                raise NotGradedError(f"{submission.chosen[name]}: {answer.reason}")
            graded[name] = answer
        return graded

    def judgment(
        self, submission: Submission, graded: Mapping[str, Graded]
    ) -> tuple[Judgment, dict[str, Scores]]:
        """Return the judgment, and the scores to save for each notebook."""
        folder, specs, named = submission.folder, self.assignment.specs, self.assignment.named
        in_order = {name: graded[name] for name in specs if name in graded}
        remarks = [f"left out: {reason}" for reason in folder.left_out]
        remarks += filter(None, [submission.time_problem])
        judged = listed(submission.chosen.values())
        remarks += [
            f"{path} was also submitted but not graded; graded instead: {judged}."
            for path in submission.unjudged
        ]
        saved = {}
        for name, spec in specs.items():
            if name not in graded:
                remarks.append(f"{name}.ipynb was not submitted.")
                saved[name] = Scores({}, [], missing=True)
                continue
            notebook = graded[name]
            remarks += [named(name, text) for text in notebook.remarks]
            scores = {cell.grade_id: notebook.scores.get(cell.grade_id) for cell in spec.graded}
            reasons = notebook.repairs, notebook.remarks, notebook.suspicions, folder.left_out
            is_flagged = any(reasons) or bool(submission.time_problem)
            saved[name] = Scores(scores, notebook.unanswered, flagged=is_flagged)
        causes = ((c.name, c.instructor) for notebook in in_order.values() for c in notebook.causes)
        faults = (named(n, brief(str(f))) for n, g in in_order.items() for f in g.faults)
        *_, last = in_order.values()
        judgment = Judgment(
            scores={name: saved[name].scores for name in saved if name in graded},
            points=add_points(cell.points for spec in specs.values() for cell in spec.graded),
            repairs=shortened([named(n, text) for n, g in in_order.items() for text in g.repairs]),
            remarks=shortened(remarks),
            suspicions=[
                printable(named(n, text))
                for n, g in in_order.items()
                for text in g.suspicions.values()
            ],
            errors=shortened(list(dict.fromkeys(faults))),
            causes=list(dict.fromkeys(causes)),
            machine=last.machine,
            worker=last.worker,
        )
        return judgment, saved


def read_timestamp(
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
