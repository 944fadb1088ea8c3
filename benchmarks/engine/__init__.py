"""Benchmarks of the grading engine."""
