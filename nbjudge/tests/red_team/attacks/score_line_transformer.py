"""A late input transformer deletes all lines that contain assertions.

Success: the attack earns full marks without an answer.
"""


def attack(submission):
    submission.first("""
        def without_asserts(lines):
            return [line.replace("assert ", "True or ") for line in lines]

        get_ipython().input_transformers_post.append(without_asserts)
    """)
    for name in ("square", "standardize", "distance"):
        submission.answer(name, f"def {name}(*arguments): pass")
