"""Print the checks that each known mistake of an exercise fails, for authors of exercises.

    python -m tools.mistakes NAME

The cases are computed from the current definition, so nothing needs to be released first. The exit
status is 1 if a mistake is not recognized, or fails checks other than the declared ones.
"""

import argparse
import sys
from collections.abc import Sequence

from exercises import EXERCISES
from nbexercise.diagnosis.diagnose import judge

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mistakes",
        description="Print the checks that each known mistake of an exercise fails.",
    )
    parser.add_argument("name", metavar="NAME", help="name of the exercise")
    name = parser.parse_args(arguments).name
    if name not in EXERCISES:
        parser.error(f"unknown exercise {name!r}; choose from {', '.join(EXERCISES)}")
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
        print(f"Checks that no mistake fails: {', '.join(unfailed)}")
        file = f"tests/exercises/solutions/{name}.py"
        print(f"Add a wrong solution that fails them to {file}, if it has none.")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
