"""Names and text in other alphabets, emoji, combining characters and right-to-left marks."""


def oddity(submission):
    submission.answer(
        "square",
        """
        größe_π = 1  # αβγ 你好 עברית 👩‍👩‍👧 é
        print("été \\u202e ☃ 𝕏", größe_π)

        def square(x):
            \"\"\"返回平方。\"\"\"
            πάντα = x * x
            return πάντα
    """,
    )
    submission.answer("essay", "因为负负得正 — كل مربع موجب. 🎉")
