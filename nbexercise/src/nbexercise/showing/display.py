"""Display text, HTML and pictures in a notebook, if there is one."""

import os
import sys
from collections.abc import Mapping
from html import escape
from typing import Any

from ..judging.wording import unbroken, wrapped
from .markup import as_html

__all__ = ["display", "in_colab", "kernel_shell", "namespace", "publish"]
__all__ += ["running_shell", "tell"]

_FOLDED = (
    "<details><summary>The same in numbers</summary>"
    '<pre style="white-space:pre-wrap">{}</pre></details>'
)


def display(svg: str, words: str = "") -> bool:
    """Show a picture in a notebook, with folded text below it; do nothing without a notebook.

    Returns
    -------
    bool
        True if there is a notebook.
    """
    shown = publish({"image/svg+xml": svg})
    if shown and words:
        publish({"text/html": _FOLDED.format(escape(unbroken(words)))})
    return shown


def tell(text: str, state: str, links: Mapping[str, str] | None = None) -> bool:
    """Show a verdict formatted by `as_html` in a kernel; do nothing elsewhere.

    Returns
    -------
    bool
        True if the verdict was shown.
    """
    if kernel_shell() is None:
        return False
    html = as_html(text, state, {} if in_colab() else links)
    return publish({"text/html": html, "text/plain": wrapped(text)})


def publish(data: Mapping[str, Any]) -> bool:
    """Display {MIME type: content} in a notebook; do nothing without a notebook.

    Returns
    -------
    bool
        True if there is a notebook.
    """
    if running_shell() is None:
        return False
    from IPython.display import display as show

    show(data, raw=True)  # type: ignore[no-untyped-call]
    return True


def in_colab() -> bool:
    """Return True in Google Colab, where outputs cannot link to headings."""
    return "google.colab" in sys.modules


def kernel_shell() -> Any:
    """Return the IPython shell of an interactive kernel; None elsewhere.

    A terminal has no kernel. While nbgrader runs a notebook, the result is None too, because
    nbgrader needs the errors unchanged.
    """
    shell = running_shell()
    by_nbgrader = {"NBGRADER_EXECUTION", "NBGRADER_VALIDATING"} & os.environ.keys()
    return None if by_nbgrader else shell if hasattr(shell, "kernel") else None


def namespace() -> dict[str, Any]:
    """Return the variables of the notebook."""
    shell = running_shell()
    return vars(sys.modules["__main__"]) if shell is None else shell.user_ns


def running_shell() -> Any:
    """Return the IPython shell that runs this code; None outside IPython."""
    if not sys.modules.get("IPython"):
        return None
    from IPython import get_ipython

    return get_ipython()
