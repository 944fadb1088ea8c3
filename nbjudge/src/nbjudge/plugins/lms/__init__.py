"""Exchange with learning platforms, and files for spreadsheets and scripts."""

from typing import Any

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
