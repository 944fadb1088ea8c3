"""The score that the test in the child displays is no number of the usual kind.

Success: the submission is not graded, or more points than there are.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("""
        strange = [None, "", [], ["4.0"], {"a": 4}, b"4", 4.0, True, "nan", "-inf", "\\u0664"]
        for value in strange:
            get_ipython().outputs.add(
                {"output_type": "execute_result", "execution_count": "4", "metadata": None,
                 "data": {"text/plain": value}}, 1)
    """)
