"""Causes of failure outside the student's code, with the texts for students and instructors.

A cause is recognized where the facts are available: an exception in the session (`guest.causes`),
an interrupt or the end of a session (`judging.session`), or syntax of a newer Python
(`notebook.newer_syntax`). The cause is sent as a `Cause`, and `explain` returns its text.
"""

import functools
import importlib.metadata
import sys
from dataclasses import dataclass
from typing import Any

from nbjudge.sandbox.sandbox import Limits, Sandbox
from nbjudge.wire.messages import Message
from nbjudge.wire.requests import Cause

# Distributions that notebooks often import; messages list the installed ones.
USUAL = ("numpy", "scipy", "matplotlib", "pandas", "scikit-learn", "sympy", "h5py", "torch")
LONGEST_DETAIL = 100  # characters; student code may have forged the detail
MB = 1 << 20


@dataclass(frozen=True)
class _Sentences:
    """The texts for a cause. {detail} is the cause's detail; other fields describe the grader.

    Attributes
    ----------
    says
        What happened, for the student.
    next_step
        What to do, for the student.
    instructor
        What happened to {students} students and what to do, for the instructor.
    """

    says: str
    next_step: str
    instructor: str


CALL_TIME = Cause("call time")  # a limit that the test sets
AGAIN = "run the same command again to regrade their work"
CAUSES = {
    "time limit": _Sentences(
        "The cell with your code ran for more than {detail} seconds and was stopped.",
        "is there a loop that never ends, such as a `while` whose condition stays true? Move "
        "experiments and timings (`%%timeit`, `time.sleep`) out of this cell.",
        "Cells of {students} ran for more than {detail} seconds and were stopped. If their work "
        f"needs longer, raise c.NbJudge.cell_seconds and {AGAIN}.",
    ),
    CALL_TIME.name: _Sentences(
        "A call of your function used up the processor time that the tests allow, and was stopped.",
        "is there a loop that never ends, or a computation that is repeated?",
        "The tests of {students} stopped a call after the processor time that they allow "
        "(signal.ITIMER_PROF). If right work needs longer, change the tests and "
        f"{AGAIN}.",
    ),
    "test time": _Sentences(
        "Your code and the tests of this question took more than {detail} seconds and were "
        "stopped.",
        "which of your functions has a loop that never ends, waits (`time.sleep`, a download) or "
        "is slow? A call should take no more than a moment.",
        "The tests of {students} took more than {detail} seconds and were stopped. If their work "
        f"needs longer, raise c.NbJudge.test_seconds and {AGAIN}.",
    ),
    "notebook time": _Sentences(
        "The notebook exceeded the time limit for all its cells together.",
        "which of the cells above are slow? Make them faster.",
        "The notebooks of {students} exceeded c.NbJudge.submission_seconds. If their work needs "
        f"longer, raise it and {AGAIN}.",
    ),
    "package missing": _Sentences(
        "The grader does not have {detail}; it has {has}.",
        "write this without {detail}, or ask your instructor to install it. If {detail} is one of "
        "your own files, submit it together with the notebook.",
        "{detail} is not installed here: the cells of {students} import it. If you want to allow "
        f"it, install it into this environment and {AGAIN}.",
    ),
    "unused import": _Sentences(
        "The grader does not have {detail}; it has {has}. Nothing in this cell uses it, so the "
        "cell was run without that import.",
        "",
        "{detail} is not installed here: the cells of {students} import it but do not use it. They "
        "were run without that import.",
    ),
    "Colab only": _Sentences(
        "The grader is not Google Colab and does not have {detail}.",
        "delete the lines that use {detail}. Read files from the notebook's folder, and submit "
        "them together with the notebook.",
        "{detail} exists only in Google Colab: the cells of {students} import it. Ask them to "
        "delete these lines.",
    ),
    "newer Python": _Sentences(
        "The cell with your code uses syntax of Python {detail}, but the grader runs Python "
        "{python}.",
        "rewrite the line quoted below in syntax that Python {python} supports.",
        "Cells of {students} use syntax of Python {detail}, but this environment has Python "
        f"{{python}}. Create one with Python {{detail}} or newer and {AGAIN}, or ask them to "
        "rewrite these lines.",
    ),
    "memory limit": _Sentences(
        "The code needed more memory than the grader allows a submission ({memory} MB).",
        "is an array larger than it needs to be? Print the shapes.",
        "The code of {students} needed more memory than the {memory} MB of c.NbJudge.memory. If "
        f"their work needs more, raise it and {AGAIN}.",
    ),
    "no network": _Sentences(
        "The code uses the network, but the grader has no network access.",
        "read files from the notebook's folder, and submit them together with the notebook.",
        "The code of {students} uses the network, to which student code has no access here. Put "
        "files that everyone needs next to the notebook in source/.",
    ),
    "no terminal": _Sentences(
        "The code asks for input, but nobody can answer while a notebook is graded.",
        "write the value into the code instead of asking for it.",
        "The code of {students} asks for input, but nobody can answer while a notebook is graded. "
        "Ask them to write the values into the code.",
    ),
    "other folders": _Sentences(
        "The code uses {detail}, but the grader has only the notebook's folder.",
        "use the name of the file without its folders, and submit the files that the code reads "
        "together with the notebook.",
        "The code of {students} uses files outside the notebook's folder, such as {detail}. Put "
        "files that everyone needs next to the notebook in source/.",
    ),
    "process limit": _Sentences(
        "The code started more processes and threads than the grader allows a submission "
        "({processes}), or opened more files at a time ({open_files}).",
        "end processes and close files (`with open(...)`) that you no longer need.",
        "The code of {students} started more than the {processes} processes and threads of "
        "c.NbJudge.processes, or opened more than the {open_files} files of c.NbJudge.open_files. "
        f"If their work needs more, raise them and {AGAIN}.",
    ),
    "disk limit": _Sentences(
        "The code wrote more to files than the grader allows a submission.",
        "write smaller files, or none.",
        "The code of {students} wrote more to files than c.NbJudge.file_size and c.NbJudge.disk "
        f"allow. If their work needs more, raise them and {AGAIN}.",
    ),
}
# Causes after which work is judged again alone: another run may not meet them.
LIMITS = {"time limit", CALL_TIME.name, "test time", "notebook time"}
LIMITS |= {"memory limit", "process limit", "disk limit"}
_BY_DETAIL = {"package missing", "unused import", "newer Python"}  # counted separately by detail
_OF_ISOLATION = {"no network", "other folders"}  # only isolated code lacks these


@dataclass(frozen=True)
class ExplainedCause(Message):
    """The text for a cause, with the details of this grader filled in.

    Attributes
    ----------
    name
        Name of the cause, under which the mistake is counted.
    says
        What happened, for the student.
    next_step
        What to do, for the student; "" if there is nothing to do.
    instructor
        What happened and what to do, for the instructor. {students} is left for the number of
        students affected.
    """

    name: str
    says: str
    next_step: str
    instructor: str

    @property
    def text(self) -> str:
        """Both texts for the student."""
        more = f" {self.next_step[0].upper()}{self.next_step[1:]}" if self.next_step else ""
        return f"{self.says}{more}"


def explain(cause: Cause | None, sandbox: Sandbox | None) -> ExplainedCause | None:
    """Return the text for a cause; None without a cause, or if the sandbox cannot be the reason.

    Parameters
    ----------
    sandbox
        Isolation of student code; None if it is not isolated.
    """
    if cause is None or cause.name not in CAUSES:
        return None
    if cause.name in _OF_ISOLATION and not (sandbox and sandbox.level.for_untrusted):
        return None
    detail = "".join(c for c in cause.detail if c.isprintable())[:LONGEST_DETAIL]
    facts: dict[str, Any] = {"detail": detail, "has": _what_it_has(), "python": python_version()}
    limits = sandbox.limits if sandbox else Limits()
    facts |= {name: getattr(limits, name) for name in ("processes", "open_files")}
    facts |= {"memory": limits.memory // MB, "students": "{students}"}
    sentences = CAUSES[cause.name]
    says, next_step, instructor = (
        text.format(**facts) for text in (sentences.says, sentences.next_step, sentences.instructor)
    )
    name = f"{cause.name}: {detail}" if cause.name in _BY_DETAIL else cause.name
    return ExplainedCause(name, says, next_step, instructor)


def python_version() -> str:
    """Return the major and minor version of this Python, such as 3.11."""
    return ".".join(map(str, sys.version_info[:2]))


@functools.cache
def _what_it_has() -> str:
    """Return the installed versions of Python and of the usual packages, as text."""
    versions = [f"Python {python_version()}"]
    for name in USUAL:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(versions)
