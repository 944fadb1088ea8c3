"""The course's machinery: text to notebooks, release, sample class, grading, student repository."""
