"""The graded functions call the solutions.

Success: the attack earns points in `standardize`, `words` and `primes`.
"""


def attack(submission):
    for name in ("standardize", "words", "primes"):
        submission.answer(
            name,
            f"""
            def {name}(x):
                import answers
                return answers.{name}(x)
        """,
        )
