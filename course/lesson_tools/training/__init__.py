"""Figures and questions of the lesson "Training"."""
