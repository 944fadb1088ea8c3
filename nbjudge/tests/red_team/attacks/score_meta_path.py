"""A finder in sys.meta_path comes first whenever `answers` is imported.

Success: the attack earns points in `total`.
"""


def attack(submission):
    submission.answer(
        "total",
        """
        import importlib.machinery, importlib.util, sys

        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == "answers":
                    return importlib.util.spec_from_loader(name, self)

            def create_module(self, spec):
                return None

            def exec_module(self, module):
                module.TOTAL = 1

        sys.meta_path.insert(0, Finder())
        sys.modules.pop("answers", None)
        total = 1
    """,
    )
