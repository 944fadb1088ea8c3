"""Feedback pages: a pure function of a graded notebook and plain data about it."""
