"""Simulate a cluster of up to 1,000 workers, to find when the coordinator becomes the limit.

    make bench NAME=engine.simulation ARGS="[--workers 1 10 30 100 300 1000]"

Needs PostgreSQL. First the sample class is judged for real, one submission at a time, to record the
processor seconds and the graded notebook of each. Then the real coordinator grades classes on a
real Dask scheduler with simulated workers (_simulated_workers.py), which wait for the recorded
seconds and return the recorded notebook. The coordinator (_coordinator.py) reads `submitted/`,
sends, receives, and writes `autograded/` and the gradebook, in SQLite or PostgreSQL.

Measurements cover the submissions between one and three fifths of a class. Workers, scheduler,
database and coordinator share this machine's processors, without a correction, so the processor
time of each process is measured as well.
"""

import contextlib
import json
import os
import pickle
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
from rich.console import Console

from benchmarks._figures import argument_parser, show_figures
from benchmarks.engine._cluster import (
    cluster_of,
    new_database,
    postgresql,
    use_database,
    with_database,
    write_submissions,
)
from benchmarks.engine._simulated_workers import Recording
from benchmarks.engine.grading import copy_course, run
from nbjudge.course.assignment import Assignment
from nbjudge.course.grading import grade
from nbjudge.course.loading import load_course
from nbjudge.engine.engine import Engine
from nbjudge.plugins.cluster.tests.dask_cluster import SLOWEST, Cluster
from nbjudge.sandbox.processes import Processes
from tests.support.postgresql import PostgreSQL
from tests.support.waiting import wait_until
from tools.course import assignments
from tools.sample_class import write_class
from tools.sample_class.scenarios import ENDLESS

matplotlib.use("svg")

SHORT, LONG = "padding", "convolution_step_by_step"  # assignments that judge quickly and slowly
OTHER = "pooling"  # assignment of a second coordinator
LONGEST = 8.0  # most seconds per class, as long as workers are the limit
FEWEST, PER_WORKER, MOST = 30, 5, 1500  # limits of the number of submissions
LONG_WORKERS = range(10, 301)  # numbers of workers for LONG, which takes long with fewer
GRADEBOOK = "gradebook.db"

RATES = (
    "assignment",
    "gradebook",
    "workers",
    "submissions",
    "per second",
    "model",
    "model, processors shared",
    "processors busy with other work",
    "latency, s: median",
    "nine tenths",
    "coordinator's memory, MB",
    "kB of gradebook each",
)
COLORS, MARKERS = ("C0", "C1", "C2"), {"SQLite": "s", "PostgreSQL": "o"}

console = Console(stderr=True, highlight=False)
processes = Processes()


# ---------------------------------------------------------------------------------------------
# Costs of judging


@dataclass
class Judged:
    """The submissions of an assignment, judged one at a time, and their feedback pages.

    Attributes
    ----------
    processor, seconds
        Processor and wall-clock seconds of judging each submission.
    page
        Processor seconds of each page.
    sent, received
        Bytes of each submission, without its page.
    disk
        Bytes of each submission in submitted/, autograded/ and feedback/.
    """

    processor: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    disk: list[int] = field(default_factory=list)


class _Recorder:
    """An engine that records the costs and results of judging."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.measured: dict[str, Judged] = {}
        self.pages: list[float] = []  # pages of the current assignment
        self.lock = threading.Lock()  # on a busy machine, the next submission may start early
        self.recording: Recording = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def judge(self, config, job):
        """Judge a submission, and record the costs."""
        name = job.preparation.spec.name
        with self.lock:
            used, start = self._processor(), time.perf_counter()
            answer = self.engine.judge(config, job)
            seconds, used = time.perf_counter() - start, self._processor() - used
        if name not in self.measured:  # the first one starts processes
            self.measured[name], self.recording[name] = Judged(), []
            return answer
        judged = self.measured[name]
        judged.processor.append(used)
        judged.seconds.append(seconds)
        judged.sent.append(len(pickle.dumps((config, job.submission), 5)))
        judged.received.append(len(pickle.dumps(answer, 5)))
        self.recording[name].append((used, answer))
        return answer

    def make_page(self, notebook, about):
        """Make a feedback page, and record the costs."""
        with self.lock:
            used = self._processor()
            page = self.engine.make_page(notebook, about)
            self.pages.append(self._processor() - used)
        return page

    def _processor(self) -> float:
        return sum(map(processes.seconds, self.engine.processes()))


def record(course: Path) -> tuple[dict[str, Judged], Recording]:
    """Judge the sample class of a course, one submission at a time."""
    sample = [work for work in write_class(course) if ENDLESS not in work.scenarios.values()]
    with contextlib.chdir(course), Engine() as engine:
        coursedir, settings = load_course()
        recorder = _Recorder(engine)
        for name in assignments(course):
            console.print(f"Judging {name} of the sample class")
            assignment = Assignment(name, coursedir, settings)
            students = [work.student for work in sample if work.assignment == name]
            recorder.pages = []
            for _, outcome in grade(recorder, {assignment: students}, 1, feedback=True):
                places = [
                    Path(assignment.path(step, outcome.student))
                    for step in ("submitted", "autograded", "feedback")
                ]
                files = [file for place in places for file in place.rglob("*") if file.is_file()]
                recorder.measured[name].disk.append(sum(file.stat().st_size for file in files))
            recorder.measured[name].page = recorder.pages
            assignment.close()
    return recorder.measured, recorder.recording


# ---------------------------------------------------------------------------------------------
# Grading on a cluster


@dataclass
class Point:
    """A class that was graded with this number of simulated workers.

    Attributes
    ----------
    rate
        Submissions per second.
    processor
        {process: processor seconds per submission}.
    parts
        {part of the coordinator's work: processor seconds per submission}.
    writing
        Wall-clock seconds per submission with an open transaction.
    memory
        Peak memory of the coordinator, in MB.
    others
        Number of processors busy with other work.
    latency
        Seconds from reading a submission to its scores: median and 90th percentile.
    gradebook
        Bytes of the database per submission.
    """

    assignment: str
    database: str
    workers: int
    submissions: int
    rate: float
    processor: dict[str, float]
    parts: dict[str, float]
    writing: float
    memory: float
    others: float
    latency: tuple[float, float]
    gradebook: float


class Simulation:
    """A course whose classes are graded repeatedly, each time from the start."""

    def __init__(self, course: Path, recording: Recording, server: PostgreSQL):
        self.course, self.server = course, server
        self.recording = course.with_name("recording.pickle")
        self.recording.write_bytes(pickle.dumps(recording))
        self.judging = {
            name: statistics.mean(seconds for seconds, _ in judged)
            for name, judged in recording.items()
            if judged
        }
        self.empty = course.with_name("empty.db")
        shutil.copy(course / GRADEBOOK, self.empty)
        self.config = (course / "nbgrader_config.py").read_text()
        use_database(course, new_database(server, "empty"))

    def size(self, assignment: str, workers: int) -> int:
        """Return the submissions to grade: enough to measure the rate, in limited time."""
        in_time = int(workers / self.judging[assignment] * LONGEST)
        return max(FEWEST, PER_WORKER * workers, min(MOST, in_time))

    def measure(self, names: Sequence[str], database: str, workers: int) -> list[Point]:
        """Grade classes of these assignments at once, each with its own coordinator."""
        for name in names:
            shutil.rmtree(self.course / "autograded", ignore_errors=True)
            self._write_class(name, self.size(name, workers))
        self._use(database)
        empty = self._database_size(database)
        with cluster_of(0) as cluster:
            self._start_workers(cluster, workers)
            watched = {
                "scheduler": cluster.scheduler.pid,
                "workers": cluster.workers[0].pid,
                "PostgreSQL": self.server.process.pid,
            }
            command = [sys.executable, "-m", "benchmarks.engine._coordinator", cluster.address]
            running = [
                subprocess.Popen(
                    [*command, str(self.size(name, workers)), name]
                    + [f"{place}={pid}" for place, pid in watched.items()],
                    cwd=self.course,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for name in names
            ]
            reports = [json.loads(one.communicate()[0] or "null") for one in running]
        if None in reports:
            raise SystemExit("A coordinator failed; see its output above.")
        added = self._database_size(database) - empty
        return [
            self._point(
                name, database, workers, one, added / sum(len(o["seconds"]) for o in reports)
            )
            for name, one in zip(names, reports, strict=True)
        ]

    def _point(
        self, name: str, database: str, workers: int, found: dict[str, Any], disk: float
    ) -> Point:
        by_the_clock = found["by the clock"]
        point = Point(
            assignment=name,
            database=database,
            workers=workers,
            submissions=len(found["seconds"]),
            rate=1 / by_the_clock["all"],
            processor=found["processor"],
            parts=found["parts"],
            writing=by_the_clock["gradebook"],
            memory=found["memory"],
            others=(found["machine"]["busy"] - sum(found["processor"].values()))
            / by_the_clock["all"],
            latency=_quantiles(found["seconds"]),
            gradebook=disk,
        )
        console.print(f"{database}, {workers} workers, {name}: {point.rate:.1f}/s")
        return point

    def _write_class(self, name: str, count: int) -> None:
        there = len(list((self.course / "submitted").glob(f"student*/{name}")))
        write_submissions(self.course, name, count, first=there)

    def _use(self, database: str) -> None:
        config, file = self.course / "nbgrader_config.py", self.course / GRADEBOOK
        file.unlink(missing_ok=True)
        if database == "SQLite":
            shutil.copy(self.empty, file)
            config.write_text(self.config)
        else:
            url = new_database(self.server, "graded", template="empty")
            config.write_text(with_database(self.config, url))

    def _database_size(self, database: str) -> int:
        """Return the size of the database in bytes."""
        if database == "SQLite":
            return (self.course / GRADEBOOK).stat().st_size
        return int(self.server.rows("select pg_database_size('graded')")[0][0])

    def _start_workers(self, cluster: Cluster, workers: int) -> None:
        """Start simulated workers, as one process of the cluster."""
        log = cluster.folder / "simulated.log"
        command = [sys.executable, "-m", "benchmarks.engine._simulated_workers", cluster.address]
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [*command, str(workers), str(self.recording)], stdout=output, stderr=output
            )
        cluster.workers.append(process)
        if not wait_until(lambda: "joined" in log.read_text(), SLOWEST):
            raise SystemExit(f"{workers} simulated workers did not join:\n{log.read_text()}")


def _quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    return statistics.median(seconds), statistics.quantiles(seconds, n=10)[-1]


# ---------------------------------------------------------------------------------------------
# Report


def coordinator_seconds(points: Sequence[Point]) -> float:
    """Return the coordinator's processor seconds per submission, at the highest load."""
    return min(point.processor["coordinator"] for point in points)


def model(workers: float, judging: float, coordinator: float) -> float:
    """Return submissions per second, given a worker's and a coordinator's seconds for one."""
    return min(workers / judging, 1 / coordinator)


def shared(point: Point, judging: float) -> float:
    """Return submissions per second on this machine, whose processors all processes share."""
    left = max(0.0, (os.cpu_count() or 1) - point.others)
    most = left / sum(point.processor.values())
    return min(model(point.workers, judging, point.processor["coordinator"]), most)


def as_text(judged: dict[str, Judged], points: Sequence[Point], both: Sequence[Point]) -> str:
    """Return the results as Markdown."""
    used = sum(sum(one.processor) for one in judged.values())
    slower = sum(sum(one.seconds) for one in judged.values()) / used
    lines = [
        f"{os.cpu_count()} processors, Python {platform.python_version()}. In wall-clock time, "
        f"judging took {slower:.1f} times its processor time, which is 1.0 without other work.",
        "",
        "| the sample class | submissions | processor seconds | seconds | processor seconds of a "
        "feedback page | kB sent | kB received | kB of disk |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in judged.items():
        used, seconds = statistics.mean(one.processor), statistics.mean(one.seconds)
        page = statistics.median(one.page)  # the first one starts processes
        sizes = [statistics.mean(sizes) / 1000 for sizes in (one.sent, one.received, one.disk)]
        cells = " | ".join(f"{size:.0f}" for size in sizes)
        lines.append(
            f"| {name} | {len(one.disk)} | {used:.2f} | {seconds:.2f} | {page:.2f} | {cells} |"
        )
    lines += [
        "",
        "![Submissions per second by the number of workers, measured and modeled](simulation.svg)",
        "",
        f"| {' | '.join(RATES)} |",
        "|---|---|" + "--:|" * (len(RATES) - 2),
    ]
    means = {name: statistics.mean(one.processor) for name, one in judged.items()}
    for point in points:
        cost, judging = coordinator_seconds(_alike(points, point)), means[point.assignment]
        numbers = [
            f"{point.rate:.1f}",
            f"{model(point.workers, judging, cost):.1f}",
            f"{shared(point, judging):.1f}",
            f"{point.others:.2f}",
            f"{point.latency[0]:.1f}",
            f"{point.latency[1]:.1f}",
            f"{point.memory:.0f}",
            f"{point.gradebook / 1000:.1f}",
        ]
        lines.append(
            f"| {point.assignment} | {point.database} | {point.workers} | {point.submissions} "
            f"| {' | '.join(numbers)} |"
        )
    lines += ["", *_costs(points), "", *_together(points, both)]
    return "\n".join(lines) + "\n"


def _alike(points: Sequence[Point], point: Point) -> list[Point]:
    return [
        one
        for one in points
        if (one.assignment, one.database) == (point.assignment, point.database)
    ]


def _costs(points: Sequence[Point]) -> list[str]:
    """Return rows of processor milliseconds per submission, by process and by part of the work."""
    places, parts = list(points[0].processor), list(points[0].parts)
    lines = [
        f"| processor ms per submission: assignment | gradebook | workers "
        f"| {' | '.join(places)} | of the coordinator: {' | '.join(parts)} "
        "| gradebook, wall-clock ms |",
        "|---|---|" + "--:|" * (2 + len(places) + len(parts)),
    ]
    for point in points:
        numbers = [point.processor[place] for place in places]
        numbers += [*point.parts.values(), point.writing]
        cells = " | ".join(f"{1000 * number:.1f}" for number in numbers)
        lines.append(f"| {point.assignment} | {point.database} | {point.workers} | {cells} |")
    return lines


def _together(points: Sequence[Point], both: Sequence[Point]) -> list[str]:
    """Return lines about two coordinators that grade at the same time."""
    lines = [
        "| two coordinators at once | gradebook | workers of both | submissions per second "
        "| processor ms of the coordinator | gradebook, wall-clock ms |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for point in both:
        lines.append(
            f"| {point.assignment} | {point.database} | {point.workers} | {point.rate:.1f} "
            f"| {1000 * point.processor['coordinator']:.1f} "
            f"| {1000 * point.writing:.1f} |"
        )
    if both:
        rate = sum(point.rate for point in both)
        lines.append(f"| together | | | {rate:.1f} | | |")
    return lines


def draw(judged: dict[str, Judged], points: Sequence[Point], place: Path) -> None:
    """Draw the measurements and the lines of the model, as an SVG."""
    import matplotlib.pyplot as plt

    matplotlib.rcParams["svg.hashsalt"] = "simulation"
    figure, axes = plt.subplots(figsize=(8, 4.8), layout="constrained")
    numbers = [10 ** (step / 50) for step in range(151)]
    drawn = {(p.assignment, p.database): _alike(points, p) for p in points}
    for color, ((name, database), found) in zip(COLORS, drawn.items(), strict=False):
        cost, judging = coordinator_seconds(found), statistics.mean(judged[name].processor)
        line = [model(number, judging, cost) for number in numbers]
        axes.plot(numbers, line, color=color, linewidth=1)
        axes.plot(
            [point.workers for point in found],
            [point.rate for point in found],
            MARKERS[database],
            color=color,
            label=f"{name}, {judging:.2f} s each, {database}",
        )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="workers, one processor each (simulated)",
        ylabel="submissions per second",
        title="Points: measured, all on one machine. Lines: min(workers / s, 1 / coordinator's s)",
    )
    axes.title.set_size("medium")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:,.15g}")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize="small")
    figure.savefig(place, metadata={"Date": None})
    plt.close(figure)


def measured(
    simulation: Simulation, workers: Sequence[int], together: int
) -> Iterator[tuple[bool, Point]]:
    """Yield all points, each with True if two coordinators graded at once."""
    for name, database in ((SHORT, "SQLite"), (SHORT, "PostgreSQL"), (LONG, "PostgreSQL")):
        for count in workers if name == SHORT else [n for n in workers if n in LONG_WORKERS]:
            yield from ((False, point) for point in simulation.measure([name], database, count))
    yield from ((True, p) for p in simulation.measure([SHORT, OTHER], "PostgreSQL", together))


def main() -> None:
    """Grade the simulated classes, draw the figure, and print the tables."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        default=[1, 10, 30, 100, 300, 1000],
        help="numbers of workers [1 10 30 100 300 1000]",
    )
    parser.add_argument(
        "--together", type=int, default=100, help="workers for two coordinators [100]"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="simulation-") as folder, postgresql() as server:
        course = copy_course(Path(folder) / "course")
        run([sys.executable, "-m", "tools.release"], course)
        judged, recording = record(course)
        for place in ("submitted", "autograded"):
            shutil.rmtree(course / place)
        simulation = Simulation(course, recording, server)
        measurements = list(measured(simulation, options.workers, options.together))
    points = [point for is_both, point in measurements if not is_both]
    both = [point for is_both, point in measurements if is_both]
    if options.write:
        draw(judged, points, Path(__file__).with_suffix(".svg"))
    show_figures(__file__, as_text(judged, points, both), options.write)


if __name__ == "__main__":
    main()
