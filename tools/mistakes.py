"""Print which checks each known mistake of an exercise fails, for those who write one.

    python -m tools.mistakes NAME

The cases are those that the definition gives now: nothing needs to be released first. Exit status 1
where a mistake fails other checks than it declares, or is not recognized.
"""

import argparse
import sys
from collections.abc import Sequence

from exercises import EXERCISES
from public_tests.judging import judge

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mistakes",
        description="Print which checks each known mistake of an exercise fails.",
    )
    parser.add_argument("name", metavar="NAME", help="an exercise")
    name = parser.parse_args(arguments).name
    if name not in EXERCISES:
        parser.error(f"there is no exercise {name!r}; there are {', '.join(EXERCISES)}")
    exercise, case_set = EXERCISES[name], EXERCISES[name].case_set()
    unfailed, wrong = [check.name for check in exercise.checks], False
    for mistake in exercise.mistakes:
        verdict = judge(case_set, exercise.wrong_function(mistake))
        failed = [result.check.name for result in verdict.results if not result.passed]
        unfailed = [check for check in unfailed if check not in failed]
        print(f"{mistake.name}: {', '.join(failed) or 'no check'}")
        if set(failed) != set(mistake.fails):
            print(f"    declared: {', '.join(mistake.fails)}")
            wrong = True
        if verdict.mistake is None or verdict.mistake.name != mistake.name:
            print("    not recognized")
            wrong = True
    if unfailed:
        print(f"No mistake fails: {', '.join(unfailed)}")
        folder = "tests/exercises/solutions/wrong"
        print(f"Write a wrong solution in {folder}/{name}.py, unless one there fails it.")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
