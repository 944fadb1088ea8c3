"""Find a change to a student's own code that makes it right."""
