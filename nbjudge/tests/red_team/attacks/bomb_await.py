"""Top-level await of something that never comes, and tasks that keep running.

Success: the honest points are lost.
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
