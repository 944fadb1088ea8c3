"""Draw the prerequisites of the lessons, from the column "needs" of the table in course/README.md.

`make release` writes the drawing to course/needs.svg, which the syllabus shows. Each lesson is in a
row below all its prerequisites. Prerequisites that follow from others are not drawn.
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

# A lesson, as (number, ""), or the point where the arrow between two lessons crosses a row.
Point = tuple[str, str]
Points = dict[Point, float]  # points of a row, with their columns

WIDTH, HEIGHT = 122, 58  # size of a lesson's box, in pixels
ACROSS, DOWN = 130, 94  # distance between the centers of neighboring boxes
LINES, LETTERS = 3, 17  # lines per box, and letters per line
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
    """Return the pairs (prerequisite, lesson), without those that follow from others.

    Raises
    ------
    ValueError
        If a lesson needs one that does not come before it.
    """
    before: dict[str, set[str]] = {}
    for lesson in lessons:
        unknown = [need for need in lesson.needs if need not in before]
        if unknown:
            raise ValueError(
                f"course/README.md: lesson {lesson.number} needs {unknown[0]}, which does not come "
                "before it in the table."
            )
        before[lesson.number] = set(lesson.needs).union(*(before[need] for need in lesson.needs))
    return [
        (need, lesson.number)
        for lesson in lessons
        for need in lesson.needs
        if not any(need in before[other] for other in lesson.needs)
    ]


def needs_graph(root: Path = ROOT) -> str:
    """Return the drawing, as SVG.

    Raises
    ------
    ValueError
        If a lesson needs one that does not come before it, or its title is too long for its box.
    """
    lessons = lesson_table(root)
    arrows = shown_needs(lessons)
    row: dict[str, int] = {}
    for lesson in lessons:
        row[lesson.number] = max((row[need] + 1 for need in lesson.needs), default=0)
    rows = _rows(arrows, row)
    left = min(min(points.values()) for points in rows)
    across = max(max(points.values()) for points in rows) - left + 1

    def at(point: Point, level: int) -> tuple[float, float]:
        return (rows[level][point] - left + 0.5) * ACROSS, (level + 0.5) * DOWN

    width, height = round(across * ACROSS), len(rows) * DOWN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        f"<style>\n{STYLE}\n</style>\n<defs>{ARROW}</defs>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    for arrow in arrows:
        levels = range(row[arrow[0]], row[arrow[1]] + 1)
        passed = [at(p, level) for p, level in zip(_points(arrow, row), levels, strict=True)]
        parts.append(f'<path d="{_curve(passed)}" marker-end="url(#arrow)"/>')
    for lesson in lessons:
        parts += _box(lesson, *at((lesson.number, ""), row[lesson.number]))
    return "\n".join([*parts, "</svg>\n"])


def _points(arrow: Point, row: dict[str, int]) -> list[Point]:
    """Return an arrow's points: its start, one in each row that it crosses, and its end."""
    start, end = arrow
    return [(start, ""), *[arrow] * (row[end] - row[start] - 1), (end, "")]


def _rows(arrows: Sequence[Point], row: dict[str, int]) -> list[Points]:
    """Arrange the points of each row, each near the mean column of its neighbors."""
    rows: list[Points] = [{} for _ in range(max(row.values()) + 1)]
    joined: dict[tuple[int, Point], list[tuple[int, Point]]] = {}
    for number, level in row.items():
        rows[level][number, ""] = len(rows[level])
    for arrow in arrows:
        placed = list(enumerate(_points(arrow, row), start=row[arrow[0]]))
        for level, point in placed:
            rows[level].setdefault(point, len(rows[level]))
        for upper, lower in pairwise(placed):
            joined.setdefault(upper, []).append(lower)
            joined.setdefault(lower, []).append(upper)
    for _ in range(SWEEPS):
        for step in (-1, 1):  # follow the row above, then the row below
            for level in range(len(rows))[::-step]:
                near = {
                    point: [
                        rows[a][b] for a, b in joined.get((level, point), []) if a == level + step
                    ]
                    for point in rows[level]
                }
                ideal = {p: mean(near[p]) if near[p] else rows[level][p] for p in rows[level]}
                rows[level] = _spaced(ideal)
    return rows


def _spaced(ideal: Points) -> Points:
    """Spread the columns of a row so that no box or arrow overlaps another, in the same order."""
    order = sorted(ideal, key=lambda point: (ideal[point], point))
    columns: Points = {}
    for before, point in zip([None, *order], order, strict=False):
        room = 0.0 if before is None else (_room(before) + _room(point)) / 2
        least = columns[before] + room if before is not None else ideal[point]
        columns[point] = max(least, ideal[point])
    shift = mean(ideal[point] - columns[point] for point in order)
    return {point: column + shift for point, column in columns.items()}


def _room(point: Point) -> float:
    return 0.3 if point[1] else 1.0


def _curve(passed: Sequence[tuple[float, float]]) -> str:
    """Return a path from below the first box to above the last, vertical where it crosses a row."""
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
    """Draw a lesson's box with its number and title."""
    lines = textwrap.wrap(f"{lesson.number} {lesson.title}", LETTERS)
    if len(lines) > LINES:
        raise ValueError(
            f"course/README.md: the title of lesson {lesson.number}, {lesson.title!r}, takes "
            f"{len(lines)} lines in needs.svg, but a box has room for {LINES}. Shorten the title."
        )
    kind = ' class="optional"' if lesson.optional else ""
    corner = f'x="{x - WIDTH / 2:.0f}" y="{y - HEIGHT / 2:.0f}"'
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    parts = [f'<rect{kind} {corner} {size} rx="6"/>']
    for index, line in enumerate(lines):
        base = y + 5 + (index - (len(lines) - 1) / 2) * 16
        parts.append(f'<text x="{x:.0f}" y="{base:.0f}">{escape(line, quote=False)}</text>')
    return parts
