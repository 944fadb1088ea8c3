"""Figures and questions of the lesson "Losses"."""
