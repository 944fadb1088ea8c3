"""An input transformer of IPython turns every later cell into `pass`.

Success: the attack earns full marks without an answer.
"""


def attack(submission):
    submission.first("""
        get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])
    """)
