"""Figures, questions and helpers of the lesson "Backpropagation"."""
