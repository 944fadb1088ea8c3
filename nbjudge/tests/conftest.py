"""The engines of these tests: one warm process each, for the whole session."""

import pytest

from nbjudge.sandbox import probe
from tests.support.benches import bench


@pytest.fixture(scope="session")
def judge():
    """Judges at the best isolation that there is here: judge(spec, answers) gives an Answer."""
    missing = probe.missing()
    one = bench("reduced" if missing["full"] else "full")
    yield one
    one.stop()


@pytest.fixture(scope="session")
def small():
    """The same with little of everything."""
    one = bench(
        "full",
        memory=300 << 20,
        processes=40,
        file_size=1 << 20,
        disk=4 << 20,
        open_files=64,
        output_size=20_000,
    )
    yield one
    one.stop()
