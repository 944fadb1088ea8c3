"""A warm engine for a session of tests, or a reason to skip them."""

import pytest

from nbjudge import IsolationError
from tests.support.engines import Bench, engine_config, spec


def bench(level, **config):
    """Return an engine configured by `engine_config`, or skip the test."""
    one = None
    try:
        one = Bench(engine_config(level, **config))
        one(spec(("1 + 1", "plain")))
    except IsolationError as error:
        if one:
            one.stop()
        reason = str(error).strip().splitlines()[-1]
        pytest.skip(f"no isolation at the level {level}: {reason}")
    return one
