"""Start fork servers, and say how they are to be isolated."""

import os

from nbjudge.errors import IsolationError
from nbjudge.sandbox import control_socket, fork_server
from nbjudge.sandbox.launch import start


def start_fork_server(sandbox_config, loaded):
    """Start a fork server in the place of one that is gone; returns its control socket."""
    control, theirs = control_socket.pair()
    start("sandbox.fork_server", theirs)
    theirs.close()
    order_fork_server(control, sandbox_config, loaded)
    await_fork_server(control, sandbox_config)
    return control


def fork_fork_server(connection):
    """Fork the first fork server, which saves it from loading all again, before anything is known.

    connection: the zygote's own; returns the fork server's process id and control socket
    """
    control, theirs = control_socket.pair()
    pid = os.fork()
    if pid == 0:
        connection.close()
        control.close()
        try:
            fork_server.serve(theirs)
        finally:
            os._exit(0)
    theirs.close()
    return pid, control


def order_fork_server(control, sandbox_config, loaded=()) -> None:
    """Say how a fork server is to be isolated."""
    sandbox_config = {
        "sandbox": sandbox_config["sandbox"],
        "output_size": sandbox_config["output_size"],
        "load": list(loaded),
    }
    control_socket.send(control, sandbox_config)


def await_fork_server(control, sandbox_config) -> None:
    """Wait until a fork server is isolated.

    raises: IsolationError where that cannot be had
    """
    answer, _ = control_socket.receive(control)
    if answer is None or answer.get("ready") != sandbox_config["sandbox"]["level"]:
        raise IsolationError(
            (answer or {}).get("refused", "the fork server ended before it was ready")
        )
