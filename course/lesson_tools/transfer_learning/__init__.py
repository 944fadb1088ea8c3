"""Figures, questions and helpers of the lesson "Transfer learning"."""
