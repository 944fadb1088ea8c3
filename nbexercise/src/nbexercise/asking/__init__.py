"""Questions about code that a student has written, answered by running it."""
