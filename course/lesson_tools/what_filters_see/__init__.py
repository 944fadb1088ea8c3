"""Figures, questions and helpers of the lesson "What filters see"."""
