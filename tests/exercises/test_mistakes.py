"""Every catalogued mistake loses exactly the checks it declares, and is called by its own name."""

import pytest

from exercises import EXERCISES
from exercises._exercise import PUBLIC_SEED
from public_tests._judge import judge
from public_tests._text import describe, describe_graded
from tests.exercises.sheets import HIDDEN_SEEDS, MISTAKES, mistake_id, sheet


@pytest.mark.parametrize("seed", [PUBLIC_SEED, *HIDDEN_SEEDS])
@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=mistake_id)
def test_a_mistake_loses_what_it_declares_and_is_named(name, mistake, seed):
    function = EXERCISES[name].wrong_function(mistake)
    verdict = judge(sheet(name, seed), function)
    lost = {result.check.name for result in verdict.results if not result.passed}
    assert lost == set(mistake.loses)
    worth = sum(check.points for check in EXERCISES[name].checks if check.name in mistake.loses)
    assert verdict.points == EXERCISES[name].points - worth
    assert verdict.mistake is not None
    assert verdict.mistake.name == mistake.name
    public = " ".join(describe(verdict).split())
    assert f"What happened: {mistake.diagnosis} Next: {mistake.hint}" in public
    graded = describe_graded(verdict)
    assert graded.splitlines()[0].endswith(f" points. {mistake.diagnosis}")
    assert "What happened" not in graded
    assert f"Next: {mistake.hint}" in " ".join(graded.split())


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=mistake_id)
def test_right_helpers_do_not_mend_a_mistake(name, mistake):
    verdict = EXERCISES[name].judge(EXERCISES[name].wrong_function(mistake), seed=4)
    lost = {result.check.name for result in verdict.results if not result.passed}
    assert lost == set(mistake.loses)
    assert verdict.remark == ""
