"""Signals of the processes in which code of notebooks runs: sessions and judges."""

import os
import signal
import threading

__all__ = ["use_default_signals"]

KEPT = {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM}  # Python itself ignores the first two


def use_default_signals() -> None:
    """Handle signals as a Python program started from a terminal does, except for SIGTERM.

    What this process inherited is reset: signals that are ignored or blocked would be so in all
    programs that notebooks start. SIGTERM ends those programs, and not this process: systemd and
    SLURM send it to every process of a run, whose coordinator ends sessions and judges in order.
    """
    _leave_sigterm_to_children()
    for number in signal.valid_signals() - KEPT:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _leave_sigterm_to_children() -> None:
    """Let SIGTERM end what this process forks or starts, and not the process itself.

    Programs that are started have no handlers. A fork has its parent's, and Python forgets the
    signals that arrive while it starts: they are held back until it has the default action.
    """
    process, masks = os.getpid(), threading.local()

    def handle(number: int, _: object) -> None:
        if os.getpid() != process:  # a fork made by a library in C, which calls none of the below
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def hold_back() -> None:
        masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def go_on() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, masks.before)

    def go_on_in_child() -> None:
        if signal.getsignal(signal.SIGTERM) is handle:  # otherwise the notebook has set its own
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        go_on()

    signal.signal(signal.SIGTERM, handle)
    os.register_at_fork(before=hold_back, after_in_parent=go_on, after_in_child=go_on_in_child)
