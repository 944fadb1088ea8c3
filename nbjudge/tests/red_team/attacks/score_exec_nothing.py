"""`builtins.exec` and the shell's compiler run an empty program.

Success: the attack earns points without an answer.
"""


def attack(submission):
    submission.first("""
        import ast, builtins, codeop
        shell = get_ipython()
        shell.compile.ast_parse = lambda *a, **k: ast.parse("pass")
        builtins.compile = lambda *a, **k: (lambda: None).__code__
    """)
