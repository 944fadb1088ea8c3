"""Feedback pages: a pure function of a graded notebook, its grades and its images."""
