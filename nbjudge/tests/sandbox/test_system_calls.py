"""System calls that the filter must deny under old versions of Landlock."""

import contextlib
import ctypes
import errno
import json
import os
import traceback

import pytest

from nbjudge.sandbox import linux
from nbjudge.sandbox.system_calls import filter_program


def inside(version, readable, writable, look):
    """Return the result of `look` in a fork confined by the filter and by a version of Landlock."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            linux.landlock_version = lambda: version
            program = filter_program(own_network=False)
            linux.no_new_privileges()
            linux.landlock([readable], [writable])
            linux.apply_filter(program)
            found = look()
        except BaseException:
            found = traceback.format_exc()
        os.write(write, json.dumps(found).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with open(read) as answer:
        return json.load(answer)


@pytest.mark.parametrize("version", [1, 2, 3, 7])
def test_nothing_outside_is_cut_to_nothing(tmp_path, version):
    """Before version 3, Landlock allows truncating files that are not writable."""
    if linux.landlock_version() < version:
        pytest.skip("this kernel has an older version itself")
    for folder in ("readable", "closed", "own"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_text("kept")
    own = str(tmp_path / "own" / "file")

    def look():
        for folder in ("readable", "closed"):
            place = str(tmp_path / folder / "file")
            for cut in (os.truncate, lambda path, _: os.open(path, os.O_RDONLY | os.O_TRUNC)):
                with contextlib.suppress(PermissionError):
                    cut(place, 0)
        with open(own, "r+") as file:
            file.truncate(2)
        with open(own) as file:
            short = file.read()
        with open(own, "w"), open(own + " new", "x+"):
            pass
        os.close(os.open(own, os.O_RDWR | os.O_TRUNC))
        return [short, os.path.getsize(own)]

    assert inside(version, tmp_path / "readable", tmp_path / "own", look) == ["ke", 0]
    for folder in ("readable", "closed"):
        assert (tmp_path / folder / "file").read_text() == "kept", folder


def test_no_names_are_read_from_a_folder_that_cannot_be_listed(tmp_path):
    """Landlock allows inotify, which reveals the names of files that others open in a folder."""
    for folder in ("closed", "own"):
        (tmp_path / folder).mkdir()
    libc = ctypes.CDLL(None, use_errno=True)

    def look():
        watches = libc.inotify_init()
        place = os.fsencode(tmp_path / "closed")
        watch = libc.inotify_add_watch(watches, place, 0x100)  # IN_CREATE
        return [watch, errno.errorcode.get(ctypes.get_errno())]

    version = linux.landlock_version()
    assert inside(version, "/usr", tmp_path / "own", look) == [-1, "EPERM"]
