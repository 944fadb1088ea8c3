"""Functions that run at the end of the process print full marks and pass the tests.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.in_child("""
        import atexit, os, signal, threading

        def last():
            print(4.0)
            os._exit(0)

        atexit.register(last)
        threading._register_atexit(last)
        raise SystemExit(0)
    """)
