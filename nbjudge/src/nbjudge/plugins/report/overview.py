"""Summarize the state of an assignment in a few numbers, for a page and for a terminal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbjudge.plugins.report.statistics import Summary, summarize
from nbjudge.plugins.standings.standings import WITHOUT_WORK, Assigned, Standing, Standings, State

MARKED = "marked late by the platform, time unknown"


@dataclass(frozen=True)
class Overview:
    """State of an assignment.

    Attributes
    ----------
    states
        Standings in each state.
    summary
        Summary of the points of graded work, after late penalties.
    """

    assigned: Assigned
    states: Mapping[State, tuple[Standing, ...]]
    summary: Summary | None

    @property
    def submitted(self) -> int:
        """Number of students who have submitted work."""
        with_work = (self.states[state] for state in self.states if state not in WITHOUT_WORK)
        return sum(map(len, with_work))

    @property
    def late(self) -> tuple[Standing, ...]:
        """Standings of work that was submitted late."""
        works = (standing for standings in self.states.values() for standing in standings)
        return tuple(standing for standing in works if standing.late or standing.marked_late)

    @property
    def marked_late(self) -> int:
        """Number of submissions that a platform has marked as late, whose time is unknown."""
        return sum(not standing.late for standing in self.late)

    def __str__(self) -> str:
        parts = [
            f"{len(standings)} {state}" for state, standings in self.states.items() if standings
        ]
        if self.late:
            marked = f" ({self.marked_late} {MARKED})" if self.marked_late else ""
            parts.append(f"{len(self.late)} late{marked}")
        if self.summary:
            points = f"mean {self.summary.mean:.1f}, median {self.summary.median:g}"
            parts.append(f"{points} of {self.assigned.out_of:g} points")
        return f"{self.assigned.name}: {'; '.join(parts)}"


def make_overview(assigned: Assigned, standings: Iterable[Standing]) -> Overview:
    """Return the overview of an assignment.

    Parameters
    ----------
    standings
        Standings of all students in the assignment.
    """
    standings = list(standings)
    states = {state: tuple(s for s in standings if s.state is state) for state in State}
    points = [standing.points for standing in standings if standing.points is not None]
    return Overview(assigned, states, summarize(points, assigned.out_of))


def overviews(standings: Standings) -> list[Overview]:
    """Return an overview of each assignment that was assigned."""
    return [
        make_overview(assignment, (s for s in standings.all if s.assignment == assignment))
        for assignment in standings.assignments
        if assignment.is_assigned
    ]
