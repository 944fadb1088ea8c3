"""The judge's decisions on artificial case sets, smaller than any exercise."""

import contextlib
import gc
import os
import signal
import sys
import time
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from nbexercise.diagnosis.diagnose import judge
from nbexercise.judging.calling import CheckTime, call
from nbexercise.judging.capture import TimeIsUpError, time_limit
from nbexercise.judging.comparing import wrong_cells
from nbexercise.judging.model import CallOutcome, Case, Check, Return
from nbexercise.judging.notes import Note
from tests.cells import written
from tests.small_case_set import ONE, TWO, case, case_set, square


def test_a_mistake_is_named_where_all_cases_agree_with_it_alone():
    verdict = judge(case_set(ONE, TWO, mistakes=["squared"]), square)
    assert verdict.mistake.name == "squared"
    assert judge(case_set(ONE, TWO, mistakes=["squared"]), lambda x: x * 0).mistake is None


def test_two_mistakes_that_answer_alike_are_not_told_apart():
    assert judge(case_set(ONE, mistakes=["squared", "cubed_or_squared"]), square).mistake is None


def test_a_mistake_must_explain_the_cases_that_are_right_as_well():
    def wrong_once(x):
        return x * x if len(x) == 2 else x * 3

    assert judge(case_set(ONE, TWO, mistakes=["squared"]), wrong_once).mistake is None


def test_a_right_function_has_no_mistake_and_nothing_to_show():
    verdict = judge(case_set(ONE, TWO, mistakes=["squared"]), lambda x: 2 * x)
    assert verdict.passed and verdict.points == 4
    assert verdict.failing is None
    assert verdict.mistake is None
    assert verdict.repeatable


def test_the_first_case_is_asked_again_at_the_end():
    asked = []

    def double(x):
        asked.append(x.tolist())
        return 2 * x

    judge(case_set(ONE, TWO), double)
    other = [4.0, 2.0]  # so that the first answer is compared after another call
    assert asked == [[1.0, 2.0], other, [2.0, 2.0, 2.0], [1.0, 2.0]]


def test_an_answer_that_a_later_call_overwrites_loses_and_is_said_to():
    kept = {}

    def double(x):
        result = kept.setdefault(len(x), np.zeros(len(x)))
        result[:] = 2 * x
        return result

    verdict = judge(case_set(ONE, TWO), double)
    assert not verdict.passed and verdict.overwritten == ("y",)
    (fact,) = verdict.facts
    assert "y of an earlier call was overwritten by a later one" in fact


def test_a_default_that_keeps_values_is_named():
    def double(x, seen=[]):  # noqa: B006 - the mistake
        seen.extend(x)
        return np.array([2.0 * sum(seen) / sum(x)] * len(x)) * x

    verdict = judge(case_set(ONE, TWO), double)
    (fact,) = verdict.facts
    assert not verdict.passed and fact.startswith("What happened: the default of seen is made only")

    def doubled(x, seen={}):  # noqa: B006 - the mistake
        if len(x) == 1:
            return 2 * x
        if len(x) not in seen:
            seen[len(x)] = np.append(doubled(x[:1]), doubled(x[1:]))
        return seen[len(x)]

    (fact,) = judge(case_set(ONE, TWO), doubled).facts
    assert fact.startswith("What happened: the default of seen is made only")

    def trebled(x, seen=[]):  # noqa: B006 - no mistake
        seen.extend(x)
        return 3 * x

    assert "default" not in " ".join(judge(case_set(ONE, TWO), trebled).facts)


def test_a_default_of_a_function_that_was_stopped_is_not_tried_again(monkeypatch):
    monkeypatch.setattr("nbexercise.judging.calling.TIME_LIMIT", 0.1)
    monkeypatch.setattr("nbexercise.diagnosis.state.decide", None)

    def double(x, seen=[]):  # noqa: B006 - the mistake
        seen.extend(x)
        while len(seen) > 2:
            pass
        return 2 * x

    assert judge(case_set(ONE, TWO), double).is_stopped


def test_what_the_other_call_prints_or_raises_is_not_held_against_the_first():
    asked = []

    def double(x):
        asked.append(x)
        if len(asked) == 2:
            print("other")
            raise ValueError("other")
        return 2 * x

    verdict = judge(case_set(ONE, TWO), double)
    assert verdict.passed and not verdict.runs[0].printed


def test_an_answer_that_depends_on_earlier_calls_loses_and_is_said_to():
    total = []

    def double(x):
        total.append(x)
        return 2 * x if len(total) < 4 else 3 * x

    verdict = judge(case_set(ONE, TWO), double)
    assert not verdict.passed
    assert not verdict.repeatable


def test_an_answer_is_compared_with_its_own_case_when_it_is_asked_again():
    remembered = {}

    def double(x):  # returns the first answer of each size forever
        return remembered.setdefault(len(x), 2 * x)

    assert judge(case_set(ONE, TWO), double).passed  # the same case, so the same answer is correct
    again = case([3.0, 5.0], [6.0, 10.0])
    remembered.clear()
    assert not judge(case_set(ONE, again), double).passed


GROUPS = (Check("group", 2, groups=("group",)), Check("other", 2, groups=("other",)))


def endless_for(size):
    def double(x):
        while len(x) == size:
            pass
        return 2 * x

    return double


@pytest.mark.parametrize(("size", "points"), [(2, 0), (3, 2)])
def test_what_was_not_asked_after_an_endless_loop_earns_nothing(size, points, monkeypatch):
    monkeypatch.setattr("nbexercise.judging.calling.TIME_LIMIT", 0.1)
    verdict = judge(case_set(ONE, TWO, checks=GROUPS), endless_for(size))
    assert verdict.points == points
    assert verdict.failing.outcome.problem.kind == "time"


def test_leaving_the_input_alone_counts_only_beside_right_values():
    assert judge(case_set(ONE), lambda x: x * 0).points == 0
    spoils = judge(case_set(ONE), lambda x: (2 * x, x.fill(7))[0])
    assert spoils.points == 3
    assert spoils.failing.outcome.changed == ("x",)


def test_the_arguments_of_a_case_survive_every_call():
    judge(case_set(ONE, TWO), lambda x: x.fill(np.nan))
    assert ONE.arguments["x"].tolist() == [1.0, 2.0]


def test_values_are_compared_as_finely_as_the_coarsest_number_allows():
    def off(by):
        return lambda *arguments: np.array([2.0, 4.0]) + by

    assert judge(case_set(ONE), off(1e-10)).passed
    assert not judge(case_set(ONE), off(1e-7)).passed
    coarse = case(np.array([1, 2], np.float32), [2.0, 4.0])
    assert judge(case_set(coarse), off(1e-5)).passed
    assert not judge(case_set(coarse), off(1e-2)).passed
    mixed = Case(
        "group",
        {"cache": (np.array([1, 2], np.float32), np.array([3.0]))},
        CallOutcome({"y": np.array([2.0, 4.0])}),
        {},
    )
    assert judge(case_set(mixed), off(1e-5)).passed
    assert judge(case_set(ONE), lambda x: (2 * x + 1e-5).astype(np.float32)).passed
    assert not judge(case_set(ONE), lambda x: (2 * x + 1e-2).astype(np.float32)).passed


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_wrong(bad):
    expected = np.array([1.0, 2.0, 3.0])
    got = expected.copy()
    got[1] = bad
    assert wrong_cells(got, expected, 1e-9).tolist() == [False, True, False]


def test_whole_numbers_and_truth_values_are_compared_as_numbers():
    assert not wrong_cells(np.array([2, 4]), np.array([2.0, 4.0]), 1e-9).any()
    assert wrong_cells(np.array([2, 4]), np.array([2.5, 4.0]), 1e-9).tolist() == [True, False]
    assert not wrong_cells(np.array([1, 0]), np.array([True, False]), 1e-9).any()


def test_a_note_costs_nothing_and_needs_its_words(monkeypatch):
    notes = (Note("slow", "It is slow.", ("slowly",)),)
    monkeypatch.setattr("nbexercise.judging.verdict.NOTES", notes)

    def slow(x):
        import warnings

        warnings.warn("this works slowly", stacklevel=1)
        return 2 * x

    verdict = judge(case_set(ONE), slow)
    assert verdict.passed
    assert [note.name for note in verdict.notes] == ["slow"]
    assert judge(case_set(ONE), lambda x: 2 * x).notes == ()


def test_a_call_keeps_what_was_printed_and_gives_the_streams_back(capfd):
    import signal
    import sys

    before = sys.stdout, sys.stderr, signal.getsignal(signal.SIGALRM)

    def noisy(x):
        print("for the verdict")
        print("for nobody", file=sys.stderr)
        os.write(2, b"for nobody\n")
        return 2 * x

    assert call((Return("y"),), ONE, noisy).printed == "for the verdict\n"
    assert call((Return("y"),), ONE, lambda x: 1 / 0).outcome.problem.kind == "error"
    assert (sys.stdout, sys.stderr, signal.getsignal(signal.SIGALRM)) == before
    assert capfd.readouterr() == ("", "")
    print("out again")
    print("err again", file=sys.stderr)
    os.write(2, b"and below\n")
    assert capfd.readouterr() == ("out again\n", "err again\nand below\n")


def test_of_a_flood_of_output_little_is_kept():
    def flooding(x):
        for _ in range(1000):
            print("x" * 1000)
        return 2 * x

    printed = call((Return("y"),), ONE, flooding).printed
    assert len(printed) < 21_000
    assert printed.endswith("more characters)")


def busy(seconds):
    """Use a processor for a few seconds."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_an_alarm_does_not_ring_after_the_call(monkeypatch):
    monkeypatch.setattr("nbexercise.judging.calling.TIME_LIMIT", 0.05)
    assert judge(case_set(ONE), lambda x: 2 * x).passed
    busy(0.1)
    time.sleep(0.6)


def test_a_call_that_waits_for_a_processor_is_not_stopped(monkeypatch):
    monkeypatch.setattr("nbexercise.judging.calling.TIME_LIMIT", 0.1)
    assert judge(case_set(ONE), lambda x: (2 * x, time.sleep(0.3))[0]).passed


def test_a_call_that_only_waits_is_stopped_too(monkeypatch):
    monkeypatch.setattr("nbexercise.judging.calling.CHECK_LIMIT", 0.1)
    verdict = judge(case_set(ONE), lambda x: (2 * x, time.sleep(60))[0])
    assert verdict.failing.outcome.problem.kind == "time"


def test_the_calls_of_a_check_have_one_time_together(monkeypatch):
    """Each call is in time, but all of them exceed the time limit of a check."""
    monkeypatch.setattr("nbexercise.judging.calling.CHECK_LIMIT", 1)
    verdict = judge(case_set(*[ONE] * 9), lambda x: (2 * x, time.sleep(0.4))[0])
    assert verdict.failing.outcome.problem.kind == "time" and verdict.is_stopped
    assert verdict.runs[0].outcome.problem is None


@pytest.mark.parametrize("waits", [True, False])
def test_the_time_that_has_passed_is_the_one_that_is_said(monkeypatch, waits):
    monkeypatch.setattr("nbexercise.judging.calling.TIME_LIMIT", 0.1)
    monkeypatch.setattr("nbexercise.judging.calling.CHECK_LIMIT", 2)
    verdict = judge(case_set(ONE), lambda x: time.sleep(60) if waits else busy(60))
    text = " ".join(verdict.failing.outcome.problem.text.split())
    assert ("calls in this check waited for more than 2 seconds in total" in text) == waits
    assert ("running after 0.1 seconds of computing and was stopped. Is there" in text) != waits


class _Elsewhere:
    """A right function in another process that uses some processor time in each call."""

    def __init__(self, seconds):
        self.seconds, self.used, self.calls, self.measured = seconds, 5.0, 0, 0

    def processor_seconds(self):
        self.measured += 1
        return self.used

    def with_source(self, text, is_variant=True):
        raise OSError("no function has a source")

    def __call__(self, x):
        self.calls += 1
        self.used += self.seconds
        return 2 * x


def test_the_processor_time_of_another_process_counts(monkeypatch):
    processors = "nbexercise.judging.calling.PROCESSORS"
    monkeypatch.setattr(processors, 10**9)  # in no time, it may have used any time
    function = _Elsewhere(seconds=7)
    verdict = judge(case_set(*[ONE] * 9), function)
    assert function.calls == 3 and verdict.is_stopped
    assert "computed for more than 20 seconds" in " ".join(verdict.stop.text.split())
    assert judge(case_set(*[ONE] * 9), _Elsewhere(seconds=1)).passed


def test_the_processor_time_of_short_calls_is_not_measured():
    function = _Elsewhere(seconds=0)
    assert judge(case_set(*[ONE] * 9), function).passed
    assert (function.calls, function.measured) == (11, 1)


def test_the_owner_of_another_process_stops_a_call_there(monkeypatch):
    def call(*_):
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.raise_signal(signal.SIGPROF)
        raise KeyboardInterrupt  # as the code in the other process ended

    monkeypatch.setattr(_Elsewhere, "__call__", call)
    verdict = judge(case_set(ONE, ONE), _Elsewhere(seconds=0))
    assert "was still running after 3 seconds" in verdict.stop.text


def test_a_function_in_another_process_is_asked_only_for_what_it_offers():
    """The grader would take another attribute for one that it lacks, and judge the work again."""
    asked = set()

    class Wrong(_Elsewhere):
        __source__ = ("def double(x):\n    return 3 * x\n", 1)

        def __getattr__(self, name):
            asked.add(name)
            raise AttributeError(name)

        def __call__(self, x):
            return 3 * super().__call__(x)

    assert not judge(case_set(ONE, TWO), Wrong(seconds=0)).passed
    assert asked <= {"__name__", "with_names"}


def test_waiting_for_another_process_is_no_waiting_of_the_function(monkeypatch):
    """This process waits in all its calls, which take long on a busy machine."""
    monkeypatch.setattr("nbexercise.judging.calling.CHECK_LIMIT", 0.2)
    busy = _Elsewhere(seconds=0)
    busy.seconds = 0.001
    original = _Elsewhere.__call__
    monkeypatch.setattr(_Elsewhere, "__call__", lambda *a: (time.sleep(0.1), original(*a))[1])
    assert judge(case_set(*[ONE] * 9), busy).passed


def test_time_that_a_thread_waits_for_a_processor_is_no_waiting(monkeypatch):
    now = [100.0]
    clock = SimpleNamespace(monotonic=lambda: now[0], process_time=time.process_time)
    for module in ("judging.calling", "judging.capture"):
        monkeypatch.setattr(f"nbexercise.{module}.time", clock)
        monkeypatch.setattr(f"nbexercise.{module}.idle_seconds", lambda: 5.0)
    check_time = CheckTime(square)
    check_time.waiting = 0.1
    with check_time.of_call():
        now[0] += 0.3  # on a machine that is too busy to run this
        signal.raise_signal(signal.SIGALRM)
    assert check_time.waiting == pytest.approx(0.1)


def test_a_time_limit_around_the_call_goes_on():
    rung = []
    before = signal.signal(signal.SIGPROF, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_PROF, 20)
    try:
        assert judge(case_set(ONE), lambda x: (2 * x, busy(0.2))[0]).passed
        assert 0 < signal.getitimer(signal.ITIMER_PROF)[0] < 19.85  # rounded up to ticks
        assert not rung
        signal.raise_signal(signal.SIGPROF)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    assert rung


@pytest.mark.parametrize(
    ("timer", "number"),
    [(signal.ITIMER_PROF, signal.SIGPROF), (signal.ITIMER_REAL, signal.SIGALRM)],
)
def test_a_signal_in_the_last_moment_does_not_start_the_timer_again(monkeypatch, timer, number):
    """It would end the process, as nothing handles the signal any more."""
    setitimer, late = signal.setitimer, []

    def disarm_late(which, seconds, interval=0.0):
        before = setitimer(which, seconds, interval)
        if (which, seconds) == (timer, 0) and not late:
            late.append(number)
            signal.raise_signal(number)
        return before

    monkeypatch.setattr(signal, "setitimer", disarm_late)
    try:
        with time_limit(20, 20):
            pass
        assert late and signal.getitimer(timer) == (0, 0)
    finally:
        setitimer(timer, 0)


class _Busy:
    """An object whose finalizer uses a processor for a few seconds."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __del__(self):
        busy(self.seconds)


@contextlib.contextmanager
def _collecting(seconds):
    """Use a processor for a few seconds in a callback of the garbage collector."""

    def callback(phase, info):
        if phase == "start":
            busy(seconds)

    gc.callbacks.append(callback)
    try:
        yield
    finally:
        gc.callbacks.remove(callback)


def _in_a_callback_of_the_garbage_collector():
    with _collecting(0.15):
        gc.collect()
    busy(10)


def _in_a_finalizer():
    del [_Busy(0.15)][0]
    busy(10)


def _in_a_callback_of_a_weak_reference():
    value = _Busy(0)
    value.finalizer = weakref.finalize(value, busy, 0.15)
    del value
    busy(10)


def _in_a_finalizer_without_end():
    _Busy(10)
    busy(10)


@pytest.mark.parametrize(
    ("function", "is_reported"),
    [
        (_in_a_callback_of_the_garbage_collector, False),
        (_in_a_finalizer, False),
        (_in_a_callback_of_a_weak_reference, False),
        (_in_a_finalizer_without_end, True),
    ],
)
def test_time_is_up_where_the_exception_is_not_lost(monkeypatch, function, is_reported):
    """Otherwise Python would only report it, and the function would go on."""
    reported, start = [], time.process_time()
    monkeypatch.setattr(sys, "unraisablehook", reported.append)
    with pytest.raises(TimeIsUpError), time_limit(0.05):
        function()
    assert time.process_time() - start < 5
    assert bool(reported) == is_reported


def test_in_another_thread_there_is_no_alarm_and_all_else_works():
    import threading

    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(judge(case_set(ONE), square)))
    thread.start()
    thread.join()
    assert verdicts[0].points == 0


def test_an_exception_is_counted_only_where_the_same_line_raised_it():
    wrong = written("""
        def double(x):
            if len(x) == 4:
                return 3 * x
            if len(x) > 2:
                return x / y
            if x[0] > 5:
                return x + "a"
            return x[9]
    """)
    cases = [case(x, 2 * np.array(x)) for x in ([1.0] * 4, [1.0] * 3, [7.0], [1.0], [2.0, 3.0])]
    assert judge(case_set(*cases, case([5.0] * 5, [10.0] * 5)), wrong).facts[0] == (
        "In 2 of 6 cases it raised NameError: name 'y' is not defined, line 5, in double: "
        "return x / y; in 3 more it raised other errors."
    )
    assert judge(case_set(cases[0], *cases[3:]), wrong).facts[0] == (
        "In 2 of 3 cases it raised IndexError, line 8, in double: return x[9]."
    )


def test_a_timer_that_fires_too_early_stops_nothing():
    """Under load, Linux may count more ticks than the process has computed."""
    with time_limit(5):
        signal.raise_signal(signal.SIGPROF)
    start = time.process_time()
    with pytest.raises(TimeIsUpError), time_limit(0.3):
        signal.raise_signal(signal.SIGPROF)
        while True:
            pass
    assert time.process_time() - start >= 0.3
