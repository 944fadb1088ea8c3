"""`float` and `abs` get other meanings in the middle of the test in the child.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.in_child("""
        get_ipython().user_ns.update(float=lambda value: 4, abs=lambda value: 0)
        Vector.__sub__ = lambda one, two: one
        self.x, self.y = 4, 6
        return self
    """)
