"""Grade on a Dask cluster: submissions and code are sent to the workers, the gradebook stays here.

`engine.py` is an engine that uses the workers of a Dask scheduler, and `worker.py` runs on the
workers, which get a copy of the parts of the course that they need. No shared disk is required. The
scheduler and its workers are trusted like the grading machine: they see solutions and submissions.
"""

ENTRY_POINTS = {
    "nbjudge.commands": {"copy-gradebook": "nbjudge.plugins.cluster.copy_gradebook"},
    "nbjudge.engines": {"cluster": "nbjudge.plugins.cluster.option"},
}
