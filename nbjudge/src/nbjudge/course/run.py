"""One run over the submissions of an assignment: what is judged, and what is written of it."""

import datetime
import json
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from nbgrader.utils import parse_utc

from nbjudge.course.assignment import Assignment
from nbjudge.course.gradebook import Scores
from nbjudge.course.outcome import GradingOutcome, said_of
from nbjudge.engine.engine import Engine
from nbjudge.engine.messages import Job
from nbjudge.errors import IsolationError
from nbjudge.files import Folder, digest_of, read_submission
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.sandbox.levels import at_least

writing = threading.Lock()  # the gradebook lets one write at a time; waiting here is fair


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
    """

    def __init__(
        self,
        engine: Engine,
        assignment: Assignment,
        isolation: str | None = None,
        again: bool = False,
        seed: int | None = None,
        create: bool | None = None,
    ):
        if not engine.is_for_submissions:
            raise IsolationError(f"{type(engine).__name__} isolates nothing: grade with an Engine.")
        self.engine = engine
        self.assignment, self.again, self.seed = assignment, again, seed
        self.coursedir, self.settings = assignment.coursedir, assignment.settings
        self.sandbox_config = self.settings.sandbox_config(self.coursedir, isolation)
        self.isolation = self.sandbox_config.sandbox.level_name
        self.known = assignment.records.fingerprints()
        if create is None:
            create = self.coursedir.config.get("Autograde", {}).get("create_student", True)
        self.allowed = None if create else assignment.records.students()

    def grade(self, student: str) -> GradingOutcome:
        """Judge a submission, if it has changed, and write what comes of it."""
        start = time.monotonic()
        outcome = self._grade(student)
        outcome.seconds = time.monotonic() - start
        return outcome

    def _grade(self, student: str) -> GradingOutcome:
        prepared = self.prepare(student)
        if isinstance(prepared, GradingOutcome):
            return prepared
        fingerprint, folder, jobs = prepared
        start = time.monotonic()
        try:
            judged = {
                name: self.engine.judge(self.sandbox_config, job) for name, job in jobs.items()
            }
        except IsolationError:
            raise
        except Exception as error:  # an engine's, or what cannot be sent: others are not concerned
            what = [type(error).__name__, *str(error).strip().splitlines()][-1]
            return GradingOutcome(student, "failed", f"nbjudge failed: {what}")
        answers: dict[str, Graded] = {}
        for name, answer in judged.items():
            if isinstance(answer, Unreadable):
                return GradingOutcome(student, "failed", f"{name}.ipynb: {answer.reason}")
            answers[name] = answer
        try:
            return self.write(student, fingerprint, folder, answers, time.monotonic() - start)
        except Exception as error:  # the disk, the gradebook, or a plug-in for late penalties
            what = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            return GradingOutcome(student, "failed", f"the result cannot be written: {what}")

    def prepare(self, student: str) -> tuple[str, Folder, dict[str, Job]] | GradingOutcome:
        """What is to be judged of a submission: (fingerprint, folder, jobs), or its end."""
        if self.allowed is not None and student not in self.allowed:
            return GradingOutcome(student, "failed", "the gradebook knows no student of this name")
        try:
            folder = read_submission(
                Path(self.assignment.submitted(student)), self.coursedir.ignore
            )
        except Exception as error:  # an OSError, or whatever else a folder can be the reason of
            why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            return GradingOutcome(student, "failed", f"its folder cannot be read: {why}")
        work = [("work", folder.digest().encode()), ("key", self.assignment.key.encode())]
        fingerprints = [
            digest_of([*work, ("isolation", level.encode())]) for level in at_least(self.isolation)
        ]
        fingerprint, known = fingerprints[-1], self.known.get(student)
        # What was graded at a stronger level stays as it is; at a weaker one it is graded again.
        if not self.again and known in fingerprints and self._is_there(student, known):
            return GradingOutcome(student, "unchanged")
        jobs: dict[str, Job] = {}
        seed = secrets.randbits(32) if self.seed is None else self.seed
        mark: dict[str, object] = {
            "fingerprint": fingerprint,
            "seed": seed,
            "isolation": self.isolation,
        }
        others = {n: c for n, c in folder.files.items() if not n.endswith(".ipynb")}
        for name, spec in self.assignment.specs.items():
            content = folder.files.get(f"{name}.ipynb")
            if content is not None:
                jobs[name] = self.assignment.job(spec, content, others, seed, mark)
        if not jobs:
            there = sorted(n for n in folder.files if n.endswith(".ipynb"))
            wanted = " or ".join(f"{name}.ipynb" for name in self.assignment.specs)
            found = ", ".join(there) or "no notebook at all"
            reason = "; ".join(folder.left_out)
            why = f"{wanted} is not there; there is {found}" + (f" ({reason})" if reason else "")
            return GradingOutcome(student, "failed", why)
        return fingerprint, folder, jobs

    def _is_there(self, student: str, fingerprint: str) -> bool:
        """Whether the graded notebooks are the ones that the gradebook's scores belong to."""
        folder = Path(self.assignment.path(self.coursedir.autograded_directory, student))
        for name in self.assignment.specs:
            try:
                notebook = json.loads((folder / f"{name}.ipynb").read_bytes())
                if notebook["metadata"]["nbjudge"]["fingerprint"] != fingerprint:
                    return False
            except FileNotFoundError:
                if Path(self.assignment.submitted(student), f"{name}.ipynb").exists():
                    return False
            except (OSError, ValueError, KeyError, TypeError):
                return False
        return True

    def write(
        self,
        student: str,
        fingerprint: str,
        folder: Folder,
        answers: Mapping[str, Graded],
        seconds: float,
    ) -> GradingOutcome:
        """Put the graded notebooks into place, then the scores into the gradebook."""
        outcome = GradingOutcome(student, "graded")
        earned = possible = 0.0
        timestamp = _timestamp(folder)
        outcome.repairs += [f"left out: {reason}" for reason in folder.left_out]
        saved = {}
        for name, spec in self.assignment.specs.items():
            possible += sum(cell.points for cell in spec.graded)
            if name not in answers:
                outcome.repairs.append(f"{name}.ipynb was not handed in.")
                saved[name] = Scores({}, [], missing=True)
                continue
            answer = answers[name]
            scores = {cell.grade_id: answer.scores.get(cell.grade_id) for cell in spec.graded}
            outcome.scores[name] = scores
            outcome.repairs += answer.repairs
            faults = map(str, answer.faults)
            outcome.errors += [text for text in faults if text not in outcome.errors]
            earned += sum(score or 0.0 for score in scores.values())
            outcome.manual += sum(score is None for score in scores.values())
            flagged = bool(answer.repairs or folder.left_out)
            saved[name] = Scores(scores, answer.unanswered, flagged)
        outcome.score, outcome.points = earned, possible
        outcome.repairs, outcome.errors = said_of(outcome.repairs), said_of(outcome.errors)
        self._put_into_place(student, folder, answers)
        report = {
            "repairs": outcome.repairs,
            "errors": outcome.errors,
            "isolation": self.isolation,
            "seconds": round(seconds, 2),
        }
        work, penalty = folder.digest(), self._penalty(student)
        with writing:
            self.assignment.records.save(
                student, timestamp, saved, fingerprint, work, report, penalty
            )
        return outcome

    def _penalty(self, student: str) -> Callable[[float, float], float | None]:
        def penalty(points: float, late: float) -> float | None:
            if not late:
                return None
            from nbgrader.preprocessors import AssignLatePenalties  # which takes long to load

            penalties = AssignLatePenalties(config=self.settings.config)
            penalties.init_plugin()
            found = penalties.plugin_inst.late_submission_penalty(student, points, late)
            return None if found is None else min(max(0, found), points)

        return penalty

    def _put_into_place(self, student: str, folder: Folder, answers: Mapping[str, Graded]) -> None:
        """Write autograded/STUDENT/ASSIGNMENT beside its place, then exchange the two."""
        target = Path(self.assignment.path(self.coursedir.autograded_directory, student))
        new, old = (target.with_name(f".{target.name}.{end}") for end in ("new", "old"))
        for place in (new, old):
            _remove(place)
        others = {n: c for n, c in folder.files.items() if not n.endswith(".ipynb")}
        files = self.assignment.master | self.assignment.student_files(others)
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


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def _timestamp(folder: Folder) -> datetime.datetime | None:
    text = folder.files.get("timestamp.txt", b"").decode(errors="replace").strip()
    try:
        return parse_utc(text) if text else None
    except Exception:  # dateutil raises whatever happens to it: ValueError, OverflowError, ...
        folder.left_out.append("timestamp.txt: not a time")
        return None
