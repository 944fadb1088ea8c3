"""Notebooks as plain data: the instructor's specification and the student's repaired cells."""
