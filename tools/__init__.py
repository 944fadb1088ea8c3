"""Build, release, grade and publish the course."""

import sys

try:
    from nbexercise.defining.exercise import Exercise  # noqa: F401
    from nbjudge import IsolationError  # noqa: F401
except ImportError:  # otherwise nbjudge/ imports as an empty namespace package
    raise SystemExit(
        f"nbjudge, which grades this course, or nbexercise is not installed in {sys.prefix}: run "
        "`make setup` and use the commands in .venv/bin, or run "
        "`python -m pip install --editable ./nbexercise --editable ./nbjudge`."
    ) from None
