"""A course in its instructor's home, with students who have accounts on the same machine."""

import datetime
import json
import re
import signal
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

from tests.browser.jupyter import jupyter_server
from tests.browser.users import PROGRAMS, Users
from tests.files import copy_repository, keep_assignments

__all__ = ["Term", "filled", "flat"]

GRADES = """select a.name, s.student_id, g.auto_score, g.manual_score, n.late_submission_penalty
from grade g join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment s on s.id = n.assignment_id join assignment a on a.id = s.assignment_id"""


class Term:
    """A course in its instructor's home, its students, and their exchange."""

    def __init__(self, folder, programs=PROGRAMS):
        self.users = Users(folder, ("instructor", "ada", "ben"), programs)
        self.root = self.users.home("instructor") / "course"
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)

    def begin(self, settings=""):
        """Copy the repository for the instructor, with two of its assignments.

        Parameters
        ----------
        settings
            Additional lines of nbgrader_config.py.
        """
        copy_repository(self.root)
        keep_assignments(self.root, ["padding", "one_by_one"])
        with (self.root / "nbgrader_config.py").open("a") as file:
            file.write(settings)
        self.users.give("instructor", self.root)
        self.name_course("convolution")

    def name_course(self, name):
        """Set the course's name for the instructor, and for all users as an administrator does."""
        config = self.root / "nbgrader_config.py"
        text = config.read_text()
        config.write_text(re.sub(r'(course_id = )".*"', rf'\1"{name}"', text))
        (self.users.configuration / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.CourseDirectory.course_id = {name!r}\n"
            f"c.Exchange.root = {str(self.exchange)!r}\n"
        )

    def run(self, *command, fails=False):
        """Run a command of the instructor in the course's folder, and return its output."""
        given = {"cwd": self.root, "PYTHONPATH": self.path}
        return self.users.run("instructor", *command, fails=fails, **given)

    @property
    def path(self):
        """The path of the course's nbjudge."""
        return str(self.root / "nbjudge" / "src")

    def write(self, name, content):
        """Write a file to the course's folder."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.users.give("instructor", self.root / Path(name).parts[0])

    def grade(self, *arguments):
        """Return the output of `make grade` in one line."""
        return flat(self.run("python", "-m", "tools.grade", *arguments))

    def dates(self, *extensions):
        """Write dates.toml: padding was due 30.5 hours ago, one_by_one is due in a week."""
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0, tzinfo=None)
        padding, later = now - datetime.timedelta(hours=30.5), now + datetime.timedelta(days=7)
        due = f"[due]\npadding = {padding}\none_by_one = {later}\n"
        self.write("dates.toml", "\n".join([due, "[extensions.padding]", *extensions]))

    def solve(self, student, assignment, **answers):
        """Fill cells of a fetched notebook by grade_id, by default with the solutions."""
        solved = {
            grade_id: "".join(cell["source"])
            for cell in read(self.root / "source" / assignment / f"{assignment}.ipynb")
            if (grade_id := cell["metadata"].get("nbgrader", {}).get("grade_id"))
        }
        path = self.users.home(student) / assignment / f"{assignment}.ipynb"
        path.write_text(filled(path, solved | answers))

    def points(self, db=None):
        """Return the points in the gradebook: {(assignment, student): points}."""
        found = {}
        with closing(sqlite3.connect(db or self.root / "gradebook.db")) as gradebook:
            for name, student, auto, manual, penalty in gradebook.execute(GRADES):
                points = manual if manual is not None else auto or 0
                found.setdefault((name, student), [-(penalty or 0)]).append(points)
        return {key: round(sum(points), 6) for key, points in found.items()}

    def feedback(self, student, assignment):
        """Return the feedback pages that a student has fetched, oldest submission first."""
        folder = self.users.home(student) / assignment / "feedback"
        return [path.read_text() for path in sorted(folder.glob("*/*.html"))]

    @contextmanager
    def review(self, assignment):
        """Run `nbjudge review`, and return its address."""
        command = ("nbjudge", "review", assignment, "--no-browser")
        given = {"cwd": self.root, "PYTHONPATH": self.path}
        process = self.users.start("instructor", *command, **given)
        try:
            yield re.search(r"http://127\.0\.0\.1:\d+/\S+/", process.stdout.readline())[0]
        finally:
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said

    @contextmanager
    def jupyter(self):
        """Run the instructor's JupyterLab, and return its address."""
        users, home = self.users, self.users.home("instructor")
        given = {"environment": users.variables("instructor"), "path": self.path}
        prefix = users.prefix("instructor")
        with jupyter_server("lab", self.root, home, prefix=prefix, **given) as address:
            yield address


def read(path):
    return json.loads(path.read_text())["cells"]


def filled(path, answers):
    """Return the text of a notebook with changed solution cells."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("solution") and about["grade_id"] in answers:
            cell["source"] = answers[about["grade_id"]]
    return json.dumps(notebook)


def flat(text):
    """Return a text without line breaks."""
    return " ".join(text.split())
