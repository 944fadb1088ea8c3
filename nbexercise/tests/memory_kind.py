"""A kind of check, for the duration of a test, that reads a field that outcomes do not have."""

import contextlib
from dataclasses import dataclass, replace

import numpy as np

from nbexercise.defining import exercise, mistakes
from nbexercise.diagnosis import diagnose
from nbexercise.diagnosis import mistakes as known
from nbexercise.diagnosis.repairs import oracle
from nbexercise.judging import calling, deciding
from nbexercise.judging.kinds import KINDS, Kind
from nbexercise.judging.model import CallOutcome


@dataclass(frozen=True)
class WithMemory(CallOutcome):
    """An outcome that names the arguments whose memory an output shares."""

    shared: tuple[str, ...] = ()


def shared_with(arrays, arguments):
    """Return the names of the arguments whose memory an array shares."""
    return [n for n, value in arguments.items() if any(np.shares_memory(value, a) for a in arrays)]


def calling_with(look):
    """Return the judge's `call`, which also sets the new field to what `look` returns."""

    def call(returns, case, function, **options):
        shared = []

        def watched(*arguments):
            answer = function(*arguments)
            outputs = answer if isinstance(answer, tuple) else (answer,)
            arrays = [output for output in outputs if isinstance(output, np.ndarray)]
            shared[:] = look(arrays, dict(zip(case.arguments, arguments, strict=False)))
            return answer

        run = calling.call(returns, case, watched, **options)
        return replace(run, outcome=WithMemory(**vars(run.outcome), shared=tuple(shared)))

    return call


@contextlib.contextmanager
def memory_kind(monkeypatch, look=shared_with):
    """Register a kind called "memory" while the block runs.

    Parameters
    ----------
    look
        Function of a call's arrays and its arguments; returns names, none if the call is right.
    """
    call = calling_with(look)
    for module in (deciding, diagnose, known, exercise, mistakes, oracle):
        monkeypatch.setattr(module, "call", call)

    class Memory(Kind):
        name = "memory"
        fields = ("shared",)

        def is_right(self, check, run, tolerance):
            return not run.outcome.shared

        def fault(self, check, run, tolerance):
            return [f"an output shares its memory with {', '.join(run.outcome.shared)}."]

    try:
        yield
    finally:
        del KINDS["memory"]
