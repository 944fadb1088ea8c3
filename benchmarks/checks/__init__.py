"""Benchmarks of the checks that students run."""
