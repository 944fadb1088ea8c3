"""Services die during grading, or a second coordinator joins: every score is there exactly once."""

import contextlib
import os
import subprocess
import sys

import pytest
import sqlalchemy as sql

from tests.support.interruptions import KINDS
from tests.support.small_course import RIGHT, SmallCourse
from tests.support.waiting import wait_until
from tests.support.wholeness import Reader, problems

SIZE = 24  # submissions
SLEEP = "import time\ntime.sleep(0.4)\n"  # keeps the class running for a while
PATIENCE = 240  # seconds, on a busy machine


class SmallClass:
    """A course with a class, and its gradebook in any database."""

    def __init__(self, course, db_url):
        self.course, self.gradebook, self.expected = course, Reader(db_url), {}
        course.configure(f"c.CourseDirectory.db_url = {db_url!r}\n")
        course.release("ps1")
        for number in range(SIZE):
            answers, points = KINDS[number % len(KINDS)]
            student = f"s{number:02}"
            answers = RIGHT | answers | {"drawing": SLEEP}
            course.submit(student, answers)
            self.expected[student] = points

    @contextlib.contextmanager
    def run(self, *options):
        """Run the command while the block runs, then kill it."""
        log = self.course.root / f"{len(list(self.course.root.glob('*.log')))}.log"
        command = [sys.executable, "-m", "nbjudge", "autograde", "ps1", "--workers", "2", *options]
        with self.course.here(), open(log, "w") as file:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=dict(os.environ)
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def graded(self):
        """Return the number of submissions with scores; 0 if the gradebook does not answer."""
        with contextlib.suppress(sql.exc.DatabaseError):
            return self.gradebook.rows("select count(*) from nbjudge_submission")[0][0]
        return 0

    def again(self, *options):
        """Run the command until it succeeds; return the number of runs."""
        for count in range(1, 6):
            with self.run(*options) as process:
                if process.wait(PATIENCE) == 0:
                    return count
        logs = sorted(self.course.root.glob("*.log"))
        raise AssertionError(logs[-1].read_text()[-3000:])

    def look(self):
        """Check that every score is correct, every folder is complete, and no run crashed."""
        assert (
            problems(self.gradebook, self.course.root, "ps1", self.expected, True, ["data.csv"])
            == []
        )
        for log in self.course.root.glob("*.log"):
            assert "Traceback" not in log.read_text(), log.read_text()[-3000:]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("chaos") / "template"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def db_url(request, tmp_path):
    """The URL of an empty gradebook."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path}/course/gradebook.db"
    server = request.getfixturevalue("server")
    request.addfinalizer(server.clear)
    return server.url


def test_two_coordinators_at_once(db_url, tmp_path, template):
    """If the coordinators report conflicts, running the command again resolves them."""
    small = SmallClass(SmallCourse.make(tmp_path / "course", template), db_url)
    with small.run() as one, small.run() as other:
        assert wait_until(lambda: small.graded() > 0, PATIENCE)
        one.wait(PATIENCE), other.wait(PATIENCE)
    small.again()
    small.look()


@pytest.mark.parametrize("killed", ["Dask worker", "scheduler", "PostgreSQL"])
def test_a_service_that_is_killed(server, two_workers, tmp_path, template, killed):
    """The service is restarted, and so is the command if it ended."""
    acts = {
        "Dask worker": (two_workers.kill_worker, two_workers.add_worker),
        "scheduler": (two_workers.kill_scheduler, two_workers.start_scheduler),
        "PostgreSQL": (server.kill, server.start),
    }
    kill, start = acts[killed]
    try:
        small = SmallClass(SmallCourse.make(tmp_path / "course", template), server.url)
        options = "--cluster", two_workers.address
        with small.run(*options) as process:
            assert wait_until(lambda: small.graded() > SIZE // 4, PATIENCE)
            assert small.graded() < SIZE and process.poll() is None
            before = small.graded()
            kill()
            if killed == "scheduler":  # the workers then exit, but not at once
                for worker in two_workers.workers:
                    worker.wait(PATIENCE)
            start()
            while len(two_workers.running) < 2:
                two_workers.add_worker()
            process.wait(PATIENCE)
        assert small.graded() >= before
        small.again(*options)
        small.look()
    finally:
        server.clear()
