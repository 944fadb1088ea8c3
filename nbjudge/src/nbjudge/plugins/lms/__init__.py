"""Exchange with learning platforms, and files for spreadsheets and scripts.

The public names are for platforms of other packages: see nbjudge/docs/plugins.md.
"""

from typing import TYPE_CHECKING, Any

from nbjudge.plugins import public_names

if TYPE_CHECKING:
    from nbjudge.plugins.lms.damaged_ids import check_ids
    from nbjudge.plugins.lms.filling import Choices, Filled, Layout, Rows, check_maximum
    from nbjudge.plugins.lms.matching import match_columns
    from nbjudge.plugins.lms.platform import ClassList, GradesFile, Platform, UploadName

__all__ = [
    "Choices",
    "ClassList",
    "Filled",
    "GradesFile",
    "Layout",
    "Platform",
    "Rows",
    "UploadName",
    "check_ids",
    "check_maximum",
    "match_columns",
]

ENTRY_POINTS = {
    "nbjudge.commands": {
        "export": "nbjudge.plugins.lms.export",
        "students": "nbjudge.plugins.lms.students",
    },
    "nbjudge.platforms": {
        "canvas": "nbjudge.plugins.lms.canvas:PLATFORM",
        "moodle": "nbjudge.plugins.lms.moodle:PLATFORM",
        "blackboard": "nbjudge.plugins.lms.blackboard:PLATFORM",
    },
    "nbjudge.configuration": {"lms": "nbjudge.plugins.lms:configure"},
}

__getattr__ = public_names(
    __name__,
    {
        **{n: f"filling:{n}" for n in ("Choices", "Filled", "Layout", "Rows", "check_maximum")},
        **{n: f"platform:{n}" for n in ("ClassList", "GradesFile", "Platform", "UploadName")},
        "check_ids": "damaged_ids:check_ids",
        "match_columns": "matching:match_columns",
    },
)


def configure(c: Any) -> None:
    """Configure nbgrader to export grades, and to collect and return work of learning platforms."""
    c.ExportApp.plugin_class = "nbjudge.plugins.lms.nbgrader_export.Grades"
    for trait in ("collector", "extractor"):
        if f"{trait}_plugin" not in c.ZipCollectApp:  # keep the course's plug-in
            plugin = f"nbjudge.plugins.lms.nbgrader_zip_collect.Lms{trait.title()}"
            c.ZipCollectApp[f"{trait}_plugin"] = plugin
    if "release_feedback" not in c.ExchangeFactory:  # likewise
        release = "nbjudge.plugins.lms.nbgrader_release.ReleaseFeedback"
        c.ExchangeFactory.release_feedback = release
