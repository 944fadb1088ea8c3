"""What a student may be shown of a test that failed: no hidden line, and no expected number."""

import linecache
import traceback

from nbjudge.errors import CannotJudgeError
from nbjudge.guest.shell import Shell
from nbjudge.judging.exceptions import STUDENTS, ExceptionType
from nbjudge.judging.link import Link
from nbjudge.judging.remote import Remote
from nbjudge.notebook.spec import CellSpec
from nbjudge.wire.outputs import Output

# The frames of a call into the student's process are those of these files.
_CALLS = Remote.__call__, Link.call, ExceptionType.__call__
FILES_OF_CALLS = {function.__code__.co_filename for function in _CALLS}


def without_hidden_lines(item: Output, cell_spec: CellSpec) -> Output:
    """Printed text without the lines of hidden tests, which tracebacks and warnings quote."""
    hidden = {cell_spec.source.splitlines()[number - 1].strip() for number in cell_spec.hidden}
    hidden = {line for line in hidden if len(line) > 3}
    if item["output_type"] != "stream" or not hidden:
        return item
    lines = item["text"].split("\n")
    shown = ["(a line of a hidden test)" if line.strip() in hidden else line for line in lines]
    return {**item, "text": "\n".join(shown)}


def message_of(error: BaseException | None) -> str:
    try:
        return str(error)[:5000]
    except Exception:
        return ""


def is_of_the_test(error: BaseException) -> bool:
    """Whether a SyntaxError is the test cell's own: a student's comes out of a call."""
    return (
        isinstance(error, CannotJudgeError) or error.__traceback__ is None or not _was_remote(error)
    )


def _was_remote(error: BaseException) -> bool:
    return any(
        frame.f_code.co_filename in FILES_OF_CALLS
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )


def may_be_shown(error: BaseException, cell_spec: CellSpec) -> bool:
    """Whether the message of an exception holds no more than the student is to see.

    Of a computation that is not shown it may hold the numbers. What a test says by `assert` or
    `raise` is meant for the student, and so is what their own code says.
    """
    steps = list(traceback.walk_tb(error.__traceback__))
    if isinstance(error, (AssertionError, NameError)) or not steps or _was_remote(error):
        return True
    frame, line = steps[-1]
    name = frame.f_code.co_filename
    seen = name.startswith("<ipython-input") and line not in cell_spec.hidden
    return seen or linecache.getline(name, line).strip().startswith("raise")


def visible_lines(error: BaseException, cell_spec: CellSpec, shell: Shell) -> list[str]:
    """Where the test failed, if students can see that line, and where in the student's code."""
    shown, theirs = [], []
    lines, hidden = cell_spec.source.splitlines(), cell_spec.hidden
    step, remote = error.__traceback__, False
    while step:
        code = step.tb_frame.f_code
        if code.co_filename in FILES_OF_CALLS:
            remote = True
        elif STUDENTS in step.tb_frame.f_globals and code.co_filename.startswith("<ipython-input"):
            text = linecache.getline(code.co_filename, step.tb_lineno).strip()
            theirs.append(f"in {code.co_name}, line {step.tb_lineno} of its cell: {text}")
        elif not remote and shell.compile is not None and code.co_name == "<module>":
            number = step.tb_lineno
            if code.co_filename.startswith("<ipython-input") and number not in hidden:
                text = lines[number - 1].strip() if number <= len(lines) else ""
                shown = [f"----> {number} {text}"]
            elif number in hidden:
                shown = ["A test that is not shown failed."]
        step = step.tb_next
    return [*shown, *theirs[-5:]]
