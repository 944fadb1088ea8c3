"""Figures, questions and helpers of the lesson "Batch normalization"."""
