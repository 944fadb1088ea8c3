"""What has become of an assignment in a few numbers, for a page and for a terminal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbjudge.course.standings import Assigned, Standing, Standings, State
from nbjudge.report.statistics import Summary, summarize


@dataclass(frozen=True)
class Overview:
    """What has become of an assignment.

    Attributes
    ----------
    states
        The standings in each state.
    summary
        Of the points of graded work, late penalties deducted.
    """

    assigned: Assigned
    states: Mapping[State, tuple[Standing, ...]]
    summary: Summary | None

    @property
    def submitted(self) -> int:
        """How many students have submitted something."""
        missing = State.NOT_ASSIGNED, State.NOT_SUBMITTED
        return sum(len(found) for state, found in self.states.items() if state not in missing)

    @property
    def late(self) -> tuple[Standing, ...]:
        """Work that was submitted too late."""
        works = (one for standings in self.states.values() for one in standings)
        return tuple(one for one in works if one.late or one.marked_late)

    def __str__(self) -> str:
        parts = [f"{len(found)} {state}" for state, found in self.states.items() if found]
        if self.late:
            parts.append(f"{len(self.late)} late")
        if self.summary:
            points = f"mean {self.summary.mean:.1f}, median {self.summary.median:g}"
            parts.append(f"{points} of {self.assigned.out_of:g} points")
        return f"{self.assigned.name}: {'; '.join(parts)}"


def make_overview(assigned: Assigned, standings: Iterable[Standing]) -> Overview:
    """The overview of an assignment.

    Parameters
    ----------
    standings
        Of all students in that assignment.
    """
    standings = list(standings)
    states = {state: tuple(s for s in standings if s.state is state) for state in State}
    points = [standing.points for standing in standings if standing.points is not None]
    return Overview(assigned, states, summarize(points, assigned.out_of))


def overviews(standings: Standings) -> list[Overview]:
    """An overview of each assignment that was assigned."""
    return [
        make_overview(one, (s for s in standings.all if s.assignment == one))
        for one in standings.assignments
        if one.is_assigned
    ]
