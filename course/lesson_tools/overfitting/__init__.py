"""Figures, questions and helpers of the lesson "Overfitting"."""
