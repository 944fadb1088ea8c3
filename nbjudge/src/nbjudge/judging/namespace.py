"""The names in a test cell: the judge's own, and behind them those of the student's process.

What the instructor's cells import or compute is the judge's own; what the instructor's solution
cells define is the student's, even where it shadows a builtin; then come Python's builtins; every
other name is read from the student's process.
"""

import builtins
import contextlib
import sys
import types

from nbjudge.guest.shell import Shell
from nbjudge.judging.remote import Remote
from nbjudge.wire.values import snapshot


class Names(dict):
    """The judge's namespace: its own names first, then the student's.

    There is one for each shell, since functions keep the namespace in which they were defined.
    """

    def __init__(self, own):
        super().__init__(own)
        self.asked = {}  # the names that are the student's to define: {name: kind}
        self.fetched = {}  # by the running test: {name: (calls until then, as it came, value)}
        self.link = None  # to the student's process, while a notebook is judged
        self.removed = set()  # the student's names that test cells have deleted

    def __setitem__(self, name, value):
        self.removed.discard(name)
        super().__setitem__(name, value)

    def __delitem__(self, name):
        """Delete a name; one of the student's is missing in calls of their functions as well."""
        theirs = name not in self or name in self.asked
        self[name]  # raises KeyError where there is none
        self.pop(name, None)
        if theirs:
            self.removed.add(name)

    def __missing__(self, name):
        if name in self.removed:
            raise KeyError(name)
        if name not in self.asked and hasattr(builtins, name):
            return getattr(builtins, name)
        if self.link is None or name.startswith("__"):
            raise KeyError(name)
        return self._fetch(name)

    def _fetch(self, name):
        """A name of the student's; for the length of a test it is one object, as it is there.

        A call of the student's code may have changed it in their process: then it is that value.
        """
        count, before, value = self.fetched.get(name, (-1, None, None))
        if count != self.link.count:
            found = self.link.look_up(name, name in self.asked)
            now = snapshot(found)
            if before is None or before != now:
                before, value = now, found
            self.fetched[name] = self.link.count, before, value
        return value

    def ask(self, names):
        """From here on these names are the student's."""
        self.asked.update(names)
        self.removed.difference_update(names)
        for name in names:
            self.pop(name, None)

    def rebound(self):
        """The functions that a test cell has put in the place of the student's."""
        return {
            name: self[name]
            for name in self.asked
            if name in self and callable(self[name]) and not isinstance(self[name], Remote)
        }


class MainModule(types.ModuleType):
    """The module `__main__` as test cells see it: the judge's namespace."""

    def __init__(self, names):
        super().__init__("__main__")
        vars(self)["_names"] = names

    def __getattr__(self, name):
        names = vars(self)["_names"]
        if dict.__contains__(names, name) or name in names.asked:
            with contextlib.suppress(KeyError):
                return names[name]
        raise AttributeError(f"__main__ has no {name}")

    def __setattr__(self, name, value):
        vars(self)["_names"][name] = value

    def __delattr__(self, name):
        vars(self)["_names"].pop(name, None)

    def __dir__(self):
        return list(vars(self)["_names"])


class JudgeShell(Shell):
    """The shell in which test cells run: its namespace reaches into the student's process."""

    first_cells: tuple[str, ...] = ("1 + 1", "1 / 0", "%matplotlib inline")
    last_error = None

    def init_user_ns(self):
        if not isinstance(self.user_ns, Names):
            self.user_ns = Names(self.user_ns)
        super().init_user_ns()
        sys.modules["__main__"] = MainModule(self.user_ns)

    @property
    def user_global_ns(self):
        return self.user_ns

    def run_cell(self, *args, **kwargs):
        result = super().run_cell(*args, **kwargs)
        self.last_error = result.error_before_exec or result.error_in_exec
        self.last_value = result.result
        return result
