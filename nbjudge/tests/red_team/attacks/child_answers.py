"""In the child, the module with the answers is imported, and read from everywhere it may be.

Success: the canary of the answers.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import glob, importlib, sys
        sys.path[:0] = ["/srv/course", "..", "/srv/course/source/ps1"]
        for name in ("answers", "source", "nbgrader_config"):
            try:
                show(open(importlib.import_module(name).__file__).read())
            except Exception as error:
                print(type(error).__name__)
        for pattern in ("/srv/**", "/proc/self/cwd/../**", "../**/*.py", "/opt/**/answers*"):
            for path in glob.glob(pattern, recursive=True)[:5000]:
                try:
                    show(open(path, "rb").read())
                except OSError:
                    pass
        """,
        SHOW,
    )
