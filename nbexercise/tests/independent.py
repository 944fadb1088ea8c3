"""Answer questions about a function again, from their texts alone, by running it in another way.

Nothing of nbexercise.asking is used: line events of `sys.settrace` count passes and show variables,
`eval` computes slices in the frame, inputs are changed by many amounts, and slips are made in the
text of the source.
"""

import ast
import copy
import inspect
import re
import sys
import textwrap
import traceback
from functools import cached_property

import numpy as np

from nbexercise.judging.wording import arguments_of, describe_case

__all__ = ["Program", "UnclearError", "answers", "as_key", "cases_for", "explained", "key_of"]
__all__ += ["passes", "visible", "watched", "without_slip"]

AMOUNTS = [sign * size for size in (0.1, 3, 50, 2e4) for sign in (1, -1)]
ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}
DOUBLED = {1: "they stay the same", 2: "each is doubled", 4: "each is multiplied by 4"}
MOST = 200_000  # lines that a call may run
ROUNDING = 1e-11  # relative to the change of an input


class UnclearError(Exception):
    """Raised if the text of a question has no answer, or more than one; the message says why."""


class Program:
    """A function's source, with its line numbers in the cell, and a namespace to run it in."""

    def __init__(self, function, returns, text="", first=0):
        if not text:
            lines, first = inspect.getsourcelines(function)
            skipped = next(n for n, line in enumerate(lines) if line.lstrip().startswith("def "))
            text, first = textwrap.dedent("".join(lines[skipped:])), first + skipped
        self.function, self.returns, self.text, self.first = function, returns, text, first
        self.raised = False  # True if a call has ended in an error
        self.is_slip = False

    @cached_property
    def tree(self):
        """The syntax tree, with the line numbers of the cell."""
        return ast.increment_lineno(ast.parse(self.text), self.first - 1)

    @cached_property
    def defined(self):
        """The function that the syntax tree defines."""
        space = dict(self.function.__globals__)
        exec(compile(self.tree, "<independent>", "exec"), space)
        return space[self.tree.body[0].name]

    def statements(self, line):
        """Return the statements that begin in a line."""
        nodes = ast.walk(self.tree.body[0])
        return [n for n in nodes if isinstance(n, ast.stmt) and n.lineno == line]

    def header(self, line):
        """Return the first and last line of the statement in a line, without its body."""
        several = self.statements(line)
        if len(several) != 1:
            raise UnclearError(f"{len(several)} statements begin in line")
        body = getattr(several[0], "body", None)
        return line, body[0].lineno - 1 if body else several[0].end_lineno

    def with_line(self, line, new):
        """Return the program in which a line, with its continuation, is replaced literally."""
        begin, end = self.header(line)
        lines = self.text.splitlines()
        old = lines[begin - self.first]
        lines[begin - self.first : end - self.first + 1] = [
            old[: len(old) - len(old.lstrip())] + new,
            *[""] * (end - begin),
        ]
        return Program(self.function, self.returns, "\n".join(lines) + "\n", self.first)

    def with_parts(self, line, old, new):
        """Yield programs in which one part of the statement in a line is replaced."""
        for kind in (ast.expr, ast.stmt):
            for number in range(_count(self.tree, line, old, kind)):
                tree = copy.deepcopy(self.tree)
                _Replace(line, old, new, kind, number).visit(tree)
                changed = Program(self.function, self.returns, self.text, self.first)
                changed.tree, changed.is_slip = ast.fix_missing_locations(tree), True
                yield changed


def _dump(node):
    return ast.unparse(node).splitlines()[0]


def _inside(tree, line):
    """Yield the nodes that belong to the statements which begin in a line."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt) and statement.lineno == line:
            yield statement
            for name, value in ast.iter_fields(statement):
                parts = value if isinstance(value, list) else [value]
                if name not in ("body", "orelse", "finalbody"):
                    for part in parts:
                        yield from ast.walk(part) if isinstance(part, ast.AST) else ()


def _count(tree, line, old, kind):
    return sum(isinstance(n, kind) and _dump(n) == old for n in _inside(tree, line))


class _Replace(ast.NodeTransformer):
    def __init__(self, line, old, new, kind, number):
        self.line, self.old, self.new, self.kind, self.left = line, old, new, kind, number

    def visit(self, node):
        if isinstance(node, ast.stmt):
            self.here = node.lineno == self.line
        if isinstance(node, self.kind) and self.here and _dump(node) == self.old:
            self.left -= 1
            if self.left == -1:
                (new,) = ast.parse(self.new).body
                new = new if self.kind is ast.stmt else new.value
                for part in ast.walk(new):
                    ast.copy_location(part, node)
                if isinstance(getattr(node, "ctx", None), ast.Store):
                    new.ctx = ast.Store()
                return new
        before = self.here if hasattr(self, "here") else False
        node = self.generic_visit(node)
        self.here = before
        return node


def watched(program, case, line, before=None, after=None):
    """Call a function, with hooks that get its frame before and after each run of a line."""
    function, (begin, end) = program.defined, program.header(line)
    code, inside, left = function.__code__, False, [MOST]
    start = min((at for at, _, number in code.co_lines() if number == begin), default=0)

    def local(frame, event, _):
        nonlocal inside
        left[0] -= 1
        if left[0] < 0:
            raise UnclearError("too long")
        here = event == "line" and begin <= frame.f_lineno <= end
        if here and begin == end and frame.f_lasti != start:
            return local  # from Python 3.12 on, a pass of a comprehension in the line
        if inside and event in ("line", "return") and (not here or begin == end):
            inside = False
            if after:
                after(frame)
        if here and not inside:
            inside = True
            if before:
                before(frame)
        return local

    sys.settrace(lambda frame, event, _: local if frame.f_code is code else None)
    try:
        function(*case.fresh_arguments().values())
    except UnclearError:
        raise
    except Exception:  # what was seen before counts
        program.raised = True
    finally:
        sys.settrace(None)


def passes(program, case, line):
    """Return how often a line runs."""
    runs = []
    watched(program, case, line, before=lambda frame: runs.append(1))
    return len(runs)


def outputs(program, case):
    """Return the outputs of a call by name."""
    result = program.defined(*case.fresh_arguments().values())
    values = {}
    several = result if len(program.returns) > 1 else [result]
    for spec, value in zip(program.returns, several, strict=True):
        if spec.form == "arrays":
            values |= {name: np.asarray(value[name]) for name in spec.parts}
        elif spec.form != "cache":
            values[spec.name] = np.asarray(value)
    return values


def reach(program, case, name, entry, output):
    """Return the mask of the values of an output that some change of an entry changes."""
    before = outputs(program, case)[output]
    array, mask = case.parts[name], np.zeros(before.shape, bool)
    scale = max(1.0, np.abs(array).max())
    for amount in AMOUNTS:
        changed = array.copy()
        changed[entry] += amount * scale
        value = outputs(program, case.with_values({name: changed}))[output]
        if value.shape != before.shape:
            raise UnclearError("the shape of the output depends on values")
        change = np.abs(np.subtract(value, before, dtype=float))
        mask |= change > ROUNDING * scale * abs(amount)
        mask |= np.isnan(value) != np.isnan(before)
    return mask


def _entry(text):
    return tuple(int(i) for i in text.split(",")) if text else ()


def as_key(value):
    """Return a value that can be compared: a tuple for a shape, a number otherwise."""
    if isinstance(value, tuple):
        return tuple(round(float(n), 6) for n in value)
    return round(float(value), 6)


def key_of(question):
    """Return the right answer as the letters of options, or as a value that can be compared."""
    if question.options:
        return {letter for letter, text in question.options.items() if text == question.right}
    return as_key(question.right)


def cases_for(question, case_set):
    """Return the cases whose description begins a question, all of which a reader may mean."""
    name = question.in_full.partition(" is called with ")[0]
    begins = [(c, f"{name} is called with {describe_case(c, True)}.") for c in case_set.cases]
    fits = [(c, b) for c, b in begins if question.in_full.startswith(b)]
    longest = max((len(b) for _, b in fits), default=0)
    return [(c, question.in_full[len(b) :].strip()) for c, b in fits if len(b) == longest]


def answer(program, case, asked, options=()):
    """Return the answer to a question, its text without the call, in the form of `key_of`."""
    program.raised = False
    for pattern, answered in ANSWERS:
        if found := re.fullmatch(pattern, asked, re.DOTALL):
            value = answered(program, case, options, *found.groups())
            return value if isinstance(value, set) else as_key(value)
    raise UnclearError("the text is not understood")


def answers(program, case_set, question, others=lambda case: None):
    """Return the answers for the cases that a question may mean, and for others made of these."""
    if question.kind == "when a slip shows":
        return [visible(program, case_set, question)]
    cases = cases_for(question, case_set)
    cases += [(other, asked) for case, asked in cases if (other := others(case))]
    return [answer(program, case, asked, question.options.values()) for case, asked in cases]


def _passes(program, case, options, line):
    return passes(program, case, int(line))


def _last(program, case, options, name, line):
    values = []
    watched(program, case, int(line), after=lambda frame: values.append(frame.f_locals[name]))
    return values[-1]


def _variable_shape(program, case, options, name, line):
    values = []

    def after(frame):
        values.append(np.shape(frame.f_locals[name]))

    watched(program, case, int(line), after=after)
    if len({*values}) != 1:
        raise UnclearError("the shape differs between passes")
    return values[0]


def _slice_shape(program, case, options, line, code, time=None):
    shapes = []

    def before(frame):
        try:
            value = eval(code, frame.f_globals, frame.f_locals)
            shapes.append(np.shape(value))
        except NameError:
            shapes.append("not in this frame")

    watched(program, case, int(line), before=before)
    at = (ORDINALS.get(time) if time in ORDINALS else int(time[:-2]) - 1) if time else 0
    if not time and len({*shapes}) > 1:
        raise UnclearError("the shape differs between passes")
    if shapes[at] == "not in this frame":
        raise UnclearError("the slice is in an inner scope")
    return shapes[at]


def _reach(program, case, options, name, entry, size, output):
    mask = reach(program, case, name, _entry(entry), output)
    if mask.size != int(size) and not program.is_slip:
        raise UnclearError("the size of the output is wrong")
    return int(mask.sum())


def _shape_after(program, case, options, output, line, new):
    if program.is_slip:  # a comment is about another change, instead
        return outputs(program, case)[output].shape
    return outputs(program.with_line(int(line), new), case)[output].shape


def _result(program, case, options):
    values = [n for v in outputs(program, case).values() for n in v.ravel().tolist()]
    return tuple(map(float, values)) if len(values) > 1 else values[0]


def _constant(program, case, options, number, output, entry=None):
    def filled(value):
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        return np.full_like(value, int(number)) if isinstance(value, np.ndarray) else value

    changed = case.with_values({name: filled(value) for name, value in case.parts.items()})
    return float(outputs(program, changed)[output][_entry(entry)])


def _doubled(program, case, options, name, output):
    right = set()
    for factor in (1, 2, 4):
        before = outputs(program, case)[output]
        changed = case.with_values({name: case.parts[name] * 2})
        if np.allclose(outputs(program, changed)[output], before * factor):
            right.add("abcd"[[*options].index(DOUBLED[factor])])
    return right or {"abcd"[[*options].index("none of these")]}


def _with_option(case, option):
    """Return a case with the change of an argument that an option describes."""
    if found := re.fullmatch(r"(\w+) of shape \((.*)\)", option):
        name, shape = found[1], tuple(int(n) for n in found[2].split(",") if n.strip())
        return case.with_values({name: np.resize(case.parts[name], shape)})
    name, value = option.rsplit(" ", 1)
    for holder, item in case.parts.items():
        if isinstance(item, dict) and name in item:
            return case.with_values({holder: {**item, name: int(value)}})
    return case.with_values({name: int(value)})


def _raises(program, case, options):
    right = set()
    for letter, option in zip("abcd", options, strict=False):
        changed = _with_option(case, option)
        try:
            program.defined(*changed.fresh_arguments().values())
        except Exception:
            right.add(letter)
    return right


ANSWERS = (
    (r"How often does line (\d+), `.*` run\?", _passes),
    (r"What is the value of `(\w+)` after line (\d+), .*", _last),
    (
        r"In line (\d+), `.*`: what is the shape of `([^`]*)`"
        r"(?: when the line runs for the (\w+) time)?\?",
        _slice_shape,
    ),
    (r"What is the shape of `(\w+)` after line (\d+), `.*`\?", _variable_shape),
    (
        r"Only the entry (\w+)\[(.*?)\] is changed\. How many of the (\d+) values of (\w+) can "
        r"change\?",
        _reach,
    ),
    (r"What would be the shape of (\w+) if line (\d+) were `([^`]*)`\?", _shape_after),
    (r"What does it return\?", _result),
    (r"Every number in its arrays is (\d)\. What is (\w+)(?:\[(.*)\])?\?", _constant),
    (r"Every number in (\w+) is doubled\. What happens to (?:the values of )?(\w+)\?", _doubled),
    (r"Which one of these changes of the input makes it raise an error\?", _raises),
)


def visible(program, case_set, question):
    """Return the letters of the inputs for which a slip makes no, or a, difference."""
    line, new, how, shared = re.fullmatch(
        r"In line (\d+), `.*`, somebody writes `([^`]*)`. With which of these inputs does \w+ "
        r"(still|no longer) return the same as before\?(?: All have (.*)\.)?",
        question.text,
        re.DOTALL,
    ).groups()
    changed, right = program.with_line(int(line), new), set()
    for letter, option in question.options.items():
        fits = [c for c in case_set.cases if fits_option(c, option, shared)]
        verdicts = {same(program, changed, case) for case in fits}
        if len(verdicts) != 1:
            raise UnclearError("an option fits several inputs, with different results")
        if verdicts == {how == "still"}:
            right.add(letter)
    return right


def fits_option(case, option, shared):
    """True if an option, and the arguments that all options share, describe a case."""
    arguments = arguments_of(case, True)
    shown = [a for a in arguments if f", {a}, " in f", {option}, "]
    rest = [a for a in arguments if a not in shown]
    return ", ".join(shown) == option and (" and ".join(rest[-2:]) in (shared or ""))


def explained(program, case, option, why):
    """True if an input raises the error that an explanation quotes, in its line."""
    line, name, message = re.fullmatch(
        r"Then line (\d+), `.*`, raises (\w+): (.*)\.", why, re.DOTALL
    ).groups()
    try:
        program.defined(*_with_option(case, option).fresh_arguments().values())
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if f.filename == "<independent>"]
        begin, end = program.header(int(line))
        same = (str(error).splitlines() or [""])[0][:60] == message[:60] or len(message) < 9
        return type(error).__name__ == name and begin <= lines[0] <= end and same
    return False


def same(program, changed, case):
    """True if two programs do the same with a case."""
    before = outputs(program, case)
    try:
        after = outputs(changed, case)
    except Exception:
        return False
    return all(
        v.shape == after[n].shape and np.allclose(v, after[n], 1e-7, 1e-9, equal_nan=True)
        for n, v in before.items()
    )


SLIP = re.compile(
    r"With `(.*)` instead of `(.*)` in line (\d+),(?: and no other change,)? it would be (.*)\.",
    re.DOTALL,
)


def _slice_after(asked, line, old, new):
    """Return a question about a slice in which the slice's code is as after a slip."""
    found = re.fullmatch(ANSWERS[2][0], asked, re.DOTALL)
    if not found or int(found[1]) != line:
        return asked
    try:
        before, after = (
            [ast.unparse(n) for n in ast.walk(ast.parse(t)) if isinstance(n, ast.Subscript)]
            for t in (old, new)
        )
        code = ast.unparse(ast.parse(found[2]))
    except SyntaxError:
        return asked
    if code in before and len(before) == len(after):
        changed = after[before.index(code)]
    else:
        changed = code.replace(old, new)
    return asked.replace(f"shape of `{found[2]}`", f"shape of `{changed}`")


def without_slip(program, case, asked, comment):
    """Return the stated answer in a comment on a slip, and the set of answers that are true."""
    new, old, line, stated = SLIP.fullmatch(comment).groups()
    true = []
    for changed in program.with_parts(int(line), old, new):
        shown = _slice_after(asked, int(line), old, new)
        try:
            value = answer(changed, case, shown)
            true.append((value, "then an error") if changed.raised else value)
        except Exception as error:
            true.append(type(error).__name__)
    value = ast.literal_eval(stated)
    return as_key(tuple(value) if isinstance(value, list) else value), true
