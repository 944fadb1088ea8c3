"""The shell's methods that run a cell run nothing.

Success: points in a question that is judged outside; those of the child's own test are no
success.
"""


def attack(submission):
    submission.first("""
        shell = get_ipython()
        kind = type(shell)
        original = kind.run_cell_async

        async def nothing(self, code, **options):
            return await original(self, "4.0", **options)

        kind.run_cell_async = nothing
    """)
