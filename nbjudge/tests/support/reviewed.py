"""A course with answers that await manual grading, graded without running anything.

`python -m tests.support.reviewed FOLDER TEMPLATE [class]` creates it, or the one of a larger class,
for a test in another environment.
"""

import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.course.saving import Result, Scores, save_all
from tests.support.small_course import SmallCourse, cell

__all__ = ["STUDENTS", "Essays", "LargerClass"]

STUDENTS = ("ada", "ben", "cem")
SCHEMES = "c.ClearMarkScheme.enforce_metadata = False\n"  # in cells other than tasks too
HOSTILE = "\n\n<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
ESSAY = f"Twice a half is $2x/2$.{HOSTILE}"
SCHEME = """\
**How the answer is graded.** Reasons count, spelling does not.

### BEGIN MARK SCHEME
For the person who grades:

- Names the *whole* (2 points)
- [1] Gives an example of $2 \\cdot \\frac{1}{2}$,
  also in other words
- -1: Mixes up half and double
- Length and spelling do not count.
### END MARK SCHEME"""


def questions():
    """Return the cells of the assignment."""
    return [
        cell("title", "# Halves", "markdown", locked=True),
        new_markdown_cell("## Why it works\n\nWhy is twice a half the whole?"),
        cell("essay", "The instructor's answer.", "markdown", grade=True, solution=True, points=4),
        cell("essay_scheme", SCHEME, "markdown", locked=True),
        new_markdown_cell("## A drawing\n\nDraw it by code."),
        cell("drawing", "# YOUR CODE", grade=True, solution=True, points=5),
        cell("end", "The end.", "markdown", locked=True),
    ]


class Essays(SmallCourse):
    """The course: an assignment `halves` with two manually graded questions, and three students."""

    students: tuple[str, ...] = STUDENTS

    def _build(self):
        self.configure()
        self.write_source("halves", halves=questions())
        self.release("halves")
        for student in self.students:
            self.answer(student)

    def configure(self, text=""):
        super().configure(SCHEMES + text)

    def answer(self, student, drawing="print('a drawing')", essay=ESSAY):
        """Write a student's answers, which then await manual grading."""
        answers = {"essay": essay, "drawing": drawing, "essay_scheme": SCHEME}
        released = nbformat.read(self.root / "release/halves/halves.ipynb", as_version=4)
        for one in released.cells:
            grade_id = one.metadata.get("nbgrader", {}).get("grade_id")
            one.source = answers.get(grade_id, one.source)
        self.save(student, released, {"essay": None, "drawing": None})

    def save(self, student, graded, scores):
        """Save a notebook and its scores where grading saves them, without running anything."""
        folder = self.autograded(student, "halves")
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(graded, folder / "halves.ipynb")
        assignment = self.assignment()
        try:
            save_all(
                assignment.records,
                [Result(student=student, notebooks={"halves": Scores(scores, [])})],
            )
        finally:
            assignment.close()

    def assignment(self):
        """Open the assignment."""
        with self.here():
            return Assignment("halves", *load_course())

    def grade_of(self, student, grade_id="essay"):
        """Return the manual score, extra credit, the manual grading flag and the comment."""
        tables = self.tables()
        (grade,) = (r for r in tables["grades"] if r[1] == student and r[3] == grade_id)
        (comment,) = (r for r in tables["comments"] if r[1] == student and r[3] == grade_id)
        return (*grade[5:], comment[5])


class LargerClass(Essays):
    """The course with eleven students, who have 22 answers."""

    students = (*STUDENTS, "dora", "eli", "fay", "gus", "hal", "ines", "jo", "kai")


if __name__ == "__main__":
    kind = LargerClass if sys.argv[3:] == ["class"] else Essays
    kind.make(*map(Path, sys.argv[1:3]))
