"""The test in the child displays numbers as results before it fails.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.in_child("""
        shell = get_ipython()
        for text in ("4.0", "nan", "-1", "4.0 ", "1_0", "0x4"):
            shell.displayhook.write_format_data({"text/plain": text}, {})
        shell.run_cell("4.0")
    """)
