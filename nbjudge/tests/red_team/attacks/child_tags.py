"""All cells carry the tag that sends a test to the child, where hooks let it pass.

Success: a question that is judged outside has points, or another test is judged in the child.
"""


def attack(submission):
    for cell in submission.cells:
        cell.metadata["tags"] = ["nbjudge-child"]
        cell.metadata["nbjudge-child"] = True
    submission.first("""
        get_ipython().showtraceback = lambda *arguments, **options: None
        import ast

        class Pass(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.copy_location(ast.Pass(), node)

        get_ipython().ast_transformers.append(Pass())
    """)
