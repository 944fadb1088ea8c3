"""Figures, questions and helpers of the lesson "Explaining predictions"."""
