"""List what takes readers' time in each lesson and assignment.

    python -m benchmarks.lessons.minutes [--write]

Takes a few seconds. --write puts the tables into minutes.md.
"""

import argparse
from collections.abc import Sequence

from benchmarks._figures import show_figures
from tools.course import assignments, lessons
from tools.lesson_times import minutes_table

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the tables into minutes.md")
    given = parser.parse_args(arguments)
    tables = f"{minutes_table(lessons())}\n\n{minutes_table(assignments())}\n"
    show_figures(__file__, tables, given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
