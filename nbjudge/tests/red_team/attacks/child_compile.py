"""`compile`, `exec` and IPython's parser are replaced, and keep what they get.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        import ast, builtins, codeop
        kept = []

        def keeping(function):
            def keeper(*arguments, **options):
                kept.extend(one for one in arguments if isinstance(one, str))
                return function(*arguments, **options)
            return keeper

        shell = get_ipython()
        for owner, name in (
            (builtins, "compile"), (builtins, "exec"), (ast, "parse"), (shell, "run_cell"),
            (shell, "transform_cell"), (shell.compile, "ast_parse"), (shell.compile, "cache"),
        ):
            try:
                setattr(owner, name, keeping(getattr(owner, name)))
            except Exception as error:
                print(error)
    """)
    submission.in_child("show(kept)", SHOW)
