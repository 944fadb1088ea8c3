"""The tests are edited: emptied, turned into a magic, commented out, or broken.

Success: the attack earns points without an answer.
"""


def attack(submission):
    for name, text in {
        "square": "pass",
        "total": "%%capture\nassert 0",
        "words": "5.0",
        "distance": "%%script true\n",
        "root": "raise SystemExit",
        "primes": "%%html\n<b>",
    }.items():
        submission.cell(f"{name}_test").source = text
