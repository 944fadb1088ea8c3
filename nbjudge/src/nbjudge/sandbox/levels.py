"""The levels of isolation: one table, by which everything else decides.

Between processes a level is its name; `level_called` gives the rest of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """What student code gets at a level of isolation.

    The steps are those of SECURITY.md, "How it is done".

    Attributes
    ----------
    own_namespaces
        Processes, files, network and users of its own (steps 2 and 3). Otherwise they are the
        machine's, and what a session leaves alive or on the disk is removed when it ends. It also
        decides which list of system calls there is; that all files together have a limit (`disk`);
        that the limit of processes counts those of a session alone; that `/dev/shm` is its own,
        so that Python's own locks work there; and that a session has a user of its own even
        where others cannot enter the folder of the Python environment (no `is_open_to_all`). So a
        level with only one of these, such as a network of its own, takes more than a row of the
        table: this attribute must be split first.
    landlock
        Landlock limits which of the machine's files can be reached (step 5).
    unprivileged
        It has a user of its own, where that can be (step 7), and no capabilities (step 8).
    system_call_filter
        It can make the system calls of a list and no others (step 9).
    for_untrusted
        Code of strangers may run at it. So where a step fails there is no sandbox; elsewhere what
        a system cannot do is left out.
    meaning
        What that means to an instructor.
    """

    name: str
    own_namespaces: bool
    landlock: bool
    unprivileged: bool
    system_call_filter: bool
    for_untrusted: bool
    meaning: str


LEVELS = (  # from the strongest on
    Level(
        "full",
        own_namespaces=True,
        landlock=False,
        unprivileged=True,
        system_call_filter=True,
        for_untrusted=True,
        meaning="student code has its own processes, files, network and user; it sees the Python "
        "environment and nothing else, and all of it is gone when a submission is judged",
    ),
    Level(
        "reduced",
        own_namespaces=False,
        landlock=True,
        unprivileged=True,
        system_call_filter=True,
        for_untrusted=True,
        meaning="student code reads the Python environment and writes to one folder; no network; "
        "its processes are not hidden from the machine's, nor those from it",
    ),
    Level(
        "none",
        own_namespaces=False,
        landlock=False,
        unprivileged=False,
        system_call_filter=False,
        for_untrusted=False,
        meaning="student code can do whatever you can; for code that you trust",
    ),
)
NAMES = tuple(level.name for level in LEVELS)
SAFE = tuple(level.name for level in LEVELS if level.for_untrusted)
CHOICES = ("auto", *NAMES)  # what can be asked for; auto is the strongest of SAFE that can be had


def level_called(name: str) -> Level:
    """The level of a name.

    Raises
    ------
    ValueError
        Where there is none.
    """
    return LEVELS[NAMES.index(name)]


def at_least(name: str) -> tuple[str, ...]:
    """The names of the levels that are as strong as one or stronger, from the strongest on."""
    return NAMES[: NAMES.index(name) + 1]
