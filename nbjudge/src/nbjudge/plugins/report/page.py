"""Render the report about a class as a single HTML page that loads no other resource.

Its only script sorts and filters the list of students; the page is complete without it. Names and
messages come from students, so all text is escaped, and the page's content security policy blocks
all other scripts.
"""

import base64
import datetime
import hashlib
from functools import lru_cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from nbjudge import feedback
from nbjudge.course.dates import duration_text, time_text
from nbjudge.feedback.page import number, templates
from nbjudge.plugins.report.charts import histogram, small_histogram
from nbjudge.plugins.report.class_report import ClassReport
from nbjudge.plugins.report.overview import MARKED
from nbjudge.plugins.report.statistics import FEW
from nbjudge.plugins.standings.standings import Standing, State

LONG = 10  # rows; a longer table is folded
SHOWN = 5  # mistakes of an assignment that are not folded
_HERE = Path(__file__).parent
_MARKS = {  # symbols in the list of students for work without points
    State.NOT_SUBMITTED: "–",
    State.UNSURE: "–?",
    State.NOT_GRADED: "…",
    State.NOT_GRADABLE: "!",
    State.WAITING: "?",
}


def render(report: ClassReport, made: datetime.datetime, zone: datetime.tzinfo) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    made
        Time of creation, in UTC.
    zone
        Time zone of the times on the page.
    """
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = _template().render(
        report=report,
        made=time_text(made, zone),
        zone=zone,
        assignments={
            assignment.assigned.name: f"a{n}" for n, assignment in enumerate(report.assignments, 1)
        },
        students={student.person.id: f"s{n}" for n, student in enumerate(report.students, 1)},
        people_by_id={student.person.id: student.person for student in report.students},
        State=State,
        MARKED=MARKED,
        FEW=FEW,
        LONG=LONG,
        SHOWN=SHOWN,
        script=Markup(script),
        digest=digest,
        style=_style(),
    )
    return page.encode("utf-8", "replace").decode()  # JSON strings can hold lone surrogates


@lru_cache
def _template() -> jinja2.Template:
    environment = templates(_HERE)
    environment.filters["duration"] = duration_text
    environment.filters["time"] = time_text
    environment.filters["breakable"] = _breakable
    environment.globals |= {
        "histogram": histogram,
        "small_histogram": small_histogram,
        "mark_of": _mark_of,
    }
    return environment.get_template("page.html")


@lru_cache
def _style() -> Markup:
    files = Path(feedback.__file__).parent / "page.css", _HERE / "page.css"
    return Markup("".join(file.read_text(encoding="utf-8") for file in files))


def _breakable(name: str) -> Markup:
    """Return a name as HTML with a possible line break after each underscore."""
    return Markup("_<wbr>").join(name.split("_"))


def _mark_of(standing: Standing) -> str:
    """Return the points to show in the list of students, or a symbol for the state."""
    return _MARKS.get(standing.state) or number(standing.known_points)
