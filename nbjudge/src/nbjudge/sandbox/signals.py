"""SIGTERM, which whoever ends a run may send to all of its processes."""

import os
import signal

__all__ = ["leave_sigterm_to_children"]


def leave_sigterm_to_children() -> None:
    """Let SIGTERM end what this process starts, and not the process itself.

    The coordinator ends sessions and judges in order: no question's points may be lost by a signal.
    What they fork or start can be ended by it as usual.
    """
    process = os.getpid()

    def handle(number: int, _: object) -> None:
        if os.getpid() != process:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    signal.signal(signal.SIGTERM, handle)
