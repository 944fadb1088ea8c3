"""Grade the submissions of an assignment: what is to be done, who does it, what is written."""

import contextlib
import difflib
import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_core.application import JupyterApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from traitlets.config import Application

from nbjudge import IsolationError, _engine
from nbjudge._assignment import NotebookPlan, plan_notebook, region_marks
from nbjudge._pages import write_pages
from nbjudge._queue import Queue, in_parallel
from nbjudge._records import Records, Scores
from nbjudge._sandbox import LEVELS
from nbjudge._submission import check_modules, digest_of, read_file, read_folder, read_submission
from nbjudge.config import NbJudge

__all__ = [
    "Assignment",
    "Outcome",
    "doubts",
    "grade",
    "load_course",
    "printable",
    "write_feedback",
]

MAX_SAID = 20  # sentences about one submission
FEW = 3  # submissions that can all be wrong
_WHILE = re.compile(rb"(\\n|\b)while\b")  # in JSON
_writing = threading.Lock()  # the gradebook lets one write at a time; waiting here is fair
VERSION = "1"  # of how scores are made from submissions; another one grades everything again


def load_course(root: Path | None = None):
    """The course in a folder with nbgrader_config.py: (CourseDirectory, NbJudge).

    root: the folder; the current one by default
    raises: LookupError where there is no such file
    raises: ValueError where the settings are wrong, so that none is left out in silence
    """
    root = Path(root or ".").resolve()
    with contextlib.chdir(root):
        try:
            app = JupyterApp(config_file_name="nbgrader_config", raise_config_file_errors=True)
            app.log.setLevel(logging.WARNING)
            app.load_config_file()
            Application.load_config_file(app, "nbgrader_config", path=str(root))
            _check_names(app.config.get("NbJudge", {}))
            return CourseDirectory(config=app.config), NbJudge(config=app.config)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise ValueError(f"the course's settings cannot be used: {what}") from error


def _check_names(settings):
    known = NbJudge.class_trait_names(config=True)
    for name in settings:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"c.NbJudge.{name} is no setting{hint}")


@dataclass
class Outcome:
    """What became of one submission.

    status: "graded", "unchanged" or "failed"; why: of a failure
    score, points: earned and possible; None where nothing was graded now
    scores: {notebook: {grade id: points, or None where a person has to grade}}
    mended: what was repaired; errors: what is wrong with the assignment itself
    feedback: why there is no new feedback page where one was wanted, or ""
    """

    student: str
    status: str
    why: str = ""
    score: float | None = None
    points: float | None = None
    manual: int = 0
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    feedback: str = ""


def printable(text: str) -> str:
    """Text for one line of a terminal: what would steer it is shown as an escape sequence."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _said(sentences):
    """What is said of one submission: so many sentences that a person reads them."""
    more = len(sentences) - MAX_SAID
    rest = [f"... and {more:,} more of the like."] if more > 0 else []
    return [*map(printable, sentences[:MAX_SAID]), *rest]


class Assignment:
    """An assignment of a course, ready to be judged.

    raises: LookupError where the gradebook does not have it; ValueError where source/ does not fit
    """

    def __init__(self, name: str, coursedir: CourseDirectory, settings: NbJudge):
        self.name, self.coursedir, self.settings = name, coursedir, settings
        self.records = Records(coursedir.db_url, coursedir.course_id, name)
        self.source = Path(self.path(coursedir.source_directory, "."))
        self.master = self._read_master()
        notebooks = [n for n in self.master if n.endswith(".ipynb")]
        self.plans = {
            notebook: self._plan(notebook, f"{notebook}.ipynb" in notebooks)
            for notebook in self.records.notebooks
        }
        for notebook in notebooks:
            del self.master[notebook]
        excluded = coursedir.config.get("Autograde", {}).get("exclude_overwriting", {})
        self.overridable = set(excluded.get(name, ()))
        self.modules: dict[str, str] = {}
        self.key = self._key()

    def _read_master(self):
        """The assignment's own files."""
        if not self.source.is_dir():
            return {}
        folder = read_folder(self.source, self.coursedir.ignore)
        if folder.left_out:
            raise ValueError(
                f"What lies in {self.source} cannot all be given to the submissions: "
                f"{'; '.join(folder.left_out)}. Make it regular files of at most 32 MB each, "
                "128 MB in all, or take it out of the folder."
            )
        return folder.files

    def close(self) -> None:
        """Let go of the gradebook."""
        self.records.close()

    def path(self, step: str, student: str) -> str:
        """A student's folder for the assignment in one of nbgrader's steps."""
        path = self.coursedir.format_path(step, student, self.name)
        return os.path.join(self.coursedir.root, path)

    def _plan(self, notebook, has_source) -> NotebookPlan:
        source = self.source / f"{notebook}.ipynb" if has_source else None
        marks, scheme = region_marks(self.coursedir.config)
        plan = plan_notebook(notebook, self.records.recorded(notebook), source, marks, scheme)
        if plan.language.lower() != "python":
            raise ValueError(
                f"{notebook} is written in {plan.language}; nbjudge judges Python only"
            )
        return plan

    def _key(self):
        """A hash of all that scores depend on besides the submission."""
        plans = [plan.to_json() for plan in self.plans.values()]
        sources = [c["solved"] + "\n" + c["source"] for p in plans for c in p["cells"]]
        root = self.coursedir.root
        path = [
            root,
            *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)),
            str(self.source),
        ]
        files = check_modules(sources, path)
        for name in [*self.settings.check_files, *self.settings.student_packages]:
            place = Path(root, name)
            files += [f for f in sorted(place.rglob("*")) if "__pycache__" not in f.parts] or [
                place
            ]
        pairs = [
            (os.path.relpath(f, root), f.read_bytes()) for f in dict.fromkeys(files) if f.is_file()
        ]
        pairs += sorted(self.master.items())
        self.modules = {n: digest_of([(n, c)]) for n, c in pairs if n.endswith(".py")}
        pairs += [("overridable", name.encode()) for name in sorted(self.overridable)]
        pairs += [("packages", name.encode()) for name in sorted(self.settings.student_packages)]
        pairs += [("plans", json.dumps(plans).encode()), ("version", VERSION.encode())]
        return digest_of(pairs)

    def submitted(self, student: str) -> str:
        """The folder that a student handed in."""
        return self.path(self.coursedir.submitted_directory, student)

    def students(self) -> list[str]:
        """Who has handed in a folder for this assignment."""
        return self._folders(self.submitted("*"))

    def graded_students(self) -> list[str]:
        """Of whom there is graded work."""
        return self._folders(self.path(self.coursedir.autograded_directory, "*"))

    def _folders(self, pattern):
        """The students that have a folder where a pattern says."""
        before, _, after = pattern.partition("*")
        folder = Path(before)
        if after:
            found = [p.name for p in folder.glob("*") if Path(before + p.name + after).is_dir()]
        else:
            found = [p.name for p in folder.glob("*") if p.is_dir()]
        excluded = self.coursedir.student_id_exclude.split(",")
        return sorted(name for name in found if name not in excluded and not name.startswith("."))

    def may_be_endless(self, student: str) -> bool:
        """A guess, before a submission is judged: whether it has loops that the assignment lacks.

        Nearly all loops that never end are `while` loops.
        """
        for name, plan in self.plans.items():
            try:
                content = read_file(os.path.join(self.submitted(student), f"{name}.ipynb"))
            except (OSError, ValueError):  # it is said when the submission's turn comes
                continue
            given = sum(len(_WHILE.findall(cell.source.encode())) for cell in plan.cells)
            if len(_WHILE.findall(content)) > given:
                return True
        return False

    def theirs(self, files: dict) -> dict:
        """The files of a submission that the assignment's own do not take the place of."""
        master = set(self.master) - self.overridable
        taken = master | {str(above) for name in master for above in Path(name).parents}
        return {
            name: content
            for name, content in files.items()
            if name not in taken and not any(str(above) in master for above in Path(name).parents)
        }

    def job(self, plan: NotebookPlan, content: bytes, files: dict, seed: int, mark: dict) -> dict:
        """A notebook to be judged, as plain data."""
        return {
            "notebook": content,
            "files": self.theirs(files),
            "modules": self.modules,
            "plan_key": f"{self.key}/{plan.name}",
            "plan": plan.to_json(),
            "master_files": self.master,
            "seed": seed,
            "limits": self.settings.limits(self.name),
            "draw_all": self.settings.draw_figures == "all",
            "mark": mark,
        }


class Run:
    """One run over the submissions of an assignment.

    isolation: another level than the configured one; again: also what has not changed
    seed: of the random numbers of all submissions; without it, each has one of its own
    create: whether students that the gradebook does not know are added; by default as configured
        for nbgrader, c.Autograde.create_student
    """

    def __init__(self, assignment: Assignment, isolation=None, again=False, seed=None, create=None):
        self.assignment, self.again, self.seed = assignment, again, seed
        self.coursedir, self.settings = assignment.coursedir, assignment.settings
        self.orders = self.settings.orders(self.coursedir, isolation)
        self.isolation = self.orders["sandbox"]["level"]
        self.known = assignment.records.fingerprints()
        if create is None:
            create = self.coursedir.config.get("Autograde", {}).get("create_student", True)
        self.allowed = None if create else assignment.records.students()

    def grade(self, student) -> Outcome:
        """Judge a submission, if it has changed, and write what comes of it."""
        prepared = self.prepare(student)
        if isinstance(prepared, Outcome):
            return prepared
        fingerprint, folder, jobs = prepared
        start = time.monotonic()
        try:
            answers = _judge_all(self.orders, jobs)
        except IsolationError:
            raise
        except Exception as error:  # an engine's, or what cannot be sent: others are not concerned
            what = [type(error).__name__, *str(error).strip().splitlines()][-1]
            return Outcome(student, "failed", f"nbjudge failed: {what}")
        bad = next((name for name, a in answers.items() if "unreadable" in a), None)
        if bad:
            return Outcome(student, "failed", f"{bad}.ipynb: {answers[bad]['unreadable']}")
        try:
            return self.write(student, fingerprint, folder, answers, time.monotonic() - start)
        except Exception as error:  # the disk, the gradebook, or a plug-in for late penalties
            what = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            return Outcome(student, "failed", f"the result cannot be written: {what}")

    def prepare(self, student):
        """What is to be judged of a submission: (fingerprint, folder, jobs), or an Outcome."""
        if self.allowed is not None and student not in self.allowed:
            return Outcome(student, "failed", "the gradebook knows no student of this name")
        try:
            folder = read_submission(
                Path(self.assignment.submitted(student)), self.coursedir.ignore
            )
        except Exception as error:  # an OSError, or whatever else a folder can be the reason of
            why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            return Outcome(student, "failed", f"its folder cannot be read: {why}")
        work = [("work", folder.digest().encode()), ("key", self.assignment.key.encode())]
        fingerprints = [
            digest_of([*work, ("isolation", level.encode())])
            for level in LEVELS[: LEVELS.index(self.isolation) + 1]
        ]
        fingerprint, known = fingerprints[-1], self.known.get(student)
        # What was graded at a stronger level stays as it is; at a weaker one it is graded again.
        if not self.again and known in fingerprints and self._is_there(student, known):
            return Outcome(student, "unchanged")
        jobs = {}
        seed = secrets.randbits(32) if self.seed is None else self.seed
        mark = {"fingerprint": fingerprint, "seed": seed, "isolation": self.isolation}
        others = {n: c for n, c in folder.files.items() if not n.endswith(".ipynb")}
        for name, plan in self.assignment.plans.items():
            content = folder.files.get(f"{name}.ipynb")
            if content is not None:
                jobs[name] = self.assignment.job(plan, content, others, seed, mark)
        if not jobs:
            there = sorted(n for n in folder.files if n.endswith(".ipynb"))
            wanted = " or ".join(f"{name}.ipynb" for name in self.assignment.plans)
            found = ", ".join(there) or "no notebook at all"
            reason = "; ".join(folder.left_out)
            why = f"{wanted} is not there; there is {found}" + (f" ({reason})" if reason else "")
            return Outcome(student, "failed", why)
        return fingerprint, folder, jobs

    def _is_there(self, student, fingerprint):
        """Whether the graded notebooks are the ones that the gradebook's scores belong to."""
        folder = Path(self.assignment.path(self.coursedir.autograded_directory, student))
        for name in self.assignment.plans:
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

    def write(self, student, fingerprint, folder, answers, seconds) -> Outcome:
        """Put the graded notebooks into place, then the scores into the gradebook."""
        outcome = Outcome(student, "graded", score=0.0, points=0.0)
        timestamp = _timestamp(folder)
        outcome.mended += [f"left out: {reason}" for reason in folder.left_out]
        saved = {}
        for name, plan in self.assignment.plans.items():
            possible = sum(cell.points for cell in plan.graded)
            outcome.points += possible
            if name not in answers:
                outcome.mended.append(f"{name}.ipynb was not handed in.")
                saved[name] = Scores({}, [], missing=True)
                continue
            answer = answers[name]
            scores = {cell.grade_id: answer["scores"].get(cell.grade_id) for cell in plan.graded}
            outcome.scores[name] = scores
            outcome.mended += answer["mended"]
            outcome.errors += [e for e in answer["errors"] if e not in outcome.errors]
            outcome.score += sum(score or 0.0 for score in scores.values())
            outcome.manual += sum(score is None for score in scores.values())
            flagged = bool(answer["mended"] or folder.left_out)
            saved[name] = Scores(scores, answer["unanswered"], flagged)
        outcome.mended, outcome.errors = _said(outcome.mended), _said(outcome.errors)
        self._put_into_place(student, folder, answers)
        report = {"mended": outcome.mended, "errors": outcome.errors, "isolation": self.isolation}
        report["seconds"] = round(seconds, 2)
        work, penalty = folder.digest(), self._penalty(student)
        with _writing:
            self.assignment.records.save(
                student, timestamp, saved, fingerprint, work, report, penalty
            )
        return outcome

    def _penalty(self, student):
        def penalty(points, late):
            if not late:
                return None
            from nbgrader.preprocessors import AssignLatePenalties  # which takes long to load

            penalties = AssignLatePenalties(config=self.settings.config)
            penalties.init_plugin()
            found = penalties.plugin_inst.late_submission_penalty(student, points, late)
            return None if found is None else min(max(0, found), points)

        return penalty

    def _put_into_place(self, student, folder, answers):
        """Write autograded/STUDENT/ASSIGNMENT beside its place, then exchange the two."""
        target = Path(self.assignment.path(self.coursedir.autograded_directory, student))
        new, old = (target.with_name(f".{target.name}.{end}") for end in ("new", "old"))
        for place in (new, old):
            _remove(place)
        others = {n: c for n, c in folder.files.items() if not n.endswith(".ipynb")}
        files = self.assignment.master | self.assignment.theirs(others)
        files |= {f"{name}.ipynb": answer["notebook"] for name, answer in answers.items()}
        try:
            self._write_folder(new, files)
        except BaseException:
            _remove(new)  # the disk may be full of it
            raise
        if target.exists():
            target.rename(old)
        new.rename(target)
        _remove(old)

    def _write_folder(self, folder, files):
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o664 if self.coursedir.groupshared else 0o444)
        if self.coursedir.groupshared:
            inside = [path for path in folder.rglob("*") if path.is_dir()]
            for path in (folder.parent, folder, *inside):
                path.chmod(path.stat().st_mode | 0o2770)


def _remove(folder):
    if folder.exists():
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def _timestamp(folder):
    text = folder.files.get("timestamp.txt", b"").decode(errors="replace").strip()
    try:
        return parse_utc(text) if text else None
    except Exception:  # dateutil raises whatever happens to it: ValueError, OverflowError, ...
        folder.left_out.append("timestamp.txt: not a time")
        return None


def doubts(assignment, outcomes) -> list[str]:
    """What an instructor should look into: tests in which nobody earned anything."""
    found = []
    for name, plan in assignment.plans.items():
        graded = [o.scores[name] for o in outcomes if name in o.scores]
        for cell in plan.graded if len(graded) >= FEW else ():
            if cell.is_test and cell.points and all(s[cell.grade_id] == 0 for s in graded):
                found.append(
                    f"{cell.grade_id}: nobody of {len(graded)} earned a point; `nbjudge check "
                    f"{assignment.name}` says whether the assignment's own solution does"
                )
    return found


def _judge_all(orders, jobs):
    return {name: _engine.judge_submission(orders, job) for name, job in jobs.items()}


def grade(work, workers, feedback=False, before=None, **options):
    """Grade submissions; yields (assignment, Outcome) as each is done, in no certain order.

    work: {assignment: students}; workers: how many are judged at a time
    feedback: whether feedback pages are written as well; before: called with an assignment and a
        student before that submission is read
    options: as for Run
    raises: IsolationError where the level of isolation cannot be had
    """
    work = {assignment: list(students) for assignment, students in work.items()}
    runs = {assignment: Run(assignment, **options) for assignment in work}
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
            outcome.feedback = _write_page(assignment, student)
        outcome.why, outcome.feedback = printable(outcome.why), printable(outcome.feedback)
        return assignment, outcome

    try:
        yield from in_parallel(waiting.take, one, workers, _engine.processes)
    except BaseException:  # interrupted: what is being judged now is not waited for
        _engine.stop_engines()
        raise


def write_feedback(work, workers, again=False):
    """Write the feedback pages that have changed; yields (assignment, student, what went wrong).

    work: {assignment: students}; again: also what has not changed
    """
    pieces = iter([(a, student) for a, students in work.items() for student in students])
    lock = threading.Lock()

    def take():
        with lock:
            return next(pieces, None)

    def one(piece):
        return *piece, printable(_write_page(*piece, again))

    try:
        yield from in_parallel(take, one, workers, _engine.processes)
    except BaseException:
        _engine.stop_engines()
        raise


def _write_page(assignment, student, again=False):
    """Write a feedback page; returns what went wrong, or ""."""
    try:
        with _writing:
            about = assignment.records.about(student)
        write_pages(assignment, student, about, again)
    except Exception as error:  # the disk, the gradebook, or what the notebook does to its page
        what = [type(error).__name__, *str(error).strip().splitlines()][-1]
        return f"its feedback page cannot be written: {what}"
    return ""
