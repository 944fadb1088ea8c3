"""What `nbjudge doctor` says of a machine besides the levels of isolation that work on it."""

import argparse
import os
import platform
import sys
import textwrap
from pathlib import Path

from nbjudge.cli.console import (
    NOT_CONFIGURED,
    NOT_GRADED,
    OK,
    Commands,
    exit_statuses,
    is_configured,
    load,
    report,
)
from nbjudge.engine.engine import Engine, try_isolation
from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import EngineError, IsolationError
from nbjudge.sandbox import linux, probe
from nbjudge.sandbox.cgroup import Groups
from nbjudge.sandbox.levels import LEVELS

WIDTH = 80  # of what a level means


def add_parser(commands: Commands) -> None:
    """Add the command to those of nbjudge."""
    doctor = commands.add_parser(
        "doctor",
        help="say which levels of isolation this machine offers",
        description="Try every level of isolation, and say why one cannot be had.",
        epilog=exit_statuses("a notebook can be judged at the configured level", "it cannot"),
    )
    doctor.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns its exit status."""
    probe.start()
    coursedir, settings = load()
    for line in machine():
        report.print(line, markup=False)
    missing = settings.missing(coursedir)
    for level in LEVELS:
        reason = missing[level.name]
        text = f"cannot be had: {reason}" if reason else "works"
        report.print(f"{level.name:<8} {text}", markup=False, style="red" if reason else None)
        for line in textwrap.wrap(level.meaning, WIDTH):
            report.print(f"         {line}", markup=False)
    report.print(f"Configured: c.NbJudge.isolation = {settings.isolation!r}")
    if not is_configured(settings):
        report.print(NOT_CONFIGURED, style="yellow")
    used, _ = settings.level(coursedir)
    problem = attempt(settings.sandbox_config(coursedir))
    report.print(
        f"A notebook cannot be judged at the level {used}: {problem}"
        if problem
        else f"A notebook was judged at the level {used}.",
        markup=False,
        style="red" if problem else None,
    )
    return NOT_GRADED if problem else OK


def machine() -> list[str]:
    """What the levels depend on, a line each."""
    who = "root" if os.getuid() == 0 else f"user {os.getuid()}"
    lines = [f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {who}"]
    if sys.platform != "linux":
        return lines
    users = _read("/proc/sys/user/max_user_namespaces")
    forbidden = _read("/proc/sys/kernel/unprivileged_userns_clone") == "0"
    restricted = _read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
    allowed = (
        "no"
        if users == "0" or forbidden
        else "only with an AppArmor profile"
        if restricted
        else "yes"
    )
    lines.append(f"user namespaces, by the kernel's settings (for full, unless root): {allowed}")
    version = linux.landlock_version()
    found = f"version {version}" if version else "no: judges read whatever you can"
    lines.append(f"Landlock (needed for reduced, and to confine judges): {found}")
    try:
        import pyseccomp  # noqa: F401

        found = "yes"
    except Exception as error:
        found = f"no: {error}. Install it (Debian, Ubuntu: apt install libseccomp2)"
    lines.append(f"control groups (limit a submission's memory at once): {_groups()}")
    needed = " and ".join(level.name for level in LEVELS if level.system_call_filter)
    lines.append(f"libseccomp (needed for {needed}): {found}")
    return lines


def _groups() -> str:
    try:
        Groups().close()
    except OSError as error:
        return f"no ({error.strerror}); it is looked at four times a second instead"
    return "yes"


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def attempt(sandbox_config: SandboxConfig) -> str:
    """Why a notebook cannot be judged as ordered, "" where it can."""
    try:
        with Engine() as engine:
            try_isolation(engine, sandbox_config)
    except (IsolationError, EngineError) as error:
        return str(error).strip().splitlines()[-1]
    return ""
