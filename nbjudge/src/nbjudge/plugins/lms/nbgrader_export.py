"""Plug-ins for `nbgrader export`; nbjudge.configure(c) makes Grades the default.

nbgrader export --exporter=nbjudge.plugins.lms.nbgrader_export.Questions --to questions.json
"""

from pathlib import Path

from nbgrader.plugins import ExportPlugin
from traitlets import TraitError

from nbjudge.course.loading import check_settings, configured
from nbjudge.course.outcome import printable
from nbjudge.plugins.lms.tables import write_table
from nbjudge.plugins.standings.reading import read_standings
from nbjudge.settings import NbJudge


class _Table(ExportPlugin):  # type: ignore[misc]
    """Exports the table in nbjudge.plugins.lms.tables that has the same name as the class."""

    def export(self, gradebook: object) -> None:
        """Write the table to the file given by --to, as CSV or, if its name ends in .json, JSON."""
        name = type(self).__name__.lower()
        assignments, students = tuple(map(str, self.assignment)), tuple(map(str, self.student))
        path = Path(self.to or f"{name}.csv")
        try:
            check_settings(self.config)
            parts = NbJudge(config=self.config).parts
            coursedir = configured(self.parent.coursedir, self.config)
            standings = read_standings(coursedir, assignments, students, parts)
            rows = write_table(name, standings, path)
        except (LookupError, ValueError, OSError, TraitError) as error:
            self.parent.fail("%s", error)
        for remark in standings.remarks:
            self.log.warning("%s", printable(remark))
        self.log.info("Wrote %s: %s rows", path, rows)


class Grades(_Table):
    """Exports grades: a row for each assignment and student."""


class Questions(_Table):
    """Exports questions: a row for each question and student."""


class Mistakes(_Table):
    """Exports mistakes: a row for each mistake, with the students who made it."""


class Totals(_Table):
    """Exports totals: a row for each student."""
