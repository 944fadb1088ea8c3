"""Take the sample class away, to begin with a real one: `python -m tools.sample_class`."""

import sys

from tools.sample_class.writing import forget_class


def main() -> int:
    """Take the sample class away, as far as it is as it was written."""
    try:
        removed, left = forget_class()
    except FileNotFoundError:
        print("There is no sample class in submitted/: nothing is taken away.")
        return 0
    print(f"{len(removed)} submissions of the sample class are gone, with their grades.")
    for folder in left:
        print(
            f"{folder} is not as the sample class had it, and stays. If it is no student's of "
            "yours, remove it, and do this again."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
