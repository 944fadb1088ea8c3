"""nbjudge: a warm, sandboxed, parallel judge under nbgrader.

In nbgrader_config.py, after `c = get_config()`:

    import nbjudge
    nbjudge.configure(c)

From then on `nbgrader autograde`, the formgrader's button and NbGraderAPI grade with it, and
feedback pages show no hidden tests and nothing active. `nbjudge autograde` grades a whole class.

What `__all__` names is public, and so are the settings, `c.NbJudge`; all else may change with any
version.
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
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.diagnoses import diagnoses
    from nbjudge.course.folders import list_class
    from nbjudge.course.grading import Notes, grade, notes, write_feedback
    from nbjudge.course.loading import load_course
    from nbjudge.course.outcome import GradingOutcome
    from nbjudge.course.standings import GradedQuestion, State, read_standings
    from nbjudge.engine.engine import Engine
    from nbjudge.feedback.questions import report_of
    from nbjudge.files import is_rubbish

__all__ = [
    "REMEDY",
    "Assignment",
    "CannotSandboxError",
    "Engine",
    "EngineError",
    "GradedQuestion",
    "GradingOutcome",
    "IsolationError",
    "NbJudgeError",
    "NotReleasedError",
    "Notes",
    "State",
    "configure",
    "diagnoses",
    "grade",
    "is_rubbish",
    "list_class",
    "load_course",
    "notes",
    "read_standings",
    "report_of",
    "write_feedback",
]

__version__ = "0.1.0"

_WHERE = {  # what takes long to load, and is loaded when it is first asked for
    "Assignment": "nbjudge.course.assignment",
    "Engine": "nbjudge.engine.engine",
    "GradedQuestion": "nbjudge.course.standings",
    "GradingOutcome": "nbjudge.course.outcome",
    "Notes": "nbjudge.course.grading",
    "State": "nbjudge.course.standings",
    "diagnoses": "nbjudge.course.diagnoses",
    "grade": "nbjudge.course.grading",
    "is_rubbish": "nbjudge.files",
    "list_class": "nbjudge.course.folders",
    "load_course": "nbjudge.course.loading",
    "notes": "nbjudge.course.grading",
    "read_standings": "nbjudge.course.standings",
    "report_of": "nbjudge.feedback.questions",
    "write_feedback": "nbjudge.course.grading",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)


def configure(c: Any) -> None:
    """Let nbgrader grade with nbjudge, make its pages safe, and export no 0 for missing work.

    `nbgrader zip_collect` reads the archives of learning platforms, and `nbgrader release_feedback`
    goes on where work was not submitted through the exchange, unless the course has chosen
    plug-ins for them.

    Parameters
    ----------
    c
        What `get_config()` gives.

    Raises
    ------
    SystemExit
        The driver of the gradebook that `c.CourseDirectory.db_url` names is not installed. nbgrader
        would report an ordinary exception, and go on without these settings.
    """
    if db_url := c.CourseDirectory.get("db_url"):
        from nbjudge.course.database import check_driver

        try:
            check_driver(db_url)
        except ValueError as error:
            raise SystemExit(f"nbgrader_config.py: {error}") from None
    c.Autograde.exporter_class = "nbjudge.course.nbgrader_autograde.Judge"
    c.GenerateFeedback.exporter_class = "nbjudge.course.nbgrader_feedback.FeedbackPage"
    c.HTMLExporter.preprocessors.append("nbjudge.course.nbgrader_feedback.MakeInert")
    c.ExportApp.plugin_class = "nbjudge.lms.nbgrader_export.Grades"
    if "release_feedback" not in c.ExchangeFactory:  # the course's own exchange stays
        release = "nbjudge.course.nbgrader_release.ReleaseFeedback"
        c.ExchangeFactory.release_feedback = release
    for trait in ("collector", "extractor"):
        if f"{trait}_plugin" not in c.ZipCollectApp:  # the course's own stays
            plugin = f"nbjudge.lms.nbgrader_zip_collect.Lms{trait.title()}"
            c.ZipCollectApp[f"{trait}_plugin"] = plugin
