"""The process loops forever at exit, and leaves threads that never end.

Success: the class stops, a process survives, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("""
        import atexit, threading

        def endless():
            while True:
                try:
                    threading.Event().wait()
                except BaseException:
                    pass

        atexit.register(endless)
        for _ in range(20):
            threading.Thread(target=endless, daemon=False).start()
    """)
