"""The kernel's request handler is replaced by one that replies "ok" to everything.

Success: the attack earns full marks without an answer.
"""


def attack(submission):
    submission.first("""
        kernel = get_ipython().kernel

        async def fine(*arguments, **options):
            return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

        kernel.do_execute = fine
    """)
