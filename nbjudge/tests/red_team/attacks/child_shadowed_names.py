"""`range` and `float` get other meanings in the middle of the test in the child.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.in_child("""
        get_ipython().user_ns.update(float=lambda value: 4, range=lambda *numbers: [])
        self.x, self.y = 4, 6
        return self
    """)
