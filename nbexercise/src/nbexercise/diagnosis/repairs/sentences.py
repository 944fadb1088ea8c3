"""Sentences about a repair: what is wrong in which line, and what was tested."""

from ...judging.wording import listed
from .changes import LIKELY, Change
from .moves import GONE, TYPO
from .repair import Repair

__all__ = ["effect", "headline", "place", "sentences", "what_happened"]

QUOTED = 60  # characters of a quoted line


def headline(repair: Repair) -> str:
    """Return the mistake in one line."""
    return f"{'' if repair.is_certain else 'Perhaps: '}{' '.join(sentences(repair))}"


def what_happened(repair: Repair) -> str:
    """Return the mistake as a sentence with a heading."""
    heading = "What happened" if repair.is_certain else "What may have happened"
    return f"{heading}: {' '.join(sentences(repair))}"


def sentences(repair: Repair) -> list[str]:
    """Return one sentence for each change, with the number of the line and its code."""
    return [_sentence(repair, change) for change in repair.changes]


def _sentence(repair: Repair, change: Change) -> str:
    where = _where(repair, change)
    text = f"In {where}, {change.clause}." if change.clause != GONE else f"L{where[1:]} {GONE}."
    return text + _others(repair, change, " The same holds for {}.") + _unlike(repair, change)


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
    where = f"{_where(repair, first)}{_others(repair, first, ' and in {}')}"
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


def _unlike(repair: Repair, change: Change) -> str:
    """Return sentences about the other lines in which other numbers are wrong."""
    pairs = zip(change.lines[1:], change.others, strict=True)
    unlike = [(line, clause) for line, clause in pairs if not change.is_like(clause)]
    return "".join(f" In line {repair.number(line)}, {clause}." for line, clause in unlike)


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
