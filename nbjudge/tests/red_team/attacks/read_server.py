"""A local server and one on an abstract socket are queried.

Success: the network's canary, or a connection to the server.
"""

from tests.red_team.submission import SHOW

ALONE = True


def attack(submission):
    submission.first(
        SHOW
        + """
import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", 8765)), (socket.AF_UNIX, "\\0grader")):
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
        one.settimeout(2)
        one.connect(address)
        show(one.recv(1000) + one.recv(1000))
    except OSError as error:
        print(error)
"""
    )
