"""Programs started by the test in the child print forever.

Success: another question or a neighbor loses points, or the class stops.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("""
        import os, subprocess
        for number in (1, 2):
            subprocess.Popen(f"yes flood >&{number}", shell=True)
        while True:
            os.write(1, b"flood " * 10_000)
    """)
