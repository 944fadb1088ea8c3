"""What the judge sees of the student's objects: stand-ins that act in the student's process.

A stand-in can be called and passed back. Of objects whose class the assignment asks for, attributes
and items can be read too. None ever takes part in a comparison or a computation with the judge's
own values, so that no object of a student's can claim to equal the expected one.
"""

import ast
import collections
import copy
import functools
import inspect
import linecache
import random
import sys
import types

import numpy as np

from nbjudge._outputs import checked
from nbjudge._session import CannotJudge
from nbjudge._wire import Ref, WireError, mutable_parts, public

__all__ = ["STUDENTS", "Link", "Remote", "watch_seeding"]

MAX_LINE = 100_000
STUDENTS = "__nbjudge_student__"  # among the globals of the frames that stand for the student's
# Exceptions that end a loop or a test as if all were well: they arrive as RuntimeErrors.
SWALLOWED = StopIteration, StopAsyncIteration, GeneratorExit
RUNNERS = {"unittest", "pytest", "_pytest", "bdb", "asyncio", "concurrent", "IPython", "nbjudge"}
RUNNERS |= {"hypothesis", "nose", "nose2", "ipytest", "twisted", "trio", "anyio"}
# A student's function may return one of these; any other class stays where it is.
_TYPES = (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple, type(None))
PLAIN_TYPES = {kind.__name__: kind for kind in _TYPES}


class _Seedings:
    """Counts how often the judge's random numbers have been seeded."""

    count = 0

    @classmethod
    def watch(cls, module) -> None:
        """Count the calls of a module's function `seed` from now on."""
        seed = module.seed

        @functools.wraps(seed)
        def counted(*args, **kwargs):
            cls.count += 1
            return seed(*args, **kwargs)

        module.seed = counted


def watch_seeding() -> None:
    """Notice from now on when test cells seed random numbers, be it the same way again."""
    for module in (random, np.random):
        _Seedings.watch(module)


class Link:
    """What all stand-ins of one submission share.

    session: the student's process; classes: the names of the classes that the assignment asks for
    rebound: gives the functions that the test cell defined anew under names the student's code uses
    removed: the student's names that the test cell has deleted
    """

    def __init__(self, session, classes=(), rebound=dict, removed=()):
        self.session, self.classes, self.rebound = session, frozenset(classes), rebound
        self.removed = removed
        self.shell = None
        # Objects of the judge's that calls changed or gave back: {id: (it, as it was)}.
        self.changed = {}
        self.count = 0  # how often the student's code has run
        self.kinds = {}  # of exceptions, by the names of their classes
        self.follow_seed, self.sent = False, None
        session.refer, session.resolve = self._refer, self._resolve

    def begin_test(self, source: str) -> None:
        """Prepare for a test cell: one that seeds random numbers seeds the student's as well."""
        self.follow_seed, self.sent = "seed(" in source, self._random_state()

    def look_up(self, name: str, asked: bool = True):
        """The value of a name in the student's process.

        asked: whether the assignment asks for it
        raises: KeyError where there is none, CannotJudge where the test wants a module of theirs
        """
        answer = self.session.request({"do": "look_up", "name": name})
        if "value" not in answer:
            raise KeyError(name)
        value = answer["value"]
        if isinstance(value, Remote):
            _set(value, name=name)
            if value._nbjudge.kind == "module" and asked:
                raise TypeError(f"{name} is a module, not what was asked for")
            if value._nbjudge.kind == "module":
                raise CannotJudge(
                    f"{name} is imported by a cell that students can change; import it in the test "
                    "cell or in a locked cell"
                )
            if answer.get("classes") is not None:
                kind = self.exception_class(answer["classes"])
                kind.student_class = value
                return kind
        return value

    def call(self, function, args, kwargs, names):
        """Call a stand-in in the student's process; what it does to its arguments is done here."""
        __tracebackhide__ = True
        names = {**self.rebound(), **names}
        request = {"do": "call", "function": function, "args": list(args), "kwargs": kwargs}
        request |= {"names": names, "without": sorted(self.removed)}
        value = self._ask({**request, "random": self._new_random_state()})
        if isinstance(value, Remote) and value._nbjudge.kind == "iterator":
            raise TypeError(
                f"{_name_of(function)} returned a {value._nbjudge.type_name}, which cannot leave "
                "the student's process: a list or an array can"
            )
        return value

    def _change(self, known, changed):
        """Do to the judge's arguments what the call did to the student's copies of them."""
        for place in sorted(known.used):  # what came back is now known by another name as well
            self.changed.setdefault(id(known[place]), (known[place], copy.copy(known[place])))
        for item in changed if isinstance(changed, list) else []:
            try:
                place, new = item
                old = known[place]
            except (TypeError, ValueError, IndexError):
                continue
            self.changed.setdefault(id(old), (old, copy.copy(old)))
            _assign(old, new)

    def undo_changes(self, but, own) -> None:
        """Undo what calls did to the judge's objects, the last first.

        but: values that are spared, with their parts, unless they are parts of the judge's `own`
        """
        spared = {id(part) for part in mutable_parts(but, {})}
        spared -= {id(part) for part in mutable_parts(own, {})}
        for number, (one, before) in reversed(self.changed.items()):
            if number not in spared:
                _assign(one, before)
        self.changed.clear()

    def apply(self, operation, *args):
        """Another operation than a call, on the student's objects."""
        return self._ask({"do": "apply", "operation": operation, "args": list(args)})

    def _ask(self, request):
        __tracebackhide__ = True  # pytest, and others, do not show such frames
        known = mutable_parts(request["args"], request.get("kwargs", {}))
        self.count += 1
        answer = self.session.request(request, known)
        for output in checked(answer.get("outputs"), self.session.allowance):
            self._show(output)
        self._change(known, answer.get("changed"))
        if "interrupted" in answer:
            raise TimeoutError(answer["interrupted"])
        if "error" in answer:
            raise self._exception(answer["error"])
        return answer.get("value")

    def _refer(self, value):
        if isinstance(value, _ExceptionType):
            value = value.student_class
        elif isinstance(type(value), _ExceptionType):
            value = value.student_error
        if isinstance(value, Remote):
            return self._ref_of(value)
        if found := public(value):
            return found
        if callable(value) and not isinstance(value, type):
            name = getattr(value, "__name__", "function")
            return Ref(self.session.offer(value), str(name), "judge")
        raise CannotJudge(
            f"a {type(value).__name__} cannot be passed to the student's process: numbers, texts, "
            "lists, tuples, sets, dicts, arrays and functions can"
        )

    def _ref_of(self, remote):
        state = remote._nbjudge
        if state.generation != self.session.generation:
            if state.name is None:
                raise LookupError(f"the process that held this {state.type_name} has ended")
            _set(remote, **vars(self.look_up(state.name)._nbjudge))
        return Ref(state.number, state.type_name, state.kind)

    def _resolve(self, ref):
        if ref.kind == "type":
            return PLAIN_TYPES[ref.type_name]
        return Remote(self, ref)

    def exception_class(self, classes):
        """The judge's own class where it has one, else a stand-in with the same name and bases.

        classes: the modules and names of the class and its bases
        """
        ((module, name), *rest) = key = tuple((str(module), str(name)) for module, name in classes)
        home = None if module == "__main__" or module.startswith("nbjudge") else module
        found = getattr(sys.modules.get(home), name, None)
        if not isinstance(found, type) or not issubclass(found, BaseException):
            found = None
        elif issubclass(found, SWALLOWED) or _is_of_a_runner(home, found):
            found, home = RuntimeError, None
        elif issubclass(found, BaseExceptionGroup):
            found = None
        if home == "builtins" and found and not issubclass(found, UnicodeError):
            return found
        if key not in self.kinds:
            base = found or (self.exception_class(rest) if rest else Exception)
            self.kinds[key] = _ExceptionType(name, (base,), {**_STANDING, "__module__": module})
        return self.kinds[key]

    def _exception(self, error):
        """The exception that the student's code raised: type, message, and where it was raised."""
        try:
            classes, text, frames, student_error = error
            kind = self.exception_class(classes)
            if isinstance(kind, _ExceptionType):
                exception = kind.standing_for(student_error, text)
            else:
                exception = kind(_key(text) if kind is KeyError else text)
            return exception.with_traceback(_traceback(frames))
        except Exception:
            return WireError("an exception that cannot be read")

    def _new_random_state(self):
        """The judge's random state, if the test cell seeded it or drew from it since last sent."""
        if not self.follow_seed:
            return None
        found = self._random_state()
        if found[0] == self.sent[0] and _same_state(found[1], self.sent[1]):
            return None
        self.sent = found
        return found[1]

    @staticmethod
    def _random_state():
        """How often it was seeded, and the state."""
        version, numbers, gauss = random.getstate()
        state = {"random": [version, list(numbers), gauss], "numpy": np.random.get_state()}
        return _Seedings.count, state

    def _show(self, output):
        if output["output_type"] == "stream":
            stream = sys.stderr if output["name"] == "stderr" else sys.stdout
            stream.write(output["text"])
        elif output["output_type"] == "display_data" and self.shell:
            self.shell.display_pub.publish(output["data"], output["metadata"])


def _same_state(one, other):
    left, right = one["numpy"], other["numpy"]
    same = np.array_equal(left[1], right[1]) and left[2:] == right[2:]
    return same and one["random"] == other["random"]


def _assign(old, new):
    """Give a mutable object the content of another of its kind."""
    if isinstance(old, np.ndarray):
        if isinstance(new, np.ndarray) and new.shape == old.shape and old.flags.writeable:
            np.copyto(old, new, casting="unsafe")
    elif any(isinstance(old, kind) and isinstance(new, kind) for kind in (list, bytearray)):
        old[:] = new
    elif isinstance(old, collections.deque) and isinstance(new, collections.deque):
        old.clear()
        old.extend(new)
    elif any(isinstance(old, kind) and isinstance(new, kind) for kind in (dict, set)):
        old.clear()
        (dict if isinstance(old, dict) else set).update(old, new)  # a Counter's own would add


def _key(text):
    """A KeyError's key, of which its message is the repr."""
    try:
        return ast.literal_eval(text)
    except Exception:
        return text


class _ExceptionType(type):
    """The class of the judge's stand-ins for the student's exception classes."""

    def __call__(cls, *args, **kwargs):
        """Make an exception in the student's process, and one here that stands for it."""
        made = cls.student_class(*args, **kwargs)
        return cls.standing_for(made, str(made))

    def standing_for(cls, student_error, text):
        made = cls.__new__(cls, text)
        vars(made).update(student_error=student_error, text=text)
        return made


def _attribute(error, name):
    """An attribute of the student's exception that an exception of the judge's stands for."""
    if error.student_error is None or name.startswith("__"):
        raise AttributeError(f"{type(error).__name__} has no attribute {name}")
    return getattr(error.student_error, name)


_STANDING = {
    "student_class": None,
    "student_error": None,
    "__str__": lambda error: error.text,
    "__getattr__": _attribute,
}


def _traceback(frames):
    """A traceback that shows the lines of the student's code, as a local call would have."""
    chain = None
    for filename, line, name, text in reversed(frames[:50]):
        # Whoever prints the traceback would open a file of this name, were it not in brackets.
        filename = f"<{str(filename).strip('<>')}>"
        line, text = min(max(1, int(line)), MAX_LINE), str(text)
        lines = linecache.cache[filename][2] if filename in linecache.cache else []
        lines = [*lines, *["\n"] * (line - len(lines))]
        lines[line - 1] = text.rstrip("\n") + "\n"
        linecache.cache[filename] = (len(lines), None, lines, filename)
        code = compile("\n" * (line - 1) + "raise Exception", filename, "exec")
        try:
            exec(code.replace(co_name=str(name)), {STUDENTS: True})
        except Exception as error:
            step = error.__traceback__.tb_next
        chain = types.TracebackType(chain, step.tb_frame, step.tb_lasti, line)
    return chain


def _is_of_a_runner(home, kind):
    """Whether an exception is one of those with which test runners talk to themselves."""
    return not {str(home).partition(".")[0], kind.__module__.partition(".")[0]}.isdisjoint(RUNNERS)


def _signature(parameters):
    """What `inspect.signature` gives, from the names, kinds and defaults of the parameters."""
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        inspect.Parameter(str(name), kinds[kind], **({"default": rest[0]} if rest else {}))
        for name, kind, rest in parameters
    )


def _set(remote, **state):
    vars(remote._nbjudge).update(state)


def _name_of(function):
    state = getattr(function, "_nbjudge", None)
    return getattr(state, "name", None) or "the function"


class Remote:
    """A stand-in for one object of the student's."""

    def __init__(self, link, ref):
        state = types.SimpleNamespace(**vars(ref), generation=link.session.generation, name=None)
        object.__setattr__(self, "_link", link)
        object.__setattr__(self, "_nbjudge", state)

    def __call__(self, *args, **kwargs):
        __tracebackhide__ = True
        return self._link.call(self, args, kwargs, {})

    def with_names(self, **names):
        """The same function, for which these names have other values while it runs."""

        def function(*args, **kwargs):
            __tracebackhide__ = True
            return self._link.call(self, args, kwargs, names)

        return function

    def _is_asked_for(self):
        state, classes = self._nbjudge, self._link.classes
        return state.type_name in classes or (state.kind == "class" and state.name in classes)

    def __getattr__(self, name):
        if name in ("__name__", "__qualname__", "__doc__") and self._nbjudge.kind != "object":
            return self._link.apply("get", self, name)
        if name == "__signature__" and self._nbjudge.kind in ("class", "function"):
            return _signature(self._link.apply("signature", self))
        if name.startswith("__") or not self._is_asked_for():
            raise AttributeError(self._refusal(f"its attribute {name}"), name=name, obj=self)
        return self._link.apply("get", self, name)

    def __setattr__(self, name, value):
        if not self._is_asked_for():
            raise AttributeError(self._refusal(f"its attribute {name}"), name=name, obj=self)
        self._link.apply("set", self, name, value)

    def _on_asked(self, operation, *args):
        if not self._is_asked_for():
            raise TypeError(self._refusal("what it holds"))
        return self._link.apply(operation, self, *args)

    def _refusal(self, what):
        return (
            f"{self._nbjudge.name or 'this'} is a {self._nbjudge.type_name}, which stays in the "
            f"student's process; {what} cannot be read from a test"
        )

    def __len__(self):
        return self._on_asked("len")

    def __getitem__(self, key):
        return self._on_asked("item", key)

    def __contains__(self, item):
        return self._on_asked("contains", item)

    def __iter__(self):
        return iter(self._on_asked("list"))

    def __bool__(self):
        return True

    def __str__(self):
        return str(self._on_asked("text")) if self._is_asked_for() else repr(self)

    def __repr__(self):
        if self._is_asked_for() and self._nbjudge.kind == "object":
            return str(self._link.apply("repr", self))
        return f"<{self._nbjudge.type_name} {self._nbjudge.name or ''} of the student's>"

    def __instancecheck__(self, value):
        if self._nbjudge.kind != "class" or not isinstance(value, Remote):
            return False
        return self._link.apply("isinstance", self, value) is True

    def __array__(self, *args, **kwargs):
        raise TypeError(self._refusal("it is no array, and its content"))
