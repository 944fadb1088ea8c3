"""Start fork servers and configure their isolation."""

import os
import socket
import traceback

from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import IsolationError
from nbjudge.sandbox import control_socket, fork_server
from nbjudge.sandbox.launch import start
from nbjudge.sandbox.messages import Isolate, Isolated, Refused


def living_fork_server(
    control: socket.socket, config: SandboxConfig, modules: list[str]
) -> socket.socket:
    """Return the control socket of a live fork server, starting a new one if it was killed.

    The kernel may kill a fork server, for example when memory runs out.

    Parameters
    ----------
    control
        Control socket of the current fork server.
    modules
        Modules that a new fork server imports before it forks.
    """
    if not control_socket.is_gone(control):
        return control
    control.close()
    return start_fork_server(config, modules)


def start_fork_server(config: SandboxConfig, modules: list[str]) -> socket.socket:
    """Start a fork server to replace one that is gone; return its control socket.

    Parameters
    ----------
    modules
        Modules to import before it forks.
    """
    control, other_end = control_socket.pair()
    start("sandbox.fork_server", other_end)
    other_end.close()
    isolate(control, config, modules)
    await_isolation(control, config)
    return control


def fork_first_server(connection: socket.socket) -> tuple[int, socket.socket]:
    """Fork the first fork server, before the process learns anything secret.

    Forking saves the fork server from loading all modules again.

    Parameters
    ----------
    connection
        The zygote's own socket.

    Returns
    -------
    pid, control
        Process id and control socket of the fork server.
    """
    control, other_end = control_socket.pair()
    pid = os.fork()
    if pid == 0:
        connection.close()
        control.close()
        try:
            fork_server.serve(other_end)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    other_end.close()
    return pid, control


def isolate(control: socket.socket, config: SandboxConfig, modules: list[str]) -> None:
    """Send a fork server its isolation, and the modules to import before it forks."""
    control_socket.send(control, Isolate(config.sandbox, config.output_size, tuple(modules)))


def await_isolation(control: socket.socket, config: SandboxConfig) -> None:
    """Wait until a fork server is isolated.

    Raises
    ------
    IsolationError
        If the fork server cannot be isolated.
    """
    answer, _ = control_socket.receive(control, Isolated, Refused)
    if answer != Isolated(config.sandbox.level_name):
        reason = "the fork server ended before it was ready"
        raise IsolationError(answer.reason if isinstance(answer, Refused) else reason)
