"""The test in the child displays a number larger than its points.

Success: more points than there are, in any question.
"""


def attack(submission):
    submission.in_child("""
        for text in ("1e9", "inf", "9" * 5000):
            get_ipython().displayhook.write_format_data({"text/plain": text}, {})
        self.x, self.y = 4, 6
        return self
    """)
