"""Where tests run: the judge of one notebook, and its side of the student's process."""
