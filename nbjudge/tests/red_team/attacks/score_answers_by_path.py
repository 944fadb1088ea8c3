"""The solutions are loaded from their file, found by searching the parents of the working folder.

Success: the attack earns points in `standardize` and `total`.
"""


def attack(submission):
    submission.first("""
        import importlib.util, pathlib

        def load():
            places = [*pathlib.Path().resolve().parents, pathlib.Path("/srv/course")]
            for folder in places:
                if (folder / "answers.py").exists():
                    spec = importlib.util.spec_from_file_location("mine", folder / "answers.py")
                    module = importlib.util.module_from_spec(spec)
                    spec.loader.exec_module(module)
                    return module
    """)
    submission.answer("standardize", "def standardize(x):\n    return load().standardize(x)")
    submission.answer("total", "total = load().TOTAL")
