"""Questions and answers of "Saving and resuming training": read this when you are done."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from lesson_tools.questions import Answer, Checks, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    forgot=Prediction(
        right="b",
        why="Without its running averages, Adam's first steps are far too large.",
        wrong={
            "a": "Without them, the loss would begin near log(10) = 2.3. Where does it begin?",
            "c": "Both students see the same images in the same order.",
        },
        hint=f"The loss is about 0.1, not 2.3. So what must have been saved? {LETTER}",
    ),
    state=Prediction(
        right=3,
        why="The parameter itself, and Adam's averages of its gradient and of the square.",
        wrong={
            1: "That is enough to predict, but Adam's next step depends on more.",
            2: "Adam keeps two averages for each parameter.",
            4: "The gradient is computed anew from the next mini-batch: it need not be saved.",
        },
        hint="What does a step of Adam read, besides the gradient?",
    ),
    moved=Prediction(
        right="c",
        why="`to` changes a module in place, but for a tensor it returns a new tensor.",
        wrong={
            "a": "One of the two is still on the CPU. For which does `to` return a new object?",
            "b": "`to` moves the parameters of a module in place. What does it do with a tensor?",
        },
        hint=f"Which of the two lines throws away what `to` returns? {LETTER}",
    ),
    queue=Prediction(
        right="b",
        why="A call only puts its job into a queue, and a longer job is queued just as quickly.",
        wrong={
            "a": "That would be so if each call waited for its job. When does a call return?",
            "c": "Nothing is finished sooner. What does the clock measure if no call waits?",
        },
        hint=f"A call returns as soon as its job is in the queue. {LETTER}",
    ),
    attempts=Prediction(
        right="c",
        why="An attempt survives 564 mini-batches with probability 0.99 to the power of 564.",
        wrong={
            "a": "About six machines disappear in 564 mini-batches. But without checkpoints, one "
            "machine has to survive all of them.",
            "b": "An attempt has to survive 564 times, each with probability 0.99. What is the "
            "product of these probabilities?",
        },
        hint=f"How likely is it that one machine survives 564 mini-batches in a row? {LETTER}",
    ),
)


@dataclass(frozen=True)
class Judged(Answer):
    """A function that is judged by its effects; the answer is the verdict."""

    judge: Callable[[Any], Any] = lambda given: given

    def check(self, title: str, given: Any) -> None:
        """Check the verdict on a function; a text is a verdict already."""
        super().check(title, self.judge(given) if callable(given) else given)


def verdict(save: Callable[[Path, Iterable[bytes]], int | None]) -> str | None:
    """Return the problem with a function that saves, or "right"; None if it is not written."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "training.h5"
    path.write_bytes(b"old")
    contents = []  # of `path`, after each renaming or removal of a file

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            contents.append(path.read_bytes() if path.exists() else b"")
            return result

        return wrapper

    def pieces(stop: bool) -> Iterator[bytes]:
        yield b"new "
        if stop:
            raise InterruptedError("the machine disappears")
        yield b"checkpoint"

    try:
        if save(path, pieces(True)) is None:
            return None
    except InterruptedError:
        pass
    if not path.exists() or path.read_bytes() != b"old":
        return "the old checkpoint is lost"
    for other in set(folder.iterdir()) - {path}:
        other.unlink()  # what an interruption leaves is no fault
    before = os.stat(path)
    with ExitStack() as stack:
        for name in ("replace", "rename", "remove", "unlink"):
            stack.enter_context(mock.patch.object(os, name, watched(getattr(os, name))))
        size = save(path, pieces(False))
    if not path.exists() or path.read_bytes() != b"new checkpoint":
        return "the new checkpoint does not arrive"
    if any(content not in (b"old", b"new checkpoint") for content in contents):
        return "incomplete for a moment"
    if os.path.samestat(before, os.stat(path)):
        return "the old file is overwritten"
    if len(list(folder.iterdir())) > 1:
        return "a second file is left"
    return "right" if size == 14 else "the size is wrong"


def order_verdict(order: Callable[[int, int, int], Any]) -> str | None:
    """Return the problem with a function that shuffles, or "right"; None if it is not written."""
    pairs = [(seed, epoch) for seed in range(4) for epoch in range(1, 5)]
    orders = {}
    for pair in pairs:
        numbers = order(*pair, 50)
        if numbers is None:
            return None
        numbers = np.asarray(numbers)
        if numbers.shape != (50,) or not np.array_equal(np.sort(numbers), np.arange(50)):
            return "no order"
        orders[pair] = tuple(numbers.tolist())
    if any(tuple(np.asarray(order(*pair, 50)).tolist()) != orders[pair] for pair in pairs):
        return "another order in each call"
    if orders[0, 1] == orders[0, 2]:
        return "the same order in each epoch"
    if orders[0, 1] == orders[1, 1]:
        return "the same order for each seed"
    return "right" if len(set(orders.values())) == len(pairs) else "pairs share an order"


check = Checks(
    costs=Answer(
        right=(45_816, 6),
        hint="Three numbers of 4 bytes for each parameter. And what is the loss at the best moment "
        "and at the worst, and on average?",
        wrong=[
            ((15_272, 6), "The optimizer's two averages must be saved, too."),
            ((30_544, 6), "Adam keeps two averages. Together with the parameter that makes three."),
            ((11_454, 6), "Those are the numbers. Each takes 32 bits, which are 4 bytes."),
            ((366_528, 6), "Those are bits. A byte has 8."),
            ((45_816, 12), "That is the worst case. At another moment you lose less."),
            ((45_816, 0), "That is the best case, a break just after saving."),
        ],
    ),
    order=Judged(
        right="right",
        judge=order_verdict,
        hint="`np.random.default_rng` accepts a tuple of integers as its seed.",
        wrong=[
            ("no order", "Return each number from 0 to m - 1 exactly once."),
            (
                "another order in each call",
                "A second call with the same seed and epoch gives another order. Create a new "
                "generator in each call, from the seed and the epoch.",
            ),
            (
                "the same order in each epoch",
                "Epochs 1 and 2 of seed 0 have the same order. Does it depend on the epoch?",
            ),
            ("the same order for each seed", "The order should depend on the seed as well."),
            (
                "pairs share an order",
                "Two pairs have the same order. With seed + epoch, for example, epoch 2 of seed 0 "
                "equals epoch 1 of seed 1. Seed the generator with the pair (seed, epoch).",
            ),
        ],
    ),
    save_safely=Judged(
        right="right",
        judge=verdict,
        hint="Write to another file in the same folder, and rename it when it is complete.",
        wrong=[
            (
                "the old checkpoint is lost",
                "After an interruption, `path` no longer holds the old checkpoint: is it opened "
                "for writing too early?",
            ),
            (
                "the new checkpoint does not arrive",
                "After a complete save, `path` does not hold the new checkpoint: is the file "
                "renamed?",
            ),
            (
                "incomplete for a moment",
                "For a moment, `path` is missing or incomplete. Close the new file before you "
                "rename it, and let `os.replace` remove the old one.",
            ),
            (
                "the old file is overwritten",
                "An interruption while `path` itself is written destroys it, however short the "
                "time is. Complete another file first, and then rename it.",
            ),
            (
                "a second file is left",
                "The checkpoint is complete, but another file is left beside it.",
            ),
            ("the size is wrong", "Return the number of bytes that were written."),
        ],
    ),
)
