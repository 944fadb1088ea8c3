"""Show a tqdm progress bar, or none in a browser without tqdm."""

import sys
from typing import Any

__all__ = ["progress_bar"]


def progress_bar(**settings: Any) -> Any:
    """Return a progress bar for a `with` statement.

    Parameters
    ----------
    **settings : Any
        Arguments of tqdm.

    Returns
    -------
    bar : tqdm.tqdm
        Progress bar; without tqdm, an object whose methods do nothing.
    """
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return _NoBar()
    if sys.platform == "emscripten":
        tqdm.monitor_interval = 0  # a browser has no thread to refresh the bar
    return tqdm(**settings)


class _NoBar:
    def __enter__(self) -> "_NoBar":
        return self

    def __exit__(self, *error: object) -> None:
        """Do nothing: there is no bar to close."""

    def update(self, steps: int = 1) -> None:
        """Do nothing."""

    def set_description(self, text: str) -> None:
        """Do nothing."""

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        """Do nothing."""
