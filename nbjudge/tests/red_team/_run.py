"""Run attacks against an engine, class by class, and decide which of them succeeded."""

import inspect
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nbjudge.judging.causes import CAUSES
from tests.red_team import _course, _deliveries, _jail
from tests.red_team._course import CHILD_CANARY, CHILD_TEST, POINTS
from tests.red_team.declared import Declared, declared

__all__ = [
    "ENGINES",
    "Entry",
    "Harness",
    "JailError",
    "EntryResult",
    "entries",
    "harness",
    "is_the_judges",
]

ENGINES = ("stock", "nbjudge", "plugin", "grade")
_FOLDER = Path(__file__).resolve().parent
_BATCH = 30  # attacks in one class
_SLOW_BATCH = 8  # attacks that may use their whole time limit
_BETWEEN = 5  # attacks between two honest neighbors
_SECONDS = {"stock": 100, "plugin": 400, "nbjudge": 300, "grade": 300}  # for a class
_MEMORY = 4 << 30  # bytes, for a class
_PROCESSES = 500
_PAGES = ("feedback", "formgrader", "review")
# Headlines of the judge's own reports, with {facts} filled in.
_CAUSES = [
    re.compile(re.sub(r"\\{\w+\\}", ".{1,300}", re.escape(sentences.says)), re.DOTALL)
    for sentences in CAUSES.values()
]
# On stock nbgrader, these kinds of attacks (the first word of the name) share a class. The others
# get a class each, since nothing isolates students from each other.
_STOCK_TOGETHER = {"child", "page", "read", "score", "shadow", "value"}


@dataclass(frozen=True)
class Entry:
    """An attack or an honest oddity; the fields that are missing here are those of `Declared`.

    Attributes
    ----------
    tries
        First paragraph of the docstring.
    deserves
        Points by grade_id of the test cell.
    delivery
        How the class is delivered, see `_deliveries.py`; () in submitted/.
    """

    name: str
    kind: str
    tries: str
    deserves: dict[str, float]
    alone: bool = False
    baseline: bool = True
    unsafe: str = ""
    reads_child: bool = True
    delivery: tuple[str, ...] = ()


@dataclass
class EntryResult:
    """The result of one entry: how it succeeded (empty if it failed), or why it was skipped.

    Attributes
    ----------
    of_child
        Effects on tests in the child alone, which are no success: attacks reach such a test as they
        reach any test in nbgrader, and a remark names the tests that attacks move there.
    """

    entry: Entry
    how: list[str] = field(default_factory=list)
    skipped: str = ""
    of_child: list[str] = field(default_factory=list)

    @property
    def lost(self) -> bool:
        """True if the attack succeeded, or honest work lost points."""
        return bool(self.how)

    def __str__(self) -> str:
        if self.skipped:
            return f"not run: {self.skipped}"
        worked, failed = ("LOST", "ok") if self.entry.kind == "honest" else ("SUCCEEDED", "failed")
        text = f"{worked}: {'; '.join(self.how)}" if self.how else failed
        return f"{text} (in the child: {'; '.join(self.of_child)})" if self.of_child else text


def entries() -> list[Entry]:
    """Return all attacks and oddities."""
    found = []
    for (_, name), one in sorted(declared().items()):
        found.append(_entry(name, one))
    for name, attack in _deliveries.ATTACKS.items():
        unsafe = "stock nbgrader reads no archives of these platforms, and has no such command"
        nothing = dict.fromkeys(POINTS, 0.0)
        delivery = attack.delivery
        found.append(Entry(name, "attack", attack.tries, nothing, unsafe=unsafe, delivery=delivery))
    return found


def _entry(name: str, one: Declared) -> Entry:
    deserves = dict.fromkeys(POINTS, 0.0)
    if one.deserves == "everything":
        deserves = POINTS | {"essay": 0.0}
    else:
        deserves |= {f"{name}_test": POINTS[f"{name}_test"] for name in one.deserves}
    tries = " ".join(inspect.getdoc(one.change).split("\n\n")[0].split())
    switches = one.alone, one.baseline, one.unsafe, one.reads_child
    return Entry(name, one.kind, tries, deserves, *switches)


class JailError(Exception):
    """A class could not be graded because the harness failed."""


class Harness:
    """Grades classes of attackers with one engine, in jails.

    Parameters
    ----------
    kept
        Folder for copies of the graded courses, or None.
    container
        Command that starts a container as the jail, and its image; () to use namespaces.
    """

    def __init__(
        self,
        engine: str,
        scratch: Path,
        isolation: str | None = None,
        user: str = "same",
        kept: Path | None = None,
        say: Callable[[str], None] = lambda line: None,
        container: tuple[str, ...] = (),
    ) -> None:
        self._container = container
        self.engine, self.isolation, self.user, self.kept, self._say = (
            engine, isolation, user, kept, say,
        )  # fmt: skip
        self._scratch = scratch
        self._powerless = engine == "stock" or os.geteuid() != 0
        places = (*_course.PLACES, *set(_course.CANARY_FILES.values()))
        self._words = {place: f"CANARY{secrets.token_hex(10)}" for place in places}
        self._count = 0
        _jail.copy_repository(scratch / "repository")
        self._jail({"task": "build"}, 300)
        self._blank: dict[str, dict] = {}  # by engine: the report on a class without attackers
        self._usual(engine)

    def _usual(self, engine: str) -> dict:
        """Return the report on a class without attackers that this engine has graded."""
        if engine not in self._blank:
            self._blank[engine] = self._grade([], engine)
        return self._blank[engine]

    def run(self, wanted: list[Entry]) -> Iterator[EntryResult]:
        """Run every entry, in classes as large as possible: failures must be attributable."""
        runnable = []
        for entry in wanted:
            if entry.unsafe and self.engine == "stock":
                yield EntryResult(entry, skipped=entry.unsafe)
            else:
                runnable.append(entry)
        alone = [e for e in runnable if self.engine == "stock" and _needs_to_be_alone(e)]
        together = [entry for entry in runnable if entry not in alone]
        classes: dict[tuple[bool, tuple[str, ...], bool], list[Entry]] = {}
        for entry in together:
            kind = entry.kind == "attack", entry.delivery, entry.alone
            classes.setdefault(kind, []).append(entry)
        for (_, _, slow), some in sorted(classes.items()):
            size = _SLOW_BATCH if slow else _BATCH
            for at in range(0, len(some), size):
                yield from self._try(some[at : at + size])
        for entry in alone:
            yield from self._try([entry])

    def _try(self, some: list[Entry], again: bool = False) -> Iterator[EntryResult]:
        """Run some entries in one class; again: True in the second run of one entry."""
        try:
            on_grade = some[0].delivery == _deliveries.GRADE
            report = self._grade(some, "grade" if on_grade else self.engine)
        except JailError as error:
            if len(some) == 1:
                self._say(str(error))
                yield from self._said([EntryResult(some[0], skipped=f"no result: {error}"[:300])])
                return
            self._say("  the jail failed: in smaller ones")
            for part in (some[: len(some) // 2], some[len(some) // 2 :]):
                yield from self._try(part)
            return
        # Honest work may leave files, for example in /tmp; only its points count.
        shared = [] if some[0].kind == "honest" else self._shared(report)
        outcomes = [self._own(entry, report) for entry in some]
        if len(some) == 1:
            outcomes[0].how += shared
            if _lost_points(outcomes[0]) and not again:  # or was the machine too slow?
                yield from self._try(some, again=True)
            else:
                yield from self._said(outcomes)
        elif shared:
            self._say(f"  something happened to the class ({shared[0]}): in smaller ones")
            for part in (some[: len(some) // 2], some[len(some) // 2 :]):
                yield from self._try(part)
        else:
            sure = [o for o in outcomes if not _lost_points(o)]
            yield from self._said(sure)
            for outcome in outcomes:
                if outcome not in sure:  # was it the attack, or was the machine too slow?
                    yield from self._try([outcome.entry])

    def _said(self, outcomes):
        for outcome in outcomes:
            self._say(f"  {self.engine:8} {outcome.entry.name:34} {outcome}")
            yield outcome

    # -------------------------------------------------------------------------------- one class

    def _grade(self, some: list[Entry], engine: str) -> dict:
        """Grade a class of these entries, with honest neighbors before, between and after them."""
        students = []
        for number, entry in enumerate(some):
            # On stock nbgrader a submission costs seconds. Neighbors after an attack reveal the
            # most.
            if number % _BETWEEN == 0 and (engine != "stock" or len(some) > 1):
                students.append(("neighbor", f"honest neighbor {number // _BETWEEN}", "honest"))
            students.append((entry.kind, entry.name, entry.name))
        if not some:
            students = [("neighbor", "honest neighbor 0", "honest"), ("blank", "blank", "blank")]
        students.append(("neighbor", "the last honest neighbor", "honest"))
        seconds = _SECONDS[engine] + (15 * len(students) if engine == "stock" else 0)
        specification = {
            "task": "grade",
            "engine": engine,
            "delivery": some[0].delivery if some else (),
            "students": [
                {"kind": kind, "name": name, "student": f"s{number:02}_{short}"}
                for number, (kind, name, short) in enumerate(students)
            ],
            "seconds": seconds,
        }
        if some:
            names = ", ".join(entry.name for entry in some)
            self._say(f"{engine}: a class with {names}")
        report = self._jail(specification, 2 * seconds + 300)
        report["graded_by"] = engine
        report["neighbors"] = [name for kind, name, _ in students if kind == "neighbor"]
        if not some and (report["alive"] or "blank" not in report["students"]):
            raise RuntimeError(f"the class without attackers went wrong: {report}")
        if engine in ("nbjudge", "plugin") and not some and report["placement"] != [CHILD_TEST]:
            raise RuntimeError(f"the tests in the child are {report['placement']}")
        return report

    def _jail(self, specification: dict, seconds: float) -> dict:
        self._count += 1
        folder = self._scratch / f"{self._count:03}"
        folder.mkdir()
        specification |= {
            "isolation": self.isolation,
            "user": self.user,
            "powerless": self._powerless,
            "repository": str(self._scratch / "repository"),
            "canaries": self._words,
            "files": _course.root_files(self._words),
            "keep": self.kept is not None,
        }
        built = self._scratch / "001" / "built"
        if specification["task"] == "grade":
            subprocess.run(["cp", "-a", built, folder / "built"], check=True)
        path = self._scratch / f"{self._count:03}.json"
        path.write_text(json.dumps(specification))
        said, code = "", 0
        with subprocess.Popen(
            _jail.command(path, folder, self._powerless, self._container),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            try:
                said, _ = process.communicate(timeout=seconds)
                code = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                said, _ = process.communicate()
                code = f"not finished after {seconds} s"
            finally:
                process.kill()  # the whole jail ends with this process
        report = folder / "report.json"
        if code or (specification["task"] == "grade" and not report.exists()):
            raise JailError(f"the jail failed ({code}): {said[-3000:]}")
        found = json.loads(report.read_text()) if report.exists() else {}
        if self.kept is not None and specification["task"] == "grade":
            last = [one["name"] for one in specification["students"]][1]
            target = self.kept / f"{self.engine}-{self._count:03}-{last}"
            shutil.rmtree(target, ignore_errors=True)
            shutil.rmtree(folder / "built", ignore_errors=True)
            subprocess.run(["mv", folder, target], check=True)
        elif specification["task"] == "grade":
            shutil.rmtree(folder, ignore_errors=True)
        return found

    # ------------------------------------------------------------------------------ what happened

    def _own(self, entry: Entry, report: dict) -> EntryResult:
        """Return the effects of an entry on its own results: points, leaks, active pages."""
        if entry.name in report["not_built"]:
            return EntryResult(
                entry, skipped=f"cannot be made here: {report['not_built'][entry.name]}"
            )
        student = report["students"][entry.name]
        how, of_child = [], []
        for question, deserved in entry.deserves.items():
            points = student["points"].get(question, 0.0)
            is_in_child = question == CHILD_TEST or question in student["moved"]
            if is_in_child and deserved < points <= POINTS[question]:
                named = "" if question == CHILD_TEST else f"{question}, which is named: "
                of_child.append(f"{named}{points:g} points of {deserved:g} deserved")
            elif points > deserved + 1e-9:
                how.append(f"{question}: {points:g} points of {deserved:g} deserved")
            elif points < deserved - 1e-9:
                how.append(f"{question}: lost points, {points:g} of {deserved:g}")
        for question in set(student["points"]) - set(POINTS):
            how.append(f"{question}: points for a question that there is not")
        if entry.kind == "honest":
            return EntryResult(entry, how)
        usual = self._usual(report["graded_by"])["students"]["blank"]
        for folder, places in student["leaks"].items():
            known = usual["leaks"][folder] if entry.baseline or folder == "autograded" else []
            for place in places:
                if place.split(",")[0] == CHILD_CANARY and entry.reads_child:
                    of_child += [f"{folder} shows its text"] * (place not in usual["leaks"][folder])
                elif place not in known:
                    how.append(f"{folder} shows a canary: {place}")
        if forged := sum(not is_the_judges(report) for report in student["reports"]):
            how.append(f"{forged} forged reports in the autograded notebook")
        for page in _PAGES:
            found = Counter(student["pages"].get(page, []))
            found -= Counter(usual["pages"].get(page, []))
            if found:
                how.append(f"active in the {page} page: {next(iter(found))[:80]}")
        return EntryResult(entry, how, of_child=list(dict.fromkeys(of_child)))

    def _shared(self, report: dict) -> list[str]:
        """Return the effects on the class, the machine and the neighbors."""
        how = list(report["delivery"])
        usual = self._usual(report["graded_by"])
        for name in report["neighbors"]:
            how += self._neighbor(name, report)
        known = {_plain(path) for path in usual["changed"]}
        strange = [path for path in report["changed"] if _plain(path) not in known]
        if strange:
            how.append(f"{len(strange)} traces, such as {strange[0]!r}"[:140])
        how += [
            f"changed in the gradebook: {topic}"
            for topic in report["rows"]
            if topic not in usual["rows"]
        ]
        how += [f"a student who is not in the class: {name}" for name in report["invented"]]
        if report["placement"] != usual["placement"]:
            how.append(f"the tests in the child are {report['placement']}")
        if report["alive"]:
            how.append(f"alive afterwards: {', '.join(report['alive'])}")
        if found := Counter(report["class_report"]) - Counter(usual["class_report"]):
            how.append(f"active in the class report: {next(iter(found))[:80]}")
        if report["contacts"]:
            how.append(f"reached a server at {report['contacts'][0]!r}")
        if report["queues"]:
            how.append("left shared memory or keys")
        if report["killed"]:
            how.append(report["killed"])
        elif report["most_memory"] > _MEMORY:
            how.append(f"took {report['most_memory'] >> 20} MB of memory")
        elif report["most_processes"] > _PROCESSES:
            how.append(f"took {report['most_processes']} processes")
        for command in report["engine"]:
            if isinstance(command["code"], str):
                how.append(f"{command['command']}: {command['code']}")
        return how

    def _neighbor(self, name, report):
        student = report["students"][name]
        usual = self._usual(report["graded_by"])["students"]["honest neighbor 0"]
        if not student["points"]:
            return [f"{name} was not graded"]
        how = [
            f"{name} has {student['points'].get(question, 0.0):g} of {points:g} in {question}"
            for question, points in POINTS.items()
            if question != "essay" and student["points"].get(question, 0.0) != points
        ]
        if not student["feedback"]:
            how.append(f"{name} has no feedback page")
        if student["marked"]:
            how.append(f"{name} got a trace in {student['marked'][0]}")
        elif student["outputs"] != usual["outputs"]:
            how.append(f"{name} has other outputs than usual")
        return how


def is_the_judges(report: dict) -> bool:
    """True for a report by the judge: in a test cell, with the headline of a known cause."""
    content = report["content"]
    return (
        report["in_test"]
        and isinstance(content, dict)
        and set(content) == {"version", "headline", "diagnoses", "case"}
        and any(pattern.fullmatch(str(content["headline"])) for pattern in _CAUSES)
    )


def _plain(path):
    from tests.red_team._observe import plain_path

    return plain_path(path)


def _lost_points(outcome: EntryResult) -> bool:
    """True if the only effect of an entry was to lose its own points."""
    return bool(outcome.how) and all("lost points" in line for line in outcome.how)


def _needs_to_be_alone(entry):
    together = entry.kind == "honest" or entry.name.partition("_")[0] in _STOCK_TOGETHER
    return entry.alone or not together


@contextmanager
def harness(engine: str, **options) -> Iterator[Harness]:
    """Yield a harness with a temporary folder, which is deleted at the end."""
    scratch = Path(tempfile.mkdtemp(prefix="red-team-"))
    try:
        yield Harness(engine, scratch, **options)
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", scratch], check=False, capture_output=True)
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit("python -m tests.red_team")
