"""An AST transformer keeps every cell, and removes the assertions.

Success: the canary in the hidden lines of a test that is judged outside. Or points in a question
that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        import ast
        kept = []

        class Keeper(ast.NodeTransformer):
            def visit_Module(self, node):
                kept.append(ast.unparse(node))
                return self.generic_visit(node)

            def visit_Assert(self, node):
                return ast.copy_location(ast.Pass(), node)

        get_ipython().ast_transformers.append(Keeper())
    """)
    submission.in_child("show(kept)", SHOW)
