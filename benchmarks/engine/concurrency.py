"""Check that right solutions get the same grade every time.

    make bench NAME=engine.concurrency ARGS="[--times 20] [--levels full,reduced]"

The command grades each program of nbjudge/tests/support/concurrency.py repeatedly with one
engine. Each program is a correct solution; three of them cannot run at the level reduced, and get a
one-sentence explanation there. The table shows the number of distinct results (points, faults and
the last line of the output), the points, and the duration of a grading.

The exit status is 0 if each program had one result, otherwise 1.
"""

import os
import platform
import sys
import time
from collections.abc import Sequence

from benchmarks._figures import argument_parser, show_figures
from tests.support.concurrency import PROGRAMS, question
from tests.support.engines import Bench, engine_config

TEST = "squares_test"


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


def main() -> int:
    """Grade the programs repeatedly, and print the table."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--times", type=int, default=20, help="gradings per program [20]")
    parser.add_argument(
        "--levels", default="full,reduced", help="levels of isolation [full,reduced]"
    )
    options = parser.parse_args()
    lines, alike = table(options.levels.split(","), options.times)
    load = os.getloadavg()[0]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors"
    lines += ["", f"{machine}, load {load:.1f} at the end, user {os.getuid()}."]
    show_figures(__file__, "\n".join(lines) + "\n", options.write)
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main())
