"""The levels of isolation, in one table.

Processes exchange only the names of levels; `level_called` returns the level with a name.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """Isolation of student code at one level.

    The steps are those in SECURITY.md, "Isolation steps".

    Attributes
    ----------
    own_namespaces
        True if student code has its own processes, files, network and users (steps 2 and 3).
        Otherwise it shares the machine's, and the processes and files that a session leaves are
        removed when it ends. This attribute also selects the list of system calls, folders that
        limit all files together (`disk`) instead of the fork server, a limit on processes that
        counts only the session's, a private `/dev/shm` (so that Python's own locks work), and a
        separate user even if others cannot enter the folder of the Python environment
        (`is_open_to_all`). Before you add a level with only some of these, such as a separate
        network, split the attribute.
    landlock
        True if Landlock limits access to the machine's files (step 5).
    unprivileged
        True if student code runs as a separate user where possible (step 7), and without
        capabilities (step 8).
    system_call_filter
        True if student code can make only the system calls in a list (step 9).
    for_untrusted
        True if the level is safe for untrusted code: if a step fails, there is no sandbox. At other
        levels, steps that a system does not support are skipped.
    meaning
        Description for instructors.
    """

    name: str
    own_namespaces: bool
    landlock: bool
    unprivileged: bool
    system_call_filter: bool
    for_untrusted: bool
    meaning: str


LEVELS = (  # strongest first
    Level(
        "full",
        own_namespaces=True,
        landlock=False,
        unprivileged=True,
        system_call_filter=True,
        for_untrusted=True,
        meaning="student code has its own processes, files, network and user; it can read only the "
        "Python environment, and nothing it creates outlives the submission",
    ),
    Level(
        "reduced",
        own_namespaces=False,
        landlock=True,
        unprivileged=True,
        system_call_filter=True,
        for_untrusted=True,
        meaning="student code can read the Python environment and write to one folder; it has no "
        "network; its processes and the machine's can see each other",
    ),
    Level(
        "none",
        own_namespaces=False,
        landlock=False,
        unprivileged=False,
        system_call_filter=False,
        for_untrusted=False,
        meaning="student code can do anything you can; use it only for code you trust",
    ),
)
NAMES = tuple(level.name for level in LEVELS)
SAFE = tuple(level.name for level in LEVELS if level.for_untrusted)
CHOICES = ("auto", *NAMES)  # values of the setting; auto is the strongest available level of SAFE


def level_called(name: str) -> Level:
    """Return the level with this name.

    Raises
    ------
    ValueError
        If there is none.
    """
    return LEVELS[NAMES.index(name)]


def at_least(name: str) -> tuple[str, ...]:
    """Return the names of all levels at least as strong as the named one, strongest first."""
    return NAMES[: NAMES.index(name) + 1]
