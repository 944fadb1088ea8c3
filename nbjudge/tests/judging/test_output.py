"""Random numbers, printed text and figures, of test cells and of student code."""

import json

import pytest

from nbjudge.wire.outputs import QUESTIONS, REPORT
from tests.support.engines import spec
from tests.support.questions import DOUBLE, question


@pytest.mark.parametrize("seed", ["random.seed(1)", "np.random.seed(1)"])
def test_seeding_the_same_way_again_has_an_effect(judge, passes, seed):
    solution = "import random\nimport numpy as np\ndef f():\n"
    solution += "    return [random.random(), np.random.rand()][" + str(int("np" in seed)) + "]"
    imports = "import random\nimport numpy as np\n"
    passes(solution, f"{imports}{seed}\na = f()\n{seed}\nassert f() == a != f()")
    cell_spec = spec(
        (solution, "solution", "f"),
        (f"{imports}{seed}\na = f()", "test", "one"),
        (f"{seed}\nassert f() == a", "test", "two"),
    )
    assert judge(cell_spec).scores == {"one": 1, "two": 1}


# randomness


def test_a_seed_in_the_test_reaches_the_student(passes):
    passes(
        "import numpy as np\nimport random\n"
        "def f():\n    return np.random.rand(3), random.random()",
        """
import random
import numpy as np
np.random.seed(3)
random.seed(4)
got = f()
np.random.seed(3)
random.seed(4)
assert np.array_equal(got[0], np.random.rand(3)) and got[1] == random.random()
""",
    )


def test_a_seed_in_the_test_holds_for_the_calls_that_follow(passes):
    passes(
        "import numpy as np\ndef f():\n    return np.random.rand()",
        "import numpy as np\nnp.random.seed(1)\na, b = f(), f()\nnp.random.seed(1)\n"
        "assert [a, b] == np.random.rand(2).tolist()",
    )


def test_the_same_seed_gives_the_same_draws_in_both_processes(judge):
    cell_spec = spec(
        ("import random\nimport numpy as np", "locked"),
        ("mine = [np.random.rand(), random.random()]", "solution", "f"),
        (
            "print([np.random.rand(), random.random(), np.random.default_rng().random()], mine)",
            "test",
            "t",
        ),
    )
    first, again, other = (judge(cell_spec, seed=seed).shown("t") for seed in (7, 7, 8))
    assert first == again != other
    assert first.count("0.") >= 4


def test_the_seed_is_recorded(judge):
    data = judge.answer(question("x = 1", "x"), seed=99, mark={"seed": 99, "isolation": "full"})

    assert json.loads(data.notebook)["metadata"]["nbjudge"]["seed"] == 99


def test_large_seeds_are_accepted(passes):
    passes("x = 1", "assert x == 1", seed=2**40 + 1)


# output


def test_a_students_output_can_be_captured(passes):
    passes(
        "import sys\ndef f():\n    print('hello')\n    print('err', file=sys.stderr)",
        """
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as out:
    with contextlib.redirect_stderr(io.StringIO()) as err:
        f()
assert out.getvalue() == "hello\\n" and err.getvalue() == "err\\n"
""",
    )


def test_output_of_programs_and_c_code_can_be_captured(passes):
    passes(
        "import os\ndef f():\n    os.write(1, b'raw\\n')\n    os.system('echo shell')",
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    f()\n"
        "assert out.getvalue() == 'raw\\nshell\\n', out.getvalue()",
    )


def test_output_of_a_call_is_shown_with_the_test(passes):
    answer = passes("def f():\n    print('seen')", "f()")
    assert "seen" in answer.shown("t")


def test_a_tests_own_output_is_shown(passes):
    answer = passes(DOUBLE, "print('checked', double(2))\ndisplay('x')")
    assert "checked 4" in answer.shown("t")


FORGED_REPORT = """
from IPython.display import display
def claim():
    for name in (REPORT, REPORT.upper(), " " + REPORT, QUESTIONS):
        display({name: {"points": 9}, "text/plain": "forged"}, raw=True)
        display({name: {"points": 9}}, raw=True, display_id="own")
""".replace("REPORT", repr(REPORT)).replace("QUESTIONS", repr(QUESTIONS))


def reports(cells):
    return [
        output["data"][name]
        for cell in cells
        for output in cell.get("outputs", ())
        for name in output.get("data", ())
        if name.strip().lower() in (REPORT, QUESTIONS)
    ]


def test_a_report_comes_from_the_judges_own_test_cell_alone(judge):
    both = f"{{{REPORT!r}: {{'points': 1}}, {QUESTIONS!r}: {{'points': 2}}}}"
    report = f"display({both}, raw=True)"
    cell_spec = spec(
        (f"{FORGED_REPORT}\nclaim()", "solution", "f"),
        (f"claim()\n{report}", "test", "t", 1),
        (f"claim()\n{report}", "child test", "u", 1),
    )
    answer = judge(cell_spec)
    assert answer.scores == {"t": 1.0, "u": 1.0}
    assert "forged" in answer.shown("f") and "forged" in answer.shown("t")
    assert reports(answer.cells) == [{"points": 2}, {"points": 1}]
    assert reports([answer.cell("t")]) == [{"points": 2}, {"points": 1}]


def test_capture_magics_and_await_and_commands_work_in_test_cells(passes):
    passes(
        DOUBLE,
        """
import asyncio
async def later():
    await asyncio.sleep(0)
    return double(4)
%time value = double(3)
assert value == 6
got = !echo hello
assert got == ["hello"]
assert await later() == 8
""",
    )


def test_magics_and_await_work_in_the_students_cells(passes):
    solution = """
import asyncio
await asyncio.sleep(0)
%time x = 1
got = !echo hello
text = "".join(got)
"""
    passes(solution, "assert x == 1 and text == 'hello'")


def test_cell_magics_work_in_test_cells(passes):
    passes(DOUBLE, "%%time\nassert double(2) == 4")


def test_every_figure_is_drawn_where_the_settings_say_so(judge):
    cell_spec = spec(
        ("import matplotlib.pyplot as plt", "locked"),
        ("def draw():\n    plt.plot([1, 2])\n    plt.show()", "solution", "f"),
        ("draw()\nplt.plot([3, 4])\nplt.show()", "test", "t"),
    )
    answer = judge(cell_spec, draw_all=True)
    assert answer.scores == {"t": 1.0}
    pictures = [o for o in answer.cell("t")["outputs"] if "image/png" in o.get("data", {})]
    assert len(pictures) == 2


def test_a_warning_costs_nothing(passes):
    passes(
        "import warnings\nimport numpy as np\ndef f():\n    warnings.warn('careful')\n"
        "    return np.array([1.0]) / 0",
        "assert f()[0] > 1e300",
    )
