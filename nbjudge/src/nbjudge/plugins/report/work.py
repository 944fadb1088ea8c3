"""A student's work for an assignment, as the report describes it."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbjudge.files import digest_of, read_file
from nbjudge.plugins.report.functions import Function
from nbjudge.plugins.report.reading import Accident, Answer, read_answers
from nbjudge.plugins.standings.standings import Standing, Standings, State


@dataclass(frozen=True)
class Work:
    """A student's work for an assignment; without graded notebooks it has no answers.

    Attributes
    ----------
    answers, accidents, functions
        Content of the graded notebooks, see `ReadWork`.
    file
        Digest of the submitted notebook files; "" if none can be read.
    """

    standing: Standing
    answers: Mapping[str, Answer] = field(default_factory=dict)
    accidents: tuple[Accident, ...] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)
    file: str = ""


def read_work(standings: Standings, standing: Standing) -> Work:
    """Read the graded notebooks of a submission."""
    if standing.state not in (State.GRADED, State.WAITING):
        return Work(standing)
    lost = [graded.question.name for graded in standing.questions if graded.lost]
    read = standings.read(standing, read_answers, lost)
    digest = _digest(standings, standing)
    return Work(standing, read.answers, read.accidents, read.functions, digest)


def _digest(standings: Standings, standing: Standing) -> str:
    """Return the digest of the submitted notebook files; "" if none can be read."""
    files = list[tuple[str, bytes]]()
    for path in standings.submitted_notebooks(standing):
        with contextlib.suppress(OSError, ValueError):
            files.append((path.name, read_file(str(path))))
    return digest_of(files) if files else ""
