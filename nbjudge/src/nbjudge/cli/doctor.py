"""`nbjudge doctor`: report the isolation levels and related features of this machine."""

import argparse
import os
import platform
import sys
import textwrap
from pathlib import Path

from nbjudge import plugins
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
from nbjudge.sandbox import linux, probe, users
from nbjudge.sandbox.cgroup import Groups
from nbjudge.sandbox.levels import LEVELS
from nbjudge.wording import as_sentence

WIDTH = 80  # characters per line of a level's description


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    doctor = commands.add_parser(
        "doctor",
        help="report which isolation levels this machine supports",
        description="Try every isolation level, and explain why a level is unavailable.",
        epilog=exit_statuses("a notebook can be judged at the configured level", "it cannot"),
    )
    doctor.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    probe.probe_isolation()
    coursedir, settings = load()
    for line in machine():
        report.print(line, markup=False)
    found, ignored = plugins.installed()
    for plugin in found:
        report.print(f"plug-in: {plugin}", markup=False)
    for plugin in ignored:
        text = f"Ignored, as nbjudge has no such group: {as_sentence(plugin)}"
        report.print(text, markup=False, style="yellow")
    missing = settings.missing(coursedir)
    for level in LEVELS:
        reason = missing[level.name]
        text = f"is unavailable: {reason}" if reason else "works"
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
    """Describe the features of this machine that isolation levels need, one per line."""
    user = "root" if os.getuid() == 0 else f"user {os.getuid()}"
    system = f"{platform.system()} {platform.release()}"
    lines = [f"{system}, Python {platform.python_version()}, {user}"]
    if sys.platform != "linux":
        return lines
    most = _read("/proc/sys/user/max_user_namespaces")
    forbidden = _read("/proc/sys/kernel/unprivileged_userns_clone") == "0"
    restricted = _read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
    allowed = (
        "no"
        if most == "0" or forbidden
        else "only with an AppArmor profile"
        if restricted
        else "yes"
    )
    lines.append(
        "user namespaces according to the kernel's settings (needed for full, unless root): "
        f"{allowed}"
    )
    version = linux.landlock_version()
    landlock = f"version {version}" if version else "no: judges can read every file that you can"
    lines.append(f"Landlock (needed for reduced, and to confine judges): {landlock}")
    try:
        import pyseccomp  # noqa: F401

        libseccomp = "yes"
    except Exception as error:
        libseccomp = f"no: {error}. Install it (Debian, Ubuntu: apt install libseccomp2)"
    if os.getuid() == 0:
        lines.append(f"separate users for sessions (if root grades): {_users()}")
    lines.append(f"control groups (immediate limit of a submission's memory): {_groups()}")
    needed = " and ".join(level.name for level in LEVELS if level.system_call_filter)
    lines.append(f"libseccomp (needed for {needed}): {libseccomp}")
    return lines


def _users() -> str:
    reason = users.missing()
    if reason:
        return f"no: {reason}"
    blocks = users.free_blocks()
    first, last = blocks[0], blocks[-1] + users.BLOCK - 1
    return f"yes, with {len(blocks) * users.BLOCK:,} ids from {first:,} to {last:,}"


def _groups() -> str:
    try:
        Groups().close()
    except OSError as error:
        return f"no ({error.strerror}); memory is checked four times a second instead"
    return "yes"


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def attempt(sandbox_config: SandboxConfig) -> str:
    """Return why a notebook cannot be judged with a configuration; "" if it can."""
    try:
        with Engine() as engine:
            try_isolation(engine, sandbox_config)
    except (IsolationError, EngineError) as error:
        return str(error).strip().splitlines()[-1]
    return ""
