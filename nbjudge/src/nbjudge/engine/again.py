"""Judge work that met a limit once more, alone, before the limit costs points.

A limit may be met because of what else the machine does: submissions share memory, threads and
processors. So the engine waits until it judges nothing else, judges the work again, and keeps the
better result for each question.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from nbjudge.judging.causes import LIMITS
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.spec import CellSpec, NotebookSpec

Answer = Graded | Unreadable


class Turns:
    """Lets jobs run together, or one of them alone."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self.running = self.waiting = 0  # jobs that run; jobs that wait to run alone

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Run the block beside others, but not beside or before one that runs alone."""
        with self.condition:
            self.condition.wait_for(lambda: self.running >= 0 and not self.waiting)
            self.running += 1
        try:
            yield
        finally:
            with self.condition:
                self.running -= 1
                self.condition.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Run the block while no other job runs."""
        with self.condition:
            self.waiting += 1
            self.condition.notify_all()
            self.condition.wait_for(lambda: self.running == 0)
            self.waiting -= 1
            self.running = -1
        try:
            yield
        finally:
            with self.condition:
                self.running = 0
                self.condition.notify_all()


def judge_fairly(ask: Callable[[], Answer], turns: Turns, spec: NotebookSpec) -> Answer:
    """Judge a job beside others; if it meets a limit, judge it again alone and keep the better.

    Parameters
    ----------
    ask
        Function that judges the job.
    """
    with turns.together():
        first = ask()
    if not _met_limit(first):
        return first
    with turns.alone():
        again = ask()
    if isinstance(first, Unreadable) or isinstance(again, Unreadable):
        return again if isinstance(again, Graded) else first
    return better_of(first, again, spec)


def _met_limit(answer: Answer) -> bool:
    """True if a limit has cost points, or may have."""
    if isinstance(answer, Unreadable):
        return answer.timed_out
    return any(cause.name in LIMITS for cause in answer.causes)


def better_of(first: Graded, again: Graded, spec: NotebookSpec) -> Graded:
    """Return the second result with the questions that the first one scored higher.

    A remark names each question whose results differ.
    """
    taken, remarks = set[str](), list[str]()
    for test in spec.tests:
        before, after = first.scores.get(test.grade_id), again.scores.get(test.grade_id)
        if before == after:
            continue
        if _is_better(before, after, test):
            taken.add(test.grade_id)
        limits = ", ".join(c.name for c in first.causes if c.name in LIMITS)
        remarks.append(
            f"{test.grade_id}: {_points(before)} when it met a limit ({limits}), "
            f"{_points(after)} when judged again alone. The better result counts"
        )
    return replace(
        again,
        notebook=_with_cells(again.notebook, first.notebook, taken) if taken else again.notebook,
        scores=again.scores | {name: first.scores[name] for name in taken},
        remarks=[*again.remarks, *remarks],
        seconds=first.seconds + again.seconds,
    )


def _is_better(score: float | None, again: float | None, test: CellSpec) -> bool:
    """True if the first score of a test is better than the second; None leaves it to a person."""
    if score is None:
        return False
    return score == test.points if again is None else score > again


def _points(score: float | None) -> str:
    return "left to a person" if score is None else f"{score:g} points"


def _with_cells(notebook: bytes, other: bytes, grade_ids: set[str]) -> bytes:
    """Return a graded notebook with some cells of another grading of the same submission."""
    document = json.loads(notebook)
    for number, cell in enumerate(json.loads(other)["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") in grade_ids:
            document["cells"][number] = cell
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True).encode()
