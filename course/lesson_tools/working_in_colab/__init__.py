"""Figures and questions of the lesson "Saving and resuming training"."""
