"""Ask questions about many functions, and answer each again by an independent run.

    make bench NAME=checks.own_code ARGS="[--show NUMBER] [--faults]"

The functions are those of the sample class and the tests' right solutions. The
tests of nbexercise have the module `independent`, which answers each question from its text alone.
"""

import collections
import contextlib
import inspect
import io
import itertools
import multiprocessing
import signal
import statistics
import sys
import time
import warnings

import nbformat
import numpy as np

import public_tests  # noqa: F401, registers the course's subject
from benchmarks._figures import argument_parser, show_figures
from benchmarks.checks.attempts import function_of
from exercises import EXERCISES
from nbexercise.asking.ask import as_data, questions_about
from nbexercise.asking.work import RefusedError, Work
from nbexercise.checks import CASE_SETS
from tests import independent
from tests.exercises.test_right_solutions import styles
from tools.course import ROOT, assignments
from tools.sample_class.students import plan

MOST = 16  # questions about a function
COMMENTS = 3  # of a question that are checked
STUDENTS = 24
LONG = 600  # characters
SHOWN = 16  # numbers that a question prints
SECONDS = 60  # of the independent answers about a function
NOT_RUN = {"untouched", "syntax error", "endless loop"}
DISTINCT = ("conv_forward", "pool_forward", "conv_backward", "zero_pad", "output_size", "softmax")


def sample_class():
    """Yield the exercise, name and function of each solution in the sample class."""
    paths = {name: ROOT / "release" / name / f"{name}.ipynb" for name in assignments(ROOT)}
    released = {name: nbformat.read(path, 4) for name, path in paths.items()}
    for submission in plan(released):
        for name, scenario in submission.scenarios.items():
            if name in EXERCISES and scenario.name not in NOT_RUN:
                yield name, scenario.name, scenario.write(EXERCISES[name])


def functions():
    """Yield the group, exercise, name, function and weight of all different functions."""
    for number, (key, times) in enumerate(collections.Counter(sample_class()).items()):
        name, label, text = key
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            function = function_of({"exercise": name, "source": text}, number)
            yield "sample class", name, label, function, times
    for name in EXERCISES:
        for style, function in styles(name).items():
            yield "right solutions", name, style, function, 1


def with_other_values(case):
    """Return a case with other random numbers in its arrays of floats; None if they are shown."""
    arrays = {n: v for n, v in case.parts.items() if isinstance(v, np.ndarray)}
    shown = sum(a.size for a in arrays.values()) <= SHOWN
    if shown and all(a.ndim <= 2 for a in arrays.values()):
        return None
    random = np.random.default_rng(5)
    return case.with_values(
        {
            n: random.normal(size=a.shape).astype(a.dtype)
            for n, a in arrays.items()
            if a.dtype.kind == "f"
        }
    )


class Count:
    """The results of a group of functions."""

    prints = False  # True to print each fault

    def __init__(self):
        self.sizes, self.refused, self.seconds = [], collections.Counter(), []
        self.kinds, self.checked = collections.Counter(), collections.Counter()
        self.faults = []  # kind of fault, exercise, function, kind of question, text, what
        self.repeated = self.long = self.comments = 0
        self.questions = []

    def add(self, other):
        """Add the results of another group."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def ask(self, name, label, function, times):
        """Make the questions about a function, and check them."""
        before, questions = time.process_time(), []
        try:
            questions = questions_about(
                Work(function, CASE_SETS[name]), np.random.default_rng(0), MOST
            )
        except RefusedError as error:
            self.refused[str(error)] += times
        self.sizes += [len(questions)] * times
        self.seconds.append(time.process_time() - before)
        signal.alarm(SECONDS)
        try:
            for question in questions:
                self.kinds[question.kind] += 1
                self.questions.append((name, label, question))
                self.check(name, label, function, question)
        except TimeoutError:
            pass
        finally:
            signal.alarm(0)

    def check(self, name, label, function, question):
        """Answer a question again."""

        def fault(which, what=""):
            self.faults.append((which, name, label, question.kind, question.in_full, str(what)))
            if self.prints:
                print(*self.faults[-1], sep="\n  ", file=sys.stderr, flush=True)

        data = as_data(question, True)
        self.repeated += len({*data["options"]}) < len(data["options"])
        self.long += len(question.in_full) > LONG
        case_set = CASE_SETS[name]
        program = independent.Program(inspect.unwrap(function), case_set.returns)
        try:
            cases = independent.cases_for(question, case_set)
            answers = independent.answers(program, case_set, question, with_other_values)
        except independent.UnclearError as unclear:
            return fault("unclear", unclear)
        except TimeoutError:
            raise
        except Exception as error:
            return fault("not answered", repr(error))
        self.checked[question.kind] += 1
        right = independent.key_of(question)
        if question.options and len(answers[0]) > 1:
            fault("two right options", answers[0])
        elif all(a != right for a in answers[: max(1, len(cases))]):
            fault("wrong key", f"key {question.right}, independent run {answers[0]}")
        elif any(a != right for a in answers):
            fault("depends on values", f"key {question.right}, others {answers}")
        is_explained = question.kind == "input that raises an error"
        if is_explained and not independent.explained(
            program, cases[0][0], question.right, question.why
        ):
            fault("false explanation", f"{question.right}: {question.why}")
        for value, _ in question.mistakes:
            if value == question.right if question.options else independent.as_key(value) == right:
                fault("wrong answer is right", value)
        slips = [(v, c) for v, c in question.mistakes if c.startswith("With ")][:COMMENTS]
        for value, comment in slips:
            self.comment(program, cases, comment, value, fault)
        return None

    def comment(self, program, cases, comment, value, fault):
        """Check what a comment says about a slip."""
        try:
            stated, true = independent.without_slip(program, *cases[0], comment)
        except TimeoutError:
            raise
        except Exception as error:
            return fault("comment not checked", f"{comment} {error!r}")
        self.comments += 1
        if (stated, "then an error") in true and stated not in true:
            fault("comment on a call that raises an error", comment)
        elif stated not in true:
            fault("false comment", f"{comment} In fact {true}")
        elif len({*map(str, true)}) > 1:
            fault("comment with two meanings", f"{comment} Or {true}")
        if independent.as_key(value) != stated:
            fault("comment on another value", f"{comment} {value}")
        return None


def shares_of_equal():
    """Return the shares of pairs of students who get an equal question, and only equal ones."""
    some, all_, pairs = 0, 0, 0
    for name in DISTINCT:
        function = inspect.unwrap(EXERCISES[name].loops)
        sheets = []
        for student in range(STUDENTS):
            case_set = EXERCISES[name].case_set(student)
            rng = np.random.default_rng(student)
            sheets.append({q.in_full for q in questions_about(Work(function, case_set), rng, 3)})
        for one, other in itertools.combinations(sheets, 2):
            pairs, some, all_ = pairs + 1, some + bool(one & other), all_ + (one == other)
    return some / pairs, all_ / pairs


def report(counts):
    """Return the tables as Markdown."""
    total = sum((count.checked for count in counts.values()), collections.Counter())
    lines = ["| | " + " | ".join(counts) + " |", "|---|" + "--:|" * len(counts)]

    def row(label, of):
        lines.append(f"| {label} | {' | '.join(str(of(c)) for c in counts.values())} |")

    def share(count, least):
        return f"{sum(n >= least for n in count.sizes) / max(1, len(count.sizes)):.0%}"

    row("functions", lambda c: len(c.sizes))
    row("with at least five questions", lambda c: share(c, 5))
    row("with at least three", lambda c: share(c, 3))
    row("refused", lambda c: sum(c.refused.values()))
    row("questions made", lambda c: sum(c.kinds.values()))
    row("answered again", lambda c: sum(c.checked.values()))
    faults = dict.fromkeys(f[0] for c in counts.values() for f in c.faults)
    for fault in dict.fromkeys(("wrong key", "two right options", "wrong answer is right",
                                "false comment", *faults)):  # fmt: skip
        row(fault, lambda c, fault=fault: sum(f[0] == fault for f in c.faults))
    row("comments on slips checked", lambda c: c.comments)
    row("questions with options that repeat", lambda c: c.repeated)
    row(f"questions longer than {LONG} characters", lambda c: c.long)
    row("seconds of CPU per function, median", lambda c: f"{statistics.median(c.seconds):.1f}")
    row("seconds of CPU per function, longest", lambda c: f"{max(c.seconds):.1f}")
    lines += ["", "| kind | made | answered again | faults |", "|---|--:|--:|--:|"]
    for kind, made in sum((c.kinds for c in counts.values()), collections.Counter()).most_common():
        bad = sum(f[3] == kind and f[0] == "wrong key" for c in counts.values() for f in c.faults)
        lines.append(f"| {kind} | {made} | {total[kind]} | {bad} |")
    lines += ["", "Refused:", ""]
    for reason, n in sum((c.refused for c in counts.values()), collections.Counter()).most_common():
        lines.append(f"- {reason}: {n}")
    return lines


_work = []


def _take(work):
    def stop(*_):
        raise TimeoutError

    _work[:] = work
    signal.signal(signal.SIGALRM, stop)
    warnings.simplefilter("ignore")


def _asked(number):
    """Return the group of a function, and the results for it."""
    (group, *function), count = _work[number], Count()
    with contextlib.redirect_stdout(io.StringIO()):
        count.ask(*function)
    return group, count


def main() -> None:
    """Ask, answer again, and print the tables."""
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("--show", type=int, default=0, help="print so many random questions")
    parser.add_argument("--faults", action="store_true", help="print each fault")
    parser.add_argument("--jobs", type=int, default=2, help="processes [2]")
    parser.add_argument("--minutes", type=float, default=600, help="stop after so many minutes")
    parser.add_argument("--exercise", nargs="+", default=list(EXERCISES), metavar="NAME")
    options = parser.parse_args()

    Count.prints = options.faults
    counts, end = collections.defaultdict(Count), time.monotonic() + 60 * options.minutes
    work = [f for f in functions() if f[1] in options.exercise]
    order = np.random.default_rng(0).permutation(len(work)).tolist()
    context = multiprocessing.get_context("fork")
    with context.Pool(options.jobs, _take, (work,)) as pool:
        for group, count in pool.imap_unordered(_asked, order):
            counts[group].add(count)
            if time.monotonic() > end:
                break
    lines = report(counts)
    if options.exercise == list(EXERCISES):
        some, all_ = shares_of_equal()
        lines += ["", f"Of the pairs of {STUDENTS} students with the same function, {some:.0%} get"]
        lines += [f"an equal question among their three, and {all_:.0%} the same three."]
    asked = [question for count in counts.values() for question in count.questions]
    for k in np.random.default_rng(3).permutation(len(asked))[: options.show]:
        name, label, question = asked[k]
        print(f"=== {name}, {label}: {question.kind}\n{question.in_full}")
        print(question.options, question.right, *question.mistakes[:3], question.why, sep="\n  ")
    show_figures(__file__, "\n".join([*lines, ""]), options.write)


if __name__ == "__main__":
    main()
