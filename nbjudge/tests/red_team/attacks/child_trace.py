"""A trace function and a profiler keep the code of every cell that runs.

Success: the canary in the hidden lines of a test that is judged outside.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.first("""
        import linecache, sys
        kept = []

        def keep(frame, event, argument):
            file = frame.f_code.co_filename
            if file.startswith("<ipython-input") or "ipykernel" in file:
                kept.append(repr(frame.f_code.co_consts))
                kept.extend(linecache.getlines(file))
            return keep

        sys.settrace(keep)
        sys.setprofile(keep)
        get_ipython().events.register("pre_run_cell", lambda info: sys.settrace(keep))
    """)
    submission.in_child("import sys\nsys.settrace(None)\nsys.setprofile(None)\nshow(kept)", SHOW)
