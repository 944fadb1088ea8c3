"""Answers and deadlines of whole classes, and the expected scores."""

from tests.support.small_course import RIGHT

WRONG = RIGHT | {"double": "def double(x):\n    return x", "half": "def half(x):\n    return 2"}
BROKEN = RIGHT | {"double": "def double(x:", "half": "raise RuntimeError('no')"}
UTC = "2030-01-01 12:00:00 UTC"
AN_HOUR_LATE = "2030-01-01 13:00:00 UTC"


PENALTIES = """
from nbgrader.plugins import LateSubmissionPlugin

class Hourly(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.5 * total_seconds_late / 3600

c.AssignLatePenalties.plugin_class = Hourly
"""


def statuses(done):
    return {student: outcome.status for student, outcome in done.items()}


def set_due(course, text="2030-01-01 12:00:00.000000"):
    course.write("update assignment set duedate = ?", text)
