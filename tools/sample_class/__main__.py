"""Take the sample class away, to begin with a real one: `python -m tools.sample_class`."""

import sys

from tools.sample_class.writing import forget_class


def main() -> int:
    """Returns 0 if the sample class was taken away, 1 if there was none."""
    try:
        removed, left = forget_class()
    except FileNotFoundError:
        print("There is no sample class in submitted/.")
        return 1
    print(f"{len(removed)} submissions of the sample class are gone, with their grades.")
    for folder in left:
        print(f"{folder} is not as the sample class had it, and stays.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
