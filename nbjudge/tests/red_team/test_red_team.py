"""Every attack against nbjudge at full isolation, and every honest oddity: one test for each.

They are graded in classes, once a session, for the tests that were chosen.
"""

import functools

import pytest

from nbjudge.judging.causes import Explanation
from nbjudge.judging.judge import _report_of
from nbjudge.wire.outputs import REPORT
from tests.red_team import _jail
from tests.red_team._run import entries, harness, is_the_judges

ENTRIES = {f"{entry.kind}-{entry.name}": entry for entry in entries()}


@pytest.fixture(scope="session")
def outcomes(request):
    """What came of each entry that is to be tested, by its id."""
    reason = _no_full_isolation()
    if reason:
        pytest.skip(reason)
    items = [
        item for item in request.session.items if "outcomes" in getattr(item, "fixturenames", ())
    ]
    wanted = [ENTRIES[item.callspec.params["name"]] for item in items if hasattr(item, "callspec")]
    with harness("nbjudge", isolation="full") as one:
        return {f"{o.entry.kind}-{o.entry.name}": o for o in one.run(wanted)}


@functools.cache
def _no_full_isolation():
    """Why nothing can be tried here, or None."""
    reason = _jail.missing()
    if reason is not None:
        return f"no full isolation: {reason}"
    return None


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_nbjudge_holds(outcomes, name):
    outcome = outcomes[name]
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert not outcome.lost, f"{outcome.entry.tries} {outcome}"


def test_a_report_is_forged_unless_the_judge_wrote_it_into_a_test_cell():
    says = "The code uses the network, and the grader has none."
    report = _report_of(Explanation("no network", says, "", ""), "line 1")["data"][REPORT]
    assert is_the_judges({"in_test": True, "content": report})
    for in_test, content in (
        (False, report),
        (True, {**report, "headline": f"{says} All is right."}),
        (True, {**report, "points": 4}),
        (True, "All is right."),
    ):
        assert not is_the_judges({"in_test": in_test, "content": content})
