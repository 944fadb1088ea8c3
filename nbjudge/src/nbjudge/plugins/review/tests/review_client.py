"""The real server of `nbjudge review` in a thread, and clients that send the page's requests."""

import asyncio
import contextlib
import datetime
import json
import secrets
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

from nbjudge.plugins.review.answers import Answers
from nbjudge.plugins.review.graders import tokens_of
from nbjudge.plugins.review.operations import Review
from nbjudge.plugins.review.server import start

__all__ = ["KEY", "Client", "Clock", "serving"]

KEY = b"k" * 32  # signs the graders' links


class Clock:
    """A clock that moves only when a test says so."""

    def __init__(self):
        self.now = datetime.datetime(2026, 11, 2, 12)

    def __call__(self):
        return self.now

    def wait(self, minutes):
        self.now += datetime.timedelta(minutes=minutes)


class Client:
    """A page of the review; its answers are those of the list `answers` unless another is named.

    Parameters
    ----------
    port
        The server's port, if it is not in the address.
    """

    def __init__(self, address, port=None):
        self.address, self.page = address, secrets.token_hex(16)
        self.listening = f"127.0.0.1:{port or urlsplit(address).port}"
        self.host, self.start = urlsplit(address).netloc, urlsplit(address).path

    def ask(self, path, method="GET", data=None, **headers):
        """Return the status and the answer, decoded if it is JSON.

        Parameters
        ----------
        headers
            Replacements for the page's own headers; None removes one.
        """
        return self.send(path, method, None if data is None else json.dumps(data), **headers)

    def send(self, path, method, body, **headers):
        """Do what `ask` does with any text or bytes as the body of the request."""
        body = body.encode() if isinstance(body, str) else body
        own = {"Host": self.host, "Nbjudge-Page": self.page}
        if method != "GET":
            own |= {"Origin": f"http://{self.host}", "Content-Type": "application/json"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection(self.listening, timeout=60)
        with contextlib.closing(connection):
            own = {name: value for name, value in own.items() if value is not None}
            connection.putrequest(method, self.start + path, skip_host=True)
            for name, value in own.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body or b"")))
            connection.endheaders(body or b"")
            answer = connection.getresponse()
            self.headers = answer.headers
            text = answer.read().decode()
        json_answer = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if json_answer else text

    def answers(self, name="answers"):
        return self.ask(name)[1]["answers"]

    def answer(self, number=0, name="answers"):
        """Open an answer by its number in the list."""
        ids = [None, *(one["id"] for one in self.answers(name))]
        return self.ask(name, "POST", {"start": ids[number]})[1]["answer"]

    def next(self, start=None, name="answers"):
        """Open the next waiting answer in a list; return None if there is none."""
        given = {"start": start and start["id"], "waiting": True}
        status, body = self.ask(name, "POST", given)
        assert status == 200, body
        return body["answer"]

    def leave(self, shown, name="answers"):
        """Close the page."""
        assert self.ask(f"{name}/{shown['id']}", "DELETE", {}) == (200, {})

    def save(self, shown, points=1, comment="", ticked=(), name="answers", **changes):
        data = {"version": shown["version"], "points": points, "comment": comment}
        data |= {"ticked": list(ticked), **changes}
        return self.ask(f"{name}/{shown['id']}", "PUT", data)


@contextlib.contextmanager
def serving(course, everything=False, names=False, graders=(), url="", **options):
    """Yield a client for each grader, or one for a review by one person.

    Parameters
    ----------
    options
        Further keyword arguments of Review.
    """
    assignment = course.assignment()
    answers = Answers(assignment, everything or bool(graders))
    review = Review(answers, names, graders, **options)
    tokens = tokens_of(graders, KEY) if graders else None
    loop, ready, found = asyncio.new_event_loop(), threading.Event(), []

    async def begin():
        found.extend(start(review, tokens, url=url))
        ready.set()

    thread = threading.Thread(target=lambda: (loop.run_until_complete(begin()), loop.run_forever()))
    thread.start()
    assert ready.wait(60)
    try:
        (port,) = {s.getsockname()[1] for s in found[0]._sockets.values()}
        clients = [Client(address, port) for address in found[1].values()]
        for client in clients:
            client.review = review
        yield clients
    finally:
        loop.call_soon_threadsafe(found[0].stop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()
        answers.close()
        assignment.close()
