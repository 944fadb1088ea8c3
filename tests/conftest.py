"""Settings of all tests: they run outside a notebook, and are counted by subject.

This file imports only the standard library, pytest and hypothesis: the tests of convnet, exercises
and public_tests also run without nbgrader.
"""

import contextlib
import gc
import os
import sys
from collections import Counter

import pytest

with contextlib.suppress(ImportError):  # missing in the environment of the framework tests
    import hypothesis

    hypothesis.settings.load_profile("ci")  # the same examples everywhere, without a deadline

os.environ["PROGRESS_FILE"] = ""  # the developer's own progress does not count
# As in grading. The arrays are small: more threads would mostly wait for each other, in a loop.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

SUBJECTS = {  # name of the tests' subject by folder or file; the first match counts
    "tests/convnet": "layers, networks, training (convnet)",
    "tests/exercises": "right and wrong solutions (exercises)",
    "tests/public_tests": "what the checks say (public_tests)",
    "nbexercise/tests": "the engine of the checks (nbexercise)",
    "nbjudge/tests": "the grading engine (nbjudge)",
    "tests/alone": "every notebook on its own",
    "tests/frameworks": "agreement with PyTorch and Keras",
    "tests/notebooks/test_lessons": "lessons",
    "tests/tools": "what builds and reports (tools)",
    "tests/notebooks": "released notebooks, run and graded",
    "tests/slow": "trained networks, and copies of the course",
    "tests": "environment, commands, documents",
}


@pytest.fixture(autouse=True)
def outside_a_notebook(request, monkeypatch):
    """Run the checks as in a terminal, even if a test of nbjudge has left a shell behind."""
    if request.path.parent.name in ("public_tests", "exercises") and "IPython" in sys.modules:
        monkeypatch.setattr("IPython.get_ipython", lambda: None)


def pytest_xdist_auto_num_workers():
    """Start a worker per processor: each one more collects all tests again."""
    return os.cpu_count() or 1


def pytest_collection_finish():
    """Exclude the thousands of collected tests from garbage collection."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Print the number of tests per subject above the total."""
    counts = {subject: Counter() for subject in SUBJECTS.values()}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            place = next((place for place in SUBJECTS if report.nodeid.startswith(place)), "tests")
            counts[SUBJECTS[place]][outcome] += 1
    terminalreporter.section("what was tested")
    for subject, outcomes in counts.items():
        if outcomes:
            numbers = ", ".join(f"{number:,} {outcome}" for outcome, number in outcomes.items())
            terminalreporter.write_line(f"{subject + ' ':.<42} {numbers}")
