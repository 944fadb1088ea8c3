"""Simulate several users on one machine for nbgrader's exchange, without changing the machine.

A user is a line in a user list that only the processes started here see, in a private mount
namespace: nbgrader names students after the system's users.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv" / "bin"
FIRST = 41_001  # number of the first user
# $0 is the user list, $1 the user's number, $2 a folder for mounts, $3 and $4 the paths of Python.
# A Python in a closed folder such as /root is bind-mounted, without the rest of the folder.
AS_USER = f"""
as_ordinary_user() {{ setpriv --reuid={FIRST} --regid={FIRST} --clear-groups "$@"; }}
number=$1 work=$2
mount --bind "$0" /etc/passwd || exit
mount --bind "$3" "$work/1" && mount --bind "$4" "$work/2" || exit
for at in 1 2; do
    folder=$3
    if ! as_ordinary_user test -x "$folder/bin"; then
        top=/$(echo "$folder" | cut -d/ -f2)
        mountpoint -q "$top" || mount -t tmpfs -o mode=755 tmpfs "$top" || exit
        mkdir -p "$folder" && mount --bind "$work/$at" "$folder" || exit
    fi
    shift
done
shift 2
exec setpriv --reuid="$number" --regid="$number" --clear-groups "$@"
"""


class Users:
    """Users by name, each with a private home, and root.

    Parameters
    ----------
    folder
        Folder of the homes, which all users can enter.
    configuration
        Subfolder of Jupyter's and nbgrader's system-wide settings, like /etc/jupyter.
    programs
        The environment's programs, for all users.
    """

    def __init__(self, folder: Path, names: tuple[str, ...], programs: Path = PROGRAMS):
        self.folder, self.numbers = folder, {name: FIRST + n for n, name in enumerate(names)}
        entries = [f"{n}:x:{i}:{i}::{self.home(n)}:/bin/sh\n" for n, i in self.numbers.items()]
        self.numbers["root"] = 0
        self.configuration, self.programs = folder / "etc", programs
        self.configuration.mkdir()
        folder.chmod(0o755)
        self.mounts = folder / "mounts"
        for at in "12":
            (self.mounts / at).mkdir(parents=True)
        self.passwd = folder / "passwd"
        self.passwd.write_text(Path("/etc/passwd").read_text() + "".join(entries))
        for name, number in self.numbers.items():
            self.home(name).mkdir(mode=0o700)
            os.chown(self.home(name), number, number)

    def home(self, name):
        return self.folder / name

    def prefix(self, name):
        """Return the command prefix that starts another command as a user."""
        environment = self.programs.resolve().parent
        python = (self.programs / "python").resolve().parents[1]
        given = map(str, (self.passwd, self.numbers[name], self.mounts, environment, python))
        return ["unshare", "--mount", "sh", "-c", AS_USER, *given]

    def variables(self, name, **more):
        """Return a user's environment."""
        return {
            "HOME": str(self.home(name)),
            "JUPYTER_CONFIG_PATH": str(self.configuration),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join([str(self.programs), "/usr/local/bin", "/usr/bin", "/bin"]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def start(self, name, *command, cwd, **more):
        """Start a command as a user. more: environment variables"""
        return subprocess.Popen(
            [*self.prefix(name), *map(str, command)],
            cwd=cwd,
            env=self.variables(name, **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, name, *command, cwd=None, fails=False, **more):
        """Run a command as a user, and return its output. fails: True if it must fail"""
        process = self.start(name, *command, cwd=cwd or self.home(name), **more)
        said, _ = process.communicate(timeout=300)
        assert bool(process.returncode) == fails, f"{command} of {name}:\n{said}"
        return said

    def give(self, name, path):
        """Make a user the owner of a folder with its content."""
        number = self.numbers[name]
        for place in (path, *path.rglob("*")):
            os.chown(place, number, number, follow_symlinks=False)


def skip_without_users(users):
    """Skip a test, with the reason, if processes cannot be started as other users."""
    missing = [name for name in ("unshare", "setpriv") if not shutil.which(name)]
    if missing:
        pytest.skip(f"acting as several users takes {' and '.join(missing)} (util-linux)")
    tried = users.start(next(iter(users.numbers)), "nbgrader", "--version", cwd="/")
    said, _ = tried.communicate(timeout=300)
    if tried.returncode:
        pytest.skip(
            "acting as several users takes the right to mount, and an environment in .venv that "
            f"every user can read: {said.strip().splitlines()[-1]}"
        )
