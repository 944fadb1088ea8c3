"""Figures, questions and helpers of the lesson "Residual networks"."""
