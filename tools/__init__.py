"""The course's machinery: text to notebooks, release, sample class, grading, student repository."""

import sys

try:
    from nbjudge import IsolationError  # noqa: F401
except ImportError:  # without it the folder nbjudge/ is an empty package
    raise SystemExit(
        f"nbjudge, which grades this course, is not installed in {sys.prefix}: run `make setup` "
        "and use the commands in .venv/bin, or run `python -m pip install --editable ./nbjudge`."
    ) from None
