"""The judge's copies of objects that cross the boundary, kept equal to the originals.

Objects are passed by value, but a test must see what it would see in one process. If a call changes
an object that both processes hold, the answer contains the new content, and the judge's object is
updated:

- The judge's objects, passed as arguments: the answer's `changed`.
- The arguments and results of the latest calls, which the student's code may have kept: the
  answer's `earlier`, and, if the test changes them, the request's `earlier`.
- The student's objects that a test looks up by name are not kept here: `Names.fetched` looks them
  up again after every call.

The content of the judge's objects before the first change is kept, so that the change can be undone
for the next test. Objects that cannot be copied stay in their process; stand-ins refer to them in
the other process.
"""

import copy
from collections.abc import Iterable
from typing import Any

from nbjudge.wire.decoding import Known
from nbjudge.wire.encoding import owner
from nbjudge.wire.requests import Raised, Returned
from nbjudge.wire.values import Kept, assign, mutable_parts


class Copies:
    """The mutable objects that calls of one submission have passed or returned.

    Attributes
    ----------
    before
        The judge's objects that calls changed or returned, with their earlier content, oldest
        first: {id: (object, copy)}.
    kept
        The arguments and results of the latest calls.
    """

    def __init__(self) -> None:
        self.before: dict[int, tuple[Any, Any]] = {}
        self.kept = Kept(self._assign)

    def apply(self, answer: Returned | Raised, known: Known) -> None:
        """Apply the changes that a call made to its arguments and to values of earlier calls.

        Parameters
        ----------
        known
            The mutable objects in the arguments; `used` has the indices of those returned.
        """
        self.kept.take(answer.earlier)
        for index in sorted(known.used):  # the test can now change them under another name
            self._keep(known[index])
        for index, new in dict(answer.changed).items():  # a forged answer may repeat one
            if 0 <= index < len(known):
                self._assign(known[index], new)

    def _keep(self, value: Any) -> None:
        """Keep the content of one of the judge's objects, unless earlier content is kept."""
        self.before.setdefault(id(value), (value, copy.copy(value)))

    def _assign(self, old: Any, new: Any) -> None:
        """Update an object that a call has changed, and keep its earlier content."""
        self._keep(old)
        assign(old, new)

    def undo(self, but: Iterable[Any], own: Iterable[Any]) -> None:
        """Undo the changes to the judge's objects, latest first.

        Parameters
        ----------
        but
            Values whose changes, and those of their parts, are kept, except for parts of `own`.
        own
            The judge's values.
        """
        owners = {id(owner(part)) for part in mutable_parts(own, {})}  # a test may hold a view
        spared = {id(part) for part in mutable_parts(but, {}) if id(owner(part)) not in owners}
        for number, (value, content) in reversed(self.before.items()):
            if number not in spared:
                assign(value, content)
        self.before.clear()
