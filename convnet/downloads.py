"""Download files with a time limit on silence and a minimum speed, in standard Python."""

import queue
import textwrap
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

__all__ = ["DownloadError", "pieces"]

SLOWEST = 20_000  # minimum average speed in bytes per second


class DownloadError(Exception):
    """Raised if a download fails; a notebook shows only the message, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return textwrap.wrap(str(self), 90, break_long_words=False, break_on_hyphens=False)


def pieces(address: str, silence: float = 15) -> Iterator[tuple[bytes, int | None]]:
    """
    Download a file and yield it in pieces.

    Parameters
    ----------
    address : str
        URL with http or https.
    silence : float
        Longest time without data, in seconds, including the DNS lookup.

    Yields
    ------
    piece : bytes
        Next bytes of the file.
    size : int or None
        Size of the whole file in bytes; None if the server does not send it.

    Raises
    ------
    DownloadError
        The download failed or was too slow; the message is the end of a sentence.
    """
    host = urlsplit(address).hostname
    came: queue.SimpleQueue[tuple[bytes, int | None] | Exception | None] = queue.SimpleQueue()
    closed = threading.Event()

    def read() -> None:
        try:
            # This timeout limits a single wait; the loop below limits the total time.
            with urllib.request.urlopen(address, timeout=2 * silence) as answer:
                size = answer.length
                while not closed.is_set() and (piece := answer.read1(1 << 16)):
                    came.put((piece, size))
                if answer.length and not closed.is_set():
                    raise ConnectionError("the file is not complete")
            came.put(None)
        except Exception as error:
            came.put(error)

    threading.Thread(target=read, daemon=True).start()
    begin, size = time.monotonic(), 0
    try:
        while True:
            left = begin + silence + size / SLOWEST - time.monotonic()
            try:
                next_one = came.get(timeout=max(0, min(silence, left)))
            except queue.Empty:
                raise DownloadError(_too_long(host, size, silence, left)) from None
            if isinstance(next_one, TimeoutError):  # of the single wait: this thread had to wait
                raise DownloadError(_too_long(host, size, silence, left)) from None
            if isinstance(next_one, Exception):
                raise DownloadError(_why(next_one, host)) from None
            if next_one is None:
                return
            size += len(next_one[0])
            yield next_one
    finally:
        closed.set()


def _too_long(host: str | None, size: int, silence: float, left: float) -> str:
    if not size:
        return f"{host} did not answer for {silence:g} seconds"
    if left >= silence:
        return f"{host} sent nothing more for {silence:g} seconds"
    return f"{host} sends too slowly, less than {SLOWEST / 1000:g} kB in a second"


def _why(error: Exception, host: str | None) -> str:
    match error:
        case urllib.error.HTTPError():
            error.close()
            return f"{host} answers {error.code} {error.reason}"
        case urllib.error.URLError(reason=reason) if "SSL" in type(reason).__name__:
            return f"{host} cannot prove who it is; a login page or a proxy may stand in its place"
        case urllib.error.URLError():
            return f"there is no connection to {host}"
        case _:
            return f"the connection to {host} broke off"
