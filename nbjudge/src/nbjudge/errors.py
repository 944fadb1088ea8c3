"""The exceptions of nbjudge::

    NbJudgeError
    ├── IsolationError              the sandbox could not be made
    │   └── CannotSandboxError      no level that may be used can be had on this machine
    ├── ClusterError                a cluster cannot be used, or is gone
    ├── GradebookError              the gradebook cannot be read or written any more
    ├── NotReleasedError            the gradebook lacks what an assignment in source/ needs
    ├── EngineError                 a submission could not be judged
    │   ├── EngineClosedError       as the engine was closed meanwhile
    │   └── JudgeDiedError          its judge died as often as it is tried
    ├── UnreadableNotebookError     what was submitted is no notebook
    ├── CannotJudgeError            a test cell asks for what cannot leave the student's process
    ├── SessionDiedError            the student's process ended, hung or broke the protocol
    ├── ForkServerGoneError         nothing could start a student's process any more
    └── WireError                   a frame that is too large or malformed
        └── TooDeepError            a value that is nested too deeply

Only IsolationError, ClusterError, GradebookError, NotReleasedError and EngineError leave nbjudge.
What else is wrong with a course or its settings is said by Python's own LookupError and ValueError.
"""

from typing import Any

__all__ = [
    "KEPT",
    "REMEDY",
    "CannotJudgeError",
    "CannotSandboxError",
    "ClusterError",
    "EngineClosedError",
    "EngineError",
    "ForkServerGoneError",
    "GradebookError",
    "IsolationError",
    "JudgeDiedError",
    "NbJudgeError",
    "NotReleasedError",
    "SessionDiedError",
    "TooDeepError",
    "UnreadableNotebookError",
    "WireError",
]

KEPT = (
    "What has been graded is kept; the same command goes on from here (with --force, from the "
    "beginning)."
)
REMEDY = (
    "Run `nbjudge doctor` for details, or grade in a container: "
    'see "In a container" in '
    "https://github.com/convolution-course/convolution-step-by-step/blob/main/nbjudge/docs/isolation.md"
)


class NbJudgeError(Exception):
    """Any error of nbjudge's own."""


class IsolationError(NbJudgeError):
    """The sandbox could not be made: a fault of the machine or the settings, never a student's."""


class CannotSandboxError(IsolationError):
    """No level of isolation that may be used can be had here.

    Attributes
    ----------
    reasons
        Why a level cannot be had: {level: text}.
    """

    def __init__(self, reasons: dict[str, str]):
        self.reasons = reasons
        super().__init__(f"Nothing was graded: {self.explanation}.")

    @property
    def explanation(self) -> str:
        """The reasons as half a sentence."""
        levels: dict[str, list[str]] = {}
        for level, text in self.reasons.items():
            levels.setdefault(text, []).append(level)
        if len(levels) == 1 < len(self.reasons):
            return f"this machine cannot sandbox student code: {next(iter(levels))}"
        reasons = "; ".join(f"{' and '.join(names)}: {text}" for text, names in levels.items())
        return f"this machine cannot sandbox student code ({reasons})"


class ClusterError(NbJudgeError):
    """The scheduler of a cluster or its workers cannot be used, or are gone."""


class GradebookError(NbJudgeError):
    """The gradebook's server is gone, its file is read-only or locked, or the run has ended."""


class NotReleasedError(NbJudgeError, ValueError):
    """An assignment cannot be judged before `nbgrader generate_assignment` has run."""


class EngineError(NbJudgeError):
    """A submission could not be judged, for no fault of the student's."""


class EngineClosedError(EngineError):
    """The engine is closed: grading has ended, and nothing is said of the submission."""


class JudgeDiedError(EngineError):
    """The judge of a submission died as often as it is tried."""


class UnreadableNotebookError(NbJudgeError):
    """A file that is no notebook; the text says why."""


class CannotJudgeError(NbJudgeError, TypeError):
    """A test cell does what cannot be done outside the student's process: a fault of the test."""


class SessionDiedError(NbJudgeError):
    """The sandbox ended, hung or broke the protocol; the text says which, for a student to read.

    Attributes
    ----------
    cause
        The `wire.requests.Cause`, if it is a limit or a lack of the grader.
    """

    def __init__(self, text: str, cause: Any = None):
        super().__init__(text)
        self.cause = cause


class ForkServerGoneError(NbJudgeError):
    """There is nothing that could start a sandbox any more; the notebook has to be judged anew."""


class WireError(NbJudgeError):
    """A frame that is too large, malformed, or holds what may not travel."""


class TooDeepError(WireError):
    """A value that is nested so deep that nobody's data are: code has made it so."""
