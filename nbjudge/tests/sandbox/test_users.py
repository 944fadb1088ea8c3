"""The user ids of sessions: nobody else has them, and nobody can keep a run from getting some."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbjudge.cli import doctor
from nbjudge.sandbox import users

ALL = "0 0 4294967295\n"
LXC = "0 1000000 1000000000\n"
HIGH, LOW = users.RANGES


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A function that writes the files which assign ids, and returns the blocks left."""
    monkeypatch.setattr(users, "ETC", tmp_path)
    monkeypatch.setattr(users, "PROC", tmp_path)

    def blocks(uid_map=ALL, gid_map=None, **files):
        files |= {"uid_map": uid_map, "gid_map": gid_map or uid_map}
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        return users.free_blocks()

    return blocks


def test_no_session_has_an_id_that_is_assigned_by_default(machine):
    """By systemd (dynamic users and containers), SSSD, useradd and useradd's subordinate ids."""
    for first in machine():
        assert first % users.BLOCK == 0
        block = range(first, first + users.BLOCK)
        for others in (
            range(65_536),
            range(100_000, 600_100_000),
            range(200_000, 2_000_200_000),
            range(524_288, 1_879_048_192),
            range(2_147_352_576, 2**32),
        ):
            assert block.stop <= others.start or others.stop <= block.start


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("subuid", "ben:{0}:65536\n"),
        ("subgid", "ben:{0}:65536\n"),
        ("passwd", "ben:x:{0}:100::/home/ben:/bin/sh\n"),
        ("group", "staff:x:{0}:ben\n"),
        ("subuid", "# a comment\nnonsense\n\nann:x:y\n:::\nben:{0}:1\n"),
    ],
)
def test_ids_that_etc_assigns_are_left_out(machine, name, text):
    first = HIGH.start + 5 * users.BLOCK + 7
    before, after = machine(), machine(**{name: text.format(first)})
    assert first - 7 in before and first - 7 not in after
    assert len(before) - len(after) == (5 if "65536" in text else 1)


def test_a_container_with_fewer_ids_uses_those_that_second_accounts_do_not_have(machine):
    """The second account of a machine gets 165,536 to 231,071 by default."""
    blocks = machine(LXC, subuid="ann:100000:65536\nben:165536:65536\n")
    assert blocks and all(first in LOW for first in blocks)
    assert not any(first < 231_072 and first + users.BLOCK > 100_000 for first in blocks)


@pytest.mark.parametrize(
    ("maps", "files"),
    [
        (["0 1000 1\n"], {}),
        (["0 100000 65536\n"], {}),
        ([ALL, "0 100000 65536\n"], {}),
        ([ALL], {"subuid": "ann:65536:4294901760\n"}),
        ([LXC], {"subgid": "ann:65536:458752\n"}),
    ],
)
def test_without_free_ids_sessions_have_no_users_and_the_reason_is_given(
    machine, monkeypatch, maps, files
):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert machine(*maps, **files) == []
    assert "/etc/subuid" in users.missing()


CLAIM = """
import sys
from nbjudge.cli import doctor
from nbjudge.sandbox import users
users.FOLDERS = sys.argv[1:]
users.free_blocks = lambda: [users.BLOCK, 2 * users.BLOCK]
users.has_users = lambda: True
try:
    print(users.first_user(), flush=True)
except users.IsolationError as error:
    print(error, flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def claiming(*folders):
    """Claim one of two blocks in another process until the block ends; yield what it prints."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", CLAIM, *map(str, folders)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield process.stdout.readline().strip()
        process.communicate()


def test_a_block_belongs_to_one_run_until_the_run_ends(tmp_path):
    both = {str(users.BLOCK), str(2 * users.BLOCK)}
    with claiming(tmp_path) as first:
        with claiming(tmp_path) as second:
            assert {first, second} == both
            with claiming(tmp_path) as refused:
                assert "use all 2 blocks of user ids" in refused
        with claiming(tmp_path) as third:
            assert third == second


@pytest.mark.skipif(os.getuid() != 0, reason="only root can create another account's file")
def test_no_other_account_can_claim_a_block_for_nbjudge(tmp_path):
    ours, theirs = tmp_path / "run", tmp_path / "shm"
    ours.mkdir(), theirs.mkdir()
    with claiming(ours) as claimed:
        status = (ours / users.CLAIMS).stat()
        assert (status.st_uid, status.st_mode & 0o777) == (0, 0o600) and claimed
    # The file of another account, or one that others can open, is not used.
    for number, prepare in enumerate(
        (
            lambda path: (path.touch(0o600), os.chown(path, 1234, 1234)),
            lambda path: path.touch(0o666) or path.chmod(0o666),
            lambda path: path.symlink_to(ours / users.CLAIMS),
            lambda path: os.mkfifo(path, 0o600),
            lambda path: path.hardlink_to(ours / users.CLAIMS),
            lambda path: path.mkdir(),
        )
    ):
        folder, good = theirs / str(number), theirs / f"{number} good"
        folder.mkdir(), good.mkdir()
        prepare(folder / users.CLAIMS)
        with claiming(folder, good):
            assert (good / users.CLAIMS).exists()


def test_a_run_without_a_folder_for_claims_still_has_users(tmp_path):
    with claiming(tmp_path / "missing") as first, claiming(Path("/proc")) as second:
        assert first.isdecimal() and second.isdecimal()


def test_a_run_chooses_its_block_at_random(monkeypatch):
    """Containers that share a kernel but no files must not all choose the first."""
    monkeypatch.setattr(users, "has_users", lambda: True)
    monkeypatch.setattr(users, "_open_claims", lambda: None)
    monkeypatch.setattr(users, "free_blocks", lambda: list(range(0, 1 << 40, 1 << 24)))
    choices = {users.first_user.__wrapped__() for _ in range(4)}
    assert len(choices) > 1


@pytest.mark.skipif(sys.platform != "linux", reason="another system has no levels to report on")
def test_doctor_reports_the_ids(machine, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(users.linux, "has_capabilities", lambda *numbers: True)
    machine(ALL)
    assert any("ids from 2,000,207,872 to 2,147,352,575" in line for line in doctor.machine())
    machine("0 100000 65536\n")
    assert any("(if root grades): no: this container has" in line for line in doctor.machine())
