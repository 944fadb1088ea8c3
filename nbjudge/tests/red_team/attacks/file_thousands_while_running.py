"""The running notebook creates a hundred thousand files and a very deep folder.

Success: the class stops, or deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("""
        import os
        os.mkdir("many")
        try:
            for number in range(100000):
                open(f"many/{number}", "w").close()
        except OSError as error:
            print(error)
        here = os.getcwd()
        try:
            for _ in range(2000):
                os.mkdir("d" * 50)
                os.chdir("d" * 50)
        except OSError as error:
            print(error)
        os.chdir(here)
    """)
