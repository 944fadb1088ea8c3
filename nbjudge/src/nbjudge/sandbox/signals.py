"""Signal handling of sessions and judges, the processes that run notebook code."""

import os
import signal
import threading

KEPT = {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM}  # Python ignores the first two


def use_default_signals() -> None:
    """Handle signals as a Python program started from a terminal does, except for SIGTERM.

    Ignored and blocked signals are inherited by all programs that a notebook starts, so both are
    reset. SIGTERM ends those programs but not this process: systemd and SLURM send it to every
    process of a run, and the coordinator shuts down sessions and judges in order.
    """
    _leave_sigterm_to_children()
    for number in signal.valid_signals() - KEPT:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _leave_sigterm_to_children() -> None:
    """Make SIGTERM end the forks and programs that this process starts, but not the process itself.

    Started programs have no handlers. A fork inherits this handler, and Python discards signals
    that arrive during the fork, so SIGTERM stays blocked until the child has the default action.
    """
    process, masks = os.getpid(), threading.local()

    def handle(number: int, _: object) -> None:
        if os.getpid() != process:  # forked by a C library, without the functions below
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def hold_back() -> None:
        masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def go_on() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, masks.before)

    def go_on_in_child() -> None:
        if signal.getsignal(signal.SIGTERM) is handle:  # not replaced by the notebook
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        go_on()

    signal.signal(signal.SIGTERM, handle)
    os.register_at_fork(before=hold_back, after_in_parent=go_on, after_in_child=go_on_in_child)
