"""Top-level await of an event that never happens, and tasks that never finish.

Success: deserved points are lost.
"""

ALONE = True
DESERVES = "everything"


def attack(submission):
    submission.solve()
    submission.add("import asyncio\nawait asyncio.Event().wait()", before="words")
    submission.add(
        """
        async def busy():
            while True:
                await asyncio.sleep(0)

        for _ in range(100):
            asyncio.ensure_future(busy())
    """,
        before="words",
    )
