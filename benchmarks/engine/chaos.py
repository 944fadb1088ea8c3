"""Count what is lost when a large class is graded while all processes get killed.

    make bench NAME=engine.chaos ARGS="[--submissions 10000] [--state FOLDER] [--phases NAME ...]"

The class submits `padding` in a copy of the repository: variations of correct solutions and known
mistakes, and two broken or hostile submissions in a hundred. The gradebook is in PostgreSQL. The
first tenth of the class is graded undisturbed, then `kill -9` ends the processes of grading, then
the processes of a Dask cluster and of PostgreSQL; the last tenth is undisturbed again. Whenever the
command dies, it is run again. Afterwards come a sample for stock nbgrader, full disks, slow disks
and jumping clocks. An interrupted benchmark resumes with the same --state.

The exit status is 0 if nothing was lost or wrong, otherwise 1.
"""

import argparse
import json
import os
import platform
import random
import resource
import shutil
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks._figures import show_figures
from benchmarks.engine._chaos_class import hand_in, kind_of
from benchmarks.engine._chaos_course import Course, judge_alone, make_template
from benchmarks.engine._chaos_scenarios import SCENARIOS, sample_of_stock
from benchmarks.engine._chaos_trial import CLUSTER_KINDS, LOCAL_KINDS, Harm, Services, Trial
from benchmarks.engine.grading import console
from nbjudge.plugins.cluster.tests.dask_cluster import Cluster
from tests.support.postgresql import PostgreSQL, why_there_is_none

# The phases: share of the class, and what is killed.
PHASES: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "first": (0.1, ()),
    "local": (0.4, LOCAL_KINDS),
    "cluster": (0.4, CLUSTER_KINDS),
    "last": (0.1, ()),
}
BESIDE = ("new course before", "new course after")  # the last tenth
EACH = 50  # submissions per kill


class State:
    """Results so far, stored in a file."""

    def __init__(self, folder: Path, given: Mapping[str, Any]):
        self.folder, self.path = folder, folder / "state.json"
        folder.mkdir(parents=True, exist_ok=True)
        self.found: dict[str, Any] = {"given": dict(given)}
        if self.path.exists():
            self.found = json.loads(self.path.read_text())
            if self.found["given"] != given:
                raise SystemExit(
                    f"{folder} belongs to a run with {self.found['given']}, not {given}: choose "
                    "another --state."
                )

    def keep(self, name: str, make: Callable[[], Any]) -> Any:
        """Return the result with this name; compute and store it if it is missing."""
        if name not in self.found:
            self.put(name, make())
        return self.found[name]

    def put(self, name: str, value: object) -> None:
        """Store a result under a name."""
        self.found[name] = value
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.found))
        new.rename(self.path)


class Class:
    """The class, phase by phase, in one course whose gradebook is in PostgreSQL.

    Parameters
    ----------
    name
        Name of the course; courses other than "class" have only the first tenth.
    """

    def __init__(
        self,
        state: State,
        size: int,
        alone: Mapping[str, Any],
        server: PostgreSQL,
        name: str = "class",
    ):
        self.state, self.folder, self.alone = state, state.folder, alone
        self.size, self.server = size, server
        self.ends: dict[str, int] = {}
        share = 0.0
        for phase, (part, _) in PHASES.items():
            share += part
            self.ends[phase] = round(size * share)
        template = self.folder / "template"
        root = self.folder / name.replace(" ", "-")
        if state.found.get(f"{name}, course") != "made":
            shutil.rmtree(root, ignore_errors=True)
            server.clear()
            Course.make(root, template, server)
            state.put(f"{name}, course", "made")
        self.course = Course(root, server)

    def part(self, name: str) -> range:
        """Return the numbers of a phase's submissions."""
        names = list(self.ends)
        at = names.index(name)
        return range(self.ends[names[at - 1]] if at else 0, self.ends[name])

    def kind(self, number: int) -> str:
        """Return the kind of a submission; the last tenth repeats the kinds of the first."""
        is_last = number in self.part("last")
        return kind_of(number - self.ends["cluster"] if is_last else number)

    def expected(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the expected points of the submissions of some phases."""
        numbers = (number for name in names for number in self.part(name))
        return {f"s{number:05}": self.alone[self.kind(number)] for number in numbers}

    def phase(self, name: str, progress: Progress) -> dict[str, Any]:
        """Grade the submissions of a phase, and return the measurements."""
        part, kinds = self.part(name), PHASES[name][1]
        hand_in(self.course.root, ((f"s{n:05}", self.kind(n)) for n in part))
        names = [one for one in PHASES if one in self.state.found or one == name]
        expected = self.expected(names if self.course.root.name == "class" else [name])
        label = f"{name}, {self.course.root.name}"
        task = progress.add_task(label, total=sum(p is not None for p in expected.values()))
        services, options = Services(self.server), list[str]()
        folder = self.folder / "cluster"
        folder.mkdir(exist_ok=True)
        if name == "cluster":
            services.cluster = Cluster(folder)
            options = ["--cluster", services.cluster.address]
        luck = random.Random(f"{name} {self.size}")
        trial = Trial(
            self.course,
            expected,
            luck,
            services.acts,
            tell=lambda graded: progress.update(task, completed=graded),
            keep=lambda: self.state.put(f"{name}, so far", trial.plain()),
            keep_up=services.keep_up,
        )
        kills = max(len(kinds), len(part) // EACH) if kinds else 0
        earlier = self.state.found.get(f"{name}, so far", {"harms": (), "problems": ()})
        trial.harms = [Harm(**harm) for harm in earlier["harms"]]
        trial.problems += earlier["problems"]
        kills -= len(trial.harms)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            trial.grade(options, kinds, max(0, kills))
        finally:
            if services.cluster:
                services.cluster.stop()
        then, used = used, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = used.ru_utime + used.ru_stime - then.ru_utime - then.ru_stime
        trial.problems += self.course.problems(expected)
        return trial.plain() | {
            "submissions": len(part),
            "rate": trial.rate(),
            "processor": processor,
            "growth": trial.growth,
            "memory": trial.memory,
            "statuses": dict(trial.statuses),
            "load": os.getloadavg()[1],
        }


def beside(
    name: str, state: State, size: int, alone: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Grade the first tenth in a separate course, and return the measurements."""
    with PostgreSQL(state.folder / "postgresql-beside", durable=True) as server:
        return Class(state, size, alone, server, name).phase("first", progress)


def as_text(found: Mapping[str, Any], size: int) -> str:
    """Return the results as Markdown."""
    phases = {name: found[name] for name in PHASES if name in found}
    lines = [
        f"{size:,} submissions, {os.cpu_count()} processors, Python {platform.python_version()}.",
        "",
        "| killed or broken | times | scores lost or wrong | seconds until grading resumed, "
        "median | worst |",
        "|---|--:|--:|--:|--:|",
    ]
    harms = [harm for phase in phases.values() for harm in phase["harms"]]
    harms += [harm for name in SCENARIOS for harm in found.get(name, {}).get("harms", ())]
    for kind in dict.fromkeys(harm["kind"] for harm in harms):
        mine = [harm for harm in harms if harm["kind"] == kind]
        seconds = [harm["seconds"] for harm in mine if harm["seconds"] is not None]
        cost = sum(harm["lost"] + len(harm["wrong"]) for harm in mine)
        times = (
            [f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}"] if seconds else ["", ""]
        )
        lines.append(f"| {kind} | {len(mine)} | {cost} | {times[0]} | {times[1]} |")
    lines += [
        "",
        "| phase | submissions | graded per second | processor seconds each | memory, MB: median "
        "| most | coordinator alone, median | most | load |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, phase in (phases | {name: found[name] for name in BESIDE if name in found}).items():
        row = [name, f"{phase['submissions']:,}", f"{phase['rate']:.2f}"]
        killed = name in PHASES and PHASES[name][1]
        row.append("" if killed else f"{phase['processor'] / phase['submissions']:.3f}")
        for column in (1, 2):
            sizes = [sample[column] for sample in phase["memory"]] or [0.0]
            row += [f"{statistics.median(sizes):.0f}", f"{max(sizes):.0f}"]
        lines.append(f"| {' | '.join([*row, format(phase['load'], '.1f')])} |")
    if {"last", *BESIDE} <= found.keys():
        last, others = found["last"], [found[name] for name in BESIDE]
        speed = last["rate"] / statistics.mean(one["rate"] for one in others)
        each = last["processor"] / statistics.mean(one["processor"] for one in others)
        lines += [
            "",
            f"The last tenth was graded at {speed:.2f} times the speed of a tenth in a new course, "
            f"with {each:.2f} times the processor seconds.",
        ]
    if "stock" in found:
        stock = found["stock"]
        times = stock["stock"] / stock["nbjudge"]
        lines += [
            "",
            f"{stock['submissions']} submissions with correct solutions or known mistakes: stock "
            f"nbgrader {stock['stock']:.1f} s, nbjudge {stock['nbjudge']:.1f} s, {times:.1f} times "
            "faster.",
        ]
    for name in SCENARIOS:
        if note := found.get(name, {}).get("skipped"):
            lines += ["", f"Not run: {name}: {note}."]
    problems = all_problems(found)
    lines += [
        "",
        *(f"- {text}" for text in problems or ["Every score exists once and is correct."]),
    ]
    return "\n".join(lines) + "\n"


def all_problems(found: Mapping[str, Any]) -> list[str]:
    """Return all losses and errors, as sentences."""
    parts = [found[name] for name in [*PHASES, *BESIDE, *SCENARIOS] if name in found]
    wrong = [w for part in parts for harm in part.get("harms", ()) for w in harm["wrong"]]
    lost = sum(harm["lost"] for part in parts for harm in part.get("harms", ()))
    said = [f"{lost} scores were lost"] if lost else []
    return said + wrong + [text for part in parts for text in part.get("problems", ())]


def main() -> int:
    """Run the missing phases, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=10_000, help="size of the class [10000]")
    parser.add_argument("--state", type=Path, help="folder from which to resume [one in /tmp]")
    names = [*PHASES, "stock", *SCENARIOS]
    parser.add_argument("--phases", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--write", action="store_true", help="put the tables in chaos.md")
    options = parser.parse_args()
    if why := why_there_is_none():
        raise SystemExit(f"PostgreSQL is missing: {why}")
    folder = options.state or Path(tempfile.gettempdir(), f"chaos-{options.submissions}")
    state = State(folder.resolve(), {"submissions": options.submissions})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that started processes are ended
    template = make_template(state.folder / "template")
    alone = state.keep("alone", lambda: judge_alone(state.folder / "alone", template))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        wanted = [name for name in PHASES if name in options.phases and name not in state.found]
        given = state, options.submissions, alone
        if wanted:
            with PostgreSQL(state.folder / "postgresql", durable=True) as server:
                grown = Class(*given, server)
                for name in wanted:
                    if name == "last":
                        state.keep(BESIDE[0], lambda: beside(BESIDE[0], *given, progress))
                    state.keep(name, lambda name=name: grown.phase(name, progress))
        if "last" in options.phases:
            state.keep(BESIDE[1], lambda: beside(BESIDE[1], *given, progress))
        if "stock" in options.phases:
            state.keep("stock", lambda: sample_of_stock(state.folder / "stock", template))
        for name, scenario in SCENARIOS.items():
            if name in options.phases:
                progress.console.print(name)
                state.keep(name, lambda s=scenario: s(state.folder / "scenario", template, alone))
    show_figures(__file__, as_text(state.found, options.submissions), options.write)
    return 1 if all_problems(state.found) else 0


if __name__ == "__main__":
    sys.exit(main())
