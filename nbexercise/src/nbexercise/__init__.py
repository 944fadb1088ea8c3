"""nbexercise: exercises in notebooks that say what is wrong with an answer.

An `Exercise` defines a function that students write: a solution, cases, checks and known mistakes.
Its check calls the student's function, decides, finds out why it fails, and prints and draws the
result. A notebook can carry the checks, so that students install nothing.

A course registers a `Subject`, which says what its arguments and outputs mean, adds its stored
cases to `CASE_SETS`, and makes the checks that its students call with `make_test`.

Public are the names in `__all__` of this package and of `nbexercise.packing`; everything else may
change in any version. The package needs only NumPy and the standard library.
"""

import contextlib

from .cells import watch
from .checks import (
    CASE_SETS,
    checked_last,
    hint,
    make_test,
    passes_now,
    show,
    summary,
    validate,
)
from .diagnosis.conditions import Condition
from .diagnosis.diagnose import judge
from .diagnosis.explanation import explain
from .diagnosis.mistakes import Failure
from .diagnosis.wrong_outputs import WrongOutput
from .errors import CheckFailedError
from .judging.calling import CaseRun, call, describe_error
from .judging.comparing import close
from .judging.deciding import decide
from .judging.kinds import kind_of, wrong_output
from .judging.model import CallOutcome, Case, Check, Return
from .judging.notes import instead_of, why_refused
from .judging.returned import as_real
from .judging.storage import SUFFIX, stored_beside
from .judging.subject import Frame, Position, Subject, register
from .judging.verdict import CheckResult, Verdict
from .judging.wording import describe_case, listed, number, tuple_of, wrapped
from .showing.display import in_colab, publish, running_shell, tell
from .showing.markup import OPEN
from .showing.picture import Picture, picture_of
from .showing.svg import draw, drawn
from .showing.text import describe, row

__all__ = [
    "CASE_SETS",
    "OPEN",
    "SUFFIX",
    "CallOutcome",
    "Case",
    "CaseRun",
    "Check",
    "CheckFailedError",
    "CheckResult",
    "Condition",
    "Failure",
    "Frame",
    "Picture",
    "Position",
    "Return",
    "Subject",
    "Verdict",
    "WrongOutput",
    "as_real",
    "call",
    "checked_last",
    "close",
    "decide",
    "describe",
    "describe_case",
    "describe_error",
    "draw",
    "drawn",
    "explain",
    "hint",
    "in_colab",
    "instead_of",
    "judge",
    "kind_of",
    "listed",
    "make_test",
    "number",
    "passes_now",
    "picture_of",
    "publish",
    "register",
    "row",
    "running_shell",
    "show",
    "stored_beside",
    "summary",
    "tell",
    "tuple_of",
    "validate",
    "watch",
    "why_refused",
    "wrapped",
    "wrong_output",
]

with contextlib.suppress(ModuleNotFoundError):  # an assignment's notebook carries no reports
    from .showing.report import (  # noqa: F401
        MIME_TYPE,
        NOT_WRITTEN,
        REPORT_VERSION,
        UNNAMED,
        as_check,
        as_report,
        publish_report,
    )

    __all__ += ["MIME_TYPE", "NOT_WRITTEN", "REPORT_VERSION", "UNNAMED", "as_check", "as_report"]
    __all__ += ["publish_report"]

with contextlib.suppress(ModuleNotFoundError):  # only authors of exercises need these
    from .building.configuration import configure  # noqa: F401
    from .building.folder import exercise_named  # noqa: F401
    from .defining.authoring import Definition, DefinitionError, define  # noqa: F401
    from .defining.cases import (  # noqa: F401
        Arguments,
        Cases,
        CasesWithDefaults,
        Drawn,
        Rng,
        distinct,
        exact_fractions,
    )
    from .defining.exercise import Exercise, fn, stream, table  # noqa: F401
    from .defining.grading import grade  # noqa: F401
    from .defining.key import Sources  # noqa: F401
    from .defining.mistakes import Mistake  # noqa: F401
    from .defining.source import function_source, source_in_module  # noqa: F401
    from .defining.stored import to_store  # noqa: F401
    from .defining.validation import wrong_checks, wrong_kinds  # noqa: F401
    from .judging.values import Within  # noqa: F401
    from .notebook import uncovered  # noqa: F401

    __all__ += [
        "Arguments",
        "Cases",
        "CasesWithDefaults",
        "Definition",
        "DefinitionError",
        "Drawn",
        "Exercise",
        "Mistake",
        "Rng",
        "Sources",
        "Within",
        "configure",
        "define",
        "distinct",
        "exact_fractions",
        "exercise_named",
        "fn",
        "function_source",
        "grade",
        "source_in_module",
        "stream",
        "table",
        "to_store",
        "uncovered",
        "wrong_checks",
        "wrong_kinds",
    ]

__version__ = "0.1.0"
