"""Exit statuses: docs/commands.md, the help texts, and the effect of SIGTERM."""

import os
import re
import signal
import threading
from pathlib import Path

import pytest

from nbjudge.cli import main
from nbjudge.cli.console import (
    EVERYWHERE,
    INTERRUPTED,
    OK,
    TERMINATED,
    Terminated,
    exit_statuses,
    raising_terminated,
)
from nbjudge.cli.main import make_parser
from nbjudge.errors import KEPT

COMMANDS = make_parser()._subparsers._group_actions[0].choices
PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


@pytest.fixture(autouse=True)
def heeds_sigint():
    """Restore Python's SIGINT handler, since shells start background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def rows(heading):
    """Return the rows of the page's table with this heading."""
    lines = PAGE.read_text().partition(heading)[2].partition("\n\n")[0].splitlines()[2:]
    return [[part.strip() for part in line.split("|")[1:-1]] for line in lines]


def test_the_page_has_the_statuses_of_all_commands():
    found = rows("| command | exit status 0 | exit status 1 |")
    said = {
        re.match(r"\[`nbjudge ([a-z-]+)", command)[1]: exit_statuses(*ends)
        for command, *ends in found
    }
    said = {name: ends for name, ends in said.items() if name in COMMANDS}  # plug-ins may be absent
    assert said == {name: command.epilog for name, command in COMMANDS.items()}
    general = rows("| exit status | meaning |")
    assert [(int(status), meaning) for status, meaning in general] == [*EVERYWHERE.items()]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_says_them_too(command, capsys):
    with pytest.raises(SystemExit):
        main.main([command, "--help"])
    assert COMMANDS[command].epilog in " ".join(capsys.readouterr().out.split())


def test_a_status_that_a_command_never_returns_is_left_out():
    assert "; 1 one is not; 2 " in exit_statuses("all are", "one is not")
    assert exit_statuses("all are").startswith("Exit status: 0 all are; 2 ")


def end_by(number):
    def run(options):
        os.kill(os.getpid(), number)
        return OK

    return run


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)]
)
def test_a_command_that_a_signal_ends(monkeypatch, capfd, number, status):
    """The exit status is the one that a shell reports for a killed process; the caller survives."""
    monkeypatch.setattr("nbjudge.cli.doctor.run", end_by(number))
    assert main.main(["doctor"]) == status == 128 + number
    assert capfd.readouterr().err == "Stopped.\n"
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    monkeypatch.setattr("nbjudge.cli.autograde.run", end_by(number))
    assert main.main(["autograde", "ps1"]) == status
    assert capfd.readouterr().err == f"Stopped. {KEPT}\n"


def test_a_second_sigterm_does_not_disturb_the_end():
    ended = []
    with pytest.raises(Terminated), raising_terminated():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            ended.append(True)
    assert ended


def test_sigterm_is_left_to_an_earlier_handler():
    """A handler set by the calling program stays, as does SIG_IGN; other threads install none."""
    seen = []
    signal.signal(signal.SIGTERM, lambda *_: seen.append(True))
    try:
        with raising_terminated():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert seen == [True]

    def elsewhere():
        with raising_terminated():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [True, signal.SIG_DFL]
