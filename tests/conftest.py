"""What holds for all tests: they run outside a notebook, and are counted by subject at the end.

Only the standard library, pytest and hypothesis are imported here: the tests of convnet, exercises
and public_tests also run where nbgrader is not installed.
"""

import contextlib
import gc
import os
import sys
from collections import Counter

import pytest

with contextlib.suppress(ImportError):  # the tests of frameworks do without
    import hypothesis

    hypothesis.settings.load_profile("ci")  # the same examples everywhere, however long they take

os.environ["PROGRESS_FILE"] = ""  # whoever runs the tests has not done the exercises

SUBJECTS = {  # of the tests, by the folder or file that they lie in; the first that fits
    "tests/convnet": "layers, networks, training (convnet)",
    "tests/exercises": "right and wrong solutions (exercises)",
    "tests/public_tests": "what the checks say (public_tests)",
    "nbjudge/tests": "the grading engine (nbjudge)",
    "tests/alone": "every notebook on its own",
    "tests/frameworks": "agreement with PyTorch and Keras",
    "tests/notebooks/test_lessons": "lessons",
    "tests/tools": "what builds and reports (tools)",
    "tests/notebooks": "released notebooks, run and graded",
    "tests": "environment, commands, documents",
}


@pytest.fixture(autouse=True)
def outside_a_notebook(request, monkeypatch):
    """The checks are tested as from a terminal, though tests of nbjudge leave a shell behind."""
    if request.path.parent.name in ("public_tests", "exercises") and "IPython" in sys.modules:
        monkeypatch.setattr("IPython.get_ipython", lambda: None)


def pytest_collection_finish():
    """Some ten thousand tests stay to the end: the collector need not search them each time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    """Say how many tests of each subject passed, above the line that counts all."""
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
