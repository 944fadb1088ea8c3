"""Kill the processes of a grading run at random moments, and check that every score is right.

Run `python -m tests.support.interruptions --moments 50` in the folder nbjudge to grade classes of
200 small submissions. At each moment one process gets SIGKILL: the coordinator, the workers'
zygote, a worker, a judge or a fork server. When the coordinator dies, the same command is run again
at once. When a class is complete, a clean run must find nothing to do.
"""

import argparse
import collections
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.small_course import RIGHT, SmallCourse
from tests.support.wholeness import Reader, problems

__all__ = ["ROLES", "Interruptions", "Tree", "main"]

ROLES = ("coordinator", "zygote", "worker", "judge", "fork-server")
DOUBLES = {  # student's answer: points that it earns
    "def double(x):\n    return 2 * x": 2,
    "def double(x):\n    return x": 0,
    "def double(x):\n    raise ValueError(x)": 0,
    "def double(x):\n    import os\n    os._exit(0)": 0,
}
HALVES = {
    "def half(x):\n    return x / 2": 3,
    "def half(x):\n    return x / 2 if x > 3 else 0": 2,
    "def half(x):\n    return 2": 1,
    "def half(x):\n    return None": 0,
    "def half(x:": 0,
}
KINDS = [
    ({"double": double, "half": half}, {"double_test": d, "half_test": h})
    for double, d in DOUBLES.items()
    for half, h in HALVES.items()
]


class Tree:
    """The processes of a run by role."""

    def __init__(self, coordinator):
        self.coordinator, self.seen = coordinator, {}

    def look(self):
        """Return the running processes as {role: process ids}."""
        parents, children = {}, collections.defaultdict(list)
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
                if fields[0] not in "ZX":
                    parents[int(name)] = fields[19]
                    children[int(fields[1])].append(int(name))
        found, waiting = collections.defaultdict(list), [self.coordinator]
        while waiting:
            pid = waiting.pop()
            role = "coordinator" if pid == self.coordinator else self._role(pid)
            if pid in parents and role:
                found[role].append(pid)
                self.seen[pid] = parents[pid]
            waiting += children[pid]
        return found

    def _role(self, pid):
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip().removeprefix("nbj-")
            depth = Path(f"/proc/{pid}/status").read_text().partition("NSpid:")[2].split("\n")
        except OSError:
            return "other"
        if name == "fork-server" and len(depth[0].split()) == 1:
            return "outside"  # the parent that waits for the fork server outside its namespaces
        return name

    def left(self, seconds=60.0):
        """Return the processes that are still running after a few seconds."""
        end = time.monotonic() + seconds
        while True:
            left = [pid for pid, started in self.seen.items() if _started(pid) == started]
            if not left or time.monotonic() > end:
                return left
            time.sleep(0.05)


def _started(pid):
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]


class Interruptions:
    """Grades classes while their processes are killed.

    Parameters
    ----------
    folder
        Working folder.
    size
        Number of submissions in a class.

    Attributes
    ----------
    problems
        Descriptions of the failures.
    """

    def __init__(self, folder, size, seed, isolation="full"):
        self.folder, self.random = Path(folder), random.Random(seed)
        self.course = SmallCourse.make(self.folder / "course", self.folder / "template")
        self.expected = {}
        for number in range(size):
            answers, scores = KINDS[number % len(KINDS)]
            self.course.submit(f"s{number:03}", RIGHT | answers)
            self.expected[f"s{number:03}"] = scores
        self.fresh = self.course.database.read_bytes()
        self.gradebook = Reader(f"sqlite:///{self.course.database}")
        self.isolation, self.runs = isolation, 0
        self.killed, self.statuses = collections.Counter(), collections.Counter()
        self.problems, self.failed = [], []

    def start(self):
        """Start a run; return its process and its folder for temporary files."""
        self.runs += 1
        temporary = self.folder / f"tmp{self.runs}"
        temporary.mkdir()
        with self.course.here(), open(temporary.with_suffix(".log"), "w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "nbjudge", "autograde", "ps1", "--workers", "2", "--json"]
                + ["--isolation", self.isolation],
                env=os.environ | {"TMPDIR": str(temporary)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        return process, temporary

    def one_class(self, moments, roles=ROLES):
        """Grade a class from scratch with at most `moments` kills; return their number."""
        self.forget()
        done = 0
        while True:
            process, temporary = self.start()
            tree = Tree(process.pid)
            hurry = self.random.random() < 0.2  # also kill during startup
            while process.poll() is None and done < moments:
                if not hurry and not tree.look()["judge"]:
                    time.sleep(0.02)
                    continue
                time.sleep(self.random.uniform(0, 1.5))
                role = self.random.choice(roles)
                there = tree.look()[role]
                if there and process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(self.random.choice(there), signal.SIGKILL)
                        self.killed[role] += 1
                        done += 1
            tree.look()
            printed = process.communicate()[0]
            self.statuses[process.returncode] += 1
            if printed:
                outcome = json.loads(printed)["assignments"]["ps1"]
                self.failed += [one["why"] for one in outcome if one["status"] == "failed"]
            if left := tree.left():
                self.problems.append(f"processes are left: {left}")
            self.look(complete=False)
            if process.returncode == 0:
                break
            if process.returncode not in (1, -signal.SIGKILL):
                log = temporary.with_suffix(".log").read_text()
                self.problems.append(f"status {process.returncode}: {log[-2000:]}")
                break
        self.look(complete=True)
        self.clean_run()
        return done

    def forget(self):
        """Restore the class to its state before grading."""
        subprocess.run(["rm", "-rf", str(self.course.root / "autograded")], check=True)
        for path in self.course.root.glob("gradebook.db*"):
            path.unlink()
        self.course.database.write_bytes(self.fresh)

    def clean_run(self):
        """Grade again: the run must find nothing to do and leave no files behind."""
        before = self.course.tables()
        process, temporary = self.start()
        outcome = json.loads(process.communicate()[0])["assignments"]["ps1"]
        again = [one["student"] for one in outcome if one["status"] != "unchanged"]
        if again or process.returncode:
            self.problems.append(f"a run that had nothing to do graded {again}")
        if self.course.tables() != before:
            self.problems.append("a run that had nothing to do changed the gradebook")
        if left := [path.name for path in temporary.iterdir()]:
            self.problems.append(f"temporary files are left: {left}")

    def look(self, complete):
        """Check the results; complete: True if the results of every student must exist."""
        if not complete and not self.gradebook.has_been_graded():
            return
        self.problems += problems(
            self.gradebook, self.course.root, "ps1", self.expected, complete, ["data.csv"]
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--size", type=int, default=200, help="submissions of a class")
    parser.add_argument("--in-one-run", type=int, default=10, help="deaths in one class, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--isolation", default="full")
    parser.add_argument("--roles", nargs="+", choices=ROLES, default=ROLES)
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="interruptions-") as folder:
        trial = Interruptions(folder, options.size, options.seed, options.isolation)
        left, classes = options.moments, 0
        while left > 0:
            left -= trial.one_class(min(left, options.in_one_run), options.roles)
            classes += 1
            for problem in trial.problems:
                print(problem, flush=True)
            count = ", ".join(f"{role} {n}" for role, n in trial.killed.items())
            seconds = time.monotonic() - start
            print(f"{classes} classes in {seconds:.0f} s; killed: {count}", flush=True)
            if trial.problems:
                return 1
    print(f"runs: {trial.runs}; exit statuses: {dict(trial.statuses)}; every score is right")
    print("left for the next run:", dict(collections.Counter(trial.failed)) or "nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
