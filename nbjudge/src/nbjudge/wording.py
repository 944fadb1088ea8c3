"""Parts of sentences that many messages have."""

import difflib
from collections.abc import Collection, Iterable


def nearest(name: str, known: Collection[str]) -> list[str]:
    """Return the known name of which another one may be a misspelling, if there is one."""
    return difflib.get_close_matches(name, known, 1)


def did_you_mean(names: Iterable[str]) -> str:
    """Return the end of a sentence that asks whether names are meant; "" without any."""
    asked = ", ".join(names)
    return f"; did you mean {asked}?" if asked else ""


def as_sentence(text: object) -> str:
    """Return a text with one full stop at its end, a question as it is."""
    words = str(text).removesuffix(".")
    return words if words.endswith("?") else f"{words}."
