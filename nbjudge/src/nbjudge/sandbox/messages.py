"""Messages on the control socket of a fork server.

==============  ================  ================================================================
sender          message           answer
==============  ================  ================================================================
zygote, worker  Isolate           Isolated or Refused, from the fork server. A worker sends it to
                                  a fork server that it starts to replace its own.
zygote          LoadModules       none
zygote          CloneServer       none; the attached socket is the control socket of the clone
judge           StartSession      Isolated or Refused, from the session, over the attached socket
judge           InterruptSession  none
judge           MeasureSession    SessionMeasured, from the fork server
fork server     SessionEnded      none; sent to the other end when a session ends unexpectedly
==============  ================  ================================================================

All senders are processes that have never run student code.
"""

from dataclasses import dataclass

from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class Isolate(Message):
    """Isolate the fork server and its sessions.

    Attributes
    ----------
    output_size
        Maximum number of characters of one cell's outputs.
    modules
        Modules to import before answering.
    """

    sandbox: Sandbox
    output_size: int
    modules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Isolated(Message):
    """The fork server or the session is isolated at this level."""

    level: str


@dataclass(frozen=True)
class Refused(Message):
    """The sandbox could not be created because of the machine or the settings."""

    reason: str


@dataclass(frozen=True)
class LoadModules(Message):
    """Import modules that notebooks will need."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class CloneServer(Message):
    """Fork another fork server, which listens on the attached socket."""

    number: int


@dataclass(frozen=True)
class StartSession(Message):
    """Fork a session, which communicates over the attached socket."""

    number: int


@dataclass(frozen=True)
class InterruptSession(Message):
    """Interrupt a session as Ctrl-C does."""

    number: int


@dataclass(frozen=True)
class MeasureSession(Message):
    """Measure the activity of a session's processes; answered by SessionMeasured."""

    number: int


@dataclass(frozen=True)
class SessionMeasured(Message):
    """Activity of the processes of a session.

    Attributes
    ----------
    seconds
        Their processor time in seconds; 0 if the system does not report it.
    is_running
        True if one of them runs, or is ready to run and waits for a processor.
    """

    number: int
    seconds: float
    is_running: bool


@dataclass(frozen=True)
class SessionEnded(Message):
    """A session has ended unexpectedly.

    Attributes
    ----------
    cause
        "exit", "signal", or the limit that the session exceeded: "memory" or "disk".
    status
        Exit status, or number of the signal.
    """

    number: int
    cause: str
    status: int


COMMANDS = (LoadModules, CloneServer, StartSession, InterruptSession, MeasureSession)
