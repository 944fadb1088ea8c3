"""A harmless display is updated afterwards, and outputs are cleared without the judge's knowledge.

Success: a page has active content, or the attack earns points.
"""


def attack(submission):
    submission.first("""
        from IPython.display import HTML, clear_output, display
        handle = display("fine", display_id="one")
    """)
    submission.answer(
        "square",
        """
        def square(x):
            handle.update(HTML("<script>alert(1)</script>"))
            clear_output()
            return 9
    """,
    )
