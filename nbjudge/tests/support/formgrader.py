"""A running formgrader, and an HTTP client that sends what its pages send."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar

from tests.support.small_course import environment
from tests.support.waiting import wait_until

__all__ = ["TOKEN", "Browser", "formgrader"]

TOKEN = "a-token-of-this-test"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Browser:
    """An HTTP client with cookies and the XSRF header, as the formgrader's pages use them."""

    def __init__(self, address):
        self.address, self.cookies = address, CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, path):
        with self.opener.open(f"{self.address}/{path}", timeout=60) as answer:
            return answer.read().decode()

    def post(self, path, forged=False, method="POST", **data):
        tokens = [cookie.value for cookie in self.cookies if cookie.name == "_xsrf"]
        headers = {} if forged else {"X-CSRFToken": tokens[0]}
        body = json.dumps(data).encode() if data else b""
        request = urllib.request.Request(f"{self.address}/{path}", body, headers, method=method)
        with self.opener.open(request, timeout=120) as answer:
            return json.loads(answer.read())


@contextlib.contextmanager
def formgrader(course, home):
    """Run a Jupyter server with the formgrader in the course's folder while the block runs."""
    port = free_port()
    config = home / ".jupyter"
    config.mkdir(parents=True)
    extensions = {"nbgrader.server_extensions.formgrader": True}
    (config / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": {"jpserver_extensions": extensions}})
    )
    folders = {"HOME": home, "JUPYTER_CONFIG_DIR": config, "JUPYTER_DATA_DIR": home / "data"}
    folders |= {"JUPYTER_RUNTIME_DIR": home / "run", "IPYTHONDIR": home / "ipython"}
    path = os.pathsep.join([str(course.root), environment()["PYTHONPATH"]])
    variables = {name: str(folder) for name, folder in folders.items()}
    with open(home / "log.txt", "w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
                *("--ServerApp.ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
                f"--IdentityProvider.token={TOKEN}",
            ],
            cwd=course.root,
            env=environment(PYTHONPATH=path, **variables),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def answers():
        if process.poll() is not None:
            raise AssertionError((home / "log.txt").read_text())
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True

    try:
        assert wait_until(answers, 600)  # slow to start on a busy machine; a crash is seen at once
        yield Browser(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)
