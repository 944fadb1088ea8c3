"""nbjudge: a warm, sandboxed, parallel judge under nbgrader.

In nbgrader_config.py, after `c = get_config()`:

    import nbjudge
    nbjudge.configure(c)

From then on `nbgrader autograde`, the formgrader's button and NbGraderAPI grade with it, and
feedback pages show no hidden tests and nothing active. `nbjudge autograde` grades a whole class.
"""

__all__ = ["configure"]


def configure(c) -> None:
    """Let nbgrader grade with nbjudge, and make its pages safe; c: what get_config() gives."""
    from nbgrader.preprocessors import AssignLatePenalties

    from nbjudge import feedback
    from nbjudge.plugin import Judge, Sanitize

    c.Autograde.sanitize_preprocessors = [Sanitize]
    c.Autograde.autograde_preprocessors = [Judge, AssignLatePenalties]
    feedback.configure(c)
