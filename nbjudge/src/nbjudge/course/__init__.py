"""Course data for the instructor: files, gradebook, grading runs and feedback pages."""

from nbjudge.course import lazy_nbgrader

lazy_nbgrader.install()

ENTRY_POINTS = {"nbjudge.policies": {"nbgrader": "nbjudge.course.penalties:nbgrader_policy"}}
