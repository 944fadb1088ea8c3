"""Forms of texts in which small differences do not count."""

import re


def nonempty_lines(text: str) -> set[str]:
    """Return the lines of a text that are not empty, without surrounding spaces."""
    return {line.strip() for line in text.splitlines() if line.strip()}


def folded_name(text: str) -> str:
    """Return a name in lower case, with single spaces."""
    return " ".join(text.casefold().split())


def plain(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return re.sub(r"[\W_]+", "", text).casefold()
