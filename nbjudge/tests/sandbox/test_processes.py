"""States and processor times of processes, read from /proc."""

import os
import subprocess
import sys
import time

from nbjudge.sandbox.processes import Processes

# The parent is suspended until its child, made with vfork, has opened a pipe that nobody writes to.
SUSPENDED = """
import os
opens = (os.POSIX_SPAWN_OPEN, 0, "pipe", os.O_RDONLY, 0)
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[opens])
"""


def test_a_process_that_waits_for_a_child_made_with_vfork_is_not_running(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    processes = Processes()
    with subprocess.Popen([sys.executable, "-c", SUSPENDED], cwd=tmp_path) as parent:
        try:
            while not (children := processes.children(parent.pid)):
                assert parent.poll() is None
                time.sleep(0.01)
            while processes._status(f"{parent.pid}/stat")[0] != "D":
                assert parent.poll() is None
                time.sleep(0.01)
            assert not processes.is_running(parent.pid)
        finally:
            parent.kill()
            for child in children:
                os.kill(child, 9)
