"""Decide what a student sees of a failed test: never a hidden line or an expected number."""

import linecache
import traceback

from nbjudge.errors import CannotJudgeError
from nbjudge.judging.exceptions import STUDENTS, ExceptionType
from nbjudge.judging.link import Link
from nbjudge.judging.remote import Remote
from nbjudge.notebook.spec import CellSpec
from nbjudge.wire.outputs import Output, error_output

# The files whose frames belong to calls into the student's process.
_CALLS = Remote.__call__, Link.call, ExceptionType.__call__
FILES_OF_CALLS = {function.__code__.co_filename for function in _CALLS}


def without_hidden_lines(item: Output, cell_spec: CellSpec) -> Output:
    """Replace lines of hidden tests in printed text: tracebacks and warnings quote them."""
    if item["output_type"] != "stream":
        return item
    return {**item, "text": _without_hidden(item["text"], cell_spec)}


def _without_hidden(text: str, cell_spec: CellSpec) -> str:
    hidden = {cell_spec.source.splitlines()[number - 1].strip() for number in cell_spec.hidden}
    hidden = {line for line in hidden if len(line) > 3}
    lines = text.split("\n")
    shown = ["(a line of a hidden test)" if line.strip() in hidden else line for line in lines]
    return "\n".join(shown)


def without_hidden_errors(item: Output, cell_spec: CellSpec) -> Output:
    """Shorten an error in the child if it may come from a hidden line of the test.

    The traceback comes from the student's process, and does not say which line failed. As for
    tests outside, only the messages of assertions are meant for the student.
    """
    if item["output_type"] != "error" or not cell_spec.hidden:
        return item
    name, message = item["ename"], _without_hidden(item["evalue"], cell_spec)
    if name not in ("AssertionError", "NameError", "CellDied"):
        message = ""
    lines = ["The test failed, perhaps in a hidden line.", f"{name}: {message}".rstrip(": ")]
    return error_output(name, message, lines)


def message_of(error: BaseException | None) -> str:
    """Return the message of an exception, "" if it cannot be converted to text."""
    try:
        return str(error)[:5000]
    except Exception:
        return ""


def is_of_the_test(error: BaseException) -> bool:
    """True if an error comes from the test cell itself, not from a call into student code."""
    return (
        isinstance(error, CannotJudgeError) or error.__traceback__ is None or not _was_remote(error)
    )


def is_of_a_student(error: BaseException) -> bool:
    """True if student code raised an exception."""
    return any(STUDENTS in frame.f_globals for frame, _ in traceback.walk_tb(error.__traceback__))


def _was_remote(error: BaseException) -> bool:
    return any(
        frame.f_code.co_filename in FILES_OF_CALLS
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )


def may_be_shown(error: BaseException, cell_spec: CellSpec) -> bool:
    """True if the student may see the message of an exception.

    An error message from a hidden computation may contain expected numbers. The messages of
    `assert` and `raise` in a test are meant for the student; messages from student code are shown.
    """
    steps = list(traceback.walk_tb(error.__traceback__))
    if isinstance(error, (AssertionError, NameError)) or not steps or _was_remote(error):
        return True
    frame, line = steps[-1]
    name = frame.f_code.co_filename
    seen = name.startswith("<ipython-input") and line not in cell_spec.hidden
    return seen or linecache.getline(name, line).strip().startswith("raise")


def visible_lines(error: BaseException, cell_spec: CellSpec) -> list[str]:
    """Return the lines where the test and the student's code failed, without hidden lines."""
    test_lines, student_lines = [], []
    lines, hidden = cell_spec.source.splitlines(), cell_spec.hidden
    step, remote = error.__traceback__, False
    while step:
        code = step.tb_frame.f_code
        if code.co_filename in FILES_OF_CALLS:
            remote = True
        elif STUDENTS in step.tb_frame.f_globals and code.co_filename.startswith("<ipython-input"):
            text = linecache.getline(code.co_filename, step.tb_lineno).strip()
            student_lines.append(f"in {code.co_name}, line {step.tb_lineno} of its cell: {text}")
        elif not remote and code.co_name == "<module>":
            number = step.tb_lineno
            if code.co_filename.startswith("<ipython-input") and number not in hidden:
                text = lines[number - 1].strip() if number <= len(lines) else ""
                test_lines = [f"----> {number} {text}"]
            elif number in hidden:
                test_lines = ["A hidden test failed."]
        step = step.tb_next
    return [*test_lines, *student_lines[-5:]]
