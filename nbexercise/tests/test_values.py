"""Plain values: when two are equal, the sentence about the first difference, and their storage."""

import collections
import math
from dataclasses import replace

import numpy as np
import pytest

from nbexercise.defining.stored import dump_case_set
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.calling import call
from nbexercise.judging.given import fn, stream, table
from nbexercise.judging.model import CallOutcome, Case, Check, Return, Step
from nbexercise.judging.returned import same
from nbexercise.judging.storage import load_case_set
from nbexercise.judging.values import NotPlainError, Raised, Within, difference, plain
from nbexercise.judging.wording import describe_case, short
from nbexercise.showing.text import describe
from tests.cells import written
from tests.small_case_set import case_set
from tests.value_exercises import EXERCISES

LONG = "The quick brown fox jumps over the lazy dog and the {} cat sleeps on the warm stove."
DIFFERENT = [  # expected, actual, clause
    (3, 1, "x is 1, expected 3"),
    (3, "3", "x is '3' (a str), expected 3 (an int)"),
    (1, True, "x is True (a bool), expected 1 (an int)"),
    (True, 1, "x is 1 (an int), expected True (a bool)"),
    (True, False, "x is False, expected True"),
    (None, 0, "x is 0 (an int), expected None"),
    (0.5, None, "x is None, expected 0.5 (a float)"),
    (0.1, 0.1 + 1e-7, "x is 0.1000001, expected 0.1"),
    (0.1, 0.1 + 1e-15, ""),
    (0.1, 0.100000002, "x is 0.100000002, expected 0.1"),
    (2**80, 2**80 + 1, f"x is {2**80 + 1}, expected {2**80}"),
    (2, 2.0, ""),
    (math.nan, math.nan, ""),
    (math.inf, math.inf, ""),
    (math.inf, 1e300, "x is 1e+300, expected inf"),
    (1.5, 10**400, f"x is 1{'0' * 56} ..., expected 1.5"),
    ("abx", "abc", "x is 'abc', expected 'abx': they differ at character 2 ('c', expected 'x')"),
    ("abc", "ab", "x is 'ab', expected 'abc': it ends after 2 of 3 characters"),
    ("ab", "abc", "x is 'abc', expected 'ab': it should end after 2 of its 3 characters"),
    ("ab", "", "x is '', expected 'ab'"),
    (
        LONG.format("big"),
        LONG.format("old"),
        "x is ...'zy dog and the old cat sleeps on the warm sto'..., expected ...'zy dog and "
        "the big cat sleeps on the warm sto'...: they differ at character 52 ('o', expected 'b')",
    ),
    ([1, 2], (1, 2), "x is a tuple of 2 items, expected a list of 2 items"),
    (
        [1, 2, 3, 4, 5],
        [1, 2, 3, 4],
        "x is [1, 2, 3, 4], expected [1, 2, 3, 4, 5]: 4 items instead of 5",
    ),
    ([1], [], "x is [], expected [1]: 0 items instead of 1"),
    ([1.5] * 40, [1.5] * 41, "x is a list of 41 items, expected 40"),
    ([1, 2, 3], [1, 2, 4], "x[2] is 4, expected 3"),
    ([1, 2, 3], [0, 2, 4], "x[0] is 0, expected 1 (2 of 3 items are wrong)"),
    ([[1, 2], [3]], [[0, 0], [3]], "x[0][0] is 0, expected 1 (2 of 2 items of x[0] are wrong)"),
    (-1.3e-15, 0.5, "x is 0.5, expected 0"),
    ([["a"], [1]], [["a"], [2]], "x[1][0] is 2, expected 1"),
    ({"the": 3, "end": 1}, {"end": 1, "the": 1}, "x['the'] is 1, expected 3"),
    ({"the": 3, "end": 1}, {"end": 1, "the": 3}, ""),
    ({"ant": 1, "bee": 2}, {"bee": 2}, "x is missing the key 'ant'"),
    ({"ant": 1}, {"ant": 1, "": 1}, "x has the key '' that it should not have"),
    ({"ant": 1}, {"Ant": 1}, "x is missing the key 'ant'"),
    ({1: "a"}, {True: "a"}, "x is missing the key 1"),
    ({"a": 1}, [("a", 1)], "x is a list of 1 item, expected a dict of 1 key"),
    (Raised("IndexError"), None, "the call returned None, but must raise an IndexError"),
    (
        Raised("IndexError"),
        Raised("KeyError"),
        "the call raised a KeyError, but must raise an IndexError",
    ),
    (8, Raised("IndexError"), "the call raised an IndexError, expected 8 (an int)"),
    ({1, 2}, {2, 1}, ""),
    ({0.3}, {0.1 + 0.2}, ""),
    ({1, 2}, {2}, "x is missing the element 1"),
    ({1}, {True}, "x is missing the element 1"),
    ({"a"}, {"a", "b"}, "x has the element 'b' that it should not have"),
    (np.ones(2), np.ones(3), "x has shape (3,), expected shape (2,)"),
    ([np.ones(2)], [np.array([1, 3.0])], "x[0][1] is 3, expected 1 (1 of 2 values is wrong)"),
    ([np.array([1, np.nan])], [np.array([1, np.nan])], ""),
    ([1.0], np.ones(1), "x is an array of shape (1,), expected a list of 1 item"),
    (Within(3.0, 0.1), 3.5, ""),
    (Within(3.0, 0.1), 3.7, "x is 3.7, expected a number between 2.4 and 3.6"),
    (Within(3.0, 0.1), "3", "x is '3' (a str), expected a number between 2.4 and 3.6"),
]


@pytest.mark.parametrize(("expected", "actual", "clause"), DIFFERENT)
def test_the_first_difference_is_one_clause(expected, actual, clause):
    actual = difference(actual, expected, 1e-9, name="x")
    assert actual == clause
    if not isinstance(expected, Within):
        assert difference(expected, expected) == ""


COPIED = [  # value, plain copy
    (np.int64(3), 3),
    (np.bool_(True), True),
    (np.str_("a"), "a"),
    (np.array(2.5), 2.5),
    (np.array(["a", "b"]), ["a", "b"]),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    (collections.OrderedDict(a=(1, 2)), {"a": (1, 2)}),
    (frozenset({1}), {1}),
    ([np.float64(1.5), None], [1.5, None]),
]


@pytest.mark.parametrize(("value", "copied"), COPIED)
def test_subclasses_and_scalars_of_numpy_become_plain(value, copied):
    assert plain(value) == copied
    assert difference(plain(value), copied) == ""
    assert type(plain(value)) is type(copied)


class Other:
    pass


ITSELF = []
ITSELF.append(ITSELF)
NOT_PLAIN = [
    (Other(), "", "Other"),
    ([1, {"a": Other()}], "[1]['a']", "Other"),
    (range(3), "", "range"),
    ({"a": 1}.keys(), "", "dict_keys"),
    (1j, "", "complex"),
    (np.array([1j]), "", "ndarray"),
    (ITSELF, "", "list"),
]


@pytest.mark.parametrize(("value", "path", "kind"), NOT_PLAIN)
def test_what_is_not_plain_is_found_where_it_is(value, path, kind):
    with pytest.raises(NotPlainError) as error:
        plain(value)
    assert error.value.path == path
    assert type(error.value.value).__name__ == kind


STORED = [
    None,
    True,
    "=",
    [1, [2.5, "a"], (1, (2,))],
    {"(": 1, "()": 2, "[]": 3, "~": 4, "=": 5, "==": 6, "{}": 7, ":": 8},
    {1: "a", 2.5: {"b"}, None: [], (1, 2): {3, 4}},
    {"a": [np.arange(3), {"b": np.eye(2)}]},
    [math.inf, -math.inf, math.nan],
    [fn("x**2"), stream(3), table({"a": [1, 2]})],
    Step("Stack", ([1], np.eye(2))),
    [Step("items")],
]


@pytest.mark.parametrize("value", STORED, ids=repr)
def test_every_plain_value_is_stored_as_it_is(value):
    wrong = CallOutcome({"y": value})
    case = Case("group", {"x": value}, wrong, {"wrong": wrong})
    cases = case_set(case, mistakes=["wrong"])
    (loaded,) = load_case_set(dump_case_set(cases)).cases
    for copied in (loaded.arguments["x"], loaded.expected.values["y"]):
        assert same(copied, value)
        assert type(copied) is type(value)
    assert same(loaded.mistaken["wrong"].values["y"], value)


SHOWN = [
    ("The the  THE end", "x 'The the  THE end'"),
    ({"the": 1, "end": 2}, "x {'the': 1, 'end': 2}"),
    (["a", "b"], "x ['a', 'b']"),
    ((1,), "x (1,)"),
    (None, "x None"),
    (0.1 + 0.2, "x 0.30000000000000004"),
    (fn("x**3 - x"), "x(x) = x**3 - x"),
    (fn("lambda a, b: a*b"), "x(a, b) = a*b"),
    (stream(7), "x = np.random.default_rng(7)"),
    (list(range(1000)), f"x [{', '.join(map(str, range(127)))}, ... (1000 in all)]"),
]


@pytest.mark.parametrize(("value", "text"), SHOWN)
def test_an_argument_is_shown_in_a_short_form(value, text):
    assert describe_case(Case("group", {"x": value}, CallOutcome(), {})).startswith(text[:150])


def test_a_long_value_is_cut():
    assert short("a" * 200) == f"'{'a' * 56} ... (200 characters)"
    assert short([["a" * 30] * 9, 1], 20).endswith("... (2 in all)]")


def test_a_function_as_an_argument_is_its_text():
    square = fn("x**2")
    assert square(3) == 9
    assert square == fn(" x**2 ") != fn("x**3")
    assert str(square) == "lambda x: x**2"
    assert square.another()(3) == 19
    assert stream(3).another() == stream(4)
    assert fn("math.sqrt(abs(x)) + np.exp(x)")(0.0) == 1
    assert fn("lambda x, *rest: sum(r for r in rest)")(1, 2, 3) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x +", r"fn\('x \+'\): expected an expression in x, such as .*, or a lambda: invalid"),
        ("def f(x): return x", r"expected an expression in x, .*: invalid syntax"),
        ("y + 1", r"expected an expression in x, np and math, got the name y; .*lambda x, y"),
        ("os.remove", "got the name os"),
    ],
)
def test_a_text_that_is_no_function_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        fn(text)


@pytest.mark.parametrize(
    ("form", "parts", "message"),
    [("lists", (), "expected a form of 'array', .*, got 'lists'"), ("arrays", (), "the keys")],
)
def test_a_form_that_no_function_could_fail_is_refused(form, parts, message):
    with pytest.raises(ValueError, match=message):
        Return("y", form, parts)


def values_of(value):
    """Return a case set of one case whose right result is a plain value."""
    case = Case("group", {"x": 1}, CallOutcome({"y": value}), {})
    checks = (Check("shape", 1, "shape"), Check("values", 3))
    return replace(case_set(case, checks=checks), returns=(Return("y", "value"),))


@pytest.mark.parametrize(
    ("right", "other", "points"),
    [
        ("abc", "abc", 4),
        ("abc", "abx", 1),
        ([1, 2], [1, 3], 1),
        ([1, 2], [1], 0),
        ([1, 2], np.array([1, 2]), 4),
        ([1, 2], (1, 2), 4),
        ((1, 2), [1, 2], 4),
        ((1, [2, 3]), [1, (2, 3)], 4),
        ({"a": [1, 2]}, {"a": np.array([1.0, 2.0])}, 4),
        ([np.ones(2)], [[1.0, 1.0]], 4),
        ([1, 2], (1, 3), 1),
        ([1, 2], (1, 2, 3), 0),
        ([1, 2], {1, 2}, 0),
        (["a", "b"], "ab", 0),
        ({"a": 1}, {}, 0),
        (np.ones(2), [1, 1], 4),
        (np.ones(2), "ab", 0),
        (None, None, 4),
        (None, 0, 0),
        (0, None, 0),
    ],
)
def test_a_plain_value_earns_what_its_form_and_content_are_worth(right, other, points):
    assert judge(values_of(right), lambda x: other).points == points


def test_the_type_of_a_sequence_counts_if_the_definition_says_so():
    cases = replace(values_of([1, 2]), returns=(Return("y", "typed"),))
    assert judge(cases, lambda x: [1, 2]).points == 4
    for other in ((1, 2), np.array([1, 2])):
        assert judge(cases, lambda x, other=other: other).points == 0


@pytest.mark.parametrize(
    ("other", "clause"),
    [((1, 2, 3), "y is a tuple of 3 items, expected 2."), ((1, 3), "y[1] is 3, expected 2.")],
)
def test_a_wrong_sequence_is_called_what_it_is(other, clause):
    assert explain(judge(values_of([1, 2]), lambda x: other)).wrong == [clause]


def printing(x):
    print(2 * x)


@pytest.mark.parametrize(("function", "is_said"), [(printing, True), (lambda x: None, False)])
def test_a_function_that_prints_its_result_is_told_to_return_it(function, is_said):
    explanation = explain(judge(values_of(3), function))
    said = "print only shows a value; return hands it back to the caller."
    assert explanation.wrong[1:] == [said] * is_said
    assert "end the function with `return y`." in explanation.advice.next


def test_a_value_that_a_later_call_changes_is_found():
    kept = []

    def keeps(x):
        kept.append(x)
        return kept

    diagnosis = judge(values_of([1]), keeps)
    assert diagnosis.overwritten == ("y",)
    assert explain(diagnosis).advice.next.startswith("create a new list in each call.")


def test_an_object_in_place_of_an_error_is_named():
    cases = replace(values_of(Raised("KeyError")), returns=(Return("y", "value"),))
    (clause,) = explain(judge(cases, lambda x: range(3))).wrong[:1]
    assert clause == "double returned a range, but must raise a KeyError."


def test_a_function_must_raise_an_exception_and_its_result_must_not():
    wrong = written("def double(x):\n    raise ValueError")
    said = explain(judge(values_of(Raised("KeyError")), wrong)).advice.next
    assert said.startswith("here, double must raise a KeyError, not a ValueError. ")


@pytest.mark.parametrize(
    ("wrong", "is_said"), [(lambda f: 1, True), (lambda f, h: lambda: 1, False)]
)
def test_the_def_line_is_named_only_if_it_may_be_that_of_the_function(wrong, is_said):
    exercise = EXERCISES["derivative"] if not is_said else EXERCISES["trapezoid"]
    text = explain(judge(exercise.case_set(), wrong)).wrong
    assert any("leave its `def` line as it was" in line for line in text) is is_said


SHARING = [
    "def derivative(f, h):\n    global F, H\n    F, H = f, h\n"
    "    return lambda x: (F(x + H) - F(x - H)) / (2 * H)",
    "def derivative(f, h, kept=[]):\n    kept[:] = [f, h]\n"
    "    return lambda x: (kept[0](x + kept[1]) - kept[0](x - kept[1])) / (2 * kept[1])",
]


@pytest.mark.parametrize("text", SHARING)
def test_a_returned_function_must_not_depend_on_later_calls(text):
    diagnosis = judge(EXERCISES["derivative"].case_set(), written(text))
    assert not diagnosis.passed
    said = describe(explain(diagnosis))
    assert "derivative returned gives other results once another such function has been" in said
    assert "Next: each must keep what it needs for itself, in variables of the call that" in said


OF_CALLS = """
def derivative(f, h):
    seen = {}
    def df(x):
        for key in ("up", "down"):
            seen.setdefault(key, f(x + h if key == "up" else x - h))
        return (seen["up"] - seen["down"]) / (2 * h)
    return df
"""


def test_a_call_that_only_an_earlier_one_makes_wrong_is_named():
    said = describe(explain(judge(EXERCISES["derivative"].case_set(), written(OF_CALLS))))
    text = " ".join(said.split())
    assert "is right if it is the first call of the returned function, but wrong after" in text
    assert "which variable keeps its value after a call?" in text


SHARED = """
class Stack:
    items = []
    def __init__(self, items=()):
        Stack.items = list(items)
    def push(self, item):
        self.items.append(item)
    def pop(self):
        return self.items.pop()
"""


@pytest.mark.parametrize("init", ["Stack.items = list(items)", "self.items.extend(items)"])
def test_an_object_must_not_depend_on_another_one(init):
    exercise, text = EXERCISES["Stack"], SHARED.replace("Stack.items = list(items)", init)
    diagnosis = exercise.judge_on(exercise.case_set(), written(text))
    assert not diagnosis.passed
    said = describe(explain(diagnosis))
    assert "an object of Stack gives other results once another object has been used." in said
    assert "in self. Is that kept in a global variable, an attribute of the class, or" in said


def test_the_changed_argument_of_a_class_is_named():
    exercise = EXERCISES["Stack"]
    kept = written(SHARED.replace("Stack.items = list(items)", "self.items = items or []"))
    runs = [call(exercise.returns, case, kept) for case in exercise.case_set().cases]
    assert ("the argument of Stack(['a', 'b'])",) in [run.changed for run in runs]


OF_INNER = """
def derivative(f, h):
    calls = 0
    def slope(x):
        calls += 1
        return (f(x + h) - f(x - h)) / (2 * h)
    return slope
"""


def test_a_variable_of_the_function_around_is_not_said_to_be_unassigned():
    said = describe(explain(judge(EXERCISES["derivative"].case_set(), written(OF_INNER))))
    assert "no line of slope that assigns calls ran before this one." in said
    assert "around slope, declare it in slope: nonlocal calls." in said
    outside = "def slope():\n    calls += 1\ndef derivative(f, h):\n    slope()"
    said = describe(explain(judge(EXERCISES["derivative"].case_set(), written(outside))))
    assert "no line of slope" in said and "nonlocal" not in said


def test_an_error_of_an_inner_function_in_other_cases_is_said_of_its_line():
    def trapezoid(f, a, b, n):
        def height(i):
            return [1.0] if i < 9 else [][i]

        return 0.5 if a == 0 else height(9)

    facts = judge(EXERCISES["trapezoid"].case_set(), trapezoid).facts
    assert any("it raised IndexError" in fact and ", in height: " in fact for fact in facts)


def test_a_recursion_without_end_is_quoted_once():
    def double(x):
        return double(x)

    (line,) = [line for line in explain(judge(values_of(2), double)).wrong if "in double" in line]
    assert "return double(x)" in line


@pytest.mark.parametrize(
    ("argument", "is_copied"),
    [({"a": 1}, True), ([1], True), ({"a": np.ones(1)}, False), (np.ones(1), False)],
)
def test_a_changed_argument_is_an_array_only_if_it_holds_one(argument, is_copied):
    case = Case("group", {"x": argument}, CallOutcome({"y": 1}), {})
    checks = (Check("values", 3), Check("alone", 1, "unchanged"))
    cases = replace(case_set(case, checks=checks), returns=(Return("y", "value"),))

    def changes(x):
        x.update(a=2) if isinstance(x, dict) else x.__setitem__(0, 2)
        return 1

    said = " ".join(explain(judge(cases, changes)).wrong)
    assert ("Work on a copy" in said, "a new array" in said) == (is_copied, not is_copied)


def test_the_advice_for_nested_lists_is_a_deep_copy():
    cases = replace(
        case_set(Case("group", {"grid": [[1, 2], [3]]}, CallOutcome({"y": 1}), {})),
        returns=(Return("y", "value"),),
        checks=(Check("values", 1), Check("unchanged", 1, "unchanged")),
    )

    def changes(grid):
        copied = grid.copy()
        copied[0][0] = 5
        return 1

    said = " ".join(explain(judge(cases, changes)).wrong)
    assert "copy.deepcopy(...), because .copy() keeps the inner lists." in said


def test_nan_in_an_argument_equals_itself():
    x = np.array([1, np.nan])
    assert same({"x": [x, math.nan]}, {"x": [x.copy(), float("nan")]})
    assert not same(x, np.array([1, 2.0]))


class Forging:
    """A function in a process whose adapter answers anything."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, *arguments):
        return self.answer

    def processor_seconds(self):
        return 0.0

    def with_source(self, text, is_variant):
        return self


@pytest.mark.parametrize(
    "answer",
    [
        *(None, [1], [3, [4], 5, 6], [[], [""], [], ""], [[1, [2]], [""], [], ""]),
        *([[["raised", 3]], [""], [], ""], [3, [""], [], "ValueError"], [3, [""], [], [1]]),
        *([[[["a"], 3]], [""], [], ""], [[["method", 3]] * 9, [""], [], ""]),
    ],
)
@pytest.mark.parametrize("form", ["class", "function", "generator"])
def test_a_forged_answer_of_an_adapter_loses(form, answer):
    fields = {"class": {}, "function": {"calls": (1, 2)}, "generator": {"items": 2}}
    spec = Return("y", form, **fields[form])
    right = {"class": {"y()": Raised(""), "pop()": 3}, "function": {"y(1)": 1, "y(2)": 2}}
    expected = CallOutcome(right.get(form, {"y": [1, 2]}))
    cases = case_set(Case("group", {"calls": [Step("y", ()), Step("pop", ())]}, expected, {}))
    assert judge(replace(cases, returns=(spec,)), Forging(answer)).points == 0


IN_INNER = """
def derivative(f, h):
    def slope(x):
        width = 2 * h
        return (f(x + h) + f(x - h)) / width
    return slope
"""


def test_a_slip_in_a_returned_function_is_found():
    said = describe(explain(judge(EXERCISES["derivative"].case_set(), written(IN_INNER))))
    assert "In line 4 (return (f(x + h) + f(x - h)) / width), " in said
    assert "+ before f(x - h) is wrong. Fixing this alone makes every case right." in said
    assert "\nNext: in line 4, + before f(x - h) should be -.\n" in said


COUNTS = """
def word_counts(text):
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,;:!?")
        if word:
            LINE
    return counts
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("counts[word] += 1", "counts[word] has no value before the first +=; use counts.get(word"),
        (
            "counts[word] = counts.get(word, 1) + 1",
            "counts.get(word, 1) should be counts.get(word, 0).",
        ),
    ],
)
def test_a_wrong_first_value_of_a_count_is_named(line, expected):
    text = COUNTS.replace("LINE", line)
    said = " ".join(
        describe(explain(judge(EXERCISES["word_counts"].case_set(), written(text)))).split()
    )
    assert expected in said and "Fixing this alone makes every case right." in said


@pytest.mark.parametrize("end", ["return counts.update({})", "counts = counts.clear()"])
def test_a_method_that_returns_none_is_named(end):
    text = COUNTS.replace("LINE", "pass").replace("    return counts\n", f"    {end}\n")
    text += "" if "return" in end else "    return counts\n"
    said = describe(explain(judge(EXERCISES["word_counts"].case_set(), written(text))))
    assert "(...) changes counts itself and returns None." in " ".join(said.split())


def test_the_method_add_may_return_something():
    text = COUNTS.replace("LINE", "kept = counts.add(word)")
    said = describe(explain(judge(EXERCISES["word_counts"].case_set(), written(text))))
    assert "returns None" not in said


def test_a_return_that_was_indented_into_a_loop_is_named():
    line = "counts[word] = counts.get(word, 0) + 1"
    text = COUNTS.replace("LINE", line).replace("    return", "        return")
    cases = replace(EXERCISES["word_counts"].case_set(), handed_out="return counts")
    said = describe(explain(judge(cases, written(text))))
    assert "In line 7 (return counts), return is inside a loop" in said


@pytest.mark.parametrize("letters", ["abc", ""])
def test_no_text_of_a_case_is_suggested(letters):
    line = f'counts[word] = counts.get(word, 0) + (word[0] in "{letters}")'
    verdict = judge(EXERCISES["word_counts"].case_set(), written(COUNTS.replace("LINE", line)))
    assert "belongs" not in describe(explain(verdict))


def test_a_method_that_returns_nothing_may_return_anything():
    exercise = EXERCISES["Stack"]
    text = exercise.solution_text().replace("append(item)", "append(item)\n        return self")
    assert exercise.judge_on(exercise.case_set(), written(text)).passed
    text = text.replace("self.items.pop()", "self.items.pop() and None")
    assert not exercise.judge_on(exercise.case_set(), written(text)).passed
