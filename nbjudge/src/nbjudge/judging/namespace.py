"""The names in a test cell: the judge's own, and behind them those of the student's process.

What the instructor's cells import or compute is the judge's own; what the instructor's solution
cells define is the student's, even where it shadows a builtin; then come Python's builtins; every
other name is read from the student's process.
"""

import builtins
import contextlib
import sys
import types
from collections.abc import Mapping
from typing import Any

from IPython.core.interactiveshell import ExecutionResult

from nbjudge.guest.shell import Shell
from nbjudge.judging.link import Link
from nbjudge.judging.remote import Remote
from nbjudge.wire.values import snapshot


class Names(dict[str, Any]):
    """The judge's namespace: its own names first, then the student's.

    There is one for each shell, since functions keep the namespace in which they were defined.
    """

    def __init__(self, own: Mapping[str, Any]):
        super().__init__(own)
        self.asked: dict[str, str] = {}  # the names that are the student's to define: {name: kind}
        # By the running test: {name: (calls until then, a snapshot of it as it came, value)}.
        self.fetched: dict[str, tuple[int, bytes | None, Any]] = {}
        self.link: Link | None = None  # to the student's process, while a notebook is judged
        self.removed: set[str] = set()  # the student's names that test cells have deleted

    def __setitem__(self, name: str, value: Any) -> None:
        self.removed.discard(name)
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        """Delete a name; one of the student's is missing in calls of their functions as well."""
        theirs = name not in self or name in self.asked
        self[name]  # raises KeyError where there is none
        self.pop(name, None)
        if theirs:
            self.removed.add(name)

    def __missing__(self, name: str) -> Any:
        if name in self.removed:
            raise KeyError(name)
        if name not in self.asked and hasattr(builtins, name):
            return getattr(builtins, name)
        if self.link is None or name.startswith("__"):
            raise KeyError(name)
        return self._fetch(name, self.link)

    def _fetch(self, name: str, link: Link) -> Any:
        """A name of the student's; for the length of a test it is one object, as it is there.

        A call of the student's code may have changed it in their process: then it is that value.
        """
        count, before, value = self.fetched.get(name, (-1, None, None))
        if count != link.count:
            found = link.look_up(name, name in self.asked)
            now = snapshot(found)
            if before is None or before != now:
                before, value = now, found
            self.fetched[name] = link.count, before, value
        return value

    def ask(self, names: Mapping[str, str]) -> None:
        """From here on these names are the student's."""
        self.asked.update(names)
        self.removed.difference_update(names)
        for name in names:
            self.pop(name, None)

    def rebound(self) -> dict[str, Any]:
        """The functions that a test cell has put in the place of the student's."""
        return {
            name: self[name]
            for name in self.asked
            if name in self and callable(self[name]) and not isinstance(self[name], Remote)
        }


class MainModule(types.ModuleType):
    """The module `__main__` as test cells see it: the judge's namespace."""

    def __init__(self, names: Names):
        super().__init__("__main__")
        vars(self)["_names"] = names

    def __getattr__(self, name: str) -> Any:
        names = vars(self)["_names"]
        if dict.__contains__(names, name) or name in names.asked:
            with contextlib.suppress(KeyError):
                return names[name]
        raise AttributeError(f"__main__ has no {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_names"][name] = value

    def __delattr__(self, name: str) -> None:
        vars(self)["_names"].pop(name, None)

    def __dir__(self) -> list[str]:
        return list(vars(self)["_names"])


class JudgeShell(Shell):
    """The shell in which test cells run: its namespace reaches into the student's process."""

    first_cells: tuple[str, ...] = ("1 + 1", "1 / 0", "%matplotlib inline")
    shows_our_frames = True  # `disclosure` reads from them whether a call raised
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
        result: ExecutionResult = super().run_cell(*args, **kwargs)
        self.last_value = result.result
        return result
