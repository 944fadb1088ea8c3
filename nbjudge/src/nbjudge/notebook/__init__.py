"""Notebooks as plain data: the instructor's, as a specification, and a student's, repaired."""
