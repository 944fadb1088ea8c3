"""Offer regrade requests: short texts that a student completes and sends, without an account.

The feedback page offers the text of a request, either as an e-mail or as a file; plug-ins read
requests.
"""

from dataclasses import dataclass
from urllib.parse import quote

from nbjudge.feedback.about import About
from nbjudge.feedback.questions import ShownQuestion

_PARAMETERS = ("subject=", "body=")


@dataclass(frozen=True)
class RegradeLink:
    """A link on the feedback page that starts a request.

    Attributes
    ----------
    file
        Name of the file to save; "" for an e-mail.
    """

    text: str
    address: str
    file: str = ""


def regrade_links(about: About, question: ShownQuestion) -> list[RegradeLink]:
    """Return the links with which a student asks for a regrade; none if the course has none."""
    if not about.regrades:
        return []
    text = _request_text(about, question)
    file = f"regrade-{about.assignment}-{question.cell.grade_id}.txt"
    as_file = RegradeLink(
        "Request a regrade (text file)", f"data:text/plain;charset=utf-8,{quote(text)}", file
    )
    scheme, _, address = about.contact.partition(":")
    if scheme.lower() != "mailto":
        return [as_file]
    to, _, parameters = address.partition("?")
    query = [p for p in parameters.split("&") if p and not p.lower().startswith(_PARAMETERS)]
    subject = f"Regrade request: {about.assignment}, {question.title}, {about.student}"
    body = quote(text.replace("\n", "\r\n"))
    parameters = "&".join([*query, f"subject={quote(subject)}", f"body={body}"])
    return [RegradeLink("Request a regrade (e-mail)", f"mailto:{to}?{parameters}"), as_file]


def _request_text(about: About, question: ShownQuestion) -> str:
    points = f"{question.grade.points or 0:g} of {question.grade.out_of or 0:g}"
    fields = {
        "Course": about.course,
        "Assignment": about.assignment,
        "Notebook": about.notebook,
        "Question": question.cell.grade_id,
        "Student": about.student,
        "Points": points,
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    head = "Please keep the lines from here to \u201cReason:\u201d, and write your reason below."
    return "\n".join([head, "", *lines, "", "Reason:", "", ""])
