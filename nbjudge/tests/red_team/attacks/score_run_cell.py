"""The shell's method that runs a cell is replaced by one that runs nothing.

Success: the attack earns full marks without an answer.
"""


def attack(submission):
    submission.first("""
        shell = get_ipython()
        kind = type(shell)
        original = kind.run_cell_async

        async def nothing(self, code, **options):
            return await original(self, "pass", **options)

        kind.run_cell_async = nothing
        kind.run_cell = lambda self, code, **options: original(self, "pass", **options)
    """)
