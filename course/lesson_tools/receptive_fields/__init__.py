"""Figures and questions of the lesson "Receptive fields"."""
