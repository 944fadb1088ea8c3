"""Run a function with a limit of processor time, which the load of the machine does not change."""

import os
import signal
import traceback

__all__ = ["finishes"]


def finishes(function, seconds=10):
    """True if a function returns within some seconds of processor time, in a fork."""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the kernel ends the fork, even in a regex
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            function()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status in (0, -signal.SIGPROF), f"the function failed (status {status})"
    return status == 0
