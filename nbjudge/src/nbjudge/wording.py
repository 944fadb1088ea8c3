"""Building blocks of messages."""

import difflib
import re
from collections.abc import Collection, Iterable, Sized

LONGEST_MESSAGE = 300  # characters of an error message in a terminal


def brief(message: str) -> str:
    """Return an error message, cut after LONGEST_MESSAGE characters."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[:LONGEST_MESSAGE].rstrip()}... ({len(message):,} characters)"


def nearest(name: str, known: Collection[str]) -> list[str]:
    """Return the known name closest to a possibly misspelled one, as a list of at most one name."""
    return difflib.get_close_matches(name, known, 1)


def did_you_mean(names: Iterable[str]) -> str:
    """Return the ending "; did you mean ...?" for suggested names; "" if there are none."""
    suggestions = ", ".join(names)
    return f"; did you mean {suggestions}?" if suggestions else ""


def as_sentence(text: object) -> str:
    """Return a text that ends with exactly one period; a question stays unchanged.

    >>> import nbjudge
    >>> nbjudge.as_sentence("ps1.ipynb is missing")
    'ps1.ipynb is missing.'
    >>> nbjudge.as_sentence("no assignment 'ps'; did you mean ps1?")
    "no assignment 'ps'; did you mean ps1?"
    """
    words = str(text).removesuffix(".")
    return words if words.endswith("?") else f"{words}."


def in_notebook(grade_id: str, notebook: str, notebooks: Sized) -> str:
    """Return a grade id, with its notebook if the assignment has several."""
    return f"{grade_id} ({notebook})" if len(notebooks) > 1 else grade_id


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article, chosen by spelling: an array, a UserDict."""
    return f"{'an' if re.match(r'(?i)(?!use|uni)[aeiou]', noun) else 'a'} {noun}"
