"""The namespace of test cells: the judge's own names first, then those of the student's process.

Names that the instructor's cells import or compute are the judge's own. Names that the instructor's
solution cells define are the student's, even if they shadow a builtin. Builtins come next, and all
other names are looked up in the student's process. `dir()` and `globals()` show the judge's own
names and those of the student's that the solution cells define.
"""

import builtins
import contextlib
import os
import sys
import types
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import ExecutionResult

from nbjudge.errors import CannotJudgeError
from nbjudge.guest.shell import Shell
from nbjudge.judging.remote import Remote
from nbjudge.wire.values import snapshot

if TYPE_CHECKING:
    from nbjudge.judging.link import Link


class Names(dict[str, Any]):
    """The judge's namespace: its own names first, then the student's.

    Each shell has one, because functions keep the namespace in which they were defined.
    """

    def __init__(self, own: Mapping[str, Any]):
        super().__init__(own)
        self.asked: dict[str, str] = {}  # names that the student has to define: {name: kind}
        # Names looked up by the running test: {name: (number of calls then, snapshot, value)}.
        self.fetched: dict[str, tuple[int, bytes | None, Any]] = {}
        self.link: Link | None = None  # set while a notebook is judged
        self.removed: set[str] = set()  # the student's names that test cells have deleted
        # Names that tests define elsewhere or not at all: True for those of a test in the child.
        # "*" stands for the names that a test would have imported.
        self.of_tests: dict[str, bool] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        self.removed.discard(name)
        self.of_tests.pop(name, None)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        """Delete a name. A student's name is then missing while their functions run, too."""
        is_students = not self._has_own(name) or name in self.asked
        self[name]  # raises KeyError if undefined
        self.pop(name, None)
        if is_students:
            self.removed.add(name)

    def __missing__(self, name: str) -> Any:
        if name in self.removed:
            raise KeyError(name)
        is_of_child = self._is_of_child(name)
        if is_of_child and self.link:
            self.link.miss(f"a test that is judged there defines {name}")
            raise KeyError(name)
        if name not in self.asked and hasattr(builtins, name):
            return getattr(builtins, name)
        if self.link is None or name.startswith("__"):
            raise KeyError(name)
        if is_of_child is not None:  # a student's value must not take the place of the test's
            if self._is_students(name, self.link):
                self.link.miss("a name that an earlier test failed to define is defined in it")
            raise KeyError(name)
        return self._fetch(name, self.link)

    def __contains__(self, name: object) -> bool:
        if self._has_own(name):
            return True
        if self.link is None or not isinstance(name, str) or name.startswith("_"):
            return False
        if name in self.removed or self._is_of_child(name) is not None:
            return False
        return self._is_students(name, self.link)

    def _is_of_child(self, name: str) -> bool | None:
        """Return the value of a name in `of_tests`; None if it is no test's."""
        is_asked = name in self.asked
        return self.of_tests.get(name, None if is_asked else self.of_tests.get("*"))

    def _is_students(self, name: str, link: "Link") -> bool:
        """True if the student's process defines a name."""
        try:
            self._fetch(name, link)
        except KeyError:
            return False
        except (TypeError, CannotJudgeError):  # the value is a module
            return True
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> Any:
        """Return the names that `dir()` shows."""
        return dict.fromkeys([*super().__iter__(), *(n for n in self.asked if n in self)]).keys()

    def _has_own(self, name: object) -> bool:
        """True if the judge has bound the name itself."""
        return super().__contains__(name)

    def _fetch(self, name: str, link: "Link") -> Any:
        """Return the value of a name in the student's process, as the same object during a test.

        If a call to the student's code has changed the value in their process, return the new one.
        """
        calls, before, value = self.fetched.get(name, (-1, None, None))
        if calls != link.calls:
            current = link.look_up(name, name in self.asked)
            now = snapshot(current)
            if before is None or before != now:
                before, value = now, current
            self.fetched[name] = link.calls, before, value
        return value

    def bind(self, values: Mapping[str, Any], lost: Collection[str]) -> None:
        """Bind the names that the judge computed for a cell, and remove the names in `lost`."""
        self.update(values)
        for name in values:
            self.asked.pop(name, None)
        for name in lost:
            self.pop(name, None)

    def ask(self, names: Mapping[str, str]) -> None:
        """Resolve these names in the student's process from now on."""
        self.asked.update(names)
        self.removed.difference_update(names)
        for name in names:
            self.pop(name, None)

    def leave_to_tests(self, names: Collection[str], is_child: bool) -> None:
        """Forget the values of names that a test binds in the child, or has failed to bind."""
        for name in names:
            self.pop(name, None)
        self.of_tests |= dict.fromkeys(names, is_child)

    def overrides(self) -> tuple[dict[str, Any], list[str]]:
        """Return the test cells' changes to the student's names, to be applied in each call.

        Returns
        -------
        replaced
            The tests' functions that replace the student's, by name.
        removed
            The student's names that tests have deleted.
        """
        replaced = {
            name: self[name]
            for name in self.asked
            if self._has_own(name) and callable(self[name]) and not isinstance(self[name], Remote)
        }
        return replaced, sorted(self.removed)


class MainModule(types.ModuleType):
    """The module `__main__` as test cells see it: the judge's namespace."""

    def __init__(self, names: Names):
        super().__init__("__main__")
        vars(self)["_names"] = names

    def __getattr__(self, name: str) -> Any:
        names = vars(self)["_names"]
        if name in names:
            return names[name]
        raise AttributeError(f"__main__ has no {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_names"][name] = value

    def __delattr__(self, name: str) -> None:
        vars(self)["_names"].pop(name, None)

    def __dir__(self) -> list[str]:
        return list(vars(self)["_names"])


class JudgeShell(Shell):
    """The shell that runs test cells, with a namespace that looks up the student's names."""

    first_cells: tuple[str, ...] = ("1 + 1", "1 / 0", "%matplotlib inline")
    shows_our_frames = True  # `disclosure` uses them to tell whether a call raised
    last_value: Any

    @property
    def names(self) -> Names:
        """The namespace of the test cells."""
        assert isinstance(self.user_ns, Names)
        return self.user_ns

    def init_user_ns(self) -> None:
        if not isinstance(self.user_ns, Names):
            self.user_ns = Names(self.user_ns)
        super().init_user_ns()
        sys.modules["__main__"] = MainModule(self.names)

    @property
    def user_global_ns(self) -> Names:
        return self.names

    def run_cell(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        with _discarding_stderr():
            result: ExecutionResult = super().run_cell(*args, **kwargs)
        self.last_value = result.result
        return result


@contextlib.contextmanager
def _discarding_stderr() -> Iterator[None]:
    """Discard the stderr of programs that the block starts, which would reach the terminal."""
    stderr, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)
