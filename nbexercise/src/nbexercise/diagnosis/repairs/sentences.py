"""Sentences about a repair: what is wrong in which line, and what was tested."""

import re
from collections.abc import Callable

from ...judging.wording import listed
from .changes import LIKELY, Change
from .moves import GONE, TYPO
from .repair import Repair

__all__ = ["effect", "headline", "place", "remedy", "sentences", "what_happened"]

QUOTED = 60  # characters of a quoted line
# Parts of clauses that say what to write instead, and the reason that may follow.
_INSTEAD = re.compile(r",? where .+? belongs?\b|,? (and|which) belongs .+|, but should .+|; .+")
_REASON = ": each |: the "
_SHOULD = re.compile(rf"(?<! it) should .+?(?={_REASON}| and .+ should |$)")


def headline(repair: Repair) -> str:
    """Return the mistake in one line."""
    return f"{'' if repair.is_certain else 'Perhaps: '}{' '.join(sentences(repair))}"


def what_happened(repair: Repair) -> str:
    """Return the mistake with a heading, without what to write instead."""
    heading = "What happened" if repair.is_certain else "What may have happened"
    return f"{heading}: {' '.join(_sentence(repair, c, _fault) for c in repair.changes)}"


def remedy(repair: Repair) -> str:
    """Return what to write instead, as a next step; "" if the mistake itself shows it."""
    perhaps = "" if repair.is_certain else "perhaps "
    steps = [
        f"in line {repair.number(line)}, {perhaps}{re.split(_REASON, clause)[0]}"
        for change in repair.changes
        for line, clause in zip(change.lines, (change.clause, *change.others), strict=True)
        if clause != _fault(clause)
    ]
    return f"{'; '.join(steps)}." if steps else ""


def sentences(repair: Repair) -> list[str]:
    """Return one sentence for each change, with the number of the line and its code."""
    return [_sentence(repair, change) for change in repair.changes]


def _sentence(repair: Repair, change: Change, told: Callable[[str], str] = str) -> str:
    """Return the sentences about a change, with what `told` returns of its clauses."""
    where, clause = _where(repair, change), told(change.clause)
    text = f"In {where}, {clause}." if clause != GONE else f"L{where[1:]} {GONE}."
    text = text.replace(" ....", " ...")  # after code that is cut
    return text + _others(repair, change, " The same holds for {}.") + _unlike(repair, change, told)


def _fault(clause: str) -> str:
    """Return a clause without what to write instead, such as "h is wrong"."""
    return _SHOULD.sub(" is wrong", _INSTEAD.sub("", clause)).replace(" is used", " is wrong")


def effect(repair: Repair) -> str:
    """Return a sentence about the tested effect of the changes."""
    places = sum(change.places for change in repair.changes)
    what = {1: "this alone", 2: "both"}.get(places, f"all {places}")
    lines = " or ".join(map(str, repair.elsewhere[:2]))
    if repair.is_full:
        also = f" (Changing line {lines} would work, too.)" if lines else ""
        return f"Fixing {what} makes every case right.{also}"
    right, verb = listed(repair.checks or repair.outputs), "is" if len(repair.left) == 1 else "are"
    return f"Fixing {what} makes {right} right; {listed(repair.left)} {verb} still wrong."


def place(repair: Repair) -> str:
    """Return a sentence that quotes the line of a known mistake; "" if the line is uncertain."""
    lines = {change.lines[0] for change in (*repair.changes, *repair.others)}
    first = repair.changes[0]
    returns = repair.source[first.lines[0] - 1].strip().startswith("return ")
    unclear = len(repair.changes) > 1 or len(lines) > 1 or first.rank > LIKELY
    if not repair.is_full or unclear or returns:  # what is returned was computed in another line
        return ""
    where = f"{_where(repair, first)}{_others(repair, first, ' and {}')}"
    if first.clause.startswith(TYPO):
        return f"In {where}, {TYPO}."
    if first.places > len(first.lines) == 1:
        number = {2: "Two", 3: "Three"}.get(first.places, f"{first.places}")
        return f"{number} changes in {where} would fix it."
    return f"Changing {where} would fix it."


def _others(repair: Repair, change: Change, text: str) -> str:
    """Return a text that lists the other lines of a change; "" if there are none."""
    pairs = zip(change.lines[1:], change.others, strict=True)
    numbers = [repair.number(line) for line, clause in pairs if change.is_like(clause)]
    lines = "line" if len(numbers) == 1 else "lines"
    return text.format(f"{lines} {listed(numbers)}") if numbers else ""


def _unlike(repair: Repair, change: Change, told: Callable[[str], str]) -> str:
    """Return sentences about the other lines in which other numbers are wrong."""
    pairs = zip(change.lines[1:], change.others, strict=True)
    unlike = [(line, clause) for line, clause in pairs if not change.is_like(clause)]
    return "".join(f" In line {repair.number(line)}, {told(clause)}." for line, clause in unlike)


def _where(repair: Repair, change: Change) -> str:
    """Return the number of a change's first line, and its code around the change."""
    line = repair.source[change.lines[0] - 1]
    code = line.strip().rstrip(":")
    if len(code) > QUOTED:
        column = len(line.encode()[: change.column].decode(errors="ignore"))
        column -= len(line) - len(line.lstrip())
        start = min(max(0, column - QUOTED // 3), len(code) - QUOTED)
        end = start + QUOTED
        code = f"{'... ' * (start > 0)}{code[start:end]}{' ...' * (end < len(code))}"
    return f"line {repair.number(change.lines[0])} ({code})"
