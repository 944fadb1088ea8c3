"""Check that right solutions get the same grade every time, however busy the machine is.

    make bench NAME=engine.concurrency ARGS="[--times 20] [--levels full,reduced]"
    make bench NAME=engine.busy_machine ARGS="[--runs 10] [--busy 30] [--kinds class,slow]"

The first command grades each program of nbjudge/tests/support/concurrency.py repeatedly with one
engine. Each program is a correct solution; three of them cannot run at the level reduced, and get a
one-sentence explanation there. The table shows the number of distinct results (points, faults and
the last line of the output), the points, and the duration of a grading.

The second command grades the sample class and the slow programs of `_slow_programs.py` in a copy of
the course, while other processes keep the processors busy. It compares the points of each
submission over all runs, and those of the sample class with the expected ones. The runs are stored
in the copy, so an interrupted command continues where it stopped.

The exit status is 0 if each program and submission had one result, otherwise 1.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks._figures import show_figures
from benchmarks.engine._slow_programs import PROGRAMS as SLOW
from benchmarks.engine.grading import copy_course
from tests.support.concurrency import PROGRAMS, question
from tests.support.engines import Bench, busy_processes, engine_config

TEST = "squares_test"
LONGEST = 7200  # seconds after which a busy process ends
PREPARE = "from tools.sample_class import write_class; write_class()"
KINDS = {"class": "sample class", "slow": "slow programs"}


def grade(bench: Bench, program: str, times: int) -> tuple[set[str], float | None, list[float]]:
    """Grade a program several times.

    Returns
    -------
    results, points, seconds
        The distinct results as texts, the points of the last grading, and the duration of each.
    """
    assignment, results, seconds, points = question(program), set(), [], None
    for _ in range(times):
        start = time.monotonic()
        answer = bench(assignment)
        seconds.append(time.monotonic() - start)
        points = answer.scores[TEST]
        last = answer.shown(TEST).strip().rpartition("\n")[2]
        results.add(repr((points, answer.faults, last)))
    return results, points, seconds


def table(levels: Sequence[str], times: int) -> tuple[list[str], bool]:
    """Return the lines of the table, and True if each program had one result."""
    lines = ["| level | program | gradings | results | points of 4 | median | slowest |"]
    lines += ["|---|---|--:|--:|--:|--:|--:|"]
    alike = True
    for level in levels:
        bench = Bench(engine_config(level))
        try:
            for program in PROGRAMS:
                results, points, seconds = grade(bench, program, times)
                alike &= len(results) == 1
                median, slowest = sorted(seconds)[len(seconds) // 2], max(seconds)
                figures = f"{times} | {len(results)} | {points:g}"
                lines.append(
                    f"| {level} | {program} | {figures} | {median:.2f} s | {slowest:.2f} s |"
                )
                print(lines[-1], file=sys.stderr, flush=True)
        finally:
            bench.stop()
    return lines, alike


def prepare(course: Path, kind: str) -> None:
    """Copy the course to a folder, and write the submissions there, unless it was done."""
    if (course / "ready").exists():
        return
    course.mkdir(parents=True, exist_ok=True)
    copy_course(course)
    if kind == "slow":
        for text in (course / "source").glob("*.py"):
            if text.stem != "conv_forward":
                text.unlink()
    _run(course, "-m", "tools.release")
    if kind == "class":
        _run(course, "-c", PREPARE)
    for name, program in SLOW.items() if kind == "slow" else ():
        place = course / "submitted" / _student(name) / "conv_forward"
        place.mkdir(parents=True)
        notebook = json.loads((course / "release/conv_forward/conv_forward.ipynb").read_text())
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "conv_forward":
                cell["source"] = program
        (place / "conv_forward.ipynb").write_text(json.dumps(notebook))
    (course / "ready").touch()


def _student(program: str) -> str:
    return f"slow-{program.lower().replace(' ', '-')}"


def _run(course: Path, *arguments: str) -> str:
    outer = ("PYTHONPATH", "MPLBACKEND")
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment["PYTHONPATH"] = str(course / "nbjudge" / "src")
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=course, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{arguments} ended with status {done.returncode}")
    return done.stdout


def grade_course(course: Path, workers: int, processes: int) -> dict[str, Any]:
    """Grade all submissions of a course beside busy processes; return the results of the run."""
    assignments = sorted(
        {path.name for path in (course / "submitted").glob("*/*") if path.is_dir()}
    )
    options = ["--force", "--json", "--workers", str(workers)]
    start = time.monotonic()
    with busy_processes(processes, LONGEST):
        output = _run(course, "-m", "nbjudge", "autograde", *assignments, *options)
        load = os.getloadavg()[0]
    points, remarks = {}, []
    for assignment, outcomes in json.loads(output)["assignments"].items():
        for outcome in outcomes:
            whose = f"{outcome['student']}, {assignment}"
            points[whose] = {
                question: score
                for scores in outcome["scores"].values()
                for question, score in scores.items()
            }
            points[whose] |= {"failed": outcome["why"]} if outcome["status"] == "failed" else {}
            remarks += [f"{whose}: {text}" for text in outcome["remarks"] if "alone" in text]
    seconds = time.monotonic() - start
    return {"points": points, "remarks": remarks, "seconds": seconds, "load": load}


def unexpected(course: Path, kind: str, run: dict[str, Any]) -> tuple[list[str], int]:
    """Return the questions of a run with unexpected points, and the number of questions."""
    problems, count, table = [], 0, {}
    if kind == "class":
        table = json.loads((course / "submitted/sample_class.json").read_text())
    for whose, scores in run["points"].items():
        student, assignment = whose.split(", ")
        expected_grades = {"conv_forward": {"points": 20.0}}
        if kind == "class":
            expected_grades = table[student].get(assignment, {})
        for exercise, grade in expected_grades.items():
            names = [name for name in scores if name.removesuffix("_grade") == exercise]
            actual = [scores[name] for name in names]
            count += 1
            if actual != [grade["points"]]:
                problems.append(f"{whose}, {exercise}: {actual}, expected {grade['points']}")
    return problems, count


def busy_table(
    course: Path, kinds: Sequence[str], runs: int, workers: int, processes: int
) -> tuple[list[str], bool]:
    """Grade until there are enough runs; return the table, and True if all results are alike."""
    lines = ["| submissions | runs | with more than one result | as expected | median | load |"]
    lines += ["|---|--:|--:|--:|--:|--:|"]
    details, alike = list[str](), True
    for kind in kinds:
        root = course / kind
        prepare(root, kind)
        store = root / "runs.json"
        done = json.loads(store.read_text()) if store.exists() else []
        while len(done) < runs:
            done.append(grade_course(root, workers, processes))
            store.write_text(json.dumps(done, indent=1))
            last = done[-1]
            text = f"{kind} {len(done)}: {last['seconds']:.0f} s, load {last['load']:.1f}"
            print(text, unexpected(root, kind, last)[0], file=sys.stderr, flush=True)
        differing = [
            f"{whose}: {[run['points'][whose] for run in done]}"
            for whose in done[0]["points"]
            if any(run["points"][whose] != done[0]["points"][whose] for run in done)
        ]
        wrong = [unexpected(root, kind, run) for run in done]
        right = [count - len(texts) for texts, count in wrong]
        of = f"{min(right)} of {wrong[0][1]}"
        seconds = sorted(run["seconds"] for run in done)[len(done) // 2]
        load = max(run["load"] for run in done)
        figures = f"{len(done)} | {len(differing)} | {of} | {seconds:.0f} s | {load:.0f}"
        lines.append(f"| {KINDS[kind]}, {len(done[0]['points'])} | {figures} |")
        details += sorted({*differing, *(text for texts, _ in wrong for text in texts)})
        details += sorted({text for run in done for text in run["remarks"]})
        alike &= not differing and not any(texts for texts, _ in wrong)
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors"
    lines += ["", f"{processes} busy processes, {workers} workers; {machine}."]
    return [*lines, "", *(f"- {text}" for text in details)], alike


def main() -> int:
    """Grade programs and courses repeatedly, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20, help="gradings per program [20]")
    parser.add_argument(
        "--levels", default="full,reduced", help="levels of isolation [full,reduced]"
    )
    parser.add_argument("--course", type=Path, help="folder for the copy of the course")
    parser.add_argument("--runs", type=int, default=10, help="runs beside busy processes [10]")
    parser.add_argument("--busy", type=int, default=30, help="number of busy processes [30]")
    parser.add_argument("--kinds", default="class,slow", help="submissions [class,slow]")
    parser.add_argument("--workers", type=int, default=2, help="submissions at a time [2]")
    parser.add_argument("--write", action="store_true", help="put the table in the results page")
    options = parser.parse_args()
    if options.course:
        kinds = options.kinds.split(",")
        lines, alike = busy_table(
            options.course, kinds, options.runs, options.workers, options.busy
        )
        page = str(Path(__file__).with_name("busy_machine"))
        show_figures(page, "\n".join(lines) + "\n", options.write)
        return 0 if alike else 1
    lines, alike = table(options.levels.split(","), options.times)
    load = os.getloadavg()[0]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors"
    lines += ["", f"{machine}, load {load:.1f} at the end, user {os.getuid()}."]
    show_figures(__file__, "\n".join(lines) + "\n", options.write)
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main())
