"""Identical answers are reported only if chance does not explain them."""

import itertools
import json
import random
import time

import pytest

from nbjudge.report.functions import SMALLEST, fingerprints
from nbjudge.report.similarity import (
    CHANCE,
    GROUP,
    count_own,
    find_own,
    find_pairs,
    own_fingerprints,
)

FUNCTION = '''\
def conv(A, W, hparameters, mode="max"):
    """Docstring."""
    # comment
    stride = hparameters["stride"]
    out: list = []
    for i in range(len(A)):
        total = 0
        for j in range(len(W)):
            total += A[i * stride + j] * W[j]
        out.append(np.tanh(total, dtype=float))
    if not out:
        raise ValueError("nothing there")
    return out
'''
SAME = {
    "names": FUNCTION.replace("total", "s").replace("conv", "f").replace("A", "image"),
    "a name that Python has as well": FUNCTION.replace("total", "sum"),
    "comments": FUNCTION.replace("# comment", "# another"),
    "a docstring": FUNCTION.replace('"""Docstring."""', '"""Another."""'),
    "annotations": FUNCTION.replace("out: list", "out").replace("W,", "W: list,"),
    "messages": FUNCTION.replace("nothing there", "it is empty"),
    "spaces and parentheses": FUNCTION.replace("A[i * stride + j]", "A[ (i*stride)+j ]"),
    "what stands around it": f"%matplotlib inline\nimport numpy as np\n{FUNCTION}\nprint(3)",
}
OTHER = {
    "a number": FUNCTION.replace("total = 0", "total = 0.5"),
    "a function of a library": FUNCTION.replace("tanh", "exp"),
    "a function of Python": FUNCTION.replace("len(W)", "int(W)"),
    "an operator": FUNCTION.replace("stride + j", "stride - j"),
    "a key": FUNCTION.replace('["stride"]', '["step"]'),
    "a keyword": FUNCTION.replace("dtype=float", "out=float"),
    "which name is where": FUNCTION.replace("* W[j]", "* A[j]"),
    "a statement": FUNCTION.replace("    if not out:", "    out = out\n    if not out:"),
}


@pytest.mark.parametrize("what", SAME)
def test_another_text_of_the_same_tree_has_the_same_fingerprint(what):
    assert SAME[what] != FUNCTION
    assert fingerprints(SAME[what]) == fingerprints(FUNCTION) != set()


@pytest.mark.parametrize("what", OTHER)
def test_another_tree_has_another_fingerprint(what):
    assert OTHER[what] != FUNCTION
    assert len(fingerprints(OTHER[what])) == 1
    assert fingerprints(OTHER[what]) != fingerprints(FUNCTION)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "def f(:",
        "def relu(Z):\n    return np.maximum(0, Z)",
        "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))",
        "x = 1\n" * 10_000,
        "def f(x):\n    return " + "(" * 150 + ")" * 150,
    ],
)
def test_short_functions_and_code_that_cannot_be_read_have_none(code):
    assert fingerprints(code) == set()


def make_class(size, questions=4):
    """Return answers of students that are all different."""
    return {f"s{n}": {f"q{q}": {f"{n}-{q}"} for q in range(questions)} for n in range(size)}


def share(students, names, questions, fingerprint="same"):
    for name, question in itertools.product(names, questions):
        students[name][question] = {f"{fingerprint} {question}"}


@pytest.mark.parametrize("size", [24, 100])
def test_two_functions_are_never_enough_and_four_rare_ones_are(size):
    students = make_class(size)
    assert find_pairs(students) == []
    share(students, ["s1", "s2"], ["q0", "q1"])
    assert find_pairs(students) == []
    share(students, ["s1", "s2"], ["q2", "q3"])
    (hint,) = find_pairs(students)
    assert (hint.students, hint.questions) == (("s1", "s2"), ("q0", "q1", "q2", "q3"))
    # One other student has the same answer, so p = 1 / (size - 1), for each of the four questions.
    e_value = sum((1 - s + s * (size - 1)) ** 4 for s in (1 / 8, 1 / 2, 7 / 8)) / 3
    assert hint.expected == pytest.approx(size * (size - 1) / 2 / e_value)
    assert hint.expected * CHANCE <= 1


def test_answers_that_differ_speak_for_a_pair():
    students = make_class(24, questions=30)
    share(students, ["s1", "s2"], [f"q{q}" for q in range(5)])
    assert find_pairs(students) == [], "five of thirty"
    few = {name: dict(list(answers.items())[:6]) for name, answers in students.items()}
    (hint,) = find_pairs(few)
    e_value = sum((1 - s + s * 23) ** 5 * (1 - s) for s in (1 / 8, 1 / 2, 7 / 8)) / 3
    assert hint.expected == pytest.approx(24 * 23 / 2 / e_value)


def test_answers_dealt_at_random_name_a_pair_in_few_classes():
    named, luck = 0, random.Random(1)
    for _ in range(300):
        students = {f"s{n}": {f"q{q}": {luck.randrange(8)} for q in range(20)} for n in range(24)}
        named += bool(find_pairs(students))
    assert named <= 300 / CHANCE


def test_answers_shared_by_more_than_a_group_name_nobody():
    questions = [f"q{q}" for q in range(8)]
    students = make_class(100, questions=8)
    share(students, [f"s{n}" for n in range(GROUP + 1)], questions)
    assert find_pairs(students) == []
    students["s0"] = {question: {"another"} for question in questions}
    assert len(find_pairs(students)) == GROUP * (GROUP - 1) / 2


def test_a_group_is_named_pair_by_pair():
    students = make_class(60, questions=8)
    share(students, ["s1", "s2", "s3"], [f"q{q}" for q in range(8)])
    assert [hint.students for hint in find_pairs(students)] == [
        ("s1", "s2"),
        ("s1", "s3"),
        ("s2", "s3"),
    ]


def test_the_courses_own_code_is_another_hint():
    students = make_class(40)
    share(students, ["s1", "s2"], ["q0", "q1", "q2", "q3"], "own")
    own = {f"own q{q}" for q in range(4)}
    assert find_pairs(students, own) == []
    assert [hint.students for hint in find_own(students, own)] == [("s1",), ("s2",)]
    e_value = sum((1 - s + s * 40 / 2) ** 4 for s in (1 / 8, 1 / 2, 7 / 8)) / 3
    assert find_own(students, own)[0].expected == pytest.approx(40 / e_value)
    assert count_own(students, own) == {f"q{q}": 2 for q in range(4)}


def test_the_courses_own_code_that_most_have_names_nobody():
    students = make_class(40)
    share(students, [f"s{n}" for n in range(30)], ["q0", "q1", "q2", "q3"], "own")
    assert find_own(students, {f"own q{q}" for q in range(4)}) == []


def test_a_function_that_only_few_have_answered_says_little():
    students = make_class(100)
    for question in ("q4", "q5", "q6", "q7"):
        share(students, ["s1", "s2"], [question])  # nobody else has answered these questions
    assert find_pairs(students) == []


def test_a_style_that_shows_in_all_functions_names_nobody_and_takes_seconds():
    students = make_class(1000, questions=30)
    for number, name in enumerate(students):
        share(students, [name], [f"q{q}" for q in range(30)], f"style {number % 9}")
    start = time.process_time()
    assert find_pairs(students) == []
    assert time.process_time() - start < 10


def test_the_courses_code_is_that_of_its_notebooks_and_of_named_files(school, tmp_path):
    coursedir, _ = school.course()
    assert own_fingerprints(coursedir, ["ps1"]) == set()
    other = FUNCTION.replace("tanh", "exp")
    (tmp_path / "solutions").mkdir()
    long = "x = 1\n" * 10_000
    (tmp_path / "solutions" / "layers.py").write_text(long + FUNCTION)
    folder = school.root / "source" / "ps1"
    folder.mkdir(parents=True)
    cell = {"cell_type": "code", "metadata": {}, "source": other, "outputs": []}
    (folder / "ps1.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [cell]}))
    found = own_fingerprints(coursedir, ["ps1"], [tmp_path / "solutions"])
    assert found == fingerprints(FUNCTION) | fingerprints(other)
    with pytest.raises(LookupError, match="nowhere"):
        own_fingerprints(coursedir, ["ps1"], [tmp_path / "nowhere"])


def test_the_smallest_function_that_counts():
    assert SMALLEST == 40  # stated in docs/report.md
