"""nbjudge: a fast, sandboxed, parallel autograder for nbgrader courses.

In nbgrader_config.py, after `c = get_config()`:

    import nbjudge
    nbjudge.configure(c)

After this, `nbgrader autograde`, the formgrader's button and NbGraderAPI grade with nbjudge, and
feedback pages contain neither hidden tests nor active content. `nbjudge autograde` grades a whole
class.

Public are the settings, `c.NbJudge`, and the names in `__all__` of this package (see
nbjudge/docs/python.md) and of the plug-ins' packages (see nbjudge/docs/plugins.md);
everything else may change in any version.
"""

import importlib
from typing import TYPE_CHECKING, Any

from nbjudge.errors import (
    REMEDY,
    CannotSandboxError,
    EngineError,
    IsolationError,
    NbJudgeError,
    NotReleasedError,
)

if TYPE_CHECKING:
    from nbjudge.cli.console import Terminal as Terminal
    from nbjudge.cli.main import run_command as run_command
    from nbjudge.course.assignment import Assignment as Assignment
    from nbjudge.course.folders import list_class as list_class
    from nbjudge.course.grading import grade as grade
    from nbjudge.course.grading import write_feedback as write_feedback
    from nbjudge.course.loading import load_course as load_course
    from nbjudge.course.outcome import GradingOutcome as GradingOutcome
    from nbjudge.course.outcome import printable as printable
    from nbjudge.course.penalties import LatePolicy as LatePolicy
    from nbjudge.course.penalties import SubmissionPoints as SubmissionPoints
    from nbjudge.course.penalties import nbgrader_policy as nbgrader_policy
    from nbjudge.course.presenter import Presenter as Presenter
    from nbjudge.engine.engine import Engine as Engine
    from nbjudge.feedback.questions import report_of as report_of
    from nbjudge.files import is_rubbish as is_rubbish
    from nbjudge.judging.causes import CAUSES as CAUSES
    from nbjudge.sandbox.probe import probe_isolation as probe_isolation
    from nbjudge.wording import as_sentence as as_sentence

__version__ = "0.1.0"

# Slow imports, deferred until first use: {public name: module}. mypy reads those above.
_MODULES = {
    "Assignment": "nbjudge.course.assignment",
    "CAUSES": "nbjudge.judging.causes",
    "Engine": "nbjudge.engine.engine",
    "GradingOutcome": "nbjudge.course.outcome",
    "LatePolicy": "nbjudge.course.penalties",
    "Presenter": "nbjudge.course.presenter",
    "SubmissionPoints": "nbjudge.course.penalties",
    "Terminal": "nbjudge.cli.console",
    "as_sentence": "nbjudge.wording",
    "grade": "nbjudge.course.grading",
    "is_rubbish": "nbjudge.files",
    "list_class": "nbjudge.course.folders",
    "load_course": "nbjudge.course.loading",
    "nbgrader_policy": "nbjudge.course.penalties",
    "printable": "nbjudge.course.outcome",
    "probe_isolation": "nbjudge.sandbox.probe",
    "report_of": "nbjudge.feedback.questions",
    "run_command": "nbjudge.cli.main",
    "write_feedback": "nbjudge.course.grading",
}

__all__ = [
    "REMEDY",
    "CannotSandboxError",
    "EngineError",
    "IsolationError",
    "NbJudgeError",
    "NotReleasedError",
    "configure",
    *_MODULES,
]


if not TYPE_CHECKING:  # mypy would find any name in the package

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return getattr(importlib.import_module(_MODULES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def configure(c: Any) -> None:
    """Configure nbgrader to grade with nbjudge, write safe pages and export no 0 for missing work.

    Unless the course has configured its own plug-ins, `nbgrader zip_collect` also reads the
    archives of learning platforms, and `nbgrader release_feedback` accepts work that was not
    submitted through the exchange.

    Parameters
    ----------
    c
        The configuration that `get_config()` returns.

    Raises
    ------
    SystemExit
        If the database driver for `c.CourseDirectory.db_url` is not installed, or another package's
        plug-in does not work. After any other exception nbgrader would print a traceback and
        continue without these settings.

    Examples
    --------
    >>> import nbjudge
    >>> from traitlets.config import Config
    >>> c = Config()  # in nbgrader_config.py: c = get_config()
    >>> nbjudge.configure(c)
    >>> c.Autograde.exporter_class
    'nbjudge.course.nbgrader_autograde.GradingExporter'
    """
    if db_url := c.CourseDirectory.get("db_url"):
        from nbjudge.course.database import check_driver

        try:
            check_driver(db_url)
        except ValueError as error:
            raise SystemExit(f"nbgrader_config.py: {error}") from None
    from nbjudge import plugins

    c.Autograde.exporter_class = "nbjudge.course.nbgrader_autograde.GradingExporter"
    c.GenerateFeedback.exporter_class = "nbjudge.course.nbgrader_feedback.FeedbackPage"
    c.HTMLExporter.preprocessors.append("nbjudge.course.nbgrader_feedback.MakeInert")
    try:
        plugins.ask("nbjudge.configuration", "__call__", c)
    except ValueError as error:
        raise SystemExit(f"nbgrader_config.py: {error}") from None
