"""Start nurseries, and tell them how they are to be shut in."""

import os

from nbjudge.errors import IsolationError
from nbjudge.sandbox import control_socket, fork_server
from nbjudge.sandbox.launch import start


def start_nursery(orders, loaded):
    """Start a nursery in the place of one that is gone; returns its control socket."""
    control, theirs = control_socket.pair()
    start("sandbox.fork_server", theirs)
    theirs.close()
    order_nursery(control, orders, loaded)
    await_nursery(control, orders)
    return control


def fork_nursery(connection):
    """Fork the first nursery, which saves it from loading all again, before anything is known.

    connection: the template's own; returns the nursery's process id and control socket
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


def order_nursery(control, orders, loaded=()) -> None:
    """Tell a nursery how it is to be shut in."""
    orders = {
        "sandbox": orders["sandbox"],
        "output_size": orders["output_size"],
        "load": list(loaded),
    }
    control_socket.send(control, orders)


def await_nursery(control, orders) -> None:
    """Wait until a nursery is shut in.

    raises: IsolationError where that cannot be had
    """
    answer, _ = control_socket.receive(control)
    if answer is None or answer.get("ready") != orders["sandbox"]["level"]:
        raise IsolationError((answer or {}).get("refused", "the nursery ended before it was ready"))
