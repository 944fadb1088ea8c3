"""The solutions are read as a file, as a module, and through inspect.

Success: the canary of answers.py in the output.
"""

from tests.red_team.submission import READ


def attack(submission):
    submission.first(
        READ
        + """
import inspect
read("../../../answers.py", "/srv/course/answers.py", "../../../__pycache__/*")
try:
    import answers
    show(answers.__doc__)
    show(inspect.getsource(answers))
except ImportError:
    pass
"""
    )
