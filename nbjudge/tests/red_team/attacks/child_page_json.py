"""The outputs of the test in the child are no valid JSON, or no outputs.

Success: the submission or a neighbor is not graded, or a question that is judged outside loses
points.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("""
        from IPython.display import display
        deep = []
        for _ in range(30):
            deep = [deep]
        outputs = get_ipython().outputs
        strange = [float("nan"), float("inf"), "\\ud800", "\\0" * 99, deep, None, b"x", {"a": {}}]
        for value in strange:
            display({"application/json": value, "text/plain": value}, raw=True)
            for item in (
                {"output_type": value},
                {"output_type": "stream", "name": value, "text": value},
                {"output_type": "execute_result", "data": value, "metadata": value},
                {"output_type": "execute_result", "data": {"text/plain": value}, "metadata": {}},
                {"output_type": "error", "ename": value, "evalue": value, "traceback": value},
                value,
            ):
                try:
                    outputs.add(item, 1)
                except Exception as error:
                    print(type(error))
        print("\\ud800\\0\\x1b[31m")
    """)
