"""Start fork servers, and say how they are to be isolated."""

import os
import socket

from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import IsolationError
from nbjudge.sandbox import control_socket, fork_server
from nbjudge.sandbox.launch import start
from nbjudge.sandbox.messages import Isolate, Isolated, Refused


def living_fork_server(
    control: socket.socket, config: SandboxConfig, modules: list[str]
) -> socket.socket:
    """The control socket of a fork server; of another one where it was killed, as for memory.

    Parameters
    ----------
    modules
        That another one imports before it forks.
    """
    if not control_socket.is_gone(control):
        return control
    control.close()
    return start_fork_server(config, modules)


def start_fork_server(config: SandboxConfig, modules: list[str]) -> socket.socket:
    """Start a fork server in the place of one that is gone; returns its control socket.

    Parameters
    ----------
    modules
        To be imported before it forks.
    """
    control, other_end = control_socket.pair()
    start("sandbox.fork_server", other_end)
    other_end.close()
    isolate(control, config, modules)
    await_isolation(control, config)
    return control


def fork_first_server(connection: socket.socket) -> tuple[int, socket.socket]:
    """Fork the first fork server, which saves it from loading all again, before anything is known.

    Parameters
    ----------
    connection
        The zygote's own.

    Returns
    -------
    pid, control
        The fork server's process id and control socket.
    """
    control, other_end = control_socket.pair()
    pid = os.fork()
    if pid == 0:
        connection.close()
        control.close()
        try:
            fork_server.serve(other_end)
        finally:
            os._exit(0)
    other_end.close()
    return pid, control


def isolate(control: socket.socket, config: SandboxConfig, modules: list[str]) -> None:
    """Say how a fork server is to be isolated, and what it imports before it forks."""
    control_socket.send(control, Isolate(config.sandbox, config.output_size, tuple(modules)))


def await_isolation(control: socket.socket, config: SandboxConfig) -> None:
    """Wait until a fork server is isolated.

    Raises
    ------
    IsolationError
        Where that cannot be had.
    """
    answer, _ = control_socket.receive(control, Isolated, Refused)
    if answer != Isolated(config.sandbox.level_name):
        reason = "the fork server ended before it was ready"
        raise IsolationError(answer.reason if isinstance(answer, Refused) else reason)
