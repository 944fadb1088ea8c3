"""Grade all submissions of the course in the current folder, and print the outcomes as JSON.

    python -m tests.notebooks.grade_submissions

`conftest.py` runs this in copies of the repository.
"""

import json

import matplotlib.font_manager  # noqa: F401 - builds its cache before the first notebook

from nbjudge import Presenter, Terminal, load_course
from nbjudge.plugins.standings import read_standings
from tools.course import assignments
from tools.grade import grade_all
from tools.report import Comparison, rows


def main() -> None:
    presenter = Presenter(Terminal())
    course = load_course()
    grade_all(presenter, course, assignments())
    graded = rows(read_standings(course[0], assignments()))
    table = [(r.student, r.assignment, r.exercise, r.points, r.diagnosis) for r in graded]
    comparison = Comparison(graded)
    unexpected = [(row.student, row.exercise) for row, _ in comparison.different]
    unexpected += comparison.changed
    failed = [
        (outcome.student, assignment.name, outcome.why)
        for assignment, done in presenter.outcomes.items()
        for outcome in done
        if outcome.status == "failed"
    ]
    print(json.dumps({"failed": failed, "rows": table, "mismatches": unexpected}))


if __name__ == "__main__":
    main()
