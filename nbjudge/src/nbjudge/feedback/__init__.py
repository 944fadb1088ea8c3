"""Feedback pages: a pure function of a graded notebook, plain data about it and its pictures."""
