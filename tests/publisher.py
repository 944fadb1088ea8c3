"""A local web server that answers as a test requires: correctly, or in one of many wrong ways."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOGIN_PAGE = b"<html>Please log in.</html>"


class Publisher(ThreadingHTTPServer):
    """A server for files by name, in any folder.

    Parameters
    ----------
    answer
        One of the functions below.
    asked
        Names of the requested files.
    """

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.asked, self.answer = files, [], whole
        self.end = threading.Event()  # ends delayed answers

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request, client_address):
        pass  # the client has disconnected


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        if name in self.server.files:
            self.server.answer(self, self.server.files[name])
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


@contextmanager
def published(files):
    """Serve files {name: bytes} in a thread while the block runs."""
    with Publisher(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.end.set()
            server.shutdown()
            thread.join()


def closed_port():
    """Return a local port without a listener."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


# Answers of the server


def whole(request, content):
    _start(request, len(content))
    request.wfile.write(content)


def half(request, content):
    _start(request, len(content))
    request.wfile.write(content[: len(content) // 2])


def half_of_unknown_size(request, content):
    _start(request)
    request.wfile.write(content[: len(content) // 2])


def login_page(request, content):
    whole(request, LOGIN_PAGE)


def at_first(fault):
    """Answer wrongly once, and then correctly."""
    answers = [fault]
    return lambda request, content: (answers.pop() if answers else whole)(request, content)


def missing(request, content):
    request.send_error(404)


def hang_up(request, content):
    pass


def silence(request, content):
    request.server.end.wait()


def silence_in_the_middle(request, content):
    half_of_unknown_size(request, content)
    request.wfile.flush()
    silence(request, content)


def drip(request, content):
    """Send single bytes slowly enough that only a limit of the total time stops the download."""
    _start(request, len(content))
    for byte in content:
        request.wfile.write(bytes([byte]))
        request.wfile.flush()
        if request.server.end.wait(0.05):
            return


def drip_of_headers(request, content):
    request.wfile.write(b"HTTP/1.0 200 OK\r\n")
    while not request.server.end.wait(0.05):
        request.wfile.write(b"X-Wait: a little\r\n")


def _start(request, size=None):
    request.send_response(200)
    if size is not None:
        request.send_header("Content-Length", str(size))
    request.end_headers()
