"""The one definition of an exercise, and what derives from it: sheets of cases and verdicts.

An `Exercise` is a frozen value. Its public sheet (fixed seed) is stored in `public_tests`; a hidden
sheet is made from fresh inputs each time a submission is graded. A mistake is written as changes
to the text of the taught solution, so it is short, runs, and can stand in a student's notebook.
"""

import functools
import inspect
import pickle
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from exercises._source import function_source
from public_tests._call import call
from public_tests._compare import agree
from public_tests._judge import Verdict, judge
from public_tests._sheet import Case, Check, Note, Outcome, Return, Sheet
from public_tests._sheet import Mistake as NamedMistake

__all__ = ["Check", "Exercise", "Mistake", "Note", "Return", "numbers", "with_names"]

PUBLIC_SEED = 20_240_101
REMEMBERED = 64  # results of a function, of some 100 kB each


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation people really write.

    changes: pieces of the taught solution's text and what stands there instead
    loses: the names of the checks it fails
    diagnosis: one sentence for the student; hint: the thought that leads out, without the code
    """

    name: str
    changes: Mapping[str, str]
    loses: tuple[str, ...]
    diagnosis: str
    hint: str


@dataclass(frozen=True)
class Exercise:
    """Everything about one graded function.

    taught: the function as taught, whose text the notebooks show; reference: the fast one
    lesson: the notebook that teaches it; section: the heading in it that says how
    elsewhere: headings that explain some mistakes better, each with their names
    cases: from a random generator, (group, arguments) pairs; arguments in the function's order;
        those of its defaults that a call leaves out come third, as {name: default}
    helpers: earlier exercises that the taught solution calls; they stand in for wrong ones
    given: other functions that it calls, which the notebook holds
    tolerance: allowed difference in float64, relative to the largest expected value
    """

    taught: Callable
    reference: Callable
    title: str
    lesson: str
    section: str
    returns: tuple[Return, ...]
    cases: Callable[[np.random.Generator], Iterable[tuple]]
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, str, str]
    notes: tuple[Note, ...] = ()
    helpers: Mapping[str, Callable] = field(default_factory=dict)
    given: Mapping[str, Callable] = field(default_factory=dict)
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance: float = 1e-9

    @property
    def name(self) -> str:
        return self.taught.__name__

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def called(self) -> dict[str, Callable]:
        """All functions that the taught solution calls, by name."""
        return {**self.given, **self.helpers}

    def solution_text(self, mistake: Mistake | None = None) -> str:
        """The taught solution as a student would write it, with a mistake's changes made.

        raises: ValueError where a change does not fit the text
        """
        text = function_source(self.taught)
        for old, new in (mistake.changes if mistake else {}).items():
            if text.count(old) != 1:
                raise ValueError(
                    f"{self.name}, mistake {mistake.name!r}: expected {old!r} once in the taught "
                    f"solution, found it {text.count(old)} times."
                )
            text = text.replace(old, new)
        return text

    def wrong_function(self, mistake: Mistake) -> Callable:
        """The function that a student with this mistake has written, helpers right."""
        texts = tuple(map(function_source, self.called.values()))
        return _compiled(texts, tuple(self.given), self.solution_text(mistake))[self.name]

    def doubly_wrong(self, one: Mistake, other: Mistake) -> Callable | None:
        """The function of a student with two mistakes; None where they exclude each other."""
        if one.changes.keys() & other.changes.keys():
            return None
        both = replace(one, changes={**one.changes, **other.changes})
        try:
            return self.wrong_function(both)
        except ValueError:  # one has changed the text that the other is about
            return None

    def sheet(self, seed: int = PUBLIC_SEED) -> Sheet:
        """The cases that a seed gives, with right outcomes and, on demand, mistaken ones."""
        return Sheet(
            name=self.name,
            title=self.title,
            lesson=self.lesson,
            section=self.section,
            returns=self.returns,
            checks=self.checks,
            mistakes=tuple(
                NamedMistake(m.name, m.diagnosis, m.hint, self._section(m)) for m in self.mistakes
            ),
            notes=self.notes,
            hints=self.hints,
            helpers=tuple(self.helpers),
            tolerance=self.tolerance,
            cases=tuple(self._cases(np.random.default_rng(seed))),
        )

    def _section(self, mistake) -> str:
        found = (title for title, names in self.elsewhere.items() if mistake.name in names)
        return next(found, self.section)

    def _cases(self, rng):
        for group, arguments, *optional in self.cases(rng):
            bare = Case(group, arguments, Outcome(), {}, *optional)
            expected = call(self.returns, bare, self.reference).outcome
            yield replace(bare, expected=expected, mistaken=_Mistaken(self, bare))

    def _outcome(self, case: Case, function) -> Outcome:
        """What a function of ours gives for a case, found out the way a student's is."""
        outcome, again = (call(self.returns, case, function).outcome for _ in range(2))
        if outcome.problem:  # the text holds a traceback, lines of the solution and paths of ours
            outcome = replace(outcome, problem=replace(outcome.problem, text=""))
        if agree(again, outcome, self.tolerance):
            return outcome
        return Outcome(repeatable=False)  # without its values: what is stored must not be random

    def judge(self, function, seed: int) -> Verdict:
        """Judge on the hidden sheet of a seed, with right helpers where the student's are wrong."""
        return self.judge_on(self.sheet(seed), function)

    def judge_on(self, sheet: Sheet, function) -> Verdict:
        """The same on a sheet of this exercise."""
        verdict = judge(sheet, function)
        if verdict.passed or not self.helpers:
            return verdict
        helped = with_names(function, self.helpers)
        if helped is None or not self._could_gain(verdict, helped):
            return verdict
        again = judge(sheet, helped)
        if again.points <= verdict.points:
            return verdict
        return replace(again, remark=self._who_stood_in(verdict, function))

    def _who_stood_in(self, verdict, function) -> str:
        """A sentence that names the helpers whose right versions gain by themselves."""
        wrong = list(self.helpers)
        if len(wrong) > 1:
            wrong = [
                name
                for name, helper in self.helpers.items()
                if self._could_gain(verdict, with_names(function, {name: helper}))
            ] or wrong
        what = "a right one" if len(wrong) == 1 else "right ones"
        is_ = "is" if len(wrong) == 1 else "are"
        return (
            f"Your {' and '.join(wrong)} {is_} not right yet. So that this costs nothing here, "
            f"{self.name} was judged with {what}."
        )

    def _could_gain(self, verdict, helped) -> bool:
        """Whether a failed check passes with right helpers, on the cases that failed without.

        Most mistakes are not a helper's. This finds out with few calls, which may each be
        answered by another process.
        """
        lost = {
            result.check.name: result.failing.case for result in verdict.results if result.failing
        }
        cases = {id(case): case for case in lost.values()}
        trial = judge(replace(verdict.sheet, cases=tuple(cases.values())), helped)
        return any(result.passed and result.check.name in lost for result in trial.results)


@functools.cache
def _compiled(texts: tuple[str, ...], given: tuple[str, ...], solution: str) -> dict:
    """The names that a solution and the texts of the functions that it calls define, beside `np`.

    given: of those functions the ones whose results are remembered for other solutions
    """
    namespace = dict(_given(texts, given))
    exec(solution, namespace)
    return namespace


@functools.cache
def _given(texts: tuple[str, ...], given: tuple[str, ...]) -> dict:
    namespace = {"np": np}
    for text in texts:
        exec(text, namespace)
    return namespace | {name: _remembering(namespace[name]) for name in given}


def _remembering(function):
    """The function, which computes only once what it gives for arguments of the same values.

    Dozens of networks that are wrong in one place call the right layers before it with the same
    data.
    """

    @functools.lru_cache(REMEMBERED)
    def answered(arguments):
        args, kwargs = pickle.loads(arguments)
        return pickle.dumps(function(*args, **kwargs))

    @functools.wraps(function)
    def remembering(*args, **kwargs):
        try:
            arguments = pickle.dumps((args, kwargs))
        except Exception:  # what cannot be written down cannot be remembered
            return function(*args, **kwargs)
        return pickle.loads(answered(arguments))

    return remembering


class _Mistaken(Mapping):
    """The outcomes of an exercise's mistakes on one case, each found out once, when asked for."""

    def __init__(self, exercise, case):
        self._exercise, self._case = exercise, case
        self._mistakes = {mistake.name: mistake for mistake in exercise.mistakes}
        self._known = {}

    def __getitem__(self, name):
        if name not in self._known:
            function = self._exercise.wrong_function(self._mistakes[name])
            self._known[name] = self._exercise._outcome(self._case, function)
        return self._known[name]

    def both(self, one, other) -> Outcome | None:
        """The outcome of two mistakes made together; None where they exclude each other."""
        if (one, other) not in self._known:
            function = self._exercise.doubly_wrong(self._mistakes[one], self._mistakes[other])
            returns = self._exercise.returns
            self._known[one, other] = function and call(returns, self._case, function).outcome
        return self._known[one, other]

    def __iter__(self):
        return iter(self._mistakes)

    def __len__(self):
        return len(self._mistakes)


def with_names(function, helpers: Mapping[str, Callable]):
    """`function`, with other functions behind the global names it uses; None where impossible.

    A remote function offers `with_names` itself. For a plain Python function the names in its
    module are bound anew for the length of each call.
    """
    if hasattr(function, "with_names"):
        return function.with_names(**helpers)
    namespace = _global_names(function)
    if namespace is None:
        return None
    stand_ins = {name: _StandIn(inspect.unwrap(helper)) for name, helper in helpers.items()}

    @functools.wraps(function)
    def rebound(*args, **kwargs):
        __tracebackhide__ = True
        with _bound(namespace, stand_ins):
            return function(*args, **kwargs)

    return rebound


def _global_names(function):
    """Where a function looks its global names up, behind partials, wrappers and instances too."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if not hasattr(function, "__globals__"):
        function = type(function).__call__
    return getattr(function, "__globals__", None)


class _StandIn:
    """Calls a right helper, and shows nothing of it to `inspect.getsource`."""

    __slots__ = ("__call",)

    def __init__(self, helper):
        self.__call = helper

    def __call__(self, *args, **kwargs):
        __tracebackhide__ = True
        try:
            return self.__call(*args, **kwargs)
        except Exception as error:
            # A traceback goes into the feedback: it may not show the lines of a solution.
            raise error.with_traceback(None) from None


@contextmanager
def _bound(namespace, names):
    missing = object()
    before = {name: namespace.get(name, missing) for name in names}
    namespace.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                namespace.pop(name, None)
            else:
                namespace[name] = value


def numbers(rng: np.random.Generator, *shape: int, sign: int = 0) -> np.ndarray:
    """An array of distinct short binary fractions, none of them zero.

    Sums of their products are exact in float64 in any order, so expected outputs are the same bits
    on every machine; distinct values leave no ties for a maximum.

    sign: 0 for numbers between -2 and 2, 1 for those between 0 and 4, -1 for -4 to 0
    """
    size = int(np.prod(shape, dtype=int))
    unit = 2.0 ** np.ceil(np.log2(max(size, 4)))
    drawn = rng.choice(2 * size, size=size, replace=False)
    odd = 2 * drawn + 1 - (0 if sign else 2 * size)
    return (odd.reshape(shape) / unit) * (sign if sign else 1)
