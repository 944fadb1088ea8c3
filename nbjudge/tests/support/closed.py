"""Folders that the user running a command may not enter, even if that user is root."""

import contextlib
import ctypes
import os

_PR_CAPBSET_DROP = 24
_OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def obey_modes():
    """Drop root's right to ignore file modes, from the next program on.

    For `preexec_fn` of subprocess.
    """
    for capability in _OVERRIDES if os.geteuid() == 0 else ():
        if ctypes.CDLL(None, use_errno=True).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


@contextlib.contextmanager
def closed(*folders):
    """Remove all permissions from some folders while the block runs."""
    modes = {folder: folder.stat().st_mode for folder in folders}
    try:
        for folder in folders:
            folder.chmod(0)
        yield
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)
