"""Solutions that start processes and threads get the same points in every run."""

import pytest

from tests.support.benches import bench
from tests.support.concurrency import PROGRAMS, TEST, UNAVAILABLE, question
from tests.support.engines import spec

TIMES = 3


@pytest.fixture(scope="module")
def engine(level):
    one = bench(level)
    yield one
    one.stop()


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_grading_gives_the_same_points(engine, program):
    answers = [engine(question(program)) for _ in range(TIMES)]
    reason = UNAVAILABLE.get(program) if engine.config.sandbox.level_name == "reduced" else None
    for answer in answers:
        assert answer.faults == []
        assert answer.scores == {"squares_test": 0 if reason else 4}, answer.shown("squares_test")
        assert not reason or answer.cell("squares_test")["outputs"][-1]["traceback"][-1] == reason


def test_joblib_is_tested_if_it_is_installed():
    pytest.importorskip("joblib", reason="joblib is no dependency, and not installed here")
    assert "joblib" in PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS)
def test_test_cells_may_start_processes_and_threads_too(judge, program):
    """The judge forks these processes itself, and they work as they do in a solution."""
    given = "def squares_of(numbers):\n    return [number ** 2 for number in numbers]"
    test = f"{PROGRAMS[program]}\nassert squares_of([3]) == [9]\n{TEST}"
    assignment = spec((given, "solution", "f"), (test, "test", "t", 4))
    answer = judge(assignment)
    assert (answer.scores, answer.faults) == ({"t": 4}, []), answer.shown("t")
