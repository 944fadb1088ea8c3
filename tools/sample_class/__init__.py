"""A generated class of 24 students whose grades are known beforehand.

It fills `submitted/` so that grading can be tried, shown and tested: right work in two styles, the
mistakes people make, and everything else that arrives on a deadline.

    python -m tools.sample_class    takes the class away again, to begin with a real one
"""

from tools.sample_class.scenarios import Scenario
from tools.sample_class.students import STUDENTS, SampleSubmission, plan
from tools.sample_class.writing import EXPECTED, expected, forget_class, generated, write_class

__all__ = ["EXPECTED", "STUDENTS", "SampleSubmission", "Scenario", "expected", "forget_class"]
__all__ += ["generated", "plan", "write_class"]
