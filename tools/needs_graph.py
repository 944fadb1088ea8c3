"""Draw which lesson needs which, from the column "needs" of the table in course/README.md.

`make release` writes the drawing to course/needs.svg, which the syllabus shows. Each lesson stands
in a row below all lessons that it needs. What a lesson needs only because another one that it needs
does is not drawn.
"""

import textwrap
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from statistics import mean

from tools.course import ROOT
from tools.syllabus import Lesson, lesson_table

__all__ = ["needs_graph", "shown_needs"]

# A lesson, as (number, ""), or the point where the arrow between two lessons passes a row.
Point = tuple[str, str]
Points = dict[Point, float]  # of a row, with the column of each

WIDTH, HEIGHT = 122, 58  # of a lesson's box, in pixels
ACROSS, DOWN = 130, 94  # from the middle of a box to the next
LINES, LETTERS = 3, 17  # of a box, and of a line
SWEEPS = 8
STYLE = """\
rect { fill: #eef4fb; stroke: #0b5394 }
.paper { fill: #fff; stroke: none }
.optional { stroke-dasharray: 5 4 }
text { font: 13px system-ui, sans-serif; fill: #1b1b1b; text-anchor: middle }
path { fill: none; stroke: #5a6b7b; stroke-width: 1.3 }
marker path { fill: #5a6b7b; stroke: none }
@media (prefers-color-scheme: dark) {
rect { fill: #1d2b3a; stroke: #8ec5ff }
.paper { fill: #131416 }
text { fill: #eee }
path { stroke: #9fb0c0 }
marker path { fill: #9fb0c0 }
}"""
ARROW = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'
)


def shown_needs(lessons: Sequence[Lesson]) -> list[Point]:
    """The numbers of a needed lesson and of the one that needs it, where no other need implies it.

    Raises
    ------
    ValueError
        If a lesson needs one that does not stand before it.
    """
    before: dict[str, set[str]] = {}
    for lesson in lessons:
        unknown = [one for one in lesson.needs if one not in before]
        if unknown:
            raise ValueError(
                f"course/README.md: lesson {lesson.number} needs {unknown[0]}, which is not before "
                "it in the table."
            )
        before[lesson.number] = set(lesson.needs).union(*(before[one] for one in lesson.needs))
    return [
        (one, lesson.number)
        for lesson in lessons
        for one in lesson.needs
        if not any(one in before[other] for other in lesson.needs)
    ]


def needs_graph(root: Path = ROOT) -> str:
    """The drawing, as SVG.

    Raises
    ------
    ValueError
        If a lesson needs one that does not stand before it, or has a title too long for its box.
    """
    lessons = lesson_table(root)
    arrows = shown_needs(lessons)
    row: dict[str, int] = {}
    for lesson in lessons:
        row[lesson.number] = max((row[one] + 1 for one in lesson.needs), default=0)
    rows = _rows(arrows, row)
    left = min(min(points.values()) for points in rows)
    across = max(max(points.values()) for points in rows) - left + 1

    def at(point: Point, place: int) -> tuple[float, float]:
        return (rows[place][point] - left + 0.5) * ACROSS, (place + 0.5) * DOWN

    width, height = round(across * ACROSS), len(rows) * DOWN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        f"<style>\n{STYLE}\n</style>\n<defs>{ARROW}</defs>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    for arrow in arrows:
        places = range(row[arrow[0]], row[arrow[1]] + 1)
        passed = [at(p, place) for p, place in zip(_points(arrow, row), places, strict=True)]
        parts.append(f'<path d="{_curve(passed)}" marker-end="url(#arrow)"/>')
    for lesson in lessons:
        parts += _box(lesson, *at((lesson.number, ""), row[lesson.number]))
    return "\n".join([*parts, "</svg>\n"])


def _points(arrow: Point, row: dict[str, int]) -> list[Point]:
    """What an arrow passes: a lesson, its own point in each row between, and the other lesson."""
    one, other = arrow
    return [(one, ""), *[arrow] * (row[other] - row[one] - 1), (other, "")]


def _rows(arrows: Sequence[Point], row: dict[str, int]) -> list[Points]:
    """The rows with their points, each near the middle of those that it is joined to."""
    rows: list[Points] = [{} for _ in range(max(row.values()) + 1)]
    joined: dict[tuple[int, Point], list[tuple[int, Point]]] = {}
    for number, place in row.items():
        rows[place][number, ""] = len(rows[place])
    for arrow in arrows:
        placed = list(enumerate(_points(arrow, row), start=row[arrow[0]]))
        for place, point in placed:
            rows[place].setdefault(point, len(rows[place]))
        for one, other in pairwise(placed):
            joined.setdefault(one, []).append(other)
            joined.setdefault(other, []).append(one)
    for _ in range(SWEEPS):
        for step in (-1, 1):  # the row above decides, then the row below
            for place in range(len(rows))[::-step]:
                near = {
                    point: [
                        rows[a][b] for a, b in joined.get((place, point), []) if a == place + step
                    ]
                    for point in rows[place]
                }
                wanted = {p: mean(near[p]) if near[p] else rows[place][p] for p in rows[place]}
                rows[place] = _spaced(wanted)
    return rows


def _spaced(wanted: Points) -> Points:
    """Columns near those wanted, in their order, with the space that a box or an arrow takes."""
    order = sorted(wanted, key=lambda point: (wanted[point], point))
    found: Points = {}
    for before, point in zip([None, *order], order, strict=False):
        room = 0.0 if before is None else (_room(before) + _room(point)) / 2
        least = found[before] + room if before is not None else wanted[point]
        found[point] = max(least, wanted[point])
    shift = mean(wanted[point] - found[point] for point in order)
    return {point: column + shift for point, column in found.items()}


def _room(point: Point) -> float:
    return 0.3 if point[1] else 1.0


def _curve(passed: Sequence[tuple[float, float]]) -> str:
    """A path from below the first box to above the last, straight down past the rows between."""
    half = HEIGHT / 2
    x, y = passed[0]
    path, y = f"M{x:.0f} {y + half:.0f}", y + half
    for place, (to_x, to_y) in enumerate(passed[1:], start=1):
        end = to_y - half
        middle = (y + end) / 2
        path += f"C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} {to_x:.0f} {end:.0f}"
        x, y = to_x, end
        if place < len(passed) - 1:
            y = to_y + half
            path += f"V{y:.0f}"
    return path


def _box(lesson: Lesson, x: float, y: float) -> list[str]:
    """A lesson's box, with its number and title."""
    lines = textwrap.wrap(f"{lesson.number} {lesson.title}", LETTERS)
    if len(lines) > LINES:
        raise ValueError(
            f"course/README.md: the title of lesson {lesson.number}, {lesson.title!r}, takes "
            f"{len(lines)} lines in needs.svg, where a box holds {LINES}. Shorten it."
        )
    kind = ' class="optional"' if lesson.optional else ""
    corner = f'x="{x - WIDTH / 2:.0f}" y="{y - HEIGHT / 2:.0f}"'
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    parts = [f'<rect{kind} {corner} {size} rx="6"/>']
    for place, line in enumerate(lines):
        base = y + 5 + (place - (len(lines) - 1) / 2) * 16
        parts.append(f'<text x="{x:.0f}" y="{base:.0f}">{escape(line, quote=False)}</text>')
    return parts
