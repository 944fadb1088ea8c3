"""nbexercise: exercises in notebooks that say what is wrong with an answer.

An author of exercises writes a file for each function that students write::

    ex = define("mean")

    @ex.solution
    def mean(values): ...

    @ex.cases("numbers", points=3)
    def numbers(rng):
        yield [1, 2, 6]

Its check calls the student's function, decides, finds out why it fails, and prints and draws the
result. A notebook carries the checks, so students install nothing.

Public are the names in `__all__`, which docs/definition.md lists; everything else may change in
any version. The package needs only NumPy and the standard library.
"""

import contextlib

from .asking.question import Question
from .checks import ask, hint, show, summary, validate
from .errors import CheckFailedError
from .judging.given import fn, stream, table
from .judging.model import Return
from .judging.values import Within

__all__ = [
    "CheckFailedError",
    "Question",
    "Return",
    "Within",
    "ask",
    "fn",
    "hint",
    "show",
    "stream",
    "summary",
    "table",
    "validate",
]

with contextlib.suppress(ModuleNotFoundError):  # an assignment's notebook has no definitions
    from .building.configuration import configure  # noqa: F401
    from .building.folder import exercise_named  # noqa: F401
    from .defining.authoring import DefinitionError, define  # noqa: F401
    from .defining.grading import grade  # noqa: F401

    __all__ += ["DefinitionError", "configure", "define", "exercise_named", "grade"]

__version__ = "0.1.0"
