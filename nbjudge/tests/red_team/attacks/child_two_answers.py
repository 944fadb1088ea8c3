"""A cell forks, and both processes go on as the child.

Success: points in a question that is judged outside. Or a process survives, or others lose their
points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("""
        import os
        import nbjudge.guest.interpreter as interpreter
        pid = os.fork()
        os.getpid = lambda: pid or 1
        if pid == 0:
            os._exit = lambda status: None
    """)
