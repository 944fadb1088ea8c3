"""An engine used by several threads."""

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbjudge import EngineError
from nbjudge.engine import engine as engine_module
from nbjudge.engine.engine import Engine
from nbjudge.engine.handles import WorkerProcess, ZygoteProcess
from nbjudge.feedback.about import About
from tests.support.engines import (
    cells_of,
    living_processes,
    make_job,
    no_longer_than,
    notebook_bytes,
    spec,
)
from tests.support.waiting import wait_until

ABOUT = About("a", "n", "s", marks=("a", "b"), scheme=("c", "d"))
PAGE = notebook_bytes(cells_of(spec(("1 + 1", "plain"))))


def job_of(number, version):
    numbered = spec((f"x = {number}", "solution", "s"), (f"assert x == {number}", "test", "t"))
    return make_job(numbered, modules={"helper": version})


@pytest.fixture
def engine(judge, without_matplotlib):
    with Engine() as one:
        one.config = judge.config
        yield one


def test_threads_with_different_modules_do_not_deadlock(engine):
    jobs = [job_of(n % 4, str(n % 2)) for n in range(16)]
    with no_longer_than(200), ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda job: engine.judge(engine.config, job), jobs))
    assert [answer.scores for answer in answers] == [{"t": 1.0}] * 16
    assert len(engine.zygotes) == 2 and not engine.busy and not engine.forking


def test_no_lock_is_held_while_a_zygote_starts(engine, monkeypatch):
    """A lock held during the start once caused a deadlock between threads."""
    started, may_go_on = threading.Event(), threading.Event()
    fork = ZygoteProcess.worker

    def slow(zygote, preparation):
        if preparation.modules == {"helper": "slow"}:
            started.set()
            assert may_go_on.wait(60)
        return fork(zygote, preparation)

    monkeypatch.setattr(ZygoteProcess, "worker", slow)
    with no_longer_than(200), ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(engine.judge, engine.config, job_of(1, "slow"))
        assert started.wait(60)
        assert engine.judge(engine.config, job_of(1, "1")).scores == {"t": 1.0}
        assert engine.judge(engine.config, job_of(2, "2")).scores == {"t": 1.0}
        may_go_on.set()
        assert waiting.result().scores == {"t": 1.0}


def test_there_are_as_many_workers_as_threads_and_not_as_assignments(engine):
    for number in range(6):
        assert engine.judge(engine.config, job_of(number, "1")).scores == {"t": 1.0}
    assert len(engine.idle) == 1 and len(engine.zygotes) == 1


def test_a_zygote_that_was_started_early_is_the_one_that_is_used(engine):
    engine.warm_up()
    (zygote,) = engine.zygotes
    engine.judge(engine.config, job_of(1, "1"))
    assert engine.zygotes == [zygote]


def test_a_zygote_that_has_died_is_replaced(engine):
    engine.judge(engine.config, job_of(1, "1"))
    (zygote,) = engine.zygotes
    zygote.process.kill()
    zygote.process.wait()
    assert engine.judge(engine.config, job_of(2, "1")).scores == {"t": 1.0}
    assert zygote not in engine.zygotes


def test_processes_that_are_killed_leave_no_files(engine, tmp_path, monkeypatch):
    """Their folders are removed with the next zygote, or at the latest with the engine."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    job = make_job(spec(("1", "solution", "s")), {"s": "while True:\n    pass"})

    def judge():
        with contextlib.suppress(EngineError):  # the engine is closed meanwhile
            engine.judge(engine.config, job)

    thread = threading.Thread(target=judge)
    thread.start()
    assert wait_until(lambda: list(tmp_path.glob("*/judge-*")))
    for zygote in list(engine.zygotes):
        zygote.process.kill()
        zygote.process.wait()
    assert wait_until(lambda: len({path.parent for path in tmp_path.glob("*/judge-*")}) == 1)
    engine.close()
    thread.join()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_removed_although_a_process_still_writes_to_it(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    engine.judge(engine.config, job_of(1, "1"))
    (zygote,) = engine.zygotes
    rmtree, passes = shutil.rmtree, []

    def interrupted(folder, ignore_errors):
        rmtree(folder, ignore_errors=ignore_errors)
        passes.append(folder)
        if len(passes) == 1:
            (Path(folder) / "judge").mkdir(parents=True)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    engine.close()
    assert passes == [zygote.folder] * 2 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("idle", "busy"), [(2, 0), (1, 1), (0, 2)])
def test_the_workers_of_a_zygote_that_has_died_are_no_attempts(engine, monkeypatch, idle, busy):
    """All workers of a dead zygote fail, so their failures are not the job's."""
    judge, working = WorkerProcess.request, threading.Barrier(2)
    with monkeypatch.context() as patch:

        def together(worker, job):
            working.wait(60)
            return judge(worker, job)

        patch.setattr(WorkerProcess, "request", together)
        with no_longer_than(100), ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda _: engine.judge(engine.config, job_of(1, "1")), range(2)))
    assert len(engine.idle) == 2
    (zygote,) = engine.zygotes
    with no_longer_than(100), ThreadPoolExecutor(2) as threads:
        asked = threading.Semaphore(0)

        def late(worker, job):
            if worker.zygote is zygote:
                asked.release()
                zygote.process.wait()
            return judge(worker, job)

        monkeypatch.setattr(WorkerProcess, "request", late)
        waiting = [threads.submit(engine.judge, engine.config, job_of(1, "1")) for _ in range(busy)]
        for _ in range(busy):
            assert asked.acquire(timeout=60)
        assert (len(engine.idle), len(engine.busy)) == (idle, busy)
        zygote.process.kill()
        waiting = waiting or [threads.submit(engine.judge, engine.config, job_of(1, "1"))]
        assert [answer.result().scores for answer in waiting] == [{"t": 1.0}] * len(waiting)
    assert zygote not in engine.zygotes and not engine.busy and not engine.forking
    assert all(worker.zygote is not zygote for worker in engine.idle)


def test_zygotes_that_are_not_used_end(engine, monkeypatch):
    monkeypatch.setattr(engine_module, "MAX_ZYGOTES", 1)
    for version in range(3):
        engine.judge(engine.config, job_of(1, str(version)))
        assert len(engine.zygotes) == 1


def test_a_thread_waiting_for_a_worker_of_a_closed_engine_gets_an_error(engine):
    job = make_job(spec(("import time\ntime.sleep(100)", "plain")))
    with no_longer_than(90), ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(engine.judge, engine.config, job)
        while not engine.busy:
            time.sleep(0.01)
        engine.close()
        with pytest.raises(EngineError):
            waiting.result()
    with pytest.raises(EngineError, match="closed"):
        engine.judge(engine.config, job)


def test_a_page_that_cannot_be_generated_affects_only_itself(engine):
    for bad in (b"{", b"[]", b'{"cells": 5}', b"[" * 100_000):
        with pytest.raises(EngineError):
            engine.make_page(bad, ABOUT)
        page = engine.make_page(PAGE, ABOUT)
        assert page.startswith("<!DOCTYPE html>") or page.startswith("<!doctype html>")


@pytest.fixture
def asked(monkeypatch):
    """The jobs sent to workers."""
    jobs, judge = [], WorkerProcess.request
    monkeypatch.setattr(
        WorkerProcess, "request", lambda worker, job: (jobs.append(job), judge(worker, job))[1]
    )
    return jobs


def test_a_judge_that_dies_is_tried_by_one_worker_alone(engine, asked):
    killed, done = set(), threading.Event()

    def kill_judges():
        while not done.wait(0.05):
            living = [living_processes(pid) for pid in engine.processes()]
            judges = {pid for names in living for pid in names if names[pid] == "nbj-judge"}
            for pid in judges - killed:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            killed.update(judges)

    job = make_job(spec(("import time\ntime.sleep(100)", "plain")))
    with ThreadPoolExecutor(1) as threads:
        killing = threads.submit(kill_judges)
        try:
            with pytest.raises(EngineError, match="ended 2 times outside this submission's tests"):
                engine.judge(engine.config, job)
        finally:
            done.set()
        killing.result()
    assert (len(killed), len(asked)) == (2, 1)


def test_a_worker_that_dies_is_replaced_twice(engine, asked, monkeypatch):
    fork = ZygoteProcess.worker

    def dying(zygote, preparation):
        worker = fork(zygote, preparation)
        worker.connection.shutdown(socket.SHUT_RDWR)
        return worker

    monkeypatch.setattr(ZygoteProcess, "worker", dying)
    with pytest.raises(EngineError, match="the worker ended"):
        engine.judge(engine.config, job_of(1, "1"))
    assert len(asked) == 3


def test_a_process_that_has_ended_is_called_by_its_name(engine):
    engine.judge(engine.config, job_of(1, "1"))
    (zygote,), (worker,) = engine.zygotes, engine.idle
    zygote.process.kill()
    zygote.process.wait()
    with pytest.raises(EngineError, match="^the zygote ended"):
        zygote.worker(job_of(2, "1").preparation)
    with pytest.raises(EngineError, match="^the worker ended"):
        worker.request(job_of(1, "1"))


def test_work_that_met_a_limit_is_judged_again_alone(engine, monkeypatch):
    asked, judge = [], WorkerProcess.request

    def count(worker, job):
        asked.append(engine.turns.running)
        return judge(worker, job)

    monkeypatch.setattr(WorkerProcess, "request", count)
    endless = spec(("def f():\n    return 1", "solution", "f"), ("assert f() == 1", "test", "t"))
    answers = {"f": "def f():\n    while True:\n        pass"}
    job = make_job(endless, answers, limits={"test_seconds": 0.5})
    answer = engine.judge(engine.config, job)
    assert asked == [1, -1]  # with others, alone
    assert (answer.scores, [cause.name for cause in answer.causes]) == ({"t": 0.0}, ["test time"])
    assert engine.judge(engine.config, job_of(1, "1")).scores == {"t": 1.0}
    assert asked == [1, -1, 1]
