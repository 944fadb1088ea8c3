"""The comparison with nbgrader itself, and the message if nbgrader could not run."""

import pytest

from nbjudge.plugins.check.nbgrader_run import _check, nbgrader_scores
from tests.support.reviewed import Essays

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


def test_nbgrader_runs_with_the_settings_of_the_course(tmp_path):
    """Without them, it would reject the marking scheme, which is in a cell that is no task."""
    course = Essays.make(tmp_path / "course", tmp_path / "template")
    assignment = course.assignment()
    try:
        with course.here():
            assert nbgrader_scores(assignment, {}) == {}
    finally:
        assignment.close()
