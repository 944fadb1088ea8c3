"""Grade a class as `nbjudge autograde --cluster` does, and measure the coordinator's resources.

    python -m benchmarks.engine._coordinator ADDRESS SUBMISSIONS ASSIGNMENT [NAME=PROCESS ...]

Run this in the course's folder. It prints JSON: the latency of each submission, the peak memory of
this process in MB, and seconds per submission: of processors, by process (this one and the named
ones) and by part of this process's work, and of wall-clock time. The first fifth and the last two
fifths of a class do not count, except for the memory.
"""

import collections
import functools
import json
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

from distributed import Client, Future

from nbjudge.course.assignment import Assignment
from nbjudge.course.gradebook import Records
from nbjudge.course.grading import grade
from nbjudge.course.loading import load_course
from nbjudge.course.run import Run
from nbjudge.course.submission import SubmissionJudge
from nbjudge.plugins.cluster.engine import ClusterEngine
from nbjudge.sandbox.processes import TICKS, Processes

# The measured part of a class: with many workers, nothing is sent after it.
FROM, TO = 0.2, 0.6
PARTS: dict[str, list[tuple[type, str]]] = {
    "reading": [(Run, "_read"), (Run, "_is_unchanged"), (SubmissionJudge, "jobs")],
    "sending": [(Client, "submit")],
    "receiving": [(Future, "result")],
    "writing files": [(Run, "_replace_graded_folder")],
    "gradebook": [(Records, "transact")],
}


class _Meter:
    """Processor seconds and wall-clock seconds of each part of the work."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.processor: collections.Counter[str] = collections.Counter()
        self.clock: collections.Counter[str] = collections.Counter()

    def watch(self, part: str, owner: type, name: str) -> None:
        """Wrap a method to measure the time of its calls."""
        method = getattr(owner, name)

        @functools.wraps(method)
        def measured(*given: Any, **options: Any) -> Any:
            used, start = time.thread_time(), time.perf_counter()
            try:
                return method(*given, **options)
            finally:
                used, taken = time.thread_time() - used, time.perf_counter() - start
                with self.lock:
                    self.processor[part] += used
                    self.clock[part] += taken

        setattr(owner, name, measured)


class _Looks:
    """Readings of the resources used so far, by process and by part of the work."""

    def __init__(self, meter: _Meter, others: dict[str, int]):
        self.meter, self.others, self.processes = meter, others, Processes()
        loop = next(t for t in threading.enumerate() if t.name.startswith("IO loop"))
        assert loop.ident is not None
        self.loop = time.pthread_getcpuclockid(loop.ident)

    def now(self) -> dict[str, dict[str, float]]:
        """Return processor seconds by process and by part, and wall-clock seconds."""
        total = time.process_time()
        parts = {part: self.meter.processor[part] for part in PARTS}
        parts["Dask's thread"] = time.clock_gettime(self.loop)
        parts["other"] = total - sum(parts.values())
        others = {name: self.processes.seconds(pid) for name, pid in self.others.items()}
        return {
            "processor": {"coordinator": total, **others},
            "parts": parts,
            "by the clock": {"gradebook": self.meter.clock["gradebook"], "all": time.time()},
            "machine": {"busy": _busy()},
        }


def _busy() -> float:
    """Return the processor seconds of everything that has run on this machine."""
    user, nice, system, _idle, _waiting, *interrupts = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9]
    )
    return (user + nice + system + sum(interrupts)) / TICKS


def main() -> None:
    """Grade a class, and print the coordinator's measurements."""
    address, count, name, *others = sys.argv[1:]
    assignment = Assignment(name, *load_course())
    students = [s for s in assignment.students() if s.startswith("student")][: int(count)]
    first, last = int(FROM * len(students)), int(TO * len(students))
    meter, seconds, looks = _Meter(), [], []
    with ClusterEngine(address, [assignment]) as engine:
        for part, methods in PARTS.items():
            for owner, method in methods:
                meter.watch(part, owner, method)
        look = _Looks(meter, {one.split("=")[0]: int(one.split("=")[1]) for one in others})
        work = grade(engine, {assignment: students}, sys.maxsize)
        for number, (_, outcome) in enumerate(work):
            if outcome.status != "graded":
                raise SystemExit(f"{outcome.student} was not graded: {outcome.why}")
            seconds.append(outcome.seconds)
            if number in (first, last):
                looks.append(look.now())
    each = {
        kind: {one: (looks[1][kind][one] - looks[0][kind][one]) / (last - first) for one in found}
        for kind, found in looks[0].items()
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory": memory, **each}))


if __name__ == "__main__":
    main()
