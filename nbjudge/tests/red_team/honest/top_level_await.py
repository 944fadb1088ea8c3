"""Top-level await in a cell."""


def oddity(submission):
    submission.answer(
        "total",
        """
        import asyncio

        async def work():
            await asyncio.sleep(0.01)
            return sum(n * n for n in range(1, 101))

        total = await work()
    """,
    )
