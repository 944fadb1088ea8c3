"""A local server is queried by urllib, by pip's requests, and by the shell.

Success: the network's canary, or a connection to the server.
"""

from tests.red_team.submission import SHOW

ALONE = True


def attack(submission):
    submission.first(
        SHOW
        + """
import os, urllib.request
for host in ("127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"):
    try:
        show(urllib.request.urlopen(f"http://{host}:8765/", timeout=2).read())
    except Exception as error:
        print(error)
show(os.popen("bash -c 'exec 3<>/dev/tcp/127.0.0.1/8765; cat <&3'").read())
"""
    )
