"""The command line, as `nbjudge` or `python -m nbjudge`."""

import os
import sys


def main() -> int:
    """Run a command; returns its exit status."""
    if os.environ.pop("PYTHONINSPECT", ""):  # each command would end with a traceback and 1
        os.execv(sys.executable, sys.orig_argv)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # here NumPy carries data, no more
    try:
        from nbjudge.cli.main import main
    except KeyboardInterrupt:  # before there is anything to stop
        return 130
    return main()


if __name__ == "__main__":
    sys.exit(main())
