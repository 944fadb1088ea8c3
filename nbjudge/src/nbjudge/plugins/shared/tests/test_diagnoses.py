"""Diagnoses read from a graded notebook: a line and the names of mistakes for each question."""

from nbjudge.plugins.shared.diagnoses import diagnoses
from nbjudge.wire.outputs import REPORT
from tests.support.processor_time import finishes


def error(name, message):
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": []}


def displayed(**data):
    return {"output_type": "display_data", "data": {REPORT: data}, "metadata": {}}


def cell(grade_id, *outputs, grade=True, **nbgrader):
    about = {"grade_id": grade_id, "grade": grade, **nbgrader}
    return {"cell_type": "code", "metadata": {"nbgrader": about}, "outputs": list(outputs)}


def test_the_diagnoses_come_from_reports_and_from_errors():
    named = displayed(headline="No stride.", kind="an error", diagnoses=[{"name": "no stride"}])
    syntax = error("SyntaxError", "expected ':' (<ipython-input-3>, line 1)")
    found = diagnoses(
        [
            {"cell_type": "markdown", "metadata": {}},
            cell("a_grade", named),
            cell("b_grade", displayed(headline="Not there.", kind="not written")),
            cell("c_grade", displayed(points=5, out_of=5)),
            cell("d", syntax, grade=False, solution=True),
            cell("d_grade", error("NameError", "name 'd' is not defined")),
            cell("e", grade=False, solution=True),
            cell("e_grade", error("CodeDied", "The process is gone.\nReally.")),
            cell("f_grade"),
            cell("essay", solution=True),
            cell("project", grade=False, task=True),
        ]
    )
    assert found == {
        "a_grade": ("No stride.", ("no stride",)),
        "b_grade": ("Not there.", ("not written",)),
        "c_grade": ("", ()),
        "d_grade": (
            "The solution cell fails. SyntaxError: expected ':' (line 1)",
            ("an error",),
        ),
        "e_grade": ("CodeDied: The process is gone.", ("an error",)),
        "f_grade": ("", ("mistake not recognized",)),
        "essay": (None, ()),
        "project": (None, ()),
    }


def test_a_cause_of_the_graders_comes_before_the_error_of_the_solution_cell():
    cause = {"name": "time limit", "text": "It was stopped.", "next": "Is there a loop?"}
    found = diagnoses(
        [
            cell("f", error("KeyboardInterrupt", ""), grade=False, solution=True),
            cell(
                "f_grade",
                error("NameError", "name 'f' is not defined"),
                displayed(headline="It was stopped.", diagnoses=[cause]),
            ),
        ]
    )
    assert found == {"f_grade": ("It was stopped.", ("time limit",))}


def test_no_message_takes_long():
    error = {"output_type": "error", "ename": "E", "evalue": "(" * 200_000}
    nbgrader = {"grade": True, "grade_id": "a"}
    cell = {"metadata": {"nbgrader": nbgrader}, "outputs": [error]}
    assert finishes(lambda: diagnoses([cell]))
