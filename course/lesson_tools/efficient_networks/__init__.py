"""Figures, questions and helpers of the lesson "Efficient networks"."""
