"""The exceptions of nbjudge::

    NbJudgeError
    ├── IsolationError              the sandbox could not be created
    │   └── CannotSandboxError      no permitted isolation level is available on this machine
    ├── ClusterError                a cluster is unusable or was lost
    ├── GradebookError              the gradebook can no longer be read or written
    ├── NotReleasedError            the gradebook lacks cells of an assignment in source/
    ├── PluginError                 a plug-in of another package failed
    ├── EngineError                 a submission could not be judged
    │   ├── EngineClosedError       because the engine was closed
    │   ├── JudgeDiedError          because its judge died on every attempt
    │   └── BoxError                what a student wrote cannot be read within the limits
    ├── UnreadableNotebookError     the submitted file is not a notebook
    ├── CannotJudgeError            a test cell needs an object of the student's process
    ├── SessionDiedError            the student's process ended, hung or broke the protocol
    ├── ForkServerGoneError         the server that starts students' processes is gone
    └── WireError                   a frame is too large, nested too deeply or malformed

Only IsolationError, ClusterError, GradebookError, NotReleasedError, PluginError and EngineError
leave nbjudge.
Other faults of a course or its settings raise Python's LookupError and ValueError.
"""

from typing import Any

KEPT = (
    "Finished grades are kept; run the same command again to continue (with --force, to start "
    "over)."
)
REMEDY = (
    "Run `nbjudge doctor` for details, or grade in a container: "
    'see "In a container" in '
    "https://github.com/convolution-course/convolution-step-by-step/blob/main/nbjudge/docs/isolation.md"
)


class NbJudgeError(Exception):
    """Base class of nbjudge's exceptions."""


class IsolationError(NbJudgeError):
    """The sandbox could not be created: a fault of the machine or the settings, not the student."""


class CannotSandboxError(IsolationError):
    """No permitted isolation level is available on this machine.

    Attributes
    ----------
    reasons
        Reason why each level is unavailable: {level: text}.
    """

    def __init__(self, reasons: dict[str, str]):
        self.reasons = reasons
        super().__init__(f"Nothing was graded: {self.explanation}.")

    @property
    def explanation(self) -> str:
        """The reasons as a clause without a period."""
        levels: dict[str, list[str]] = {}
        for level, text in self.reasons.items():
            levels.setdefault(text, []).append(level)
        if len(levels) == 1 < len(self.reasons):
            return f"this machine cannot sandbox student code: {next(iter(levels))}"
        reasons = "; ".join(f"{' and '.join(names)}: {text}" for text, names in levels.items())
        return f"this machine cannot sandbox student code ({reasons})"


class ClusterError(NbJudgeError):
    """The scheduler or the workers of a cluster are unusable or were lost."""


class GradebookError(NbJudgeError):
    """The gradebook's server is gone, its file is read-only or locked, or the run was closed."""


class NotReleasedError(NbJudgeError, ValueError):
    """An assignment cannot be judged before `nbgrader generate_assignment` has run."""


class PluginError(NbJudgeError, ValueError):
    """A plug-in of another package failed; the message names the package."""


class EngineError(NbJudgeError):
    """A submission could not be judged; this is not the student's fault."""


class EngineClosedError(EngineError):
    """The engine was closed: grading has ended, without a verdict on the submission."""


class JudgeDiedError(EngineError):
    """The judge of a submission died on every attempt."""


class BoxError(EngineError):
    """Content of a student cannot be read within the limits of `sandbox.box`; it says which."""


class UnreadableNotebookError(NbJudgeError):
    """The file is not a notebook; the message says why."""


class CannotJudgeError(NbJudgeError, TypeError):
    """A test cell needs an object that cannot leave the student's process: a fault of the test."""


class SessionDiedError(NbJudgeError):
    """The sandboxed process ended, hung or broke the protocol; the message is for the student.

    Attributes
    ----------
    cause
        The `wire.requests.Cause`, if a limit or a missing feature of the grader was the cause.
    """

    def __init__(self, text: str, cause: Any = None):
        super().__init__(text)
        self.cause = cause


class ForkServerGoneError(NbJudgeError):
    """The server that starts sandboxed processes is gone; the notebook must be judged again."""


class WireError(NbJudgeError):
    """A frame is too large, malformed, or holds a value that the protocol does not allow."""
