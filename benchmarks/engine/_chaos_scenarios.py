"""Full and slow disks, jumping clocks, and two coordinators at once, in small classes."""

import random
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.engine._chaos_class import ASSIGNMENT, SOUND, hand_in, kind_of
from benchmarks.engine._chaos_course import Course, Expected
from benchmarks.engine._chaos_trial import Act, Harm, Trial
from benchmarks.engine.grading import NBJUDGE, ROOT, check_points, points_of, remove_nbjudge, run

__all__ = ["SCENARIOS", "sample_of_stock"]

SIZE, SAMPLE = 100, 50
DAY = 86_400  # seconds
# Imported as sitecustomize by the coordinator only: its children do not inherit the variable.
SLOW_DISK = """
import os
if os.environ.pop("SLOW_DISK", ""):
    import pathlib, sqlite3, time
    def slow(do):
        def slowly(*given, **named):
            time.sleep(0.05)
            return do(*given, **named)
        return slowly
    for name in ("rename", "replace", "mkdir", "fsync", "unlink"):
        setattr(os, name, slow(getattr(os, name)))
    pathlib.Path.write_bytes = slow(pathlib.Path.write_bytes)
    class Slow(sqlite3.Connection):
        def commit(self):
            time.sleep(0.2)  # while it holds the lock
            super().commit()
    def connect(*given, then=sqlite3.connect, **named):
        return then(*given, **{"factory": Slow, **named})
    sqlite3.connect = sqlite3.dbapi2.connect = connect
"""
# Preloaded before the C library: shifts the time of day by the number of seconds in a file. The
# other clocks, which measure durations, are unaffected, as when a machine's time is set.
CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static const volatile long *ahead;
__attribute__((constructor)) static void find(void) {
    int file = open(getenv("CLOCK_FILE"), O_RDONLY);
    void *there = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (there != MAP_FAILED) ahead = there;
    close(file);
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = dlsym(RTLD_NEXT, "clock_gettime");
    int status = next(clock, now);
    if (ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *ahead;
    return status;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    int status = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return status;
}
time_t time(time_t *now) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (now) *now = exact.tv_sec;
    return exact.tv_sec;
}
"""
# Mounts a small file system on a folder of the course, with the folder's files.
FULL = """
cp -a {place} {place}.full && mount -t tmpfs -o size={size} none {place} &&
cp -a {place}.full/. {place} || exit 99
"$@"; status=$?
rm -rf {place}.full && cp -a {place} {place}.full; exit $status
"""
Found = dict[str, Any]


class _SkippedError(Exception):
    """A scenario is not possible on this machine; the message explains why."""


def _trial(course: Course, expected: Expected, acts: Mapping[str, Act], where: str) -> Trial:
    return Trial(course, expected, random.Random(where), acts, where)


def _full_disk(course: Course, expected: Expected, place: str, room: int, what: str) -> Trial:
    """Grade while a folder of the course is on a full disk, then without the full disk.

    Parameters
    ----------
    room
        Free space in bytes.
    """
    folder = course.root / place
    folder.mkdir(exist_ok=True)
    size = sum(path.stat().st_size for path in folder.rglob("*")) + room
    script = FULL.format(place=place, size=size)
    first = course.start(before=["unshare", "--mount", "sh", "-c", script, "sh"])
    first.process.wait()
    if first.process.returncode == 99 or "unshare:" in first.said:
        raise _SkippedError(f"this machine cannot mount a file system: {first.said.strip()}")
    shutil.rmtree(folder)
    folder.with_name(f"{place}.full").rename(folder)
    trial = _trial(course, expected, {}, "")
    harm = Harm(what, trial.graded, wrong=course.wrong(expected), at=time.monotonic())
    if not 0 < trial.graded < len(expected) or "was not graded" not in first.said:
        trial.problems.append(f"{what} did not occur: {trial.graded} were graded")
    trial.harms, trial.pending = [harm], [harm]
    trial.grade()
    return trial


def _folders(course: Course, expected: Expected) -> Trial:
    return _full_disk(course, expected, "autograded", 5_000_000, "full disk: autograded/")


def _gradebook(course: Course, expected: Expected) -> Trial:
    (course.root / "database").mkdir()
    course.move_gradebook("database/gradebook.db")
    return _full_disk(course, expected, "database", 150_000, "full disk: the gradebook, SQLite")


def _slow_disk(course: Course, expected: Expected) -> Trial:
    folder = course.root.with_name("slow-disk")
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(SLOW_DISK)
    course.variables = {"SLOW_DISK": "1", "PYTHONPATH": f"{folder}:{ROOT}/nbjudge/src"}
    trial = _trial(course, expected, {}, ", slow disk")
    trial.grade(kinds=["coordinator"], kills=3)
    course.variables = {}
    return trial


def _clock(course: Course, expected: Expected) -> Trial:
    """Grade while the time of day jumps for all processes of the command."""
    if not (compiler := shutil.which("cc")):
        raise _SkippedError("no C compiler for the library that shifts the clock")
    source, library = (course.root.with_name(f"clock.{end}") for end in ("c", "so"))
    file, ahead = course.root.with_name("clock"), 0
    source.write_text(CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)

    def jump(days: int) -> bool:
        nonlocal ahead
        ahead += days * DAY
        # Processes have the file mapped, so it must stay the same file.
        with open(file, "r+b" if file.exists() else "wb") as mapped:
            mapped.write(struct.pack("l", ahead))
        return True

    jump(0)
    course.variables = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(file)}
    acts = {"clock, a day on": lambda: jump(1), "clock, a day back": lambda: jump(-1)}
    trial = _trial(course, expected, acts, "")
    trial.grade(kinds=[*acts], kills=6)
    course.variables = {}
    return trial


def _twice(course: Course, expected: Expected) -> Trial:
    trial = _trial(course, expected, {}, ", SQLite")
    trial.grade(kinds=["second coordinator"], kills=3)
    return trial


def _scenario(grade: Callable[[Course, Expected], Trial]) -> Callable[..., Found]:
    def scenario(folder: Path, template: Path, alone: Mapping[str, Any]) -> Found:
        """Grade a small class, and return the measurements."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        course = Course.make(folder / "course", template)
        kinds = {f"s{number:05}": kind_of(SIZE + number) for number in range(SIZE)}
        hand_in(course.root, iter(kinds.items()))
        expected = {student: alone[kind] for student, kind in kinds.items()}
        try:
            trial = grade(course, expected)
        except _SkippedError as reason:
            return {"skipped": str(reason)}
        trial.problems += course.problems(expected)
        return trial.plain()

    return scenario


SCENARIOS = {
    "full-autograded": _scenario(_folders),
    "full-gradebook": _scenario(_gradebook),
    "slow-disk": _scenario(_slow_disk),
    "clock": _scenario(_clock),
    "twice": _scenario(_twice),
}


def sample_of_stock(folder: Path, template: Path) -> Found:
    """Time stock nbgrader and nbjudge on the same sample, without feedback, in seconds.

    Raises
    ------
    SystemExit
        If they do not give every student the same points.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    found: Found = {"submissions": SAMPLE}
    expected: dict[str, float] = {}
    students = [(f"s{n:05}", [*SOUND][n % len(SOUND)]) for n in range(SAMPLE)]
    nbgrader = str(Path(sys.executable).with_name("nbgrader"))
    for name, program in (("stock", [nbgrader]), ("nbjudge", NBJUDGE)):
        course = Course.make(folder / name, template)
        hand_in(course.root, iter(students))
        if name == "stock":
            remove_nbjudge(course.root)
        found[name] = run([*program, "autograde", ASSIGNMENT], course.root)[0]
        points = points_of(course.root, ASSIGNMENT)
        check_points(name, points, expected := expected or points)
    return found
