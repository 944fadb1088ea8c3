"""Memory that the C library returns to the system, and capabilities."""

import os
import platform
import subprocess
import sys

import pytest

from tests.support.small_course import environment

# Frees a block of 30 MB, then one of 20 MB below a block that stays allocated.
FREED = """
import sys
from nbjudge.sandbox.linux import return_large_blocks

def megabytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) // 256

if sys.argv[1] == "returned":
    return_large_blocks()
bytearray(b"1") * (30 << 20)
before = megabytes()
large = bytearray(b"1") * (20 << 20)
stays = bytearray(100_000)
del large
print(megabytes() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
@pytest.mark.parametrize(("way", "is_kept"), [("returned", False), ("kept", True)])
def test_memory_is_returned(way, is_kept):
    command = [sys.executable, "-c", FREED, way]
    done = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    assert (int(done.stdout) > 15) == is_kept


# Drops all capabilities of root, as `podman run --cap-drop=all` does.
WITHOUT_CAPABILITIES = """
from nbjudge.sandbox import linux, users
print(linux.has_capabilities(*users.CAPABILITIES), users.has_users())
users.has_users.cache_clear()
linux.drop_capabilities()
print(linux.has_capabilities(*users.CAPABILITIES), users.has_users())
"""


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root has any")
def test_root_without_capabilities_has_no_separate_users():
    command = [sys.executable, "-c", WITHOUT_CAPABILITIES]
    done = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    before, after = done.stdout.splitlines()
    assert before.split()[0] == "True"
    assert after == "False False"
