"""Command line: `nbjudge` or `python -m nbjudge`."""

import os
import sys


def main() -> int:
    """Run a command and return its exit status."""
    if os.environ.pop("PYTHONINSPECT", ""):  # every command would end with a traceback, status 1
        os.execv(sys.executable, sys.orig_argv)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nbjudge computes nothing with NumPy
    try:
        from nbjudge.cli.main import main
    except KeyboardInterrupt:  # during the import, before any work has started
        return 130
    return main()


if __name__ == "__main__":
    sys.exit(main())
