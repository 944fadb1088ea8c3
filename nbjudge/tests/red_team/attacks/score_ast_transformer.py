"""An AST transformer of IPython empties every later cell, the tests included.

Success: the attack earns full marks without an answer.
"""


def attack(submission):
    submission.first("""
        import ast

        class Empty(ast.NodeTransformer):
            def visit_Module(self, node):
                node.body = []
                return node

        get_ipython().ast_transformers.append(Empty())
    """)
