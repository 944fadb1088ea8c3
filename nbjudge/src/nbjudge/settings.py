"""nbjudge's settings in nbgrader_config.py, such as `c.NbJudge.workers = 8`."""

import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode
from traitlets.config import LoggingConfigurable

from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import CannotSandboxError
from nbjudge.judging.messages import TimeLimits
from nbjudge.sandbox import probe
from nbjudge.sandbox.levels import CHOICES, NAMES, SAFE, level_called
from nbjudge.sandbox.sandbox import Limits, Sandbox, environment_folders

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

EXCHANGE = "/usr/local/share/nbgrader"
_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*|mailto:[^\s@?]+@[^\s@?]+(?:\?\S*)?", re.IGNORECASE)
MB = 1 << 20
MOST_MB = 1 << 24  # 16 TB; a larger number was probably meant in bytes


class Seconds(Float):  # type: ignore[type-arg]
    """A finite number of seconds: traitlets' range check accepts NaN."""

    info_text = "a finite number of seconds"

    def validate(self, obj: Any, value: Any) -> float:
        """Return the value as a float; raise TraitError if it is not finite or too small."""
        number: float = super().validate(obj, value)
        if not math.isfinite(number):
            self.error(obj, value)
        return number


class Address(Unicode):  # type: ignore[type-arg]
    """An address to link to, or ""."""

    info_text = (
        "an address that begins with https://, http:// or mailto:, such as "
        "'mailto:staff@example.org'"
    )

    def validate(self, obj: Any, value: Any) -> str:
        """Return the address; raise TraitError if it is not one."""
        address: str = super().validate(obj, value)
        if address and not _ADDRESS.fullmatch(address):
            self.error(obj, value)
        return address


class NbJudge(LoggingConfigurable):
    """Settings for running and judging submissions."""

    isolation = Enum(
        CHOICES,
        "auto",
        help="Isolation level for student code. 'full': separate processes, files, network and "
        "user. 'reduced': restricted files, system calls, sockets and capabilities, for systems "
        "that forbid namespaces. 'none': no isolation, only for code that you trust. 'auto': full "
        "if available, otherwise reduced, never less. If the level is unavailable, nothing is "
        "graded; run `nbjudge doctor` to see which levels this machine supports.",
    ).tag(config=True)
    late_policy = Unicode(
        "nbgrader",
        help="Name of the policy for late work: 'nbgrader' for its own plug-in, "
        "c.AssignLatePenalties.plugin_class, or one that another package adds.",
    ).tag(config=True)
    workers = Integer(
        0, min=0, help="Number of submissions judged in parallel; 0: one per processor."
    ).tag(config=True)
    cell_seconds = Seconds(
        30,
        min=0.1,
        help="CPU seconds that all processes of a student's cell may use. A cell may wait three "
        "times as long, as in time.sleep; waiting for a processor never counts.",
    ).tag(config=True)
    cell_seconds_of = Dict(
        key_trait=Unicode(),
        value_trait=Seconds(min=0.1),
        help="Limits that replace cell_seconds in some assignments, for example {'training': 60}.",
    ).tag(config=True)
    test_seconds = Seconds(
        30,
        min=0.1,
        help="CPU seconds that the student's functions may use in a test cell. They may wait as "
        "long, as in time.sleep.",
    ).tag(config=True)
    submission_seconds = Seconds(
        900,
        min=1,
        help="CPU seconds that all cells of a notebook may use together. They may wait as long.",
    ).tag(config=True)
    memory = Integer(
        Limits.memory // MB,
        min=64,
        max=MOST_MB,
        help="Memory limit for all processes of a submission together, in megabytes.",
    ).tag(config=True)
    processes = Integer(
        Limits.processes,
        min=8,
        help="Maximum number of processes and threads of a submission at any time.",
    ).tag(config=True)
    file_size = Integer(
        Limits.file_size // MB, min=1, max=MOST_MB, help="Maximum size of a file in megabytes."
    ).tag(config=True)
    disk = Integer(
        Limits.disk // MB,
        min=1,
        max=MOST_MB,
        help="Maximum total size of a submission's files in megabytes; at the level full, of those "
        "in each of the working folder, /tmp and /dev/shm.",
    ).tag(config=True)
    open_files = Integer(
        Limits.open_files,
        min=64,
        help="Maximum number of files, sockets and pipes that a process may have open.",
    ).tag(config=True)
    output_size = Integer(
        2_000_000, min=1000, help="Characters of output kept per cell; the rest is cut."
    ).tag(config=True)
    draw_figures = Enum(
        ("graded", "all"),
        "graded",
        help="Figures to redraw. 'graded': only those in cells that a person grades; other cells "
        "keep the image in the submitted file if it is a PNG or JPEG. 'all': every figure.",
    ).tag(config=True)
    contact = Address(
        "",
        help="Address that feedback pages name for questions about the points: a page for regrade "
        "requests, or 'mailto:' and an e-mail address.",
    ).tag(config=True)
    regrade_requests = Bool(
        False,
        help="Offer a regrade request for each question that lost points on feedback pages, as an "
        "e-mail to the contact if it is 'mailto:', and as a text file. Put the requests into the "
        "folder regrade_requests of the course; `nbjudge review` lists them.",
    ).tag(config=True)
    hidden_folders = List(
        Unicode(),
        help="Folders inside the Python environment that student code must not see, such as "
        "installed packages with solutions.",
    ).tag(config=True)
    student_packages = List(
        Unicode(),
        help="The course's packages and modules that student code may import, such as the checks "
        "that notebooks import: paths relative to the course's folder.",
    ).tag(config=True)
    test_files = List(
        Unicode(),
        help="Files and folders that test cells read. If one of them changes, all submissions are "
        "graded again. Modules that test cells import are found automatically.",
    ).tag(config=True)
    tests_in_child = Bool(
        True,
        help="Judge tests that inspect the student's process there, as nbgrader does, and tests "
        "that lose points because an answer has a form that cannot leave it. False: leave these "
        "tests to a person.",
    ).tag(config=True)
    parts = Dict(
        key_trait=Unicode(),
        value_trait=List(Unicode()),
        help="Assignments that repeat others: {'all': ['first', 'second']}. A student's total "
        "counts either the whole or its parts, whichever gives more points.",
    ).tag(config=True)

    def count_workers(self, wanted: int | None = None) -> int:
        """Return how many submissions to judge in parallel: as wanted, as set, or per processor."""
        return wanted or self.workers or os.cpu_count() or 1

    def limits(self, assignment: str) -> TimeLimits:
        """Return the time limits for an assignment."""
        cell_seconds = self.cell_seconds_of.get(assignment, self.cell_seconds)
        return TimeLimits(
            cell_seconds=cell_seconds,
            test_seconds=self.test_seconds,
            submission_seconds=self.submission_seconds,
        )

    def assignments(self) -> list[tuple[str, str]]:
        """Return the assignments named in settings, as (setting, name) pairs."""
        parts = [name for whole, names in self.parts.items() for name in (whole, *names)]
        named = {"cell_seconds_of": list(self.cell_seconds_of), "parts": parts}
        return [(setting, name) for setting, names in named.items() for name in names]

    def missing(self, coursedir: "CourseDirectory") -> dict[str, str]:
        """Map each isolation level to the reason why it is unavailable, or to ""."""
        missing = probe.missing()
        reason = _cannot_be_hidden(self.hidden(coursedir), environment_folders())
        return {name: missing[name] or (reason if name in SAFE else "") for name in NAMES}

    def level(
        self,
        coursedir: "CourseDirectory",
        isolation: str | None = None,
        found: Mapping[str, str] | None = None,
    ) -> tuple[str, str]:
        """Return the isolation level to use, and a sentence that names and explains it.

        Parameters
        ----------
        isolation
            Level that overrides the configured one.
        found
            Result of `missing` on the machines that judge, if this machine is not one of them.

        Raises
        ------
        CannotSandboxError
            If the level is unavailable.
        """
        requested = isolation or self.isolation
        tried = SAFE if requested == "auto" else (requested,)
        if not all(level_called(name).for_untrusted for name in tried):
            return requested, f"Isolation: {requested}. Student code can do whatever you can."
        missing = self.missing(coursedir) if found is None else found
        level = next((name for name in tried if not missing[name]), None)
        if level is None:
            raise CannotSandboxError({name: missing[name] for name in tried})
        best = SAFE[0]
        if level == best:
            return level, f"Isolation: {level}."
        why = f"{best} is unavailable: {missing[best]}" if missing[best] else "as configured"
        return level, f"Isolation: {level}; {why}."

    def hidden(self, coursedir: "CourseDirectory") -> list[str]:
        """Return the folders that neither student code nor a process that reads work can read."""
        exchange = str(self.config.get("Exchange", {}).get("root", EXCHANGE))
        hidden = [coursedir.root, exchange, EXCHANGE, *self.hidden_folders]
        return sorted({str(Path(coursedir.root, folder).resolve()) for folder in hidden})

    def sandbox_config(
        self,
        coursedir: "CourseDirectory",
        isolation: str | None = None,
        found: Mapping[str, str] | None = None,
    ) -> SandboxConfig:
        """Return the sandbox configuration for student code.

        Parameters
        ----------
        coursedir
            Course directory, which student code must not see.
        isolation
            Level that overrides the configured one.
        found
            Result of `missing` on the machines that judge, if this machine is not one of them.

        Raises
        ------
        CannotSandboxError
            If the level is unavailable.
        ValueError
            If a file or folder named in a setting does not exist.
        """
        level, _ = self.level(coursedir, isolation, found)
        limits = Limits(
            memory=self.memory * MB,
            processes=self.processes,
            file_size=self.file_size * MB,
            disk=self.disk * MB,
            open_files=self.open_files,
        )
        for setting in ("hidden_folders", "student_packages", "test_files"):
            for name in getattr(self, setting):
                if not Path(coursedir.root, name).exists():
                    raise ValueError(
                        f"c.NbJudge.{setting}: there is no {name} in {coursedir.root}; use the "
                        "path of a file or folder, such as 'tools/helpers.py'"
                    )
        sandbox = Sandbox(
            level,
            limits,
            folders=tuple(environment_folders()),
            hidden=tuple(self.hidden(coursedir)),
            packages=tuple(
                str(Path(coursedir.root, name).resolve()) for name in self.student_packages
            ),
        )
        judge_memory = 2 * limits.memory + (2 << 30)
        return SandboxConfig(sandbox, output_size=self.output_size, judge_memory=judge_memory)


def _cannot_be_hidden(hidden: Iterable[str], folders: list[str]) -> str:
    """Return the reason why a folder cannot be hidden from student code, or ""."""
    for folder in hidden:
        inside = any(folder.startswith(shown.rstrip("/") + "/") for shown in folders)
        if folder in folders:
            problem = "is a Python environment, which student code must see"
        elif inside and any(shown.startswith(folder + "/") for shown in folders):
            problem = "contains part of the Python environment, which student code must see"
        else:
            continue
        return f"{folder} {problem}: move one of the two"
    return ""
