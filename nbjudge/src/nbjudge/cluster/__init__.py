"""Grade on a cluster of Dask: submissions and code travel, and the gradebook stays here.

`engine.py` is an engine whose workers are those of a Dask scheduler, `worker.py` is what runs
there, and `course_copy.py` what of a course they need. There is no disk in common. The scheduler
and its workers are trusted, as the machine that grades is: they see solutions and submissions.
"""
