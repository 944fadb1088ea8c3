"""The box ends whatever exceeds a limit, and the next call is served."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from nbjudge.errors import BoxError, EngineClosedError
from nbjudge.sandbox import box as box_module
from nbjudge.sandbox import linux
from nbjudge.wire.framing import send_message
from tests.support import boxed
from tests.support.waiting import wait_until


@pytest.fixture
def box(monkeypatch):
    with boxed.boxes(monkeypatch) as box:
        yield box


def test_one_reader_serves_one_call_after_another(box):
    assert [box.call(boxed.double, text) for text in ("a", "b\ud800")] == ["aa", "b\ud800" * 2]
    assert len(box.idle) == 1


def test_a_call_ends_at_its_processor_time(box):
    with pytest.raises(BoxError, match=r"it exceeds the limits of 0\.1 s of processor time"):
        box.call(boxed.spin, seconds=0.1)
    assert box.call(boxed.double, "a") == "aa"


def test_a_call_that_waits_ends_too(box, monkeypatch):
    monkeypatch.setattr(box_module, "WAITING", 1.0)
    with pytest.raises(BoxError, match="it exceeds"):
        box.call(boxed.sleep, seconds=0.1)
    assert box.call(boxed.double, "a", seconds=60) == "aa"


def test_a_call_ends_at_its_memory(box):
    with pytest.raises(BoxError, match="1,024 MB of memory"):
        box.call(boxed.fill)
    assert box.call(boxed.double, "a") == "aa"


def test_every_call_has_the_memory_whatever_earlier_calls_keep(box):
    assert [box.call(boxed.keep, 1_000) for _ in range(2)] == [1, 2], "the same reader"
    for _ in range(5):
        assert box.call(boxed.keep, 600 << 20) <= 3


def test_a_value_that_is_too_large_is_refused(box):
    with pytest.raises(BoxError, match="the limit is"):
        box.call(boxed.large)
    assert box.call(boxed.double, "a") == "aa"


def test_an_answer_that_arrives_slowly_is_refused(box, monkeypatch):
    monkeypatch.setattr(box_module, "_is_gone", lambda reader: False)
    ours, reader = socket.socketpair()
    with reader:
        send_message(reader, box_module.Returned("aa", False))
        box.idle.append(ours)
        monkeypatch.setattr(box_module, "SENDING", -1.0)
        with pytest.raises(BoxError, match="it exceeds"):
            box.call(boxed.double, "a")


def test_a_reader_that_has_ended_is_replaced(box):
    with pytest.raises(BoxError):
        box.call(boxed.end)
    assert box.call(boxed.double, "a") == "aa"
    box.process.kill()
    box.process.wait()
    wait_until(lambda: box_module._is_gone(box.idle[0]))
    assert box.call(boxed.double, "b") == "bb", "after the first process has ended as well"


@pytest.mark.skipif(not linux.landlock_version(), reason="the kernel has no Landlock")
def test_a_reader_reads_python_and_no_data(box, tmp_path):
    (tmp_path / "gradebook.db").write_text("points")
    for path in (tmp_path / "gradebook.db", "/etc/passwd"):
        assert box.call(boxed.refused, str(path)) == ["r", "a"]
    assert box.call(boxed.refused, os.__file__) == ["a"]
    assert box.call(boxed.refused, str(tmp_path / "new")) == ["a"]


def test_a_value_of_another_type_is_refused(box):
    with pytest.raises(BoxError, match="wrong cannot be a int"):
        box.call(boxed.wrong)


def test_a_busy_reader_does_not_delay_others(box):
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(box.call, boxed.sleep)
        wait_until(lambda: box.busy)
        assert box.call(boxed.double, "a") == "aa"
        box.close()
        with pytest.raises(EngineClosedError):
            waiting.result()
    with pytest.raises(EngineClosedError):
        box.call(boxed.double, "a")


def test_a_reader_that_cannot_be_started_in_advance_is_started_by_a_call(box, monkeypatch):
    start = box_module.start

    def fail(*_):
        raise BlockingIOError("no process left")

    monkeypatch.setattr(box_module, "start", fail)
    box.warm_up()
    assert not box.processes()
    monkeypatch.setattr(box_module, "start", start)
    assert box.call(boxed.double, "a") == "aa"
