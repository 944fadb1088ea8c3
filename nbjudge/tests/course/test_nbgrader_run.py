"""Why nbgrader itself could not run: the message that `nbjudge check --stock` shows."""

import pytest

from nbjudge.course.nbgrader_run import _check

LOG = """\
    raise child_exception_type(errno_num, err_msg, err_filename)
    FileNotFoundError: [Errno 2] No such file or directory: 'alembic'

[ERROR] Please see the above traceback for details.
"""


@pytest.mark.parametrize(
    "result, why",
    [
        ({"error": "Traceback\nNbGraderException: see above\n", "log": LOG}, "'alembic'"),
        ({"error": None, "log": "[ERROR] No such assignment\n"}, "No such assignment"),
        ({}, "cannot grade the assignment"),
    ],
)
def test_the_message_names_the_cause(result, why):
    with pytest.raises(ValueError, match=why):
        _check({"success": False, **result}, "grade")
    _check({"success": True}, "grade")
