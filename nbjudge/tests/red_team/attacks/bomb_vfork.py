"""A cell and a function wait forever in a state that looks like work: for a child made with vfork.

Success: grading does not finish.
"""

ALONE = True
WAIT = """
import os

def wait(name):
    os.mkfifo(name)
    opens = (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDONLY, 0)  # nobody writes to it
    os.posix_spawn("/bin/true", ["true"], {}, file_actions=[opens])
"""


def attack(submission):
    submission.answer("square", f"{WAIT}\ndef square(x):\n    wait(str(x))\n")
    submission.add(f"{WAIT}\nwait('cell')", after="square")
