"""Serve the `nbjudge review` page and answer its requests.

The server listens on 127.0.0.1 only. Every path begins with a token, which names the grader, the
Host header must name this server, and requests that change data must come from the server's own
page. The content security policy of each response allows only the page's own script, and no other
resource. To be reached from other machines, the server needs a proxy with HTTPS.
"""

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hmac import compare_digest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import OperationalError
from tornado.httpserver import HTTPServer
from tornado.log import app_log
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from nbjudge import feedback
from nbjudge.plugins.review.claims import HeldError, Seat
from nbjudge.plugins.review.manual_grades import ChangedError
from nbjudge.plugins.review.operations import TITLES, Review

THREADS = 16  # requests answered at a time; the others wait
_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES = {  # parts of the page: {name: (type, files to concatenate)}
    "": ("text/html", [_HERE / "page.html"]),
    "page.js": ("text/javascript", [_HERE / "page.js"]),
    "page.css": ("text/css", [Path(feedback.__file__).parent / "page.css", _HERE / "page.css"]),
}


class _Handler(RequestHandler):
    """Base class of the request handlers: security headers, checks and errors."""

    def initialize(
        self,
        review: Review,
        graders: Mapping[str, str],
        hosts: Mapping[str, str],
        threads: ThreadPoolExecutor,
    ) -> None:
        self.review, self.graders, self.hosts, self.threads = review, graders, hosts, threads

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        if self.request.host not in self.hosts:  # prevents DNS rebinding
            host = list(self.hosts)[-1]
            raise HTTPError(403, f"Use the address with {host} that nbjudge review printed")
        if self.request.method not in ("GET", "HEAD"):
            origin = self.request.headers.get("Origin", "")
            kind = self.request.headers.get("Content-Type", "")
            if origin not in self.hosts.values() or kind != "application/json":
                raise HTTPError(403, "Only the page of nbjudge review can change grades")
        token = self.path_args.pop(0) if self.path_args else ""
        names = [name for name, own in self.graders.items() if compare_digest(own, token)]
        if not names:
            raise HTTPError(404, "This link is not valid: use the one that nbjudge review printed")
        (self.grader,) = names

    def seat(self) -> Seat:
        """Return the page that sent the request."""
        page = self.request.headers.get("Nbjudge-Page", "")
        if self.grader and not re.fullmatch("[0-9a-f]{32}", page):
            raise HTTPError(400, "The request has no page id: reload the page")
        return Seat(self.grader, page) if self.grader else Seat()

    def check_xsrf_cookie(self) -> None:
        """Do nothing: there are no cookies, and `prepare` checks the origin."""

    async def do(self, operation: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        """Return the result of an operation in a thread, so that no answer delays other graders."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, operation, *arguments)

    def body(self) -> dict[str, Any]:
        try:
            data = json.loads(self.request.body)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise HTTPError(400, "The request must be a JSON object")
        return data

    def write_error(self, status_code: int, **options: Any) -> None:
        error = options.get("exc_info", (None, None))[1]
        message = "An unexpected error occurred; see the terminal of nbjudge review."
        if isinstance(error, HTTPError):
            message = error.log_message or self._reason
        elif isinstance(error, HeldError):
            self.set_status(423)
            message = f"{error}. Your input is still here."
        elif isinstance(error, LookupError):
            self.set_status(404)
            message = str(error.args[0])
        elif isinstance(error, ValueError | RecursionError):
            self.set_status(400)
            message = str(error)
        elif isinstance(error, OperationalError):
            self.set_status(503)
            message = "The gradebook is unavailable; nothing was saved. Try again."
        self.finish({"message": message})

    def log_exception(self, kind: Any, value: Any, traceback: Any) -> None:
        """Print only unexpected errors, without the request, whose path is a grader's link."""
        if not isinstance(value, HTTPError | HeldError | LookupError | ValueError | RecursionError):
            app_log.error("Unexpected error", exc_info=(kind, value, traceback))


class _FileHandler(_Handler):
    def get(self, name: str) -> None:
        kind, files = _FILES[name]
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish("\n".join(file.read_text(encoding="utf-8") for file in files))


class _ListHandler(_Handler):
    async def get(self, name: str) -> None:
        self.finish(await self.do(self.review.overview, self.seat(), name))

    async def post(self, name: str) -> None:
        data = self.body()
        start, waiting = data.get("start"), data.get("waiting") is True
        start = start if isinstance(start, str) else None
        by = -1 if data.get("by") == -1 else 1
        self.finish(await self.do(self.review.step, self.seat(), name, start, by, waiting))


class _AnswerHandler(_Handler):
    async def put(self, name: str, key: str) -> None:
        try:
            answer = await self.do(self.review.save, self.seat(), name, key, self.body())
        except ChangedError:
            self.set_status(409)
            answer = await self.do(self.review.show, self.seat(), name, key)
        self.finish(answer)

    def delete(self, name: str, key: str) -> None:
        self.review.claims.release(self.seat())
        self.finish({})


class _ClaimHandler(_Handler):
    def put(self, name: str, key: str) -> None:
        self.finish(self.review.hold(self.seat(), key))


class _ItemsHandler(_Handler):
    async def post(self, name: str, key: str) -> None:
        self.finish(await self.do(self.review.add_item, self.seat(), name, key, self.body()))


class _ItemHandler(_Handler):
    async def delete(self, name: str, key: str, item: str) -> None:
        self.finish(await self.do(self.review.remove_item, self.seat(), name, key, item))


def start(
    review: Review, tokens: Mapping[str, str] | None = None, port: int = 0, url: str = ""
) -> tuple[HTTPServer, dict[str, str]]:
    """Serve a review on this machine, in the running event loop.

    Parameters
    ----------
    tokens
        Tokens of the graders, by name; by default, a random one for a review by one person.
    port
        Port number; 0 for a free port.
    url
        Address at which a proxy on this machine forwards requests to the server, if any.

    Returns
    -------
    server
        The running server, which the caller stops.
    addresses
        Address of each grader's page, by name.

    Raises
    ------
    ValueError
        If the port is in use.
    """
    try:
        (socket,) = bind_sockets(port, "127.0.0.1")
    except OSError as error:
        raise ValueError(
            f"Port {port} cannot be used: {error.strerror}. Choose another one, or omit --port"
        ) from None
    host = f"127.0.0.1:{socket.getsockname()[1]}"
    hosts = {host: f"http://{host}"}  # the origin of each host
    if url:
        parts = urlsplit(url)
        hosts[parts.netloc] = f"{parts.scheme}://{parts.netloc}"
    graders = tokens or {"": secrets.token_urlsafe(32)}
    threads = ThreadPoolExecutor(THREADS, "nbjudge-review")
    arguments = {"review": review, "graders": graders, "hosts": hosts, "threads": threads}
    token, key = "/([A-Za-z0-9_-]+)", "([0-9a-f]+)"
    answer = f"{token}/({'|'.join(TITLES)})/{key}"
    application = Application(
        [
            (f"{token}/({'|'.join(map(re.escape, _FILES))})", _FileHandler, arguments),
            (f"{token}/({'|'.join(TITLES)})", _ListHandler, arguments),
            (answer, _AnswerHandler, arguments),
            (f"{answer}/claim", _ClaimHandler, arguments),
            (f"{answer}/items", _ItemsHandler, arguments),
            (f"{answer}/items/{key}", _ItemHandler, arguments),
        ],
        log_function=lambda handler: None,  # the default would print the token with each request
    )
    server = HTTPServer(application, max_body_size=1_000_000)
    server.add_sockets([socket])
    base = (url or f"http://{host}").rstrip("/")
    return server, {name: f"{base}/{own}/" for name, own in graders.items()}
