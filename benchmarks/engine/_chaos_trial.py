"""Grade while processes are killed one after another, and count the cost of each kill."""

import contextlib
import dataclasses
import math
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.engine._chaos_course import Course, Expected, Run
from benchmarks.engine.grading import family, pss
from nbjudge.plugins.cluster.tests.dask_cluster import Cluster
from tests.support.postgresql import PostgreSQL

__all__ = ["Act", "CLUSTER_KINDS", "LOCAL_KINDS", "Harm", "Services", "Trial"]

LOCAL_KINDS = ("coordinator", "zygote", "worker", "judge", "fork-server")
CLUSTER_KINDS = (
    "Dask worker",
    "scheduler",
    "PostgreSQL",
    "PostgreSQL backend",
    "coordinator",
    "second coordinator",
)
LOOK = 0.2  # seconds between two counts of graded submissions
SAMPLE = 3.0  # seconds between two measurements of memory
AWAY = 1.0  # seconds until a killed service is restarted, as by a supervisor
WORKERS = 2  # of the cluster
HURRY = 0.1  # share of kills during the start of a run
IN_VAIN = 3  # runs in a row that end without grading anything, after which the trial is stopped
PATIENCE = 600  # seconds without a new score after which the trial is stopped


Act = Callable[[], bool]  # returns False if there was nothing to act on


@dataclass
class Harm:
    """A process that was killed or broken, and the consequences.

    Attributes
    ----------
    graded
        Submissions with scores at the time.
    lost
        Scores that existed before and are missing afterwards.
    wrong
        Errors in the gradebook since.
    seconds
        Time until the next submission was graded; None if there was none.
    """

    kind: str
    graded: int
    lost: int = 0
    wrong: list[str] = dataclasses.field(default_factory=list)
    seconds: float | None = None
    at: float = 0.0


class Services:
    """The services that grading needs: a database server, and optionally a cluster."""

    def __init__(self, server: PostgreSQL, cluster: Cluster | None = None):
        self.server, self.cluster = server, cluster
        self.waiting: list[tuple[float, Callable[[], object]]] = []  # (time, start of the service)

    @property
    def acts(self) -> dict[str, Act]:
        """Return the ways of killing a service."""
        found: dict[str, Act] = {"PostgreSQL backend": self.server.kill_backend}
        found["PostgreSQL"] = lambda: self._kill(self.server.kill, self.server.start)
        if self.cluster:
            found["scheduler"] = lambda: self._kill(
                self.cluster.kill_scheduler, self.cluster.start_scheduler
            )
            found["Dask worker"] = self.cluster.kill_worker
        return found

    def _kill(self, kill: Callable[[], object], start: Callable[[], object]) -> bool:
        kill()
        self.waiting.append((time.monotonic() + AWAY, start))
        return True

    def keep_up(self, now: bool = False) -> None:
        """Restart the services that are due, or all missing ones."""
        due = [one for one in self.waiting if now or one[0] <= time.monotonic()]
        self.waiting = [one for one in self.waiting if one not in due]
        for _, start in due:
            start()
        if self.cluster and self.cluster.scheduler.poll() is None:
            for _ in range(WORKERS - len(self.cluster.running)):
                self.cluster.add_worker(wait=False)


class Trial:
    """A class that is graded while processes are killed.

    Parameters
    ----------
    expected
        Points of all submissions so far.
    acts
        Actions other than killing processes of the command.
    where
        Suffix for the names of killed processes.
    tell
        Called with the number of graded submissions.
    keep
        Called after grading has recovered from a kill.
    keep_up
        Called repeatedly to restart killed services; with True before each run of the command.
    """

    def __init__(
        self,
        course: Course,
        expected: Expected,
        luck: random.Random,
        acts: Mapping[str, Act] | None = None,
        where: str = "",
        tell: Callable[[int], object] = lambda graded: None,
        keep: Callable[[], object] = lambda: None,
        keep_up: Callable[[bool], object] = lambda now: None,
    ):
        self.course, self.expected, self.luck = course, expected, luck
        self.acts, self.where = dict(acts or {}), where
        self.tell, self.keep, self.keep_up = tell, keep, keep_up
        self.harms: list[Harm] = []
        self.pending: list[Harm] = []
        self.statuses: Counter[int] = Counter()
        self.graded = course.graded() or 0
        self.growth: list[tuple[float, int]] = []  # (time, submissions with scores)
        self.memory: list[tuple[int, float, float]] = []  # (graded, total MB, coordinator's MB)
        self.problems: list[str] = []
        self.known_wrong: set[str] = set()
        self.sampled = self.last = time.monotonic()

    def grade(self, options: Sequence[str] = (), kinds: Sequence[str] = (), kills: int = 0) -> None:
        """Run the command until everything is graded, with `kills` kills of these kinds."""
        plan, in_vain = self._plan(kinds, kills), 0
        while True:
            self.keep_up(True)
            before = self.graded
            runs, start = [self.course.start(*options)], time.monotonic()
            moment = self.luck.uniform(0, 3) if self.luck.random() < HURRY else None
            while running := [run for run in runs if run.process.poll() is None]:
                self._look(running[0])
                hurry = moment is not None and time.monotonic() - start > moment
                due = plan and self.graded >= plan[0][0] and not self.pending
                if plan and (due or hurry):
                    moment = None
                    if self._kill(plan[0][1], running[0], runs, options):
                        plan.pop(0)
                if time.monotonic() - self.last > PATIENCE:
                    self._give_up(runs)
                time.sleep(LOOK)
            self._look(runs[0])
            for run in runs:
                self.statuses[run.process.returncode] += 1
                self.problems += self.course.left(run)
            self._count_wrong()
            if any(self.course.is_done(run, self.expected) for run in runs):
                return
            is_whole = runs[0].process.returncode in (0, 1) and self.graded == before
            in_vain = in_vain + 1 if is_whole else 0
            if in_vain == IN_VAIN:  # missing scores are reported by the final check
                self.problems.append(f"{IN_VAIN} runs graded nothing: {runs[0].said[-2000:]}")
                return
            if not self.harms and not is_whole:
                self._give_up(runs)

    def _plan(self, kinds: Sequence[str], kills: int) -> list[tuple[int, str]]:
        """Plan the kills: pairs of a number of graded submissions and a kind."""
        missing = sum(points is not None for points in self.expected.values()) - self.graded
        moments = sorted(self.luck.sample(range(max(missing, kills)), kills))
        names: list[str] = []
        while len(names) < kills:
            names += self.luck.sample(kinds, len(kinds))
        return [(self.graded + at, name) for at, name in zip(moments, names, strict=False)]

    def _kill(self, kind: str, run: Run, runs: list[Run], options: Sequence[str]) -> bool:
        """Kill a process or start a second run; return False if there was nothing to kill."""
        harm = Harm(kind + self.where, self.graded, at=time.monotonic())
        if kind in self.acts:
            if not self.acts[kind]():
                return False
        elif kind == "second coordinator":
            runs.append(self.course.start(*options))
        else:
            there = run.tree.look()[kind]
            if not there:
                return False
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.luck.choice(there), signal.SIGKILL)
        self.harms.append(harm)
        self.pending.append(harm)
        return True

    def _look(self, run: Run) -> None:
        """Update the progress, and restart the services that are due."""
        self.keep_up(False)
        now, graded = time.monotonic(), self.course.graded()
        if graded is not None and graded < self.graded:
            if self.harms:
                self.harms[-1].lost += self.graded - graded
            else:
                self.problems.append(f"{self.graded - graded} scores were lost without a kill")
            self.graded = graded
        if graded is not None and graded > self.graded:
            self.graded, self.last = graded, now
            self.growth.append((now, graded))
            self.tell(graded)
            for harm in self.pending:
                harm.seconds = now - harm.at
            if self.pending:
                self._count_wrong()
                self.pending = []
                self.keep()
        if now - self.sampled > SAMPLE and run.process.poll() is None:
            self.sampled = now
            run.tree.look()
            sizes = [pss(pid) / 1024 for pid in family(run.process.pid)]
            self.memory.append((self.graded, sum(sizes), sizes[0]))

    def _count_wrong(self) -> None:
        """Attribute new errors in the gradebook to the last kill."""
        new = [one for one in self.course.wrong(self.expected) if one not in self.known_wrong]
        self.known_wrong.update(new)
        if self.harms:
            self.harms[-1].wrong += new
        else:
            self.problems += new

    def _give_up(self, runs: Sequence[Run]) -> None:
        said = "\n".join(run.said[-3000:] for run in runs)
        for run in runs:
            run.process.kill()
        raise SystemExit(f"Grading is stuck after {self.graded} submissions:\n{said}")

    def rate(self) -> float:
        """Return the submissions graded per second, between the first and the last."""
        if len(self.growth) < 2:  # interrupted when almost everything was graded
            return math.nan
        (start, first), (end, last) = self.growth[0], self.growth[-1]
        return (last - first) / (end - start)

    def plain(self) -> dict[str, Any]:
        """Return the trial as plain data for JSON."""
        harms = [dataclasses.asdict(harm) for harm in self.harms]
        return {"harms": harms, "problems": self.problems}
