"""What a reviewer sees of an answer beside the answer's own cell."""

from nbjudge.plugins.review.reading import read_answer
from tests.judging.test_typed_into_locked import DOUBLE, SPEC, STUBS, submitted


def test_a_reviewer_sees_the_code_with_the_test(judge):
    answer = judge(SPEC, submitted({"setup": DOUBLE}, **STUBS))
    shown = read_answer(answer.data.notebook, SPEC, "double_test", plainly=True)
    assert "return 2 * x" in shown.html
    other = judge(SPEC, submitted({"setup": DOUBLE + " + 0"}, **STUBS))
    digest = read_answer(other.data.notebook, SPEC, "double_test", plainly=True).digest
    assert digest != shown.digest
