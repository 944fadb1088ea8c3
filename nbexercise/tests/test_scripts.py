"""A class is judged by scripts: each step is called by its code, and what it gave is said of it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from nbexercise import cells, exercise_named
from nbexercise.checks import check, show
from nbexercise.defining.source import without_markers
from nbexercise.defining.stored import dump_case_set, public_case_set
from nbexercise.diagnosis.explanation import explain
from nbexercise.errors import CheckFailedError
from nbexercise.judging.model import CallOutcome, Case, Return, Step
from nbexercise.judging.script import labels
from nbexercise.judging.storage import StoredCaseSets
from nbexercise.judging.values import Raised
from nbexercise.showing.text import describe
from tests.cells import written
from tests.small_case_set import case_set

CLASS = '''
class BankAccount:
    """A bank account."""

    def __init__(self, balance=0):
        ### BEGIN SOLUTION
        if balance < 0:
            raise ValueError("a debt at the start")
        self.balance = balance
        ### END SOLUTION

    def deposit(self, amount):
        ### BEGIN SOLUTION
        self.balance += amount
        ### END SOLUTION

    def withdraw(self, amount):
        ### BEGIN SOLUTION
        if amount > self.balance:
            raise ValueError("not enough")
        self.balance -= amount
        return self.balance
        ### END SOLUTION
'''
CASES = """
@ex.cases("deposits", points=2)
def deposits(rng):
    yield ("BankAccount", 10), ("deposit", 5), ("balance",)
    yield ("deposit", 5), ("deposit", 5), ("balance",), ("deposit", 5), ("balance",)


@ex.cases("withdrawals", points=2)
def withdrawals(rng):
    yield ("BankAccount", 10), ("withdraw", 4), ("balance",)
    yield ("BankAccount", 1), ("withdraw", 3), ("withdraw", 1)


@ex.cases("debts", points=1, edge=True)
def debts(rng):
    yield (("BankAccount", -1),)
"""


def definition(folder, text=CLASS, cases=CASES):
    path = folder / "checks" / "BankAccount.py"
    path.parent.mkdir()
    (folder / "nbgrader_config.py").write_text("")
    start = 'from nbexercise import define\n\nex = define("BankAccount")\n\n\n@ex.solution'
    path.write_text(start + text + "\n" + cases)
    return exercise_named("BankAccount", folder)


@pytest.fixture
def account(tmp_path):
    return definition(tmp_path).exercise


def changed(*pairs):
    """Return the class of a student who wrote something else."""
    text = without_markers(CLASS)
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return written(text)


RAISING = CallOutcome({"y": Raised("KeyError")})
RAISED = 'raise ValueError("not enough")'
METHOD = "self._balance\n\n    def balance(self):\n        return self._balance"
DEPOSIT = "def deposit(self, amount):\n        self.balance += amount"
WRONG = [  # changes of the class, points, sentences
    (
        [("self.balance -= amount", "self.balance -= 1")],
        3,
        "First failing case, withdrawals: calls BankAccount(10), withdraw(4), balance\n"
        "  withdraw(4) returned 9, expected 6.",
        "Next: in line 15, the number 1 is used where amount",
    ),
    ([("balance < 0", "balance < -5"), (RAISED, "pass")], 2, "but must raise a ValueError."),
    ([("self.balance += amount", "self.balance = amount")], 3, "  balance is 5, expected 15."),
    (
        [("balance=0", "balance=1")],
        3,
        "calls BankAccount(), deposit(5), deposit(5), balance, deposit(5), balance\n"
        "  the first balance is 11, expected 10.",
    ),
    (
        [("self.balance", "self._balance"), ("return self._balance", f"return {METHOD}")],
        0,
        "  balance is a method, expected an attribute: a value that the object keeps, as in "
        "self.balance = ..., and that is read without parentheses.",
    ),
    (
        [(DEPOSIT, "deposit = 5")],
        3,
        "  deposit is an attribute, expected a method: def deposit(self, ...). An attribute hides "
        "a method of the same name.",
    ),
    (
        [("self.balance", "self._balance")],
        0,
        "  balance is missing: nothing has been assigned to self.balance.",
    ),
    ([("deposit", "deposits")], 3, "  deposit is missing: the class has no method of this name."),
    (
        [("self.balance = balance", "balance = balance")],
        0,
        "  deposit(5) raised AttributeError: 'BankAccount' object has no attribute 'balance'",
        "In line 7 (balance = balance), balance is a variable of the method.",
    ),
    (
        [(RAISED, 'raise TypeError("no")')],
        3,
        "  withdraw(3) raised TypeError: no",
        "Next: here, withdraw(3) must raise a ValueError, not a TypeError. ",
    ),
    (
        [("self.balance -= amount", 'raise TypeError("no")')],
        3,
        "  withdraw(4) raised TypeError: no",
        "Next: here, withdraw(4) must raise no exception. ",
    ),
    (
        [("self.balance -= amount", RAISED)],
        3,
        "  withdraw(4) raised a ValueError, expected 6 (an int).",
    ),
    (
        [(RAISED, 'print("not enough")\n            return None')],
        3,
        "  Your class printed:\n    not enough\n"
        "  withdraw(3) returned None, but must raise a ValueError.\n\n",
    ),
    (
        [(RAISED, 'return ValueError("not enough")')],
        3,
        "  withdraw(3) returned a ValueError, but must raise a ValueError.\n"
        "  Write raise instead of return.",
    ),
    (
        [("self.balance += amount", "balance += amount")],
        3,
        "  deposit(5) raised UnboundLocalError: ",
        "Next: in line 10 (balance += amount), write self.balance: balance alone is a variable of "
        "the method, which the object does not keep.",
    ),
    (
        [("return self.balance", "return balance")],
        3,
        "  withdraw(4) raised NameError: name 'balance' is not defined",
        "Next: in line 16 (return balance), write self.balance: ",
    ),
    (
        [("self.balance", "balance")],
        0,
        "Next: in line 10 (balance += amount), write self.balance: ",
    ),
    (
        [("deposit(self, amount)", "deposit(amount)")],
        3,
        "  deposit(5) raised TypeError: BankAccount.deposit() takes 1 positional argument but 2 ",
        "Next: the first parameter of deposit must be self: Python passes the object there. ",
    ),
    (
        [("__init__(self, balance=0)", "__init__(balance=0)")],
        0,
        "  BankAccount(10) raised TypeError: ",
        "Next: the first parameter of __init__ must be self: ",
    ),
    (
        [("return self.balance", "print(self.balance)")],
        3,
        "  Your class printed:\n    6\n  withdraw(4) returned None, expected 6 (an int).\n"
        "  print only shows a value; return hands it back to the caller.",
    ),
    (
        [("self.balance -= amount", "raise NotImplementedError")],
        3,
        "withdraw is not finished: it stops at a `raise NotImplementedError` line.",
        "  pass  ",
    ),
]


@pytest.mark.parametrize(("pairs", "points", "sentences"), [(p, n, s) for p, n, *s in WRONG])
def test_what_a_step_gave_is_said_of_that_step(account, pairs, points, sentences):
    diagnosis = account.judge_on(account.case_set(), changed(*pairs))
    said = describe(explain(diagnosis))
    assert diagnosis.points == points, said
    for sentence in sentences:
        assert sentence in said


def test_a_function_in_place_of_a_class_is_called_one(account):
    diagnosis = account.judge_on(account.case_set(), lambda balance=0: None)
    (sentence,) = explain(diagnosis).wrong
    assert (diagnosis.points, sentence) == (0, "BankAccount is a function, expected a class.")


def test_the_self_of_another_parameter_is_not_missed(account):
    without = [("deposit(self, amount)", "deposit(self)"), ("+= amount", "+= 5")]
    said = describe(explain(account.judge_on(account.case_set(), changed(*without))))
    assert "raised TypeError" in said and "must be self" not in said
    more = changed(("deposit(self, amount)", "deposit(account, amount, note)"))
    said = describe(explain(account.judge_on(account.case_set(), more)))
    assert "raised TypeError" in said and "must be self" not in said
    other = [("self.balance += amount", "self.balance += amounts")]
    said = describe(explain(account.judge_on(account.case_set(), changed(*other))))
    assert "raised NameError" in said and "self.amounts" not in said


PROPERTY = "return self._balance\n\n    @property\n    def balance(self):\n        return self.{}"


def test_a_property_is_an_attribute(account):
    case_set, kept = account.case_set(), ("self.balance", "self._balance")
    right = changed(kept, ("return self._balance", PROPERTY.format("_balance")))
    assert account.judge_on(case_set, right).passed
    wrong = changed(kept, ("return self._balance", PROPERTY.format("total")))
    said = describe(explain(account.judge_on(case_set, wrong)))
    assert "balance raised AttributeError: 'BankAccount' object has no attribute 'total'" in said
    assert "Next: nothing has been assigned to self.total yet." in said
    called = changed(kept, ("return self._balance", PROPERTY.format("total()")))
    said = describe(explain(account.judge_on(case_set, called)))
    assert "nothing has been assigned" not in said


def test_a_graded_text_begins_with_the_step(account):
    wrong = changed(("self.balance += amount", "self.balance += 1 / (amount - 5)"))
    case_set = account.case_set()
    assert explain(account.judge_on(case_set, wrong), graded=True).headline == (
        "deposit(5) raised ZeroDivisionError: division by zero"
    )
    later = replace(case_set, cases=case_set.cases[1:])
    assert explain(account.judge_on(later, wrong), graded=True).headline == (
        "The first deposit(5) raised ZeroDivisionError: division by zero"
    )


def test_a_script_has_no_other_values(account):
    case = account.case_set().cases[0]
    assert case.with_another("calls") is None
    assert case.other_arguments() == case.arguments


def test_steps_with_the_same_code_are_counted():
    pop, items = Step("pop", ()), Step("items")
    script = [Step("Stack", ([1, "a"],)), pop, items, Step("push", (2,)), pop]
    assert labels(script) == [
        "Stack([1, 'a'])",
        "the first pop()",
        "items",
        "push(2)",
        "the second pop()",
    ]
    assert labels([pop] * 7)[4:] == ["the fifth pop()", "number 6 of pop()", "number 7 of pop()"]


@pytest.fixture
def notebook(monkeypatch):
    """Return the case sets of a notebook, in which nothing has been checked."""
    monkeypatch.setattr("nbexercise.checks._latest", {})
    monkeypatch.setattr("nbexercise.checks.CASE_SETS", case_sets := StoredCaseSets())
    return case_sets


def test_a_cell_with_an_error_leaves_an_earlier_class_outdated(monkeypatch):
    monkeypatch.setattr(cells, "CASE_SETS", {"BankAccount": None, "bank": None})
    monkeypatch.setattr(cells, "outdated", outdated := {})
    cells._begin(SimpleNamespace(raw_cell="class BankAccount:\n    def pay(self): bank\n1 / 0"))
    error = ZeroDivisionError()
    cells._end(SimpleNamespace(error_before_exec=None, error_in_exec=error))
    assert outdated == {"BankAccount": "ZeroDivisionError"}


def test_the_results_of_each_step_are_listed(account, notebook, capsys):
    notebook.add({"BankAccount": dump_case_set(public_case_set(account), "notebook")})
    wrong = changed((RAISED, "return None"), ("return self.balance", "return 0"))
    with pytest.raises(CheckFailedError):
        check("BankAccount", wrong)
    show("BankAccount")
    assert capsys.readouterr().out == (
        "BankAccount: calls BankAccount(10), withdraw(4), balance\n\n"
        "BankAccount(10): no exception\n"
        "withdraw(4): 0, expected 6\n"
        "balance: 6\n"
    )


def test_a_result_that_cannot_be_drawn_is_listed(notebook, capsys):
    values = {"x": 1}, CallOutcome({"y": [3, "a"]}), {}
    right = replace(case_set(Case("group", *values)), returns=(Return("y", "value"),))
    raising = replace(right, cases=(replace(right.cases[0], expected=RAISING),))
    for cases, line in (
        (right, "y: [3], expected [3, 'a']"),
        (raising, "y: [3], expected a KeyError"),
    ):
        notebook.add({"double": dump_case_set(cases, "notebook")})
        with pytest.raises(CheckFailedError, match="First failing case"):
            check("double", lambda x: [3])
        show("double")
        assert capsys.readouterr().out == f"double: x 1\n\n{line}\n"
