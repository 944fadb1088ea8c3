"""Figures and questions of the lesson "Pooling"."""
