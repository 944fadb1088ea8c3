"""The judge's copies of objects that cross the boundary, kept equal to the originals.

Objects are passed by value, but a test must see what it would see in one process. If a call changes
an object that both processes hold, the answer contains the new content, and the judge's object is
updated:

- The judge's objects, passed as arguments: the answer's `changed`. The content before the first
  change is kept, so that the change can be undone for the next test.
- The student's object that the previous call returned: the answer's `earlier`.
- The student's objects that a test looks up by name are not kept here: `Names.fetched` looks them
  up again after every call.

Objects that cannot be copied stay in their process; stand-ins refer to them in the other process.
"""

import collections
import copy
from collections.abc import Iterable
from typing import Any

import numpy as np

from nbjudge.wire import tables
from nbjudge.wire.decoding import Known
from nbjudge.wire.requests import Raised, Returned
from nbjudge.wire.values import mutable_parts


class Copies:
    """The mutable objects that calls of one submission have passed or returned.

    Attributes
    ----------
    before
        The judge's objects that calls changed or returned, with their earlier content, oldest
        first: {id: (object, copy)}.
    last
        The value that the last call returned.
    """

    def __init__(self) -> None:
        self.before: dict[int, tuple[Any, Any]] = {}
        self.last: Any = None

    def apply(self, answer: Returned | Raised, known: Known) -> None:
        """Apply the changes that a call made to its arguments and to the last return value.

        Parameters
        ----------
        known
            The mutable objects in the arguments; `used` has the indices of those returned.
        """
        for new in answer.earlier:
            self._overwrite_last(new)
        for index in sorted(known.used):  # the test can now change them under another name
            self._keep(known[index])
        for index, new in answer.changed:
            if 0 <= index < len(known):
                self._keep(known[index])
                _assign(known[index], new)

    def _keep(self, value: Any) -> None:
        """Keep the content of one of the judge's objects, unless earlier content is kept."""
        self.before.setdefault(id(value), (value, copy.copy(value)))

    def _overwrite_last(self, new: Any) -> None:
        """Update the content of the last return value, except for the judge's own objects in it."""
        old_parts, new_parts = mutable_parts([self.last], {}), mutable_parts([new], {})
        if len(old_parts) == len(new_parts):
            for old, part in zip(old_parts, new_parts, strict=True):
                if id(old) not in self.before:
                    _assign(old, part)

    def undo(self, but: Iterable[Any], own: Iterable[Any]) -> None:
        """Undo the changes to the judge's objects, latest first.

        Parameters
        ----------
        but
            Values whose changes, and those of their parts, are kept, except for parts of `own`.
        own
            The judge's values.
        """
        spared = {id(part) for part in mutable_parts(but, {})}
        spared -= {id(part) for part in mutable_parts(own, {})}
        for number, (value, content) in reversed(self.before.items()):
            if number not in spared:
                _assign(value, content)
        self.before.clear()


def _assign(old: Any, new: Any) -> None:
    """Replace the content of a mutable object with that of another of the same kind."""
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
        (dict if isinstance(old, dict) else set).update(old, new)  # Counter.update would add
    elif tables.is_table(old):
        tables.overwrite(old, new)
