"""A network that is this machine alone: a proxy that refuses everything, and Chromium behind it."""

import os
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What Chromium itself asks for, whatever the page: new versions, how to fill in forms, an account.
ITS_OWN = ("update.googleapis.com", "content-autofill.googleapis.com", "accounts.google.com")


def chromium_path():
    """The program that the variable CHROMIUM names, else one of the usual names; None without."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def serving(handler):
    """The address of a server on this machine, with one thread for each request."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def refusing_proxy():
    """The address of a proxy that refuses every request, and the list of these requests."""
    asked = []

    class Proxy(BaseHTTPRequestHandler):
        def refuse(self):
            if not any(host in self.path for host in ITS_OWN):
                asked.append(f"{self.command} {self.path}")
            self.send_error(502)

        do_GET = do_POST = do_CONNECT = do_HEAD = do_OPTIONS = refuse

        def log_message(self, *arguments):
            pass

    with serving(Proxy) as address:
        yield address, asked


@contextmanager
def offline_chromium(playwright):
    """Chromium without a network but this machine, and the list of what it asks others for."""
    with refusing_proxy() as (address, asked):
        options = ["--no-sandbox", f"--proxy-server={address}"]  # which is not for this machine
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=options)
        try:
            yield browser, asked
        finally:
            browser.close()
