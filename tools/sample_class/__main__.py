"""Remove the sample class, to start with a real one: `python -m tools.sample_class`."""

import sys

from tools.sample_class.writing import forget_class


def main() -> int:
    """Remove the submissions of the sample class that nobody has edited."""
    try:
        removed, left = forget_class()
    except FileNotFoundError:
        print("submitted/ contains no sample class: nothing to remove.")
        return 0
    print(f"Removed {len(removed)} submissions of the sample class, with their grades.")
    for folder in left:
        print(
            f"Kept {folder}, which was edited. If it is not a student's work, remove it and run "
            "this command again."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
