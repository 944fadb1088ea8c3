"""The parts of an answer: new cells of a task, tested cells, a code cell with its outputs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from nbjudge.plugins.review.answers import Answers
from tests.support.reviewed import Essays
from tests.support.small_course import DOUBLE, DOUBLE_TEST, cell, test_cell

TASK = """\
Measure something.

### BEGIN MARK SCHEME
- Has a unit (1 point)
### END MARK SCHEME"""


class Projects(Essays):
    """A course with a function, a drawing and a task, and one student."""

    def _build(self):
        self.configure()
        cells = [
            new_markdown_cell("# Measuring"),
            cell("double", DOUBLE, solution=True),
            test_cell("double_test", DOUBLE_TEST, 2),
            new_markdown_cell("## A drawing"),
            new_code_cell("import math"),
            cell("drawing", "# YOUR CODE", grade=True, solution=True, points=5),
            cell("project", TASK, "markdown", task=True, locked=True, points=6),
            new_markdown_cell("Write below this line."),
            cell("end", "The end.", "markdown", locked=True),
        ]
        self.write_source("halves", halves=cells)
        self.release("halves")
        graded = nbformat.read(self.root / "release/halves/halves.ipynb", as_version=4)
        shown = {c.metadata.nbgrader.grade_id: c for c in graded.cells if "nbgrader" in c.metadata}
        shown["double"].source = "def double(x):\n    return 'twice'"
        shown["double_test"].outputs = [new_output("stream", text="The test itself failed.")]
        shown["drawing"].source = "draw(7)"
        shown["drawing"].outputs = [new_output("stream", text="a drawing")]
        at = graded.cells.index(shown["drawing"])
        graded.cells[at + 1 : at + 1] = [new_markdown_cell("It is a circle.")]
        graded.cells[at:at] = [new_code_cell("def draw(n): ...")]
        shown["project"].source = TASK
        end = graded.cells.index(shown["end"])
        graded.cells[end:end] = [new_markdown_cell("It weighs 3 kg."), new_code_cell("weigh()")]
        graded.cells.append(new_markdown_cell("Not part of the task."))
        self.save("ada", graded, {"double_test": None, "drawing": None, "project": None})


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return tmp_path_factory.mktemp("projects") / "template"


@pytest.fixture
def answers(template, tmp_path):
    assignment = Projects.make(tmp_path / "course", template).assignment()
    answers = Answers(assignment)
    yield {grade.cell: (grade, answers) for grade in map(answers.grades.one, answers.order)}
    answers.close()
    assignment.close()


def shown(answers, name):
    grade, of = answers[name]
    return of.question(grade), of.show(grade)


def test_questions_come_in_the_order_of_the_notebook(answers):
    assert list(answers) == ["double_test", "drawing", "project"]


def test_a_broken_test_is_shown_with_the_tested_code_and_its_output(answers):
    question, answer = shown(answers, "double_test")
    assert "twice" in answer and "The test itself failed." in answer
    assert "Measuring" in question.prompt
    assert answers["double_test"][0].comment_id is None, "nbgrader keeps no comment there"


def test_a_code_cell_is_shown_with_its_outputs_below_the_text_before_it(answers):
    question, answer = shown(answers, "drawing")
    assert "A drawing" in question.prompt and "import math" not in question.prompt
    assert "draw" in answer and "a drawing" in answer


def test_cells_added_next_to_an_answer_are_shown_in_order(answers):
    _, answer = shown(answers, "drawing")
    helper, answer, text = (answer.index(part) for part in ("...", "a drawing", "It is a circle."))
    assert helper < answer < text


def test_cells_added_to_a_task_are_shown(answers):
    question, answer = shown(answers, "project")
    assert "Measure something." in question.prompt and "unit" not in question.prompt
    assert "Has a unit" in question.scheme and "Measure" not in question.scheme
    assert [item.points for item in question.items] == [1]
    assert "It weighs 3 kg." in answer and "weigh" in answer
    assert "Write below" not in answer and "Not part of the task" not in answer


def test_a_graded_notebook_without_the_answer_says_what_to_do(answers):
    grade, of = answers["drawing"]
    path = of._path(grade)
    graded = nbformat.read(path, as_version=4)
    graded.cells = graded.cells[:2]
    nbformat.write(graded, path)
    with pytest.raises(LookupError, match="lacks the cell drawing: .*autograde halves --force"):
        of.show(grade)
    path.unlink()
    with pytest.raises(LookupError, match="is missing: .*`nbjudge autograde halves`"):
        of.show(grade)
