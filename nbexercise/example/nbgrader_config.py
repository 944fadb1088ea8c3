"""nbgrader's settings for this course."""

from pathlib import Path

import nbexercise

c = get_config()
c.CourseDirectory.course_id = "example"
nbexercise.configure(c, Path(__file__).parent)
