"""The test in the child ends in the middle, in each way that looks like success.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.in_child("""
        import sys
        get_ipython().ask_exit()
        try:
            exit(0)
        finally:
            sys.exit(0)
    """)
