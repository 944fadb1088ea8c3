"""nbjudge's settings, in nbgrader's own style: `c.NbJudge.workers = 8` in nbgrader_config.py."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets import Dict, Enum, Float, Integer, List, Unicode
from traitlets.config import LoggingConfigurable

from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import CannotSandboxError
from nbjudge.judging.messages import TimeLimits
from nbjudge.sandbox import probe
from nbjudge.sandbox.levels import CHOICES, NAMES, SAFE, level_called
from nbjudge.sandbox.sandbox import Limits, Sandbox, environment_folders, first_user

EXCHANGE = "/usr/local/share/nbgrader"
MB = 1 << 20
MOST_MB = 1 << 24  # 16 TB: a larger number is meant as bytes
RENAMED = {"check_seconds": "test_seconds", "check_files": "test_files"}  # settings: {old: new}


class Seconds(Float):  # type: ignore[type-arg]
    """A finite number of seconds: traitlets' own limits let nan pass."""

    info_text = "a finite number of seconds"

    def validate(self, obj: Any, value: Any) -> float:
        """Return the value as a float; raise TraitError if it is not finite or too small."""
        number: float = super().validate(obj, value)
        if not math.isfinite(number):
            self.error(obj, value)
        return number


class NbJudge(LoggingConfigurable):
    """How submissions are run and judged."""

    isolation = Enum(
        CHOICES,
        "auto",
        help="How student code is isolated. 'full': its own processes, files, network and user. "
        "'reduced': files, system calls, sockets and capabilities are limited; for systems that "
        "forbid namespaces. 'none': not at all; only for code that you trust. 'auto': full where "
        "it works, else reduced, never less. Where the level cannot be had, nothing is graded: run "
        "`nbjudge doctor` to see what this machine offers.",
    ).tag(config=True)
    workers = Integer(
        0, min=0, help="Submissions judged at the same time; 0: one for each processor."
    ).tag(config=True)
    cell_seconds = Seconds(
        30,
        min=0.1,
        help="Seconds of a processor that a student's cell may use. A cell that only waits is "
        "stopped after three times as many by the clock.",
    ).tag(config=True)
    cell_seconds_of = Dict(
        key_trait=Unicode(),
        value_trait=Seconds(min=0.1),
        help="Another limit than cell_seconds for the cells of some assignments, as in "
        "{'training': 60}.",
    ).tag(config=True)
    test_seconds = Seconds(60, min=0.1, help="Seconds that a test cell may run.").tag(config=True)
    submission_seconds = Seconds(
        900, min=1, help="Seconds that all cells of a notebook may run together."
    ).tag(config=True)
    memory = Integer(
        Limits.memory // MB,
        min=64,
        max=MOST_MB,
        help="Megabytes of memory for all processes of a submission together.",
    ).tag(config=True)
    processes = Integer(
        Limits.processes, min=8, help="Processes and threads that a submission may have at a time."
    ).tag(config=True)
    file_size = Integer(
        Limits.file_size // MB, min=1, max=MOST_MB, help="Megabytes that one file may have."
    ).tag(config=True)
    disk = Integer(
        Limits.disk // MB,
        min=1,
        max=MOST_MB,
        help="Megabytes that the files may have that are written to the working folder, to /tmp "
        "and to /dev/shm, in each; at the level full.",
    ).tag(config=True)
    open_files = Integer(
        Limits.open_files,
        min=64,
        help="Files, sockets and pipes that a process of a submission may have open at a time.",
    ).tag(config=True)
    output_size = Integer(
        2_000_000, min=1000, help="Characters of output kept of one cell; the rest is cut."
    ).tag(config=True)
    draw_figures = Enum(
        ("graded", "all"),
        "graded",
        help="Which figures are drawn again. 'graded': those of cells that a person grades; "
        "elsewhere the picture in the submitted file is kept, if it is a PNG or JPEG. 'all': all.",
    ).tag(config=True)
    hidden_folders = List(
        Unicode(),
        help="Folders that student code must not see although they lie inside the Python "
        "environment, such as installed packages with solutions.",
    ).tag(config=True)
    student_packages = List(
        Unicode(),
        help="Packages and modules of the course that students have too, such as the checks that "
        "notebooks import: paths in the course's folder. Student code can import them.",
    ).tag(config=True)
    test_files = List(
        Unicode(),
        help="Files and folders that test cells read, besides the modules that they import "
        "(those are found); a change in them makes every submission be graded again.",
    ).tag(config=True)
    parts = Dict(
        key_trait=Unicode(),
        value_trait=List(Unicode()),
        help="Assignments that repeat others: {'all': ['first', 'second']}. A student's total "
        "counts either the whole or its parts, whichever gives more points.",
    ).tag(config=True)

    def limits(self, assignment: str) -> TimeLimits:
        """The limits in time for an assignment."""
        cell_seconds = self.cell_seconds_of.get(assignment, self.cell_seconds)
        return TimeLimits(
            cell_seconds=cell_seconds,
            test_seconds=self.test_seconds,
            submission_seconds=self.submission_seconds,
        )

    def assignments(self) -> list[tuple[str, str]]:
        """Return the assignments that settings name, as pairs of setting and name."""
        parts = [name for whole, names in self.parts.items() for name in (whole, *names)]
        named = {"cell_seconds_of": list(self.cell_seconds_of), "parts": parts}
        return [(setting, name) for setting, names in named.items() for name in names]

    def missing(self, coursedir: CourseDirectory) -> dict[str, str]:
        """Why a level of isolation cannot be had here, "" where it can: {level: reason}."""
        found = probe.missing()
        reason = _cannot_be_hidden(self._hidden(coursedir), environment_folders())
        return {name: found[name] or (reason if name in SAFE else "") for name in NAMES}

    def level(
        self,
        coursedir: CourseDirectory,
        isolation: str | None = None,
        found: Mapping[str, str] | None = None,
    ) -> tuple[str, str]:
        """The level of isolation to be used, and a sentence that says which it is and why.

        Parameters
        ----------
        isolation
            Another level than the configured one.
        found
            What `missing` gives for the machines that judge, where this is none of them.

        Raises
        ------
        CannotSandboxError
            Where it cannot be had.
        """
        asked = isolation or self.isolation
        tried = SAFE if asked == "auto" else (asked,)
        if not all(level_called(name).for_untrusted for name in tried):
            return asked, f"Isolation: {asked}. Student code can do whatever you can."
        missing = self.missing(coursedir) if found is None else found
        level = next((name for name in tried if not missing[name]), None)
        if level is None:
            raise CannotSandboxError({name: missing[name] for name in tried})
        best = SAFE[0]
        if level == best:
            return level, f"Isolation: {level}."
        why = f"{best} cannot be had: {missing[best]}" if missing[best] else "as configured"
        return level, f"Isolation: {level}; {why}."

    def _hidden(self, coursedir: CourseDirectory) -> list[str]:
        exchange = str(self.config.get("Exchange", {}).get("root", EXCHANGE))
        hidden = [coursedir.root, exchange, EXCHANGE, *self.hidden_folders]
        return sorted({str(Path(coursedir.root, folder).resolve()) for folder in hidden})

    def sandbox_config(
        self,
        coursedir: CourseDirectory,
        isolation: str | None = None,
        found: Mapping[str, str] | None = None,
    ) -> SandboxConfig:
        """How student code is isolated.

        Parameters
        ----------
        coursedir
            Of the course, whose folders student code must not see.
        isolation
            Another level than the configured one.
        found
            As for `level`.

        Raises
        ------
        CannotSandboxError
            Where it cannot be had.
        ValueError
            A file or folder that a setting names does not exist.
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
                        f"c.NbJudge.{setting}: there is no {name} in {coursedir.root}; write the "
                        "path of a file or folder, as in 'tools/helpers.py'"
                    )
        sandbox = Sandbox(
            level,
            limits,
            folders=tuple(environment_folders()),
            hidden=tuple(self._hidden(coursedir)),
            packages=tuple(
                str(Path(coursedir.root, name).resolve()) for name in self.student_packages
            ),
            user=first_user(),
        )
        judge_memory = 2 * limits.memory + (2 << 30)
        return SandboxConfig(sandbox, output_size=self.output_size, judge_memory=judge_memory)


def _cannot_be_hidden(hidden: Iterable[str], folders: list[str]) -> str:
    """Why student code would see a folder that it must not see, or ""."""
    for folder in hidden:
        inside = any(folder.startswith(shown.rstrip("/") + "/") for shown in folders)
        if folder in folders:
            what = "is a Python environment, which student code must see"
        elif inside and any(shown.startswith(folder + "/") for shown in folders):
            what = "holds a part of the Python environment, which student code must see"
        else:
            continue
        return f"{folder} {what}: move the one or the other"
    return ""
