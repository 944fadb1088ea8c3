"""Judge work that met a limit once more, alone, before the limit costs points.

A limit may be met because of what else the machine does: submissions share memory, threads and
processors. So the engine waits until it judges nothing else and judges the work again. The second
result counts for each question that met a limit, and the first one for all others.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from nbjudge.judging.causes import LIMITS
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.spec import NotebookSpec

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
    """Judge a job beside others, and again alone if it meets a limit.

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
    return combined(first, again, spec)


def _met_limit(answer: Answer) -> bool:
    """True if a limit has cost points, or may have."""
    if isinstance(answer, Unreadable):
        return answer.timed_out
    return any(cause.name in LIMITS for cause in answer.causes)


def combined(first: Graded, again: Graded, spec: NotebookSpec) -> Graded:
    """Return the better result of each question that met a limit, and the first one of the others.

    So a limit in one question gives no second try at guessing the answer of another. A remark names
    each question that met a limit and whose results differ.
    """
    limited = {name: (first.scores.get(name), again.scores.get(name)) for name in first.limited}
    remarks = [
        f"{name}: {_points(before)} when it met a limit ({_limits(first)}), {_points(after)} when "
        "judged again alone. The better result counts"
        for name, (before, after) in limited.items()
        if before != after
    ]
    from_first = {test.grade_id for test in spec.tests} - limited.keys()
    from_first |= {name for name, (before, after) in limited.items() if _is_better(before, after)}
    return replace(
        again,
        notebook=_with_cells(again.notebook, first.notebook, from_first),
        scores=again.scores | {n: score for n, score in first.scores.items() if n in from_first},
        remarks=[*again.remarks, *remarks],
        suspicions={n: text for n, text in first.suspicions.items() if n in from_first}
        | {n: text for n, text in again.suspicions.items() if n not in from_first},
        seconds=first.seconds + again.seconds,
    )


def _is_better(score: float | None, other: float | None) -> bool:
    """True if a score is better than another; a question left to a person (None) stays open."""
    return score is not None and other is not None and score > other


def _limits(answer: Graded) -> str:
    return ", ".join(cause.name for cause in answer.causes if cause.name in LIMITS)


def _points(score: float | None) -> str:
    return "left to a person" if score is None else f"{score:g} points"


def _with_cells(notebook: bytes, other: bytes, grade_ids: set[str]) -> bytes:
    """Return a graded notebook with some cells of another grading of the same submission."""
    document = json.loads(notebook)
    for number, cell in enumerate(json.loads(other)["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade_id") in grade_ids:
            document["cells"][number] = cell
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True).encode()
