"""More notebooks accompany the right one: an unknown one, a copy, one in a folder.

Success: the attack earns points twice, the class stops, or deserved points are lost.
"""

DESERVES = "everything"


def attack(submission):
    submission.solve()

    def copy(folder):
        data = (folder / "ps1.ipynb").read_bytes()
        (folder / "sub").mkdir()
        for name in ("ps1 (1).ipynb", "PS1.ipynb", "ps2.ipynb", "sub/ps1.ipynb", "x.ipynb"):
            (folder / name).write_bytes(data)
        (folder / "broken.ipynb").write_text("{")

    submission.on_disk(copy)
