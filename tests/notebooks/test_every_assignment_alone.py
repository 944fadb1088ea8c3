"""Every assignment earns the same points with nbgrader alone as with nbjudge.

tests/tools/test_nbgrader_alone.py compares the first assignment, and the oddities.
"""

import pytest

from tests.nbgrader_alone import compare
from tools.course import assignments


@pytest.mark.parametrize("name", [name for name in assignments() if name != "padding"])
def test_an_assignment_earns_the_same(course, tmp_path, name):
    root = tmp_path / "course"
    course.copy(root, [name])
    compare(root, name)
