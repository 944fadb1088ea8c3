"""A thread looks at the bytes that wait in every socket.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        import socket, threading, time
        kept = set()

        def look():
            while True:
                for number in range(3, 64):
                    try:
                        one = socket.socket(fileno=number)
                    except OSError:
                        continue
                    try:
                        kept.add(one.recv(1 << 16, socket.MSG_PEEK | socket.MSG_DONTWAIT))
                    except OSError:
                        pass
                    finally:
                        one.detach()
                time.sleep(0.001)

        threading.Thread(target=look, daemon=True).start()
    """)
    submission.in_child("import time\ntime.sleep(1)\nshow(kept)", SHOW)
