"""Experiments that lessons quote, and runs of the notebooks."""
