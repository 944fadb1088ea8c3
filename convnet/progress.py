"""A progress bar of the package tqdm; in a browser, which may lack it, the work goes on without."""

import sys
from typing import Any

__all__ = ["progress_bar"]


def progress_bar(**settings: Any) -> Any:
    """
    Return a progress bar for a `with` statement.

    Parameters
    ----------
    **settings : Any
        As tqdm takes them.

    Returns
    -------
    bar : tqdm.tqdm
        The bar; without tqdm, an object with the methods that the course calls, which do nothing.
    """
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return _NoBar()
    if sys.platform == "emscripten":
        tqdm.monitor_interval = 0  # a browser has no threads to refresh the bar from
    return tqdm(**settings)


class _NoBar:
    def __enter__(self) -> "_NoBar":
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing has been drawn, so nothing is left to close."""

    def update(self, steps: int = 1) -> None:
        """Count nothing."""

    def set_description(self, text: str) -> None:
        """Show nothing."""

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        """Show nothing."""
