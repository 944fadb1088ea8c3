"""nbjudge: a warm, sandboxed, parallel judge under nbgrader.

In nbgrader_config.py, after `c = get_config()`:

    import nbjudge
    nbjudge.configure(c)

From then on `nbgrader autograde`, the formgrader's button and NbGraderAPI grade with it, and
feedback pages show no hidden tests and nothing active. `nbjudge autograde` grades a whole class.
"""

__all__ = ["REMEDY", "IsolationError", "configure"]

__version__ = "0.1.0"

REMEDY = (
    "Run `nbjudge doctor` for details, or grade in a container: "
    'see "In a container" in nbjudge/README.md.'
)


class IsolationError(RuntimeError):
    """The sandbox could not be made: a fault of the machine or the settings, never a student's."""


def configure(c) -> None:
    """Let nbgrader grade with nbjudge, and make its pages safe; c: what get_config() gives."""
    c.Autograde.exporter_class = "nbjudge.plugin.Judge"
    c.GenerateFeedback.exporter_class = "nbjudge.feedback.FeedbackPage"
    c.HTMLExporter.preprocessors.append("nbjudge.feedback.MakeInert")
