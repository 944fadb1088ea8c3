"""Settings of all tests: no subject, outside a notebook."""

import sys

import hypothesis
import pytest

from nbexercise.judging import subject
from nbexercise.judging.subject import Subject

hypothesis.settings.load_profile("ci")  # the same examples everywhere, without a deadline


@pytest.fixture(autouse=True)
def no_subject(monkeypatch):
    """Judge without the subject that a course's tests in the same process have registered."""
    monkeypatch.setattr(subject, "_registered", [Subject()])
    if "IPython" in sys.modules:
        monkeypatch.setattr("IPython.get_ipython", lambda: None)
