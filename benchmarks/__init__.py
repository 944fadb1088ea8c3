"""Benchmarks of the course, each with the command that repeats it."""
