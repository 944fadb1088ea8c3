"""Restrict the network to this machine: a proxy that refuses everything, and Chromium behind it."""

import os
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Requests of Chromium itself for updates, form filling and accounts, whatever the page.
ITS_OWN = ("update.googleapis.com", "content-autofill.googleapis.com", "accounts.google.com")


def chromium_path():
    """Return the program in the variable CHROMIUM, or the first usual one; None without one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def serving(handler):
    """Run a local server while the block runs, with a thread per request; return its address."""
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
    """Run a proxy that refuses every request; return its address and the list of requests."""
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
    """Start Chromium without a network beyond this machine; return it and its foreign requests."""
    with refusing_proxy() as (address, asked):
        options = ["--no-sandbox", f"--proxy-server={address}"]  # not used for localhost
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=options)
        try:
            yield browser, asked
        finally:
            browser.close()
