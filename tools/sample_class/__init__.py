"""A generated class of 24 students whose expected grades are known.

It fills `submitted/` so that grading can be tried, demonstrated and tested: correct work in two
styles, common mistakes, and everything else that is submitted at a deadline.

    python -m tools.sample_class    removes the class, to start with a real one
"""

from tools.sample_class.scenarios import Scenario
from tools.sample_class.students import STUDENTS, SampleSubmission, plan
from tools.sample_class.writing import (
    EXPECTED,
    expected,
    forget_class,
    generated,
    has_submissions,
    own_students,
    write_class,
)

__all__ = ["EXPECTED", "STUDENTS", "SampleSubmission", "Scenario", "expected", "forget_class"]
__all__ += ["generated", "has_submissions", "own_students", "plan", "write_class"]
