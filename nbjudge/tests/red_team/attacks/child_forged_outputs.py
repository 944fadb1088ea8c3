"""The shell's `run` returns the outputs of full marks for every cell.

Success: points in a question that is judged outside. Or the class stops.
"""


def attack(submission):
    submission.first("""
        shell = get_ipython()
        full = {"output_type": "execute_result", "execution_count": 1, "metadata": {},
                "data": {"text/plain": "4.0"}}

        def run(source):
            shell.last_error = None
            return True, [dict(full)]

        shell.run = run
    """)
