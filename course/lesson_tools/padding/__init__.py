"""Figures and questions of the lesson "Padding"."""
