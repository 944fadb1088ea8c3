"""Run `nbexercise` as `python -m nbexercise`."""

import sys

from .building.commands import main

if __name__ == "__main__":
    sys.exit(main())
