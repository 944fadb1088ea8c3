"""Figures and questions of the lesson "Output sizes"."""
