"""Add a course's settings to the data for its feedback pages."""

from dataclasses import replace

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from nbjudge.feedback.about import About
from nbjudge.notebook.spec import region_marks
from nbjudge.settings import NbJudge


def with_settings(about: About, config: Config) -> About:
    """Return the data for a page with the course's id, delimiters and settings of pages."""
    marks, scheme = region_marks(config)
    course, settings = CourseDirectory(config=config), NbJudge(config=config)
    return replace(
        about,
        course=course.course_id,
        contact=settings.contact,
        regrades=settings.regrade_requests,
        marks=marks,
        scheme=scheme,
    )
