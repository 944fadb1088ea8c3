"""The short form of a definition: what follows from it, and the errors of a wrong one."""

import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from nbexercise import DefinitionError, checks, exercise_named
from nbexercise.building.commands import main
from nbexercise.building.mutants import mutants
from nbexercise.building.proving import prove, why_not_ready
from nbexercise.defining.mistakes import changed_text
from nbexercise.defining.source import END, function_source
from nbexercise.defining.stored import dump_case_set, public_case_set
from nbexercise.diagnosis.explanation import explain
from nbexercise.diagnosis.repairs.sentences import headline, sentences
from nbexercise.judging.storage import StoredCaseSets
from nbexercise.showing.text import describe
from tests.cells import written

START = '''
from nbexercise import Return, define, fn, stream{imports}
import numpy as np

ex = define("double"{options})


@ex.solution
def double({parameters}):
    """Return twice the number."""
    ### BEGIN SOLUTION
    result = {value}
    ### END SOLUTION
    return {returned}


@ex.cases("numbers", points=2)
def numbers(rng):
    {cases}
'''
PLAIN = {
    "parameters": "x",
    "value": "2 * x",
    "returned": "result",
    "cases": "yield 3.0",
    "options": "",
    "imports": "",
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text("")
    (tmp_path / "checks").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(course, more="", **parts):
    text = START.format(**{**PLAIN, **parts}).lstrip() + textwrap.dedent(more)
    (course / "checks" / "double.py").write_text(text)
    return exercise_named("double", course)


FORMS = [  # value, what is returned, the names and the forms of the results
    ("2.0 * x", "result", [("result", "number")]),
    ("2 * int(x)", "result", [("result", "value")]),
    ("2 * int(x)", "result + 0", [("result", "value")]),
    ("np.full(2, 2 * x)", "result", [("result", "array")]),
    ("2 * x", "(result, x)", [("result", "number"), ("x", "number")]),
    ("2 * x", "result, [x]", [("result", "number"), ("result 2", "value")]),
    ("(2 * x, x)", "result", [("result", "value")]),
    ("{'x': x}", "result", [("result", "value")]),
    ("(x for _ in range(9))", "result", [("result", "generator")]),
]


@pytest.mark.parametrize(("value", "returned", "expected"), FORMS)
def test_what_a_function_returns_follows_from_the_solution(course, value, returned, expected):
    exercise = load(course, value=value, returned=returned).exercise
    assert [(output.name, output.form) for output in exercise.returns] == expected
    assert exercise.judge(exercise.loops, 0).points == 2


def test_names_points_and_hints_follow_from_the_groups(course):
    definition = load(
        course,
        """
        @ex.cases("zero", points=1, edge=True)
        def zero(rng):
            yield 0.0

        ex.mistake("2 * x", "x * x", "It is a square.")
        ex.hint("Add it to itself.")
        """,
        options=", unchanged=1",
    )
    exercise = definition.exercise
    assert [(c.name, c.points, c.kind) for c in exercise.checks] == [
        ("numbers", 2, "values"),
        ("zero", 1, "edge"),
        ("arguments unchanged", 1, "unchanged"),
    ]
    assert (exercise.name, exercise.title, exercise.points) == ("double", "double", 4)
    assert exercise.mistakes[0].name == "It is a square"
    assert exercise.hints == ("Add it to itself.",)
    assert exercise.judge(exercise.wrong_function(exercise.mistakes[0]), 0).points == 0


def test_arguments_are_named_and_defaults_left_out(course):
    definition = load(course, parameters="x, times=2", value="times * x", cases="yield np.int64(3)")
    exercise = definition.exercise
    ((group, arguments, optional),) = exercise.cases(np.random.default_rng(0))
    assert (group, arguments, optional) == ("numbers", {"x": 3}, {"times": 2})
    assert type(arguments["x"]) is int


WRONG = [  # parts, further lines, what the error says
    (
        {"cases": "yield 1.0, 2.0"},
        "",
        r"line 18: exercise 'double': expected 1 arguments \(x\) in each case of 'numbers', got 2",
    ),
    ({"cases": "yield lambda x: x"}, "", r"line 18: .* got a function; write fn\("),
    ({"cases": "return iter(())"}, "", "line 16: .* expected at least one case, got none"),
    (
        {"cases": "return 1.0"},
        "",
        "line 16: .* a generator of the cases of 'numbers', got 1.0; wri",
    ),
    ({"cases": 'yield fn("sin(x)")'}, "", "line 18: .* got ValueError: fn.* got .* write np.sin; "),
    (
        {"cases": "yield rng.choose(3)"},
        "",
        "line 18: .* cases of 'numbers' without an error, got A",
    ),
    ({"parameters": "x, y"}, "", r"line 18: .* expected 2 arguments \(x, y\).*, got 1: 3.0; yield"),
    (
        {"options": ", raises='E'"},
        "",
        "line 4: .* raises of the type type, got E; write raises=Ind",
    ),
    ({"options": ", returns='a'"}, "", r"line 4: .* returns of the type Return.* write returns=R"),
    (
        {"options": ", helpers='f'"},
        "",
        r"line 4: .* helpers=exercise_named\(\"mean\"\), or a tuple",
    ),
    (
        {},
        'ex.mistake("3 * x", "x", "No.")',
        "line 19: exercise double, mistake 'No': expected '3 \\* x' once .* got it 0 times; write",
    ),
    (
        {"value": "x + x"},
        'ex.mistake("x", "2", "No.")',
        r"line 19: .* got it 2 times; .*\n    result = x \+ x$",
    ),
    (
        {},
        'ex.mistake("2", "1", "No.")\nex.mistake("2", "3", "No.")',
        "line 20: .* expected another name, got No",
    ),
    (
        {"value": "x / 0"},
        "",
        r"line 11: .* a result of the solution, got ZeroDivisionError: .*; if the exception is "
        r"expected, write define\('double', raises=ZeroDivisionError\)",
    ),
    (
        {"value": "__import__('no_such_package')"},
        "",
        "line 11: .* got ModuleNotFoundError: No module named .*; install the package.$",
    ),
    (
        {"value": "lambda y: y"},
        "",
        r"the arguments with which the returned function is called, got none; write define\(",
    ),
    ({}, '@ex.cases("numbers", 1)\ndef again(rng): yield 1.0', "line 19: .* expected another name"),
    (
        {},
        '@ex.cases("more", 0)\ndef more(rng): yield 1.0',
        "line 19: .* a positive number of points",
    ),
    ({}, "1 / 0", "line 19: .* expected a definition that runs, got ZeroDivisionError"),
    ({}, 'ex.mistake("2 * x", "2 * (x", "No.")', r"line 19: .* got a syntax error .*: result = 2 "),
    ({}, "def f(:", "line 19: .* expected a definition that runs, got SyntaxError"),
]


@pytest.mark.parametrize(("parts", "more", "message"), WRONG)
def test_an_error_names_the_exercise_the_file_the_line_and_the_next_step(
    course, parts, more, message
):
    with pytest.raises(
        DefinitionError, match=re.escape(str(course)) + "/checks/double.py, .*"
    ) as e:
        prove_or_raise(load(course, more, **parts))
    assert re.search(message, str(e.value)), str(e.value)


def prove_or_raise(definition):
    list(definition.exercise.cases(np.random.default_rng(0)))


CLASS = '''
from nbexercise import define

ex = define("Queue"{options})


@ex.solution
class Queue:
    """A queue."""

    def __init__(self, size, items=()):
        ### BEGIN SOLUTION
        self.size, self.items = size, list(items)
        if self.size < len(self.items):
            raise ValueError("too many items")
        ### END SOLUTION

    def pop(self):
        ### BEGIN SOLUTION
        return self.items.pop(0)
        ### END SOLUTION


@ex.cases("items", points=2)
def items(rng):
    yield {cases}
'''


def queue(course, cases, options=", raises=IndexError"):
    (course / "checks" / "Queue.py").write_text(CLASS.lstrip().format(cases=cases, options=options))
    return exercise_named("Queue", course)


SCRIPTS = [  # calls, the results of a stub, and their sentence
    ('("Queue", 3, "ab"), ("pop",), ("pop",)', "first pop() returned None, expected 'a' (a str)."),
    (
        '("Queue", 1), ("pop",)',
        "pop() returned None, but must raise an IndexError.",
    ),
    (
        '("Queue", 1, "ab"),',
        "Queue(1, 'ab') raised no exception, but must raise a ValueError.",
    ),
    (
        '("Queue", 1, "ab"), ("pop",)',
        "Queue(1, 'ab') raised no exception, but must raise a ValueError.",
    ),
]


@pytest.mark.parametrize(("cases", "sentence"), SCRIPTS)
def test_a_class_gets_arguments_and_may_raise_exceptions(course, cases, sentence):
    definition = queue(course, cases)
    assert not why_not_ready(definition)
    assert prove(definition).problems == []

    class Queue:
        def __init__(self, size, items=()):
            pass

        def pop(self):
            pass

    diagnosis = definition.exercise.judge(Queue, 0)
    assert (diagnosis.points, sentence in describe(explain(diagnosis))) == (0, True)


WRONG_SCRIPTS = [
    (
        '("pop",)',
        "line 25: .* expected calls such as .* got 'pop'; a single call needs one more co",
    ),
    ("3", "line 25: .* expected calls such as .*, got 3; a single call"),
    ('("pop",),', r"line 25: .* expected the arguments of Queue\(size, items=\(\)\), got missing"),
    ('("Queue", 1, 2, 3),', "line 25: .* got too many positional arguments; pass them in the fir"),
    ('("Queue", 1), ("Queue", 2)', r"line 25: .* got \('Queue', 2\); each case makes one object"),
    ('("__init__", 1),', r"line 25: .* got \('__init__', 1\); .* write \('Queue', ...\) as its"),
    ('("Queue", 1), ("push", 2)', "line 23: .* in the solution, push is missing: the class"),
]


@pytest.mark.parametrize(("cases", "message"), WRONG_SCRIPTS)
def test_an_error_in_the_calls_of_a_class_names_its_line(course, cases, message):
    said = why_not_ready(queue(course, cases))
    assert re.search(f"checks/Queue.py, {message}", said), said


LIMITED = """
from nbexercise import define

ex = define("Queue")


@ex.solution
class Queue:
    def __init__(self, size, items=()):
        ### BEGIN SOLUTION
        self.size = size
        self.items = [*items]
        ### END SOLUTION

    def push(self, item):
        ### BEGIN SOLUTION
        if len(self.items) < self.size:
            self.items.append(item)
        ### END SOLUTION

    def pop(self):
        ### BEGIN SOLUTION
        return self.items.pop(0)
        ### END SOLUTION


@ex.cases("items", points=2)
def items(rng):
    for size in (3, 5):
        more = [("push", letter) for letter in "cdef"]
        yield (("Queue", size, "ab"), *more, *size * [("pop",)])
        yield (("Queue", size, "b"), *more, *size * [("pop",)], *more, ("pop",))
"""
SLIPS = [  # a part of the class, what is there instead, and what is said
    ("self.items = [", "items = [", "items is a variable of the method, where self.items belongs"),
    ("< self.size", "<= self.size", "<= before self.size should be <"),
    ("self.items.append", "self.items = self.items.append", "changes self.items itself and ret"),
    ("pop(0)", "pop()", "self.items.pop() takes the last item where the first belongs"),
    ("len(self.items)", "self.size - 1", "First failing case"),
    ("[*items]", "items", "AttributeError: 'str' object has no attribute 'append'"),
    ("self.size:", "size:", "write self.size: size alone is a variable of the method"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), SLIPS)
def test_a_slip_in_a_method_is_found(course, right, wrong, said):
    (course / "checks" / "Queue.py").write_text(LIMITED.lstrip())
    exercise = exercise_named("Queue", course).exercise
    text = LIMITED[LIMITED.index("class") : LIMITED.index("@ex.cases")]
    assert text.count(right) == 1, right
    diagnosis = exercise.judge(written(text.replace(right, wrong)), 0)
    assert said in " ".join(describe(explain(diagnosis)).split())
    outside = text.replace(right, wrong).replace("items=()):", "items=(), own=2):")
    outside = outside.replace("def __init__", "NONE = 0\n    def __init__").replace(
        "own=2", "own=NONE"
    )
    assert exercise.judge(written(outside), 0).repair is None  # NONE is known in the class only
    kept = text.replace(right, wrong).replace("def push", "own = []\n\n    def push")
    assert exercise.judge(written(kept), 0).repair is None  # trial calls might change it


def test_a_missing_end_marker_is_named(course):
    text = CLASS.lstrip().format(cases='("Queue", 1),', options="")
    (course / "checks" / "Queue.py").write_text(text[::-1].replace(END[::-1], "#", 1)[::-1])
    with pytest.raises(DefinitionError, match="as many lines ### END .*, got 1 and 2; add the m"):
        exercise_named("Queue", course)


def test_a_marker_around_methods_is_refused_with_its_line(course):
    text = CLASS.lstrip().format(cases='("Queue", 1),', options="")
    around = text.replace("### BEGIN SOLUTION", "pass", 1).replace("### END SOLUTION", "pass", 1)
    around = around.replace("    def pop", "    ### BEGIN SOLUTION\n    def pop", 1)
    (course / "checks" / "Queue.py").write_text(around)
    message = (
        "Queue.py, line 17: exercise 'Queue': expected ### BEGIN SOLUTION inside a method, got it "
        "outside of all methods; put a pair of markers into each method, below its def line."
    )
    with pytest.raises(DefinitionError, match=re.escape(message)):
        exercise_named("Queue", course)


def test_an_exception_that_is_not_expected_names_its_line(course):
    said = why_not_ready(queue(course, '("Queue", 1), ("pop",)', options=""))
    message = (
        "line 23: exercise 'Queue', case group 'items': in the solution, pop() raised IndexError"
    )
    assert message in said
    assert said.endswith("is expected, write define('Queue', raises=IndexError).")


@pytest.mark.parametrize(
    "options", [", raises=ZeroDivisionError", ", raises=(KeyError, ArithmeticError)"]
)
def test_a_function_may_raise_an_exception(course, options):
    definition = load(
        course,
        value="np.ones(2) / int(1 / x)",
        cases="yield 0.0\n    yield 1.0",
        options=options,
    )
    assert not why_not_ready(definition)
    (value,) = definition.exercise.returns
    assert (value.name, value.form) == ("result", "array")
    diagnosis = definition.exercise.judge(lambda x: np.ones(2), 0)
    assert "the call returned an array of shape (2,), but must raise a" in describe(
        explain(diagnosis)
    )


def test_a_missing_definition_is_named(course):
    with pytest.raises(DefinitionError, match=r"expected the file .*/checks/triple.py, got none"):
        exercise_named("triple", course)
    (course / "checks" / "triple.py").write_text(
        "from nbexercise import define\nx = define('trebble')"
    )
    with pytest.raises(
        DefinitionError, match=r"expected ex = define\('triple'\), got define\('trebble"
    ):
        exercise_named("triple", course)


def test_a_helper_is_another_exercise(course):
    load(course)
    (course / "checks" / "fourfold.py").write_text(
        "from nbexercise import define, exercise_named\n\n"
        'ex = define("fourfold", helpers=(exercise_named("double"),))\n\n\n'
        "@ex.solution\ndef fourfold(x):\n    ### BEGIN SOLUTION\n"
        "    result = double(double(x))\n    ### END SOLUTION\n    return result\n\n\n"
        '@ex.cases("numbers", points=2)\ndef numbers(rng):\n    yield 3.0\n'
    )
    exercise = exercise_named("fourfold", course).exercise
    assert exercise.judge(exercise.loops, 0).points == 2
    assert list(exercise.helpers) == ["double"]


def test_an_exercise_whose_solution_loses_points_is_not_ready(course):
    definition = load(course, "@ex.reference\ndef right(x):\n    return 3 * x")
    assert "line 4: expected all 2 points for its own solution, got 0" in why_not_ready(definition)


def test_a_mistake_that_passes_is_a_problem(course):
    definition = load(course, 'ex.mistake("2 * x", "x + x", "It is added.")')
    (problem,) = prove(definition).problems
    assert "mistake 'It is added' passes: expected a failed check; add a case" in problem


IN_ORDER = "a right function that draws from x in another order than the solution loses points"
BOUNDS = "@ex.reference\ndef bounds(x):\n    return Within(0.5, (1 / 12 / 90) ** 0.5)"


@pytest.mark.parametrize(("more", "is_said"), [("", True), (BOUNDS, False)])
def test_a_solution_whose_order_of_draws_counts_is_remarked(course, more, is_said):
    parts = {"value": "float(np.mean(x.random(90)))", "cases": "yield stream(3)"}
    remarks = prove(load(course, more, imports=", Within", **parts)).remarks
    assert any(IN_ORDER in remark for remark in remarks) is is_said


def test_changes_that_no_check_notices_are_listed(course):
    definition = load(course, value="x ** 2", cases="yield 2.0")
    (remark,) = prove(definition).remarks
    assert remark.startswith("1 of 4 small changes of the solution pass all checks")
    assert remark.splitlines()[1:] == ["    line 4: x ** 2 -> x * 2"]


def test_twenty_of_the_changes_that_no_check_notices_are_shown(course):
    lines = "; ".join(f"a{n} = {n}" for n in range(7))  # each deleted, increased and decreased
    definition = load(course, value=f"2 * x; {lines}")
    (remark,) = prove(definition).remarks
    first, *others, last = remark.splitlines()
    assert first.startswith("21 of ") and len(others) == 20
    assert others[0] == "    line 4: a0 = 0 left out" and last == "    and 1 more"


def test_mutants_change_only_what_students_write():
    source = (
        "def f(x):\n    a = 1\n    ### BEGIN SOLUTION\n    b = x < 2\n    ### END SOLUTION\n"
        "    return b\n"
    )
    changed = [(line, before, after) for line, before, after, _ in mutants(source)]
    assert changed == [
        (4, "b = x < 2", ""),
        (4, "x < 2", "x <= 2"),
        (4, "x < 2", "x < 3"),
        (4, "x < 2", "x < 1"),
    ]


def test_mutants_change_strings_but_not_those_of_exceptions():
    source = (
        "def f(x):\n    ### BEGIN SOLUTION\n    if x in 'aeiou':\n        raise ValueError('no')\n"
        "    return x.split('')\n    ### END SOLUTION\n"
    )
    changed = [(before, after) for _, before, after, _ in mutants(source)]
    assert changed == [
        ("raise ValueError('no')", ""),
        ("x in 'aeiou'", "x in 'aeio'"),
        ("x.split('')", "x.split('x')"),
    ]


def test_a_mistake_is_searched_between_the_markers(course):
    more = 'ex.mistake("twice = 2", "twice = 3", "It is thrice.")'
    parts = {"value": "0\n    twice = 2; result = twice * x"}
    exercise = load(course, more, **parts).exercise
    (mistake,) = exercise.mistakes
    marked = function_source(exercise.loops, markers=True)
    text = marked.replace("twice the number", "twice = 2 times the number")
    changed = changed_text(text, mistake, "double")
    assert "twice = 2 times the number" in changed and "twice = 3; result" in changed
    with pytest.raises(ValueError, match="expected 'twice = 2' once in the solution, .* 2 times"):
        changed_text(text.replace("result = 0", "twice = 2"), mistake, "double")


def test_a_group_that_counts_alone_is_needed(course):
    definition = load(course)
    edge = definition.cases("zero", 1, edge=True)(definition.groups.pop().draw)
    assert list(edge(None)) == [3.0]
    with pytest.raises(DefinitionError, match="a group without edge=True, got none; the checks"):
        definition.exercise  # noqa: B018


def test_a_new_course_is_ready(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "course"]) == 0
    assert main(["new", "course"]) == 1
    assert "expected a new or empty folder, got course" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path / "course")
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert "solution, 20 seeds                                 4 of 4" in said
    assert said.endswith("All exercises are ready.\n")


def test_a_command_whose_reader_ends_prints_no_traceback(course):
    load(course)
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nbexercise", "check"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


HALVED = """
def double(x):
    result = 0
    for i in range(x):
        result {} 2
    return result
"""


@pytest.mark.parametrize("value", ["x % 3 == 1", "x % 3 != 0"])
def test_a_remainder_that_no_case_has_is_tried(course, value):
    parts = {"value": "int(x) % 3 == 0", "cases": "yield 9\n    yield 10\n    yield 7"}
    exercise = load(course, **parts).exercise
    wrong = written(f"def double(x):\n    return {value}\n")
    (sentence,) = sentences(exercise.judge_on(exercise.case_set(), wrong).repair)
    right = {"x % 3 == 1": "1 is used where 0", "x % 3 != 0": "!= before 0 should be =="}
    assert right[value] in sentence


def test_an_update_is_not_called_needless_if_another_update_is_right(course):
    parts = {"value": "''\n    if x: result += 'fizz'"}
    exercise = load(course, **parts).exercise
    lines = "def double(x):\n    text = ''\n    if x:\n        text -= 'fizz'\n    return text\n"
    (sentence,) = sentences(exercise.judge_on(exercise.case_set(), written(lines)).repair)
    assert sentence.endswith("-= should be +=.")


DISTANCES = [  # a wrong body, a part of what the check says about it, and what it does not say
    (
        "for v in x:\n    far = []\n    far.append(abs(v - center))\nreturn np.median(far)",
        "In line 4 (far = []), every iteration of the loop over v repeats this line",
        "v is used",
    ),
    (
        "for v in x:\n    far = abs(v - center)\nreturn np.median(far)",
        "First failing case",
        "v is used where x belongs",
    ),
    (
        "far = [abs(v - center) for v in x][-1]\nreturn np.median(far)",
        "First failing case",
        "v is used where x belongs",
    ),
    (
        "near = np.median(abs(x - center))\nfar = np.max(abs(x - center))\nreturn far",
        "far is used where near belongs",
        "Perhaps",
    ),
    (
        "n = np.sum(x)\nreturn np.median(abs(x - center)) + n",
        "+ n does not belong there",
        "Perhaps",
    ),
]


@pytest.mark.parametrize(("body", "said", "unsaid"), DISTANCES)
def test_a_change_that_bypasses_what_was_computed_is_no_repair(course, body, said, unsaid):
    cases = "yield np.array([1.0, 2, 6])\n    yield rng.normal(size=5)\n    yield [3.0, 5, 9]"
    exercise = load(course, value="np.median(abs(x - np.median(x)))", cases=cases).exercise
    wrong = written(f"def double(x):\n    center = np.median(x)\n{textwrap.indent(body, ' ' * 4)}")
    text = describe(explain(exercise.judge_on(exercise.case_set(), wrong)))
    assert said in text and unsaid not in text


@pytest.mark.parametrize(("symbol", "is_said"), [("-=", True), ("//=", False)])
def test_a_change_is_said_only_if_it_is_right_in_other_cases_too(course, symbol, is_said):
    parts = {"value": "2 * int(x)", "cases": "yield 1\n    yield 0"}
    exercise = load(course, **parts).exercise
    source = HALVED.format(symbol)  # with x = 1, result = 2 is right, too
    repair = exercise.judge_on(exercise.case_set(), written(source)).repair
    assert bool(repair) == is_said


def test_a_change_is_said_only_if_it_is_right_in_strings_of_another_seed_too(course):
    cases = "yield 'at 10:40'\n    yield f'at 10:{rng.integers(10, 60)}'"
    exercise = load(course, value="int(x[-2:]) < 45", cases=cases).exercise
    wrong = written("def double(x):\n    return int(x[-2:]) < 40\n")
    at = [[c.arguments["x"][-2:] for c in exercise.case_set(seed).cases] for seed in range(60)]
    seed = next(s for s in range(60) if at[s][1] > "44" and "40" < at[s + 1][1] < "45")
    assert exercise.judge(wrong, seed).repair is None
    seed = next(s for s in range(60) if not "40" <= at[s][1] < "45" and at[s + 1][1] > "44")
    assert "< before 40 should be <=" in sentences(exercise.judge(wrong, seed).repair)[0]


@pytest.mark.parametrize("value", ["step", "9"])
def test_a_number_is_said_before_a_name_that_does_as_much(course, value):
    parts = {"value": "int(x > 0)", "cases": "yield 0.0\n    yield 0.5\n    yield -2.0"}
    exercise = load(course, **parts).exercise
    text = f"def double(x):\n    tiny, step = x * 0, abs(x) + 1\n    return int(x > {value}) + tiny"
    (sentence,) = sentences(exercise.judge_on(exercise.case_set(), written(text)).repair)
    assert sentence.endswith(f", {value} is used where 0 belongs.")


@pytest.mark.parametrize(("value", "calls"), [("2 * x", 0), ("[x, x]", 1)])
def test_only_a_result_that_can_be_overwritten_needs_another_call(course, value, calls):
    """The other call has arguments that no author wrote, so a loop may run forever."""
    exercise = load(course, value=value, cases="yield 3.0\n    yield 5.0").exercise
    seen = []

    def double(x):
        seen.append(x)
        return eval(value)

    assert exercise.judge_on(exercise.case_set(), double).passed
    assert len([x for x in seen if x not in (3.0, 5.0)]) == calls


RECURSIVE = [  # the result, the last line of a function, and what the check says about it
    ("2 * x", "2 + double(x)", "x is too large by 1"),
    ("2**x", "double(x - 1) * double(x - 1)", "* before double(x - 1) should be +"),
]


@pytest.mark.parametrize(("value", "last", "said"), RECURSIVE)
def test_a_slip_in_a_recursive_function_is_found(course, value, last, said):
    """A fresh case, 2 * 9 + 1, needs too many calls of the second function."""
    exercise = load(course, value=value, cases="yield 9\n    yield 2\n    yield 0").exercise
    base = exercise.loops(0)
    wrong = f"def double(x):\n    if x == 0:\n        return {base}\n    return {last}\n"
    repair = exercise.judge_on(exercise.case_set(), written(wrong)).repair
    assert repair and said in headline(repair)


OTHERS = """
@ex.cases("others", points=1)
def others(rng):
    {}
"""


def test_a_change_for_some_checks_is_not_said_if_it_may_be_right_by_chance(course):
    others = OTHERS.format("yield 1900\n    yield 2000\n    yield 2100")
    value, cases = "x % 4 == 0 and (x % 100 != 0 or x % 400 == 0)", "yield 2024\n    yield 1601"
    exercise = load(course, others, value=value, cases=cases).exercise
    wrong = "def double(x):\n    return x % 4 >= 0 and (x % 100 == 0 or x % 400 == 0)\n"
    assert not exercise.judge_on(exercise.case_set(), written(wrong)).repair


SHORT = """
def double(x):
    if len(x) == 1:
        return 1.25 * x[0]
    total = 0
    for i in range(len(x) - 2):
        total += x[i]
    return total
"""


def test_a_change_for_some_checks_is_right_in_fresh_cases_of_these_checks(course):
    cases = "yield [1.5, 2.5, float(rng.integers(2))]\n    yield [3.5, float(rng.integers(2))]"
    others = OTHERS.format("yield []\n    yield [2.5]")
    exercise = load(course, others, value="sum(x)", cases=cases).exercise
    drawn = [sum(c.arguments["x"][-1] for c in exercise.case_set(n).cases[:2]) for n in range(60)]
    seed = next(n for n in range(60) if not drawn[n] and drawn[n + 1] == 2)
    repair = exercise.judge(written(SHORT), seed).repair
    assert repair.checks and "- 2 does not belong there" in headline(repair)


def test_a_variable_in_place_of_a_number_is_found(course):
    parts = {"parameters": "x, start", "value": "start + x * start", "cases": "yield 3.0, 1.5"}
    exercise = load(course, **parts).exercise
    wrong = written("def double(x, start):\n    now = 0\n    return now + x * start\n")
    repair = exercise.judge_on(exercise.case_set(), wrong).repair
    assert headline(repair) == ("In line 2 (now = 0), the number 0 is used where start belongs.")


def test_an_exercise_is_tried_with_a_function_in_a_file(course, capsys):
    load(course, 'ex.mistake("2 * x", "x * x", "It is a square.", hint="What is twice 3?")')
    (course / "wrong.py").write_text("def double(x):\n    return x * x\n")
    assert main(["try", "double", "wrong.py"]) == 0
    said = capsys.readouterr().out
    assert "What happened: It is a square.\nNext: What is twice 3?" in said
    assert said.endswith("0 of 2 points\n")
    assert main(["try", "double", "other.py"]) == 1
    assert "expected a Python file with double, got other.py" in capsys.readouterr().err


def test_an_exercise_is_tried_with_what_its_results_depend_on(course, capsys):
    parts = {"parameters": "x, y", "value": "x * y", "cases": "yield 3.0, 1.5\n    yield 2.0, 5.0"}
    load(course, **parts)
    (course / "wrong.py").write_text("def double(x, y):\n    return x**4 + 7.5 + 0 * y\n")
    assert main(["try", "double", "wrong.py"]) == 0
    assert "result does not depend on y" in capsys.readouterr().out


def test_a_command_outside_a_course_says_where_to_go(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [])
    assert main(["check"]) == 1
    assert "expected a folder with nbgrader_config.py and checks/" in capsys.readouterr().err


def test_filled_cells(course):
    pytest.importorskip("nbformat")
    from nbexercise.building.filling import fill

    load(course)
    cells = [
        ("markdown", "## Twice"),
        ("code", "### EXERCISE double"),
        ("code", "### GRADE double"),
    ]
    notebook = {"cells": [{"cell_type": k, "metadata": {}, "source": s} for k, s in cells]}
    fill(notebook, course, lambda definition: "")
    kinds = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    assert kinds == [None, "setup", "double", "double_grade"]
    grade = notebook["cells"][3]
    assert grade["metadata"]["nbgrader"]["points"] == 2
    assert 'grade("double", double)' in grade["source"]


def test_a_summary_without_names_has_every_exercise_of_the_notebook(course, monkeypatch, capsys):
    monkeypatch.setattr(checks, "_latest", {})
    monkeypatch.setattr(checks, "CASE_SETS", case_sets := StoredCaseSets())
    stored = public_case_set(load(course).exercise)
    case_sets.add({"double": dump_case_set(stored, "notebook")})
    case_sets.add({"half": dump_case_set(stored)})  # a helper from another notebook
    checks.summary()
    assert capsys.readouterr().out == (
        "0 of 1 exercises pass their checks.\n\n"
        '  todo  double: not checked yet\n\nNext: "Exercise: double".\n'
    )


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["### CHECK double"],
            "cell 1, ### CHECK double: expected a cell ### EXERCISE double above",
        ),
        (["### EXERCISE"], "'### EXERCISE': expected the name of an exercise"),
        (["### EXERCISE double\nx = 1"], "expected nothing below it, got 'x = 1'"),
        (
            ["### EXERCISE trebble"],
            "cell 1, ### EXERCISE trebble: exercise 'trebble': expected the file",
        ),
    ],
)
def test_a_cell_that_cannot_be_filled_is_named(course, cells, message):
    from nbexercise.building.filling import fill

    load(course)
    notebook = {"cells": [{"cell_type": "code", "metadata": {}, "source": s} for s in cells]}
    with pytest.raises(DefinitionError, match=re.escape(message)):
        fill(notebook, course, lambda definition: "")


@pytest.mark.parametrize("imports", ["", "x = 1", "import numpy", "from numpy import sum"])
def test_a_module_that_no_cell_imports_is_named(course, imports):
    from nbexercise.building.filling import fill

    load(course, value="np.float64(2 * x)")
    cells = [imports, "### EXERCISE double"]
    notebook = {"cells": [{"cell_type": "code", "metadata": {}, "source": s} for s in cells]}
    with pytest.raises(DefinitionError, match="the solution uses np, which no cell above imports"):
        fill(notebook, course, lambda definition: "")
    notebook["cells"][0]["source"] += "\n%matplotlib inline\nimport numpy as np"
    fill(notebook, course, lambda definition: "")


@pytest.mark.parametrize("definition", ["TWO = 2", "def TWO(): pass"])
def test_a_constant_or_function_that_no_cell_defines_is_named(course, definition):
    from nbexercise.building.filling import fill

    load(course, definition, value="int(bool(TWO)) * 2 * x")
    cells = ["x = 1", "### EXERCISE double"]
    notebook = {"cells": [{"cell_type": "code", "metadata": {}, "source": s} for s in cells]}
    with pytest.raises(DefinitionError, match="the solution uses TWO, which no cell above defines"):
        fill(notebook, course, lambda definition: "")
    notebook["cells"][0]["source"] = definition
    fill(notebook, course, lambda definition: "")


@pytest.mark.parametrize("group", ["x", "result"])
def test_a_group_may_have_the_name_of_a_variable_of_the_solution(course, group):
    pytest.importorskip("nbformat")
    from nbexercise.building.filling import fill

    load(course, f"@ex.cases('more', points=1)\ndef {group}(rng):\n    yield 4.0")
    cells = [{"cell_type": "code", "metadata": {}, "source": "### EXERCISE double"}]
    fill({"cells": cells}, course, lambda definition: "")
    assert cells[-1]["source"].startswith("def double(x):")


def test_a_mistake_of_a_random_exercise_is_stored_the_same_each_time(course):
    more = """
    @ex.reference
    def bounds(x):
        return Within(2 * x, 1.0)


    ex.mistake("2 * x", "50 * x", "The mean is 50 times x.")
    """
    drawn = "float(np.random.default_rng().normal(2 * x))"
    definition = load(course, more, value=drawn, imports=", Within")
    once, again = (dump_case_set(public_case_set(definition.exercise)) for _ in range(2))
    assert once == again
    assert not any("mistake" in remark for remark in prove(definition).remarks)


def counting(x, calls=[]):  # noqa: B006 - the mistake
    calls.append(x)
    return 2 * x + len(calls)


def drawing(x):
    return 2 * x + np.random.normal()


@pytest.mark.parametrize(("function", "is_named"), [(counting, False), (drawing, True)])
def test_a_random_mistake_is_said_only_of_code_that_draws_numbers(course, function, is_named):
    more = 'ex.mistake("2 * x", "2 * x + np.random.normal()", "A random number was added.")'
    diagnosis = load(course, more).exercise.judge(function, 0)
    assert [mistake.diagnosis for mistake in diagnosis.mistakes] == [
        "A random number was added."
    ] * is_named


def test_a_mistake_with_a_seed_is_not_random(course):
    more = """
        ex.mistake("2 * x", "2 * x + np.random.default_rng(0).normal()", "One number was added.")
    """
    exercise = load(course, more).exercise
    (mistake,) = exercise.mistakes
    assert exercise.judge(exercise.wrong_function(mistake), 0).mistake.name == mistake.name


DIVIDE = """
from nbexercise import define

ex = define("double", raises=ZeroDivisionError)


@ex.solution
def double(a, b):
    ### BEGIN SOLUTION
    quotient = a // b
    remainder = a - quotient * b
    ### END SOLUTION
    return quotient, remainder


@ex.cases("numbers", points=2)
def numbers(rng):
    yield 7, 2
    yield 23, 5
    yield 17, 6


@ex.cases("zero", points=1)
def zero(rng):
    yield 7, 0
"""


@pytest.fixture
def divided(course):
    (course / "checks" / "double.py").write_text(DIVIDE)
    return exercise_named("double", course).exercise


def careless(a, b):
    quotient = a * b + 3 * b // b
    remainder = a + b
    return quotient, remainder


def guarded(a, b):
    return (a // b, a % b) if b else (0, a)


def unguarded(a, b):
    quotient = int(a * (1 / [b][b - b + (b == 0)]))
    return quotient, a - quotient * b


def test_results_beside_an_exception_are_diagnosed(divided):
    assert divided.judge(careless, 0).points == 1
    assert divided.judge(guarded, 0).points == 2
    said = describe(explain(divided.judge(unguarded, 0)))
    assert "here, double must raise a ZeroDivisionError, not an IndexError." in said


def test_a_loop_without_end_where_an_exception_is_expected_has_no_other_name(divided):
    def endless(a, b):
        while not b:
            pass
        return a // b, a % b

    said = describe(explain(divided.judge(endless, 0)))
    assert "here, double must raise a ZeroDivisionError. " in said


def test_a_returned_exception_is_no_other_one(divided):
    def returned(a, b):
        return (a // b, a % b) if b else ZeroDivisionError("b is 0")

    said = describe(explain(divided.judge(returned, 0)))
    assert "Write raise instead of return." in said and "not a ZeroDivisionError" not in said


def test_an_error_of_the_diagnosis_costs_no_points(divided, monkeypatch):
    def fails(failure):
        raise KeyError("quotient")

    monkeypatch.setattr("nbexercise.diagnosis.diagnose.EXPLAINERS", (fails,))
    with pytest.warns(UserWarning, match="an error of its own .KeyError"):
        assert divided.judge(careless, 0).points == 1
