"""One engine, asked by several threads."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nbjudge import EngineError
from nbjudge.engine import engine as engine_module
from nbjudge.engine.engine import Engine
from tests.support.engines import LIMITS, cells_of, no_longer_than, notebook_bytes, spec

# The engine, asked by several threads.


def job_of(number, version):
    """A job of one of several assignments, which needs a version of a module."""
    cell_spec = spec((f"x = {number}", "solution", "s"), (f"assert x == {number}", "test", "t"))
    return {
        "notebook": notebook_bytes(cells_of(cell_spec)),
        "files": {},
        "spec_key": f"{number}",
        "spec": cell_spec.to_json(),
        "modules": {"helper": version},
        "master_files": {},
        "seed": 1,
        "mark": {},
        "draw_all": False,
        "limits": LIMITS,
    }


@pytest.fixture
def engine(judge):
    one = Engine()
    one.sandbox_config = judge.sandbox_config
    yield one
    one.stop()


def test_threads_with_different_modules_do_not_wait_for_each_other_for_ever(engine):
    jobs = [job_of(n % 4, str(n % 2)) for n in range(16)]
    with no_longer_than(200), ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda job: engine.judge(engine.sandbox_config, job), jobs))
    assert [answer["scores"] for answer in answers] == [{"t": 1.0}] * 16
    assert len(engine.zygotes) == 2 and not engine.busy


def test_there_are_as_many_workers_as_threads_and_not_as_assignments(engine):
    for number in range(6):
        assert engine.judge(engine.sandbox_config, job_of(number, "1"))["scores"] == {"t": 1.0}
    assert len(engine.idle) == 1 and len(engine.zygotes) == 1


def test_zygotes_that_are_not_used_end(engine, monkeypatch):
    monkeypatch.setattr(engine_module, "MAX_ZYGOTES", 1)
    for version in range(3):
        engine.judge(engine.sandbox_config, job_of(1, str(version)))
        assert len(engine.zygotes) == 1


def test_who_waits_for_a_worker_that_is_stopped_gets_an_error(engine):
    job = job_of(1, "1")
    cell_spec = spec(("import time\ntime.sleep(100)", "plain"))
    job |= {"spec": cell_spec.to_json(), "notebook": notebook_bytes(cells_of(cell_spec))}
    with no_longer_than(90), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(engine.judge, engine.sandbox_config, job)
        while not engine.busy:
            time.sleep(0.01)
        engine.stop()
        with pytest.raises(EngineError):
            waiting.result()


def test_a_page_that_cannot_be_made_costs_that_page_only(engine):
    about = {"assignment": "a", "notebook": "n", "student": "s", "cells": {}}
    about |= {"marks": ["a", "b"], "scheme": ["c", "d"]}
    good = notebook_bytes(cells_of(spec(("1 + 1", "plain"))))
    for bad in (b"{", b"[]", b'{"cells": 5}', b"[" * 100_000):
        with pytest.raises(EngineError):
            engine.make_page({"do": "page", "notebook": bad, "about": about})
        page = engine.make_page({"do": "page", "notebook": good, "about": about})["page"]
        assert page.startswith("<!DOCTYPE html>") or page.startswith("<!doctype html>")
