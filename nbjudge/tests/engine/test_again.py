"""Work that met a limit is judged again, alone, before the limit costs points."""

import json
import threading
from dataclasses import replace

import pytest

from nbjudge.engine.again import Turns, judge_fairly
from nbjudge.judging.causes import explain
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.wire.requests import Cause
from tests.support.engines import new_cell, spec

SPEC = spec(("1", "test", "one", 4), ("1", "test", "two", 4))


def result(one, two, *causes, output="", limited=("one",)):
    """Return a graded notebook with the scores of two tests, and causes that cost points.

    Parameters
    ----------
    limited
        The tests whose points the limits among the causes have cost.
    """
    cells = [new_cell("1", nbgrader={"grade_id": name}) for name in ("one", "two")]
    for cell in cells:
        cell["source"] = output
    explained = [explain(Cause(name, "3"), None) for name in causes]
    notebook = json.dumps({"cells": cells}).encode()
    scores = {"one": one, "two": two}
    limited = list(limited) if causes else []
    return Graded(notebook=notebook, scores=scores, causes=explained, limited=limited, seconds=1.0)


def judged(*answers, turns=None):
    """Judge with these answers; return the result, and the number of answers that were used."""
    coming, turns = list(answers), turns or Turns()
    answer = judge_fairly(lambda: coming.pop(0), turns, SPEC)
    return answer, len(answers) - len(coming)


@pytest.mark.parametrize("causes", [(), ("package missing",)])
def test_work_that_met_no_limit_is_judged_once(causes):
    first = result(0, 4, *causes)
    assert judged(first, result(4, 4)) == (first, 1)


@pytest.mark.parametrize(
    "cause",
    ["time limit", "call time", "test time", "notebook time", "memory limit", "process limit"],
)
def test_the_second_result_counts_and_both_are_said(cause):
    answer, times = judged(result(0, 4, cause), result(4, 4))
    assert times == 2 and answer.scores == {"one": 4, "two": 4} and answer.causes == []
    assert answer.remarks == [
        f"one: 0 points when it met a limit ({cause}), 4 points when judged again alone. The "
        "better result counts"
    ]
    assert answer.seconds == 2.0


@pytest.mark.parametrize(("before", "after"), [(0, 4), (4, 0), (2, 3)])
def test_no_answer_can_be_guessed_twice(before, after):
    """Meeting a limit in one question gives no second try in another."""
    first = result(before, 0, "call time", output="first", limited=("two",))
    answer, times = judged(first, result(after, 3, output="again"))
    assert times == 2 and answer.scores == {"one": before, "two": 3}
    sources = [cell["source"] for cell in json.loads(answer.notebook)["cells"]]
    assert sources == ["first", "again"]
    assert len(answer.remarks) == 1


@pytest.mark.parametrize(("first", "again"), [(2, 1), (2, 0), (1, 2), (0, 2)])
def test_a_question_that_met_a_limit_has_the_better_result(first, again):
    answer = judged(result(first, 4, "call time"), result(again, 4))[0]
    assert answer.scores == {"one": 2, "two": 4}
    assert len(answer.remarks) == 1


def test_the_same_result_twice_is_said_by_the_limit_alone():
    again = result(0, 4, "test time")
    answer, _ = judged(result(0, 4, "test time"), again)
    assert (answer.scores, answer.causes, answer.remarks) == (again.scores, again.causes, [])


@pytest.mark.parametrize(
    ("first", "again", "kept"),
    [(None, 3, 3), (None, None, None), (0, None, None), (None, 4, 4)],
)
def test_an_open_question_is_decided_by_the_second_result(first, again, kept):
    answer, _ = judged(result(first, 4, "call time"), result(again, 4, "call time"))
    assert answer.scores["one"] == kept


def test_work_that_cannot_be_judged_in_time_has_a_second_try():
    late, right = Unreadable("too long", timed_out=True), result(4, 4)
    assert judged(late, right) == (right, 2)
    assert judged(late, late) == (late, 2)
    assert judged(result(0, 0, "notebook time"), late)[0].scores == {"one": 0, "two": 0}
    damaged = Unreadable("not a notebook")
    assert judged(damaged, right) == (damaged, 1)


def test_the_second_time_nothing_else_is_judged():
    turns, running, beside = Turns(), threading.Semaphore(0), []
    others, active, lock, go_on = [], [], threading.Lock(), threading.Event()

    def other():
        with turns.together():
            with lock:
                active.append(1)
            running.release()
            go_on.wait(60)
            with lock:
                active.pop()

    answers = [result(0, 4, "call time"), result(4, 4)]

    def ask():
        answer = answers.pop(0)
        if answers:  # the first time: two others run beside it, and one comes later
            others.extend(threading.Thread(target=other) for _ in range(2))
            for thread in others:
                thread.start()
            running.acquire(timeout=60), running.acquire(timeout=60)
            late.start()
        beside.append(len(active))
        return answer

    def release_when_one_waits():
        with turns.condition:
            turns.condition.wait_for(lambda: turns.waiting, 60)
        go_on.set()

    late = threading.Thread(target=release_when_one_waits)
    assert judge_fairly(ask, turns, SPEC).scores["one"] == 4
    for thread in (*others, late):
        thread.join(60)
    assert beside == [2, 0] and (turns.running, turns.waiting) == (0, 0)


@pytest.mark.parametrize(("one", "two", "named"), [(0, 4, ["two"]), (4, 4, ["one", "two"])])
def test_a_test_in_the_child_is_named_with_the_result_that_counts(one, two, named):
    """Code can behave well in one of two runs."""
    first = replace(
        result(one, two, "call time"), suspicions={"two": "two was judged in the child"}
    )
    again = replace(result(4, 0), suspicions={"one": "one was judged in the child"} if one else {})
    answer, _ = judged(first, again)
    assert answer.scores == {"one": 4, "two": 4}
    assert sorted(answer.suspicions) == named
