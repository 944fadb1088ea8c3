"""What a fork server is asked over its control socket, and what it and its sessions answer.

==============  ================  ================================================================
from            says              and is answered
==============  ================  ================================================================
zygote, worker  Isolate           Isolated or Refused, by the fork server. A worker says it to one
                                  that it starts in the place of its own.
zygote          LoadModules       by nobody
zygote          CloneServer       by nobody. The socket that comes along leads to the new one.
judge           StartSession      Isolated or Refused, by the session, over the socket that comes
                                  along
judge           InterruptSession  by nobody
judge           MeasureSession    SessionMeasured, by the fork server
fork server     SessionEnded      by nobody. It goes to whoever holds the other end, where a
                                  session has ended unasked.
==============  ================  ================================================================

All of them come from processes in which no student's code runs, or has run.
"""

from dataclasses import dataclass

from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.wire.messages import Message


@dataclass(frozen=True)
class Isolate(Message):
    """How a fork server isolates itself and its sessions; it answers Isolated or Refused.

    Attributes
    ----------
    output_size
        Characters that the outputs of one cell may have.
    modules
        To be imported before it answers.
    """

    sandbox: Sandbox
    output_size: int
    modules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Isolated(Message):
    """A fork server, or a session, is isolated at this level."""

    level: str


@dataclass(frozen=True)
class Refused(Message):
    """There is no sandbox: a fault of the machine or the settings."""

    reason: str


@dataclass(frozen=True)
class LoadModules(Message):
    """Import modules that notebooks will need."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class CloneServer(Message):
    """Fork another fork server, of this number, which obeys the socket that comes along."""

    number: int


@dataclass(frozen=True)
class StartSession(Message):
    """Fork a session that talks over the socket that comes along."""

    number: int


@dataclass(frozen=True)
class InterruptSession(Message):
    """Interrupt a session as Ctrl-C does."""

    number: int


@dataclass(frozen=True)
class MeasureSession(Message):
    """Say how much processor time a session has used; answered by SessionMeasured."""

    number: int


@dataclass(frozen=True)
class SessionMeasured(Message):
    """How many seconds of a processor a session has used; 0 where the system does not say."""

    number: int
    seconds: float


@dataclass(frozen=True)
class SessionEnded(Message):
    """A session ended without being told to.

    Attributes
    ----------
    cause
        "exit", "signal", or "memory" where it used more than it may.
    status
        Of its exit, or the number of the signal.
    """

    number: int
    cause: str
    status: int


COMMANDS = (LoadModules, CloneServer, StartSession, InterruptSession, MeasureSession)
