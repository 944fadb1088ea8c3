"""A PostgreSQL server for tests, which can be killed: local data folder, no network."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

import sqlalchemy as sql

__all__ = ["PostgreSQL", "why_there_is_none"]

DRIVERS = {"psycopg2": "postgresql+psycopg2", "psycopg": "postgresql+psycopg"}
STARTING = 60  # upper bound, in seconds, for a start on a busy machine, crash recovery included


def find(program):
    """Return the path of a PostgreSQL program; Debian does not put them on PATH."""
    places = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))[::-1]]
    return shutil.which(program) or shutil.which(program, path=os.pathsep.join(places))


def drivers():
    """Return the URL prefixes of the installed drivers."""
    return [url for name, url in DRIVERS.items() if importlib.util.find_spec(name)]


def why_there_is_none():
    """Return why no server can be started here, or ""."""
    if not drivers():
        return "no driver for PostgreSQL is installed: pip install psycopg[binary]"
    if not find("initdb") or not find("postgres"):
        return "PostgreSQL is not installed: apt install postgresql"
    try:
        _user()
    except KeyError:
        return "started by root, without a user postgres to run the server as"
    return ""


def _user():
    """Return the user arguments for subprocess: PostgreSQL refuses to run as root."""
    if os.getuid():
        return {}
    return {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid, "extra_groups": []}


class PostgreSQL:
    """A server that runs between `start` and `stop`.

    Parameters
    ----------
    folder
        Folder of the data, the socket and the log; created if missing, reused by later servers.
    durable
        True if commits survive a power loss (fsync).
    """

    def __init__(self, folder, durable=False):
        self.folder, self.durable, self.process = Path(folder), durable, None
        self.data, self.log = self.folder / "data", self.folder / "log.txt"
        self.url = f"{drivers()[0]}://grader@/postgres?host={self.folder}"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start the server and wait until it answers."""
        user = _user()
        if not self.data.exists():
            self.folder.mkdir(exist_ok=True)
            if user:
                shutil.chown(self.folder, user["user"], user["group"])
            command = [find("initdb"), "-D", self.data, "-U", "grader", "--auth=trust"]
            command += ["--encoding=UTF8", *(() if self.durable else ["--no-sync"])]
            given = {"check": True, "capture_output": True, "text": True}
            subprocess.run(command, cwd=self.folder, **given, **user)
        command = [find("postgres"), "-D", self.data, "-k", self.folder, "-c", "listen_addresses="]
        command += ["-c", f"fsync={'on' if self.durable else 'off'}"]
        end = time.monotonic() + STARTING
        while not self._answers():
            if self.process is None or self.process.poll() is not None:
                # Retry: children of a killed server may still hold its shared memory.
                with open(self.log, "a") as log:
                    self.process = subprocess.Popen(
                        command, cwd=self.folder, stdout=log, stderr=log, **user
                    )
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def _answers(self):
        if self.process is None or self.process.poll() is not None:
            return False
        with contextlib.suppress(sql.exc.OperationalError):
            return bool(self.rows("select 1"))

    def rows(self, query):
        """Return the rows of a query, over a new connection."""
        engine = sql.create_engine(self.url, poolclass=sql.NullPool)
        with engine.connect() as db:
            return db.execute(sql.text(query)).all()

    def kill(self):
        """Kill the postmaster with SIGKILL; its children then exit."""
        self.process.kill()
        self.process.wait()

    def clear(self):
        """Delete everything in the database."""
        engine = sql.create_engine(self.url, poolclass=sql.NullPool)
        with engine.begin() as db:
            # A forgotten open transaction makes the test fail instead of hanging.
            db.execute(sql.text(f"set local lock_timeout = '{STARTING}s'"))
            db.execute(sql.text("drop schema public cascade"))
            db.execute(sql.text("create schema public"))

    def stop(self):
        """Shut down the server, even with clients connected."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
                return
            self.kill()  # a server in recovery may never stop
