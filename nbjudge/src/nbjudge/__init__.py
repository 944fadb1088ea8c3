"""nbjudge: a fast, sandboxed, parallel autograder for nbgrader courses.

In nbgrader_config.py, after `c = get_config()`:

    import nbjudge
    nbjudge.configure(c)

After this, `nbgrader autograde`, the formgrader's button and NbGraderAPI grade with nbjudge, and
feedback pages contain neither hidden tests nor active content. `nbjudge autograde` grades a whole
class.

Public are the settings, `c.NbJudge`, and the names in `__all__` of this package (see
nbjudge/docs/python.md) and of the packages nbjudge.plugins.NAME (see nbjudge/docs/plugins.md);
everything else may change in any version. Without the folder of a plug-in, its names in `__all__`
do not exist, so that `from nbjudge import *` fails.
"""

import contextlib
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
    from nbjudge.cli.console import Terminal
    from nbjudge.cli.main import run_command
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.folders import list_class
    from nbjudge.course.grading import grade, write_feedback
    from nbjudge.course.loading import load_course
    from nbjudge.course.outcome import GradingOutcome, printable
    from nbjudge.course.penalties import LatePolicy, SubmissionPoints, nbgrader_policy
    from nbjudge.course.presenter import Presenter
    from nbjudge.engine.engine import Engine
    from nbjudge.feedback.questions import report_of
    from nbjudge.files import is_rubbish
    from nbjudge.judging.causes import CAUSES
    from nbjudge.plugins.release.release_state import release_state
    from nbjudge.plugins.shared.diagnoses import read_diagnoses
    from nbjudge.plugins.standings.collection_record import COLLECTED
    from nbjudge.plugins.standings.reading import read_standings
    from nbjudge.plugins.standings.standings import GradedQuestion, Standings, State
    from nbjudge.sandbox.probe import probe_isolation
    from nbjudge.wording import as_sentence

__all__ = [
    "CAUSES",
    "COLLECTED",
    "REMEDY",
    "Assignment",
    "CannotSandboxError",
    "Engine",
    "EngineError",
    "GradedQuestion",
    "GradingOutcome",
    "IsolationError",
    "LatePolicy",
    "NbJudgeError",
    "NotReleasedError",
    "Presenter",
    "Standings",
    "State",
    "SubmissionPoints",
    "Terminal",
    "as_sentence",
    "configure",
    "grade",
    "is_rubbish",
    "list_class",
    "load_course",
    "nbgrader_policy",
    "printable",
    "probe_isolation",
    "read_diagnoses",
    "read_standings",
    "release_state",
    "report_of",
    "run_command",
    "write_feedback",
]

__version__ = "0.1.0"

# Slow imports, deferred until first use: {public name: module}. Plug-ins' folders have the others.
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


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(_MODULES[name]), name)
    if name in __all__:
        from nbjudge import plugins

        with contextlib.suppress(LookupError):
            return plugins.load("nbjudge.names", name)
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
