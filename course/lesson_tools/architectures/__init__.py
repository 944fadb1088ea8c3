"""Figures and questions of the lesson "Architectures"."""
