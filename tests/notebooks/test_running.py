"""A released notebook as a student runs it: all cells in a kernel, and nbgrader's Validate."""

import contextlib
import json
import re

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.filters import strip_ansi
from nbgrader.validator import Validator

from exercises import EXERCISES
from tools.notebooks import to_bytes

STUB = """\
    # YOUR CODE HERE
    raise NotImplementedError("write your code here, then delete this line")"""
RIGHT = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
WRONG = "    X_pad = np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))"


@pytest.fixture
def notebook(course):
    """Return a released notebook with other lines in place of the stubs."""

    def notebook(name, written=STUB):
        found = nbformat.read(course.root / "release" / name / f"{name}.ipynb", as_version=4)
        for cell in found.cells:
            cell.source = cell.source.replace(STUB, written)
        return found

    return notebook


@pytest.fixture
def cells(notebook):
    """Return a function that runs padding's setup cell and some cells, even after errors."""

    def cells(*texts):
        content = notebook("padding")
        setup = nbformat.v4.new_code_cell(cells.setup or by_id(content, "setup").source)
        content.cells = [setup, *map(nbformat.v4.new_code_cell, texts)]
        NotebookClient(content, allow_errors=True).execute()
        return [said(cell) for cell in content.cells[1:]]

    cells.setup = ""
    return cells


def run_all(content):
    """Run a notebook like Run All, and return True if it reached the end."""
    with contextlib.suppress(CellExecutionError):
        NotebookClient(content).execute()
        return True
    return False


def said(cell):
    """Return the text of a cell's output; for an error, its traceback."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "error":
            texts.append("\n".join(["ERROR", *output.traceback]))
        else:
            texts.append(output.get("text") or output.data["text/plain"])
    return "\n".join(texts)


def by_id(content, name):
    return next(cell for cell in content.cells if cell.id == name)


def summary_of(content):
    (cell,) = (cell for cell in content.cells if cell.source.startswith("summary("))
    return said(cell)


# Run All


@pytest.mark.parametrize("name", ["padding", "backprop", "lenet"])
def test_an_untouched_notebook_runs_to_its_end_and_lists_what_is_to_do(notebook, name):
    content = notebook(name)
    assert run_all(content)
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    assert code[-1].source.startswith("summary("), "nothing runs below the summary"
    asked = [cell.id for cell in code if cell.metadata.get("nbgrader", {}).get("solution")]
    lines = summary_of(content).splitlines()
    assert lines[0] == f"0 of {len(asked)} exercises pass their checks."
    assert lines[2:-2] == [f"  todo  {name}: not written yet" for name in asked]
    assert lines[-1] == f'Next: "Exercise: {asked[0]}".'
    for name in set(asked) & EXERCISES.keys():
        assert said(by_id(content, f"{name}_check")).startswith(f"{name} has not been written yet")
    assert not [o for cell in code for o in cell.outputs if o.output_type in ("error", "stderr")]


def test_what_a_skipped_cell_would_have_made_is_said(notebook):
    content = notebook("padding")
    run_all(content)
    text = "\n".join(said(cell) for cell in content.cells if cell.cell_type == "code")
    assert "stopped at a `raise NotImplementedError` line: zero_pad is not finished." in text
    assert "This cell needs x_pad, which a cell above defines once zero_pad is written." in text


def test_a_cell_whose_exercise_is_written_shows_its_error(cells):
    """This also holds if a cell that was waiting for the exercise would have defined the name."""
    stub = f"def zero_pad(X, pad):\n{STUB}"
    uses, waits = "print(x_pad.shape)", "needs x_pad, which a cell above defines"
    wrong = "def zero_pad(X, pad):\n    return x_pad"
    right = f"def zero_pad(X, pad):\n{RIGHT}\n    return X_pad"
    texts = cells(stub, TRY, uses, wrong, TRY, stub, TRY, uses, right, uses)
    assert waits in texts[2] and waits in texts[7]
    assert texts[4].startswith("ERROR") and waits not in texts[4]
    assert texts[9].startswith("ERROR") and "No cell that has been run defines x_pad" in texts[9]


def test_a_wrong_function_stops_the_run_at_its_check(notebook):
    content = notebook("padding", WRONG)
    assert not run_all(content)
    shown, error = by_id(content, "zero_pad_check").outputs
    assert shown.data["text/plain"].startswith("zero_pad: 0 of 4 checks passed.\n")
    assert "Only the height was padded" in shown.data["text/html"]
    assert (error.ename, error.traceback) == (
        "CheckFailedError",
        ["zero_pad: 0 of 4 checks passed."],
    )


def test_a_right_function_passes_and_the_summary_says_so(notebook):
    content = notebook("padding", RIGHT)
    assert run_all(content)
    shown, *_ = by_id(content, "zero_pad_check").outputs  # other outputs may follow
    assert shown.data["text/plain"].startswith("zero_pad: all 4 checks passed.\n")
    assert "</span> pass</b> <b>zero_pad: all 4" in shown.data["text/html"]
    assert summary_of(content) == "1 of 1 exercises pass their checks.\n\n  pass  zero_pad"


def test_the_summary_goes_by_the_last_check_of_the_function_that_is_there(cells):
    define = "def zero_pad(X, pad):\n{}\n    return X_pad"
    check, sum_up = "zero_pad_test(zero_pad)", 'summary("zero_pad")'
    texts = cells(
        *(define.format(RIGHT), sum_up, check, sum_up),
        *(define.format(WRONG), sum_up, check, sum_up),
    )
    rows = [text.splitlines()[2] for text in texts[1::2]]
    assert rows == [
        "  todo  zero_pad: not checked yet",
        "  pass  zero_pad",
        "  todo  zero_pad: changed since it was checked",
        "  FAIL  zero_pad: output shape; image and border",
    ]


def test_a_right_function_under_another_name_is_told_that_it_is_not_graded(cells):
    other = f"def padded(X, pad):\n{RIGHT}\n    return X_pad"
    *_, text = cells(pad_by("return X"), other, "zero_pad_test(padded)")
    assert "The function that you passed is not zero_pad; only zero_pad is graded." in text


# The student's own errors are shown unchanged


def test_other_errors_stop_a_cell_as_ever(cells):
    texts = cells("no_such_name", "raise NotImplementedError('mine')", "def f():\n    g()\n\nf()")
    assert all(text.startswith("ERROR") for text in texts)
    assert "name 'no_such_name' is not defined" in texts[0]
    assert "NotImplementedError" in texts[1] and "mine" in texts[1]
    assert re.search(r"4.* f\(\)\n.*2.* g\(\)\n", strip_ansi(texts[2]), re.S)


def test_errors_of_other_cells_are_shown_as_ipython_shows_them(cells):
    texts = [
        "np.pad(np.ones(3), ((1, 2), (3, 4)))",
        "raise KeyError('x_pad')",
        "x = = 3",
        "compile('x = = 3', 'a', 'exec')",
        "if 1:\nx = 3",
    ]
    ours = cells(*texts)
    cells.setup = "import numpy as np"
    assert [re.sub(r"\[\d+\]", "", strip_ansi(text)) for text in ours] == [
        re.sub(r"\[\d+\]", "", strip_ansi(text)) for text in cells(*texts)
    ]
    assert "_arraypad_impl.py" in ours[0]


# A cell that calls a function shows the student's lines, and refers to the check

TRY = "x = np.ones((4, 3, 3, 2))\nx_pad = zero_pad(x, 3)\nprint(x_pad.shape)"
SAYS_MORE = "The check of zero_pad says more about this error: run its cell, too."


def pad_by(lines):
    return f"def zero_pad(X, pad):\n    {lines}"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("return np.pad(X, ((0, 0), (pad, pad)))", r"3\)\n.*zero_pad\(X, pad\)\n.*np.pad\(X"),
        ("X_pad = 3", r"> 3 print\(x_pad.shape\)\n\nAttributeError: 'NoneType'"),
        ("return zero_pad(X, pad)", r"RecursionError: maximum recursion"),
        ("import nothing_like_it", r"ModuleNotFoundError: No module named 'nothing_like_it'"),
        (f"X_pad = X\n{STUB}", r"NotImplementedError: write your code here"),
    ],
)
def test_a_try_shows_the_students_lines_and_points_to_the_check(cells, lines, shown):
    _, error = cells(pad_by(lines), TRY)
    assert error.startswith("ERROR") and error.endswith(SAYS_MORE)
    assert re.search(shown, strip_ansi(error), re.S)
    assert "site-packages" not in error and len(error.splitlines()) < 60


def test_a_try_is_not_sent_to_a_check_that_does_not_meet_its_error(cells):
    right = f"def zero_pad(X, pad):\n{RIGHT}\n    return X_pad"
    *_, error, no_pad = cells(right, "zero_pad(3, 4)", "zero_pad(np.ones((4, 3, 3, 2)))")
    assert "operands could not be broadcast" in error and SAYS_MORE not in error
    assert "missing 1 required" in no_pad and SAYS_MORE not in no_pad
    wrong = f"def zero_pad(X, pad):\n{WRONG}\n    return X_pad"
    *_, error, no_pad, shape = cells(wrong, "zero_pad(3, 4)", "zero_pad(3)", f"{TRY}\n1 / 0")
    assert SAYS_MORE not in error and SAYS_MORE not in no_pad
    assert SAYS_MORE in shape, "the values may have led to the error"


def test_a_try_after_a_cell_that_could_not_be_run_says_so(cells):
    broken = "def zero_pad(X, pad):\n    X_pad = np.pad((\n    return X_pad"
    *_, error = cells(pad_by("return X[0, 0, 0, 0, 0]"), broken, TRY)
    assert "The last run of the cell with zero_pad ended in a SyntaxError" in error
    assert SAYS_MORE not in error


def test_a_try_of_a_list_is_sent_to_the_check_that_takes_it_for_an_array(cells):
    *_, error = cells(f"def zero_pad(X, pad):\n{RIGHT}\n    return X_pad.tolist()", TRY)
    assert "'list' object has no attribute 'shape'" in error and SAYS_MORE in error


def test_a_misspelt_name_is_answered_without_our_frames(cells):
    (error,) = cells('hint("zeropad")')
    assert error == "ERROR\nThere is no exercise 'zeropad'. Did you mean 'zero_pad'?"


def test_a_name_that_no_cell_has_defined_is_answered(cells):
    check, other = cells("zero_pad_test(zero_pad)", "print(x_pad)")
    assert check.endswith(
        "\nThe cell with zero_pad has not been run yet: run it first, then this one."
    )
    assert "\nNo cell that has been run defines x_pad. Run the cells above this one first" in other


def test_a_misspelled_function_is_named(cells):
    *_, check = cells("def zero_padd(X, pad):\n    return X", "zero_pad_test(zero_pad)")
    assert check.endswith("\nNo cell that has been run defines zero_pad: did you mean zero_padd?")


def test_what_an_earlier_version_computed_is_not_held_against_a_right_function(course):
    content = nbformat.read(
        course.root / "release" / "conv_forward" / "conv_forward.ipynb", as_version=4
    )
    solved = nbformat.read(
        course.root / "source" / "conv_forward" / "conv_forward.ipynb", as_version=4
    )
    check = by_id(content, "conv_forward_check")
    content.cells = [
        *(by_id(content, name) for name in ("setup", "zero_pad_given", "conv_single_step_given")),
        by_id(solved, "conv_forward"),
        nbformat.v4.new_code_cell("z_mean, z_0_2_1, cache_0_1_2_3 = 0.5, np.zeros(8), np.zeros(4)"),
        check,
    ]
    assert run_all(content)
    assert "conv_forward: all 7 checks passed." in said(check)
    assert (
        "conv_forward passes its checks, so these values come from an earlier version of it.\n"
        "Next: run the cell that computes them again, then this one."
    ) in said(check)


class Kernel:
    """A kernel that has run a notebook's setup cell, used as Jupyter uses it."""

    def __init__(self, setup):
        self.manager, self.client = start_new_kernel()
        self.run(setup)

    def run(self, text, until="", allow_stdin=True):
        """Run a cell, interrupt it once it has printed `until`, and return its output."""
        message = self.client.execute(text, allow_stdin=allow_stdin)
        printed = ""
        while True:
            answer = self.client.get_iopub_msg(timeout=120)
            if answer["parent_header"].get("msg_id") != message:
                continue
            if answer["msg_type"] == "error":
                self.error = strip_ansi("\n".join(answer["content"]["traceback"]))
            if answer["msg_type"] == "stream":
                printed += answer["content"]["text"]
                if until and until in printed:
                    self.manager.interrupt_kernel()
            elif answer["content"].get("execution_state") == "idle":
                return printed


@pytest.fixture
def kernel(notebook):
    kernel = Kernel(by_id(notebook("padding"), "setup").source)
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


SHORT = "import public_tests.nbexercise.cells as cells\ncells.PATIENCE = 0.1"


def test_a_try_that_does_not_end_says_how_to_interrupt_it(kernel):
    kernel.run(SHORT)
    kernel.run(pad_by("while True:\n        pass"))
    said = " ".join(kernel.run(TRY, until="Kernel").split())
    assert said == (
        "Still running after 0.1 seconds. If it should have ended by now, stop it with Kernel > "
        "Interrupt Kernel, and look for a loop that never ends."
    )


@pytest.mark.parametrize("call", ["zero_pad(np.ones(9), 1)", "zero_pad_test(zero_pad)"])
def test_an_interrupt_shows_the_students_lines_alone(kernel, call):
    interrupted = "np.apply_along_axis(lambda row: signal.raise_signal(signal.SIGINT), 0, [1])"
    kernel.run(f"import signal\n{pad_by(interrupted)}")
    kernel.run(call)
    assert kernel.error.endswith("KeyboardInterrupt: ") and call in kernel.error
    assert interrupted in kernel.error
    assert "site-packages" not in kernel.error and "public_tests" not in kernel.error


def test_cells_that_end_and_programs_that_run_notebooks_start_no_timer(kernel):
    count = "import threading\nprint(len(cells._timers), threading.active_count())"
    kernel.run(SHORT)
    kernel.run(pad_by("return X"))
    running = count + "\nzero_pad(np.ones(3), 1)"
    idle = kernel.run(count)
    assert idle.split()[0] == "0"
    assert kernel.run(running).split()[0] == "1"
    assert kernel.run(count).split()[0] == "0", "the cell has ended"
    assert kernel.run(running, allow_stdin=False).split()[0] == "0"
    kernel.run("import sys\nsys.platform = 'emscripten'")  # browsers have no threads
    assert kernel.run(running).split()[0] == "0"


# Functions defined outside the cell, and foreign types of results


def test_an_old_definition_that_a_syntax_error_left_is_not_judged(cells):
    right = f"def zero_pad(X, pad):\n{RIGHT}\n    return X_pad"
    check = "zero_pad_test(zero_pad)"
    texts = cells(right, right.replace("(0, 0)))", "(0, 0))"), check, 'summary("zero_pad")', right)
    assert texts[2].startswith("zero_pad: not checked.\n\nThe last run of the cell with zero_pad")
    assert "ended in a SyntaxError" in texts[2] and texts[2].endswith(
        "\nERROR\nzero_pad: not checked."
    )
    assert "  todo  zero_pad: the last run of its cell ended in a SyntaxError" in texts[3]
    texts = cells(right.replace("(0, 0)))", "(0, 0))"), check, right, check)
    assert texts[1].startswith("zero_pad: not checked.")
    assert texts[3].startswith("zero_pad: all 4 checks passed.")


def test_a_variable_of_the_notebook_that_is_returned_is_named(cells):
    empty = "def zero_pad(X, pad):\n    return X_pad"
    *_, text = cells("X_pad = np.zeros((2, 5, 7, 3))", empty, "zero_pad_test(zero_pad)")
    assert "\nNo line of zero_pad assigns X_pad: it returns a variable that another cell" in text
    reads = f"def zero_pad(X, pad):\n{RIGHT.replace('(pad, pad)', '(p, p)')}\n    return X_pad"
    *_, text = cells("p = 1", reads, "zero_pad_test(zero_pad)")
    assert (
        "\nzero_pad reads p from the notebook, so the value is the same in every call: no" in text
    )
    *_, text = cells("p, q = 1, 2", reads.replace("(p, p)", "(p, q)"), "zero_pad_test(zero_pad)")
    assert "no line of zero_pad defines p or q." in " ".join(text.split())
    *_, text = cells(
        "p, X_pad = 1, 2", reads.replace("(p, p)", "(pad, pad)"), "zero_pad_test(zero_pad)"
    )
    assert text.startswith("zero_pad: all 4 checks passed.")


def test_the_cells_are_watched_once_however_often_the_setup_cell_runs(notebook):
    content = notebook("padding")
    setup = next(cell for cell in content.cells if cell.id == "setup")
    count = (
        "callbacks = get_ipython().events.callbacks\n"
        "print([len(callbacks[name]) for name in ('pre_run_cell', 'post_run_cell')])"
    )
    content.cells = [
        *(nbformat.v4.new_code_cell(count), setup, nbformat.v4.new_code_cell(count)),
        *(setup.copy(), nbformat.v4.new_code_cell(count)),
    ]
    NotebookClient(content).execute()
    before, once, twice = (json.loads(said(content.cells[at])) for at in (0, 2, 4))
    assert once == twice == [number + 1 for number in before]


# nbgrader's Validate


def validated(content, folder):
    """Return nbgrader's messages about a notebook by exercise; {} if everything passes."""
    path = folder / "submitted.ipynb"
    path.write_bytes(to_bytes(content))
    found = Validator().validate(str(path))
    assert found.keys() <= {"failed"}, found
    texts = [(cell["source"], cell["raw_error"]) for cell in found.get("failed", [])]
    return {source.split('"')[1]: error for source, error in texts}


def test_validate_fails_for_what_is_not_written(notebook, tmp_path):
    failed = validated(notebook("lenet"), tmp_path)
    assert len(failed) == 6
    assert failed["dense_forward"].startswith("dense_forward has not been written yet")
    assert failed["trained"] == 'trained: not written yet. See "Exercise: trained".'


def test_validate_fails_for_what_is_wrong_with_the_whole_verdict(notebook, tmp_path):
    failed = validated(notebook("padding", WRONG), tmp_path)
    assert failed["zero_pad"].startswith("zero_pad: 0 of 4 checks passed.\n")
    assert "What happened: Only the height was padded" in failed["zero_pad"]


def test_validate_fails_for_a_function_that_is_not_there(notebook, tmp_path):
    content = notebook("padding", RIGHT)
    content.cells.remove(by_id(content, "zero_pad"))
    assert validated(content, tmp_path) == {
        "zero_pad": 'zero_pad: not written yet. See "Exercise: zero_pad".'
    }


@pytest.mark.parametrize("name", ["padding", "one_by_one"])
def test_validate_succeeds_for_what_is_right(course, notebook, tmp_path, name):
    content = notebook(name)
    solved = nbformat.read(course.root / "source" / name / f"{name}.ipynb", as_version=4)
    for cell in content.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = by_id(solved, cell.id).source + "\n"
    assert validated(content, tmp_path) == {}
