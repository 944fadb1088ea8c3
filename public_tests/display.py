"""Show something in a notebook, if there is one."""

import sys
from collections.abc import Mapping
from html import escape
from typing import Any

__all__ = ["display", "publish"]

_FOLDED = "<details><summary>The same in numbers</summary><pre>{}</pre></details>"


def display(svg: str, words: str = "") -> bool:
    """Show a picture in a notebook, and words folded below it; without a notebook do nothing.

    Returns
    -------
    bool
        Whether there is a notebook.
    """
    shown = publish({"image/svg+xml": svg})
    if shown and words:
        publish({"text/html": _FOLDED.format(escape(words))})
    return shown


def publish(data: Mapping[str, Any]) -> bool:
    """Show data of some types, {type: content}, in a notebook; without a notebook do nothing.

    Returns
    -------
    bool
        Whether there is a notebook.
    """
    if not sys.modules.get("IPython"):
        return False
    from IPython import get_ipython
    from IPython.display import display as show

    if get_ipython() is None:
        return False
    show(data, raw=True)  # type: ignore[no-untyped-call]
    return True
