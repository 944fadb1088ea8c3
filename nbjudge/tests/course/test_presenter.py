"""A presenter shows a run through its sink: messages, outcomes, cut lists and the exit status."""

import logging

import pytest

from nbjudge.course.nbgrader_autograde import _Log
from nbjudge.course.outcome import GradingOutcome, Judgment
from nbjudge.course.presenter import Presenter

HOSTILE, SHOWN = "x\x1b[2J\ny", r"x\x1b[2J\ny"


class Recorder:
    """A sink that keeps what it is given."""

    def __init__(self):
        self.messages, self.counted = [], []

    def say(self, level, text):
        self.messages.append((level, text))

    def track(self, pieces, totals, name):
        self.counted.append(totals)
        for piece in pieces:
            yield piece
            self.counted.append(name(piece))


class Named:
    """An assignment, as far as a presenter reads it before it shows the notes on a class."""

    def __init__(self, name):
        self.name = name


@pytest.fixture
def sink():
    return Recorder()


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING, logging.ERROR])
def test_only_an_error_makes_the_run_a_failure(sink, level):
    presenter = Presenter(sink)
    presenter.say("a", level)
    presenter.say("b")
    assert sink.messages == [(level, "a"), (logging.INFO, "b")]
    assert presenter.status == (1 if level == logging.ERROR else 0)


def test_an_empty_kind_of_errors_is_no_failure(sink):
    presenter = Presenter(sink)
    presenter.show([], logging.ERROR)
    assert (presenter.status, sink.messages) == (0, [])


def test_every_message_is_one_printable_line(sink):
    presenter = Presenter(sink)
    presenter.say(HOSTILE)
    presenter.say_not_graded(HOSTILE, HOSTILE)
    presenter.show([HOSTILE])
    texts = [text for _, text in sink.messages]
    assert texts == [SHOWN, f"Not graded: {SHOWN}: {SHOWN}.", SHOWN]
    assert presenter.lines == [SHOWN]


def test_a_long_kind_is_cut_unless_it_must_be_whole_and_kept_in_any_case(sink):
    presenter = Presenter(sink, 2, " in notes.txt")
    lines = ["a", "b", "c"]
    presenter.show(lines, logging.WARNING)
    presenter.show(lines, is_whole=True)
    shown = [(logging.WARNING, text) for text in ("a", "b", "... and 1 more in notes.txt.")]
    assert sink.messages == shown + [(logging.INFO, text) for text in lines]
    assert presenter.lines == lines * 2


def test_outcomes_are_kept_by_assignment_and_sorted(sink):
    first, second = Named("ps1"), Named("ps2")
    presenter = Presenter(sink)
    refused = GradingOutcome("cem", "failed", "no sandbox")
    presenter.outcomes[first] = [refused]
    ben, ada = (
        GradingOutcome(name, "graded", judgment=Judgment(repairs=["mended"]))
        for name in ("ben", "ada")
    )
    graded = [(first, ben), (first, ada)]
    assert list(presenter.follow({first: ["ada", "ben"], second: []}, graded)) == graded
    assert presenter.outcomes == {first: [ada, ben, refused], second: []}
    assert sink.counted == [{"ps1": 2, "ps2": 0}, "ps1", "ps1"]
    presenter.show_failures()
    assert presenter.lines == ["Not graded: ps1 of cem: no sandbox."]
    assert presenter.status == 1


def test_a_later_outcome_replaces_the_first_without_progress(sink):
    one, presenter = Named("ps1"), Presenter(sink)
    first, other, last = (
        GradingOutcome(name, "graded", feedback=problem)
        for name, problem in (("ben", ""), ("ada", ""), ("ben", "no page"))
    )
    graded = [(one, first), (one, other), (one, last)]
    assert list(presenter.follow({one: ["ada", "ben"]}, graded)) == graded[:2]
    assert presenter.outcomes == {one: [other, last]}
    assert sink.counted == [{"ps1": 2}, "ps1", "ps1"]


def test_a_log_takes_messages_as_they_are(caplog):
    log = logging.getLogger("course")
    with caplog.at_level(logging.INFO, "course"):
        Presenter(_Log(log)).say("100 % of %s and {points}", logging.WARNING)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("WARNING", "100 % of %s and {points}")
