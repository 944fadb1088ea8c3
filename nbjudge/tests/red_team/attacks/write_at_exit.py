"""Files are written when the process ends, and when objects are destroyed.

Success: the attack leaves a trace.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import atexit, os

        def leave(place="/tmp/red-team-was-here"):
            for path in (place, "/srv/course/red-team-was-here", "../../../red-team-was-here"):
                try:
                    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
                except OSError:
                    pass

        class Late:
            def __del__(self):
                leave()

        kept = Late()
        atexit.register(leave)
        get_ipython().events.register("post_run_cell", lambda *a: leave())
    """)
