"""One test for each attack on nbjudge at full isolation, and for each honest oddity.

The selected entries are graded in classes, once per session.
"""

import functools

import pytest

from tests.red_team import _jail
from tests.red_team._run import entries, harness

ENTRIES = {f"{entry.kind}-{entry.name}": entry for entry in entries()}


@pytest.fixture(scope="session")
def outcomes(request):
    """The results of the selected entries, by their id."""
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
    """Return why no test can run here, or None."""
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
